//! One container that runs Refinery: its image, command line, environment, mounts and limits.
//!
//! Whoever reads a deployment format builds one; `resolve` makes the deployment of it.

use super::command::{Command, Word};
use super::launch::LaunchSpec;
use super::mount::Mount;
use super::{at, word};
use crate::diagnostic::Finding;
use crate::machine::Machine;
use crate::release::{Named, Pin, newest};
use crate::span::{FileId, Span};
use crate::syntax::Item;
use std::collections::BTreeMap;

/// Registries in which an image of this name is Honeycomb's own: Refinery and nothing else.
const REGISTRIES: [&str; 4] = ["", "docker.io/", "public.ecr.aws/", "ghcr.io/"];
const IMAGES: [&str; 2] = ["honeycombio/refinery", "honeycombio/refinery/refinery"];

/// A container that runs Refinery.
pub struct Workload<'o> {
    /// The file that says so and, after `#`, the place in it.
    pub name: String,
    /// What a message calls it.
    pub title: String,
    /// The file in which it stands, and where its own name is.
    pub file: FileId,
    pub place: Option<Span>,
    pub image: String,
    pub command: Command,
    pub working_dir: Option<String>,
    pub variables: BTreeMap<String, Word>,
    /// May there be variables that nobody sees?
    pub is_open: bool,
    /// Does more than the image's last name say that this is Refinery?
    pub is_evident: bool,
    pub contents: Contents,
    /// May it be no more than a part that something is to be merged with?
    pub is_partial: bool,
    pub mounts: Vec<Mount<'o>>,
    pub release: Option<Pin>,
    /// Its resources, replicas, grace and restarts.
    pub machine: Machine,
    /// What is certainly wrong before any location is followed.
    pub findings: Vec<Finding>,
    /// What was not understood.
    pub notices: Vec<String>,
}

impl Workload<'_> {
    /// How the process is run, as far as it is written.
    pub fn launch(&self) -> LaunchSpec {
        let mut machine = self.machine.clone();
        let variables = self.variables.iter();
        machine.set(variables.map(|(name, word)| (name.clone(), word.text.clone())));
        LaunchSpec {
            release: self.release.clone(),
            arguments: self.command.arguments.clone(),
            machine,
        }
    }
}

impl Workload<'_> {
    /// A finding with a place, at least at the container's own name.
    pub fn place(&self, finding: Finding) -> Finding {
        if finding.primary().is_some() {
            return finding;
        }
        finding.at(self.place.unwrap_or(Span::new(self.file, 0, 0)), "this container")
    }
}

/// What is in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Refinery, and no file that it reads.
    RefineryAlone,
    /// More than is known.
    Unknown,
}

impl Contents {
    /// Of an image as it is pulled.
    pub fn of(image: &str) -> Self {
        if is_official(image) { Self::RefineryAlone } else { Self::Unknown }
    }
}

/// The last part of an image's name is Refinery's, in whatever registry it lies.
pub fn is_refinery(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    last.split(':').next() == Some("refinery")
}

/// Is it Honeycomb's own?
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

/// The release that an image names by its tag or digest; none where it has neither.
pub fn pin_of_image(image: &str, place: impl Into<String>) -> Option<Pin> {
    let named = match Named::of_image(image, None)? {
        // The tags of an image that somebody else builds may count something else.
        Named::First(tag) if !is_official(image) && !is_mirrored(image) => {
            Named::Moving(tag, newest())
        }
        named => named,
    };
    Some(Pin::new(named, place))
}

/// Is it Honeycomb's image in another registry?
fn is_mirrored(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let name = tag_of(path).and_then(|tag| path.strip_suffix(tag)?.strip_suffix(':'));
    name.unwrap_or(path).ends_with("/honeycombio/refinery")
}

/// The release in the labels that the chart gives all its objects.
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
