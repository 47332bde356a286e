//! The folders that an image may have besides those of copied files.

use crate::deploy::workload::Contents;
use crate::vfs::path::split;

/// Folders that nearly every image has.
const STANDARD: [&str; 12] =
    ["", "bin", "etc", "home", "lib", "media", "mnt", "opt", "root", "run", "srv", "tmp"];

/// Folders whose subfolders are not listed here.
const DEEP: [&str; 2] = ["usr", "var"];

/// Images that Docker publishes, with no folders but these.
const OFFICIAL: [&str; 12] = [
    "alpine",
    "almalinux",
    "amazonlinux",
    "archlinux",
    "busybox",
    "debian",
    "fedora",
    "golang",
    "photon",
    "rockylinux",
    "scratch",
    "ubuntu",
];

/// What in a command may make folders whose paths are not in it.
const MAKERS: [&str; 4] = ["$", ".sh", "adduser", "useradd"];

/// The folders of an image, as far as they are known.
#[derive(Default)]
pub struct Folders {
    /// Whether the folders of the base image are known.
    is_base_known: bool,
    /// Paths of `WORKDIR` and of unknown copies, and commands of `RUN`.
    mentions: Vec<String>,
}

impl Folders {
    /// The folders of a base image. Those of Honeycomb's, and of the images that Docker publishes itself,
    /// are known.
    pub fn of_base(image: &str) -> Self {
        let name = image.split([':', '@']).next().unwrap_or_default();
        let is_of_docker = OFFICIAL.contains(&name);
        let is_base_known = Contents::of(image) == Contents::RefineryAlone || is_of_docker;
        Self { is_base_known, mentions: Vec::new() }
    }

    /// Adds a text that may make folders.
    pub fn mention(&mut self, text: &str) {
        self.mentions.push(text.to_owned());
    }

    /// Whether a folder may exist.
    pub fn may_have(&self, path: &str) -> bool {
        let name = split(path).1;
        let is_mentioned = |text: &String| {
            text.contains(path)
                || text.contains("mkdir") && text.contains(name)
                || MAKERS.iter().any(|maker| text.contains(maker))
        };
        let relative = path.trim_matches('/');
        let (first, _) = relative.split_once('/').unwrap_or((relative, ""));
        !self.is_base_known
            || STANDARD.contains(&relative)
            || DEEP.contains(&first)
            || self.mentions.iter().any(is_mentioned)
    }
}
