//! The pods that run Refinery: its release, command line, variables and limits.

use super::command::{Command, Word};
use super::kubernetes::{kind, name, namespace, processors, seconds};
use super::launch::{LaunchSpec, NamedRelease};
use super::scaling::{labels, number};
use super::{Outer, at, manifest, word};
use crate::machine::{Machine, Restarts};
use crate::schema::release::select;
use crate::schema::{Release, releases};
use crate::syntax::Item;
use crate::value::MemorySize;
use std::collections::BTreeMap;

/// Pods of one kind.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The file in which they stand.
    pub file: String,
    pub namespace: String,
    pub kind: String,
    pub name: String,
    pub labels: Vec<(String, String)>,
    /// The `ConfigMap`s and Secrets that they mount.
    pub mounts: Vec<String>,
    pub given: LaunchSpec,
    /// What was not understood.
    pub notices: Vec<String>,
}

impl Workload {
    /// Can it be about texts of this bond? Pods that name no namespace go with any.
    pub fn may_mount(&self, bond: &str) -> bool {
        self.namespace.is_empty() || bond == manifest::bond(&self.namespace)
    }

    /// None where no container of the object runs Refinery.
    pub fn of(outer: Outer<'_>, object: &Item) -> Option<Self> {
        let template = template_of(object)?;
        let pod = template.get("spec")?;
        let container = container_of(pod)?;
        let run = Run {
            environment: container.get("env"),
            limits: at(container, &["resources", "limits"]),
            grace: pod.get("terminationGracePeriodSeconds"),
        };
        let place = format!("the image of `{}`", name(object));
        let named = tag_of(&image(container)).map(|tag| release_of_tag(tag, place)).transpose();
        let command = command_of(container);
        let unclear = format!("the command of `{}` is not known as a whole", name(object));
        let unclear = Some(&unclear).filter(|_| !command.is_whole);
        let notices = named.as_ref().err().into_iter().chain(unclear);
        let notices = notices.map(|why| format!("{}: {why}", outer.name)).collect();
        let given = LaunchSpec {
            release: named.ok().flatten(),
            arguments: command.arguments,
            machine: Machine {
                replicas: number(at(object, &["spec", "replicas"])),
                restarts: restarts(template),
                ..run.machine()
            },
        };
        let mut mounts = Vec::new();
        collect_mounts(pod.get("volumes"), &mut mounts);
        Some(Self {
            file: outer.name.to_owned(),
            namespace: namespace(object).to_owned(),
            kind: kind(object)?.to_owned(),
            name: name(object).to_owned(),
            labels: labels(at(template, &["metadata", "labels"])),
            mounts,
            given,
            notices,
        })
    }
}

/// The pod that an object is, or the pattern of those that it makes.
fn template_of(object: &Item) -> Option<&Item> {
    let (_, way) = way_to_pod(kind(object)?)?.split_last()?;
    at(object, way)
}

/// What is written of the pod.
pub fn pod_of(object: &Item) -> Option<&Item> {
    template_of(object)?.get("spec")
}

/// The keys on the way from an object of this kind to its pod.
pub fn way_to_pod(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            Some(&["spec", "template", "spec"])
        }
        "Pod" => Some(&["spec"]),
        _ => None,
    }
}

/// The container that runs Refinery.
pub fn container_of(pod: &Item) -> Option<&Item> {
    pod.get("containers")?.list()?.iter().find(|container| is_refinery(&image(container)))
}

fn image(container: &Item) -> String {
    container.get("image").and_then(word).unwrap_or_default()
}

/// What a container is run with, as values and pods write it.
pub struct Run<'i> {
    pub environment: Option<&'i Item>,
    pub limits: Option<&'i Item>,
    /// Seconds.
    pub grace: Option<&'i Item>,
}

impl Run<'_> {
    pub fn machine(&self) -> Machine {
        let limit = |name| self.limits.and_then(|limits| limits.get(name)).and_then(word);
        Machine {
            variables: self.variables(),
            memory: limit("memory").and_then(|text| MemorySize::parse(&text).ok()).map(|m| m.0),
            cores: limit("cpu").and_then(|text| processors(&text)),
            grace: self.grace.and_then(word).and_then(|text| seconds(&text)),
            ..Machine::default()
        }
    }

    /// Variables with a value that is written out: what comes from elsewhere stays unknown.
    fn variables(&self) -> BTreeMap<String, String> {
        let variables = self.environment.and_then(Item::list).unwrap_or_default();
        let known = variables.iter().filter_map(|variable| {
            let value = word(variable.get("value")?)?;
            is_plain(&value).then_some((word(variable.get("name")?)?, value))
        });
        known.collect()
    }
}

/// Pods whose template holds the sum of a file are new ones when that changes.
fn restarts(template: &Item) -> Restarts {
    let sum = |file| at(template, &["metadata", "annotations", file]).is_some();
    Restarts { config: sum("checksum/config"), rules: sum("checksum/rules") }
}

/// What the engine is started with.
pub fn command_of(container: &Item) -> Command {
    let entrypoint = container.get("command").map(words).filter(|words| !words.is_empty());
    let arguments = container.get("args").map(words).unwrap_or_default();
    Command::of_container(entrypoint.as_deref(), &arguments)
}

/// The words of a list. One that hangs on a variable of the pod or on a template is not known.
pub fn words(item: &Item) -> Vec<Word> {
    let words = item.list().unwrap_or_default().iter();
    words
        .flat_map(|item| Word::several(&word(item).unwrap_or_default(), item.span, is_plain))
        .collect()
}

fn is_plain(text: &str) -> bool {
    !text.contains("$(") && !text.contains("{{")
}

/// Names of the `ConfigMap`s and Secrets below `volumes`.
fn collect_mounts(item: Option<&Item>, mounts: &mut Vec<String>) {
    let Some(item) = item else { return };
    for entry in item.entries() {
        let name = |key| entry.item.get(key).and_then(Item::text).map(str::to_owned);
        match entry.key.as_str() {
            "configMap" => mounts.extend(name("name")),
            "secret" => mounts.extend(name("secretName").or(name("name"))),
            _ => collect_mounts(Some(&entry.item), mounts),
        }
    }
    for item in item.list().unwrap_or_default() {
        collect_mounts(Some(item), mounts);
    }
}

/// The last part of an image's name is Refinery's, in whatever registry it lies.
pub fn is_refinery(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    last.split(':').next() == Some("refinery")
}

pub fn tag_of(image: &str) -> Option<&str> {
    let last = image.split('@').next()?.rsplit('/').next()?;
    last.split_once(':').map(|(_, tag)| tag)
}

/// The release that an image's tag stands for.
///
/// # Errors
/// A line that says what is not known.
pub fn release_of_tag(tag: &str, place: String) -> Result<NamedRelease, String> {
    let is_name = tag == "latest"
        || !tag.contains(',')
            && tag.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let known = is_name.then(|| select(tag, &releases()).ok()).flatten();
    match known.as_deref() {
        Some(&[release]) => Ok(NamedRelease { release, place }),
        _ => Err(format!("{place}: `{tag}` is no release that is known here")),
    }
}

/// The release in the labels that the chart gives all its objects.
pub fn release_of_labels(object: &Item, place: String) -> Option<NamedRelease> {
    let label = |name| at(object, &["metadata", "labels", name]).and_then(word);
    if label("app.kubernetes.io/name")? != "refinery" {
        return None;
    }
    let release = Release::parse(&label("app.kubernetes.io/version")?)?;
    releases().contains(&release).then_some(NamedRelease { release, place })
}
