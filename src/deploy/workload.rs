//! A container that runs Refinery: image, command line, environment, mounts and limits.
//!
//! The readers of deployment formats build it; `resolve` turns it into a deployment.

use super::command::{Command, Word};
use super::launch::LaunchSpec;
use super::mount::Mount;
use super::placeholder::is_placeholder;
use super::{at, word};
use crate::diagnostic::Finding;
use crate::machine::Machine;
use crate::notice::Notice;
use crate::release::{Named, Pin, newest};
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::span::{FileId, Span};
use crate::syntax::Item;
use std::collections::BTreeMap;

/// Registries where images of these names are Honeycomb's official ones.
const REGISTRIES: [&str; 4] = ["", "docker.io/", "public.ecr.aws/", "ghcr.io/"];
const IMAGES: [&str; 2] = ["honeycombio/refinery", "honeycombio/refinery/refinery"];

/// A container that runs Refinery.
pub struct Workload<'o> {
    /// Where it is described.
    pub name: SourceName,
    /// Its name in messages.
    pub title: String,
    /// The describing file, and the span of its name there.
    pub file: FileId,
    pub place: Option<Span>,
    pub image: String,
    pub command: Command,
    pub working_dir: Option<String>,
    pub variables: BTreeMap<String, Word>,
    /// Whether unknown variables may be set.
    pub is_open: bool,
    /// Whether more than the last part of the image name shows that this is Refinery.
    pub is_evident: bool,
    pub contents: Contents,
    /// Whether it may be merged with other files, and so be incomplete.
    pub is_partial: bool,
    pub mounts: Vec<Mount<'o>>,
    pub release: Option<Pin>,
    /// Its resources, replicas, grace period and restarts.
    pub machine: Machine,
    /// Findings before locations are resolved.
    pub findings: Vec<Finding>,
    /// What is not understood.
    pub notices: Vec<Notice>,
}

impl Workload<'_> {
    /// How the process is launched.
    pub fn launch(&self) -> LaunchSpec {
        let mut machine = self.machine.clone();
        // A shell overrides the variables of its container.
        let variables = self.variables.iter().chain(&self.command.variables);
        machine.set(variables.map(|(name, word)| (name.clone(), value_of(word), word.span)));
        machine.places.command = self.place;
        LaunchSpec {
            release: self.release.clone(),
            arguments: self.command.arguments.clone(),
            machine,
        }
    }
}

impl Workload<'_> {
    /// Whether it runs Refinery: by its official image, by the files that its command names or, for
    /// other images of that name, by those that its variables name.
    pub fn runs_refinery(&self) -> bool {
        let is_set = |kind: &Kind| self.variables.contains_key(kind.locating().variable);
        is_official(&self.image)
            || self.command.names_any()
            || is_refinery(&self.image) && Kind::ALL.iter().any(is_set)
    }

    /// Adds the span of the container to a finding without a span.
    pub fn place(&self, finding: Finding) -> Finding {
        if finding.primary().is_some() {
            return finding;
        }
        finding.at(self.place.unwrap_or(Span::new(self.file, 0, 0)), "this container")
    }
}

/// The value of a variable, unless something replaces it first.
pub fn value_of(word: &Word) -> Option<String> {
    word.text.clone().filter(|text| !is_placeholder(text))
}

/// What an image contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Refinery, and no config or rules.
    RefineryAlone,
    /// Unknown files.
    Unknown,
}

impl Contents {
    /// The contents of an image that is pulled.
    pub fn of(image: &str) -> Self {
        let is_alone = is_official(image) || is_mirrored(image);
        if is_alone { Self::RefineryAlone } else { Self::Unknown }
    }
}

/// Whether the last part of an image name is `refinery`, in any registry.
pub fn is_refinery(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    last.split(':').next() == Some("refinery")
}

/// Whether an image is one of Honeycomb's official ones.
pub fn is_official(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let name =
        tag_of(path).and_then(|tag| path.strip_suffix(tag)?.strip_suffix(':')).unwrap_or(path);
    REGISTRIES
        .iter()
        .any(|registry| name.strip_prefix(registry).is_some_and(|name| IMAGES.contains(&name)))
}

pub fn tag_of(image: &str) -> Option<&str> {
    let last = image.split('@').next()?.rsplit('/').next()?;
    last.split_once(':').map(|(_, tag)| tag)
}

/// The release that the tag or digest of an image names; `None` without either.
pub fn pin_of_image(image: &str, place: impl Into<String>) -> Option<Pin> {
    let named = match Named::of_image(image, None)? {
        // Tags of images built by others may have their own numbering.
        Named::First(tag) if !is_official(image) && !is_mirrored(image) => {
            Named::Moving(tag, newest())
        }
        named => named,
    };
    Some(Pin::new(named, place))
}

/// Whether it is Honeycomb's image in another registry.
fn is_mirrored(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let name = tag_of(path).and_then(|tag| path.strip_suffix(tag)?.strip_suffix(':'));
    name.unwrap_or(path).ends_with("/honeycombio/refinery")
}

/// The release in the labels that the chart sets on all its objects.
pub fn release_of_labels(object: &Item, place: String) -> Option<Pin> {
    let label = |name| at(object, &["metadata", "labels", name]);
    if label("app.kubernetes.io/name").and_then(Item::text)? != "refinery" {
        return None;
    }
    let version = label("app.kubernetes.io/version")?;
    match Named::of_tag(&word(version)?) {
        Named::Moving(..) => None,
        named => Some(Pin::new(named, place).at(version.span)),
    }
}
