//! Pods → their containers that run Refinery.
//!
//! Must not resolve locations (`resolve` does).

use super::expand::expand;
use super::not_strings::find_in_pod;
use super::objects::Pods;
use super::scaling::number;
use super::variables::Env;
use super::view::View;
use super::volumes::{mounts_of, place_of};
use super::{
    injected_files, invalid_mounts, kind, needs_selector, processors, seconds, template_of,
};
use crate::check;
use crate::deploy::command::{Command, Word};
use crate::deploy::location::{Location, read_location};
use crate::deploy::mount::{self, Mount};
use crate::deploy::workload::{Contents, Workload, is_official, is_refinery, pin_of_image};
use crate::deploy::{at, list, word};
use crate::diagnostic::Finding;
use crate::machine::{Machine, Restarts};
use crate::notice::Notice;
use crate::schema::Kind;
use crate::sniff::file_name::is_about_refinery;
use crate::sniff::recognise::recognise;
use crate::source_name::SourceName;
use crate::span::FileId;
use crate::syntax::Item;
use crate::value::MemorySize;
use crate::vfs::path::{below, format_of};

check!(
    NO_PROGRAM,
    "start/no-program",
    Error,
    kind: Verdict,
    "`command` of a container does not start with a program",
    "`command` replaces the program of the image, while `args` are its arguments. The kubelet looks for a \
     program whose name is the whole first element, and the container never starts."
);

/// The containers of pods that run Refinery.
///
/// A container is recognised by its image or its program. If none is, containers count that get
/// both files by flags, one of them by a variable, or a volume in Refinery's default folder.
pub fn workloads_of<'o>(pods: &Pods, view: View<'o>, file: &str, id: FileId) -> Vec<Workload<'o>> {
    let Some(pod) = template_of(&pods.item).and_then(|template| template.get("spec")) else {
        return Vec::new();
    };
    let all = containers(pod).map(|container| Container::of(pods, pod, container, view));
    // Init containers that end count if they validate files: unless they succeed, nothing else starts.
    let all: Vec<Container<'o, '_>> =
        all.filter(|container| !container.ends || container.starts_refinery()).collect();
    let named: Vec<bool> = all.iter().map(Container::is_named).collect();
    let is_any_named = named.contains(&true);
    let chosen = all.into_iter().zip(named).filter(|(container, is_named)| {
        if is_any_named { *is_named } else { container.is_evident() }
    });
    let chosen: Vec<_> = chosen.map(|(container, _)| container).collect();
    let is_one = chosen.len() == 1;
    let workloads = chosen.into_iter().map(|container| container.workload(pods, file, id, is_one));
    let mut workloads: Vec<Workload<'o>> = workloads.collect();
    if let Some(first) = workloads.first_mut() {
        first.findings.extend(find_in_pod(pod));
        let is_partial = pods.is_open || is_partial(&pods.item);
        if !is_partial {
            first.findings.extend(super::pod_fields::find_in_pod(pod));
        }
        first.findings.extend(invalid_mounts::find_in_pod(&pods.item, pod, is_partial));
    }
    workloads
}

/// Whether a container of pods runs Refinery.
pub fn runs_refinery(pods: &Pods, view: View<'_>) -> bool {
    pods.item.span.is_some_and(|span| !workloads_of(pods, view, "", span.file).is_empty())
}

/// The containers of a pod, and whether each ends before the others start.
fn containers(pod: &Item) -> impl Iterator<Item = (&Item, bool)> {
    let ends =
        |container: &Item| container.get("restartPolicy").and_then(Item::text) != Some("Always");
    let init =
        list(pod, "initContainers").iter().map(move |container| (container, ends(container)));
    list(pod, "containers").iter().map(|container| (container, false)).chain(init)
}

/// A parsed container.
struct Container<'o, 'i> {
    item: &'i Item,
    /// Whether it ends before the other containers start.
    ends: bool,
    /// The name of the object that it is in.
    object: String,
    image: String,
    entrypoint: Option<Vec<Word>>,
    arguments: Vec<Word>,
    env: Env,
    mounts: Vec<Mount<'o>>,
    machine: Machine,
}

impl<'o, 'i> Container<'o, 'i> {
    fn of(pods: &Pods, pod: &Item, (item, ends): (&'i Item, bool), view: View<'o>) -> Self {
        let limits = limits(at(item, &["resources", "limits"]));
        let mut env = Env::of(pod, item, view, &limits);
        let mut volumes = mounts_of(pod, item, view, &env);
        volumes.mounts.extend(injected_files::mounts_of(&pods.item, view));
        env.findings.extend(volumes.findings);
        let words = |key| item.get(key).map(|words| expanded(words, &env));
        let template = template_of(&pods.item);
        let machine = Machine {
            replicas: number(at(&pods.item, &["spec", "replicas"])),
            restarts: template.map(restarts).unwrap_or_default(),
            grace: pod
                .get("terminationGracePeriodSeconds")
                .and_then(word)
                .and_then(|text| seconds(&text)),
            ..limits
        };
        Self {
            item,
            ends,
            object: pods.identity.name().to_owned(),
            image: item.get("image").and_then(word).unwrap_or_default(),
            entrypoint: words("command").filter(|words| !words.is_empty()),
            arguments: words("args").unwrap_or_default(),
            env,
            mounts: volumes.mounts,
            machine,
        }
    }

    fn is_named(&self) -> bool {
        is_refinery(&self.image) || self.entrypoint.as_deref().is_some_and(Command::runs_refinery)
    }

    /// Whether it certainly runs Refinery, and not only to print its version or help.
    fn starts_refinery(&self) -> bool {
        const PRINTS: [&str; 4] = ["--version", "-v", "--help", "-h"];
        let words = self.entrypoint.iter().flatten().chain(&self.arguments);
        let mut words = words.filter_map(|word| word.text.as_deref());
        let runs_refinery = match &self.entrypoint {
            Some(entrypoint) => Command::runs_refinery(entrypoint),
            None => is_official(&self.image),
        };
        runs_refinery && !words.any(|word| PRINTS.contains(&word))
    }

    /// Whether the container, its image or the object is named after Refinery.
    fn is_about_refinery(&self) -> bool {
        let own = self.item.get("name").and_then(Item::text).unwrap_or_default();
        let image = self.image.rsplit('/').next().unwrap_or_default();
        [own, image, &self.object].into_iter().any(is_about_refinery)
    }

    fn command(&self) -> Command {
        Command::of_container(self.entrypoint.as_deref(), &self.arguments)
    }

    /// Whether anything besides a name shows that it runs Refinery.
    fn is_evident(&self) -> bool {
        let has_variable = |kind: &Kind| self.env.variables.contains_key(kind.locating().variable);
        Kind::ALL.iter().any(has_variable) || self.has_mount() || self.has_files()
    }

    /// Whether a volume is mounted in Refinery's default folder.
    fn has_mount(&self) -> bool {
        let folders = Kind::ALL.map(|kind| kind.locating().folder());
        let is_ours = |target: &str| folders.iter().any(|folder| below(target, folder).is_some());
        self.mounts.iter().any(|mount| is_ours(&mount.target))
    }

    /// Whether flags name both files, and one of them or a name is certainly Refinery's.
    fn has_files(&self) -> bool {
        let command = self.command();
        let is_about = self.is_about_refinery();
        let is_ours = |word: &Word| {
            let path = word.text.as_deref().map(read_location);
            let Some(Ok(Location::File(path, _))) = path else { return false };
            match mount::find(&self.mounts, &path) {
                mount::Found::Text(datum) => match datum.text() {
                    Some(text) => recognise(format_of(&path), text).is_some(),
                    None => path.contains("refinery"),
                },
                _ => path.contains("refinery"),
            }
        };
        let all = |kind: Kind| command.locations(kind, |_| None, None);
        Kind::ALL.iter().all(|&kind| command.names(kind))
            && (is_about || Kind::ALL.into_iter().flat_map(all).any(|word| is_ours(&word)))
    }

    fn workload(self, pods: &Pods, file: &str, id: FileId, is_one: bool) -> Workload<'o> {
        let object = pods.identity.name();
        let own = self.item.get("name").and_then(Item::text).unwrap_or("?");
        let title = if is_one { object.to_owned() } else { format!("{object}/{own}") };
        let place = pods.tagged.clone().unwrap_or_else(|| format!("the image of `{object}`"));
        let span = self.item.get("image").and_then(|image| image.span);
        let release = pin_of_image(&self.image, place).map(|pin| pin.at(span));
        // What runs once may only validate files and exit.
        let ends = self.ends || runs_once(&pods.item);
        let command = self.command();
        let command = if ends { command.without_validation() } else { command };
        let unclear = format!("parts of the command of `{object}` are unknown");
        let notices = (!command.is_whole).then(|| Notice::on(file, unclear));
        let folder = self.item.get("workingDir").and_then(Item::text);
        let is_evident = is_official(&self.image) || self.is_evident() || command.names_any();
        let mut findings = self.env.findings;
        findings.extend(self.entrypoint.as_deref().and_then(find_no_program));
        Workload {
            name: SourceName::within(file, &title),
            title,
            file: id,
            place: place_of(self.item),
            contents: Contents::of(&self.image),
            image: self.image,
            command,
            working_dir: folder.filter(|folder| !folder.is_empty()).map(str::to_owned),
            variables: self.env.variables,
            is_open: self.env.is_open,
            is_evident,
            is_partial: pods.is_open || is_partial(&pods.item),
            mounts: self.mounts,
            release,
            machine: self.machine,
            findings,
            notices: notices.into_iter().collect(),
        }
    }
}

/// Whether the pods of an object end, and are not started again.
fn runs_once(object: &Item) -> bool {
    let policy = at(object, &["spec", "restartPolicy"]).and_then(Item::text);
    match kind(object) {
        Some("Job" | "CronJob") => true,
        Some("Pod") => matches!(policy, Some("Never" | "OnFailure")),
        _ => false,
    }
}

/// Reports a `command` that begins with a flag, or with a program and its arguments in one string. It
/// replaces the program of the image.
fn find_no_program(entrypoint: &[Word]) -> Option<Finding> {
    let first = entrypoint.first()?;
    let text = first.text.as_deref()?;
    let help = match text.split_once(' ') {
        _ if text.starts_with('-') => "use `args` for the arguments of Refinery",
        Some(_) => "write the program and each argument as separate elements",
        None => return None,
    };
    let message = format!("`command` runs `{text}`, which is not a program");
    let finding = Finding::new(&NO_PROGRAM, message).at_some(first.span, "not a program");
    Some(finding.help(help).refuses())
}

/// An object that needs a selector and has none is a patch, unless it has all images and volumes.
fn is_partial(object: &Item) -> bool {
    let pod = template_of(object).and_then(|template| template.get("spec"));
    let has_image = |container: &Item| container.get("image").is_some();
    let is_whole = |pod: &Item| {
        list(pod, "containers").iter().all(has_image) && !list(pod, "volumes").is_empty()
    };
    needs_selector(object)
        && at(object, &["spec", "selector"]).is_none()
        && !pod.is_some_and(is_whole)
}

/// The limits of a container, as in values and pods.
pub fn limits(limits: Option<&Item>) -> Machine {
    let limit = |name| limits.and_then(|limits| limits.get(name)).and_then(word);
    Machine {
        memory: limit("memory").and_then(|text| MemorySize::parse(&text).ok()).map(|size| size.0),
        cores: limit("cpu").and_then(|text| processors(&text)),
        ..Machine::default()
    }
}

/// Pods are replaced when the checksum of a file in their template changes.
fn restarts(template: &Item) -> Restarts {
    let sum = |file| at(template, &["metadata", "annotations", file]).is_some();
    Restarts { config: sum("checksum/config"), rules: sum("checksum/rules") }
}

/// The words of a list, with references expanded.
fn expanded(item: &Item, env: &Env) -> Vec<Word> {
    let replaced =
        |text: &str| expand(text, |name| env.look_up(name)).filter(|text| !text.contains("{{"));
    let words = item.list().unwrap_or_default().iter();
    let word_of = |item: &Item| {
        let text = word(item).unwrap_or_default();
        match replaced(&text) {
            Some(text) => vec![Word { text: Some(text), span: item.span }],
            None => Word::several(&text, item.span, |part| replaced(part).is_some()),
        }
    };
    words.flat_map(word_of).collect()
}

/// The words of a list outside a pod; words with references are unknown.
pub fn words(item: &Item) -> Vec<Word> {
    let is_plain = |text: &str| !text.contains("$(") && !text.contains("{{");
    let words = item.list().unwrap_or_default().iter();
    words
        .flat_map(|item| Word::several(&word(item).unwrap_or_default(), item.span, is_plain))
        .collect()
}
