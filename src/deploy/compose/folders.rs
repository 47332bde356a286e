//! The folders that an image may have besides those of copied files.

use crate::deploy::workload::{Contents, is_refinery};
use crate::vfs::path::split;

/// Folders that images have.
const STANDARD: [&str; 12] =
    ["", "bin", "etc", "home", "lib", "media", "mnt", "opt", "root", "run", "srv", "tmp"];

/// Standard folders that have others in images.
const DEEP: [&str; 2] = ["usr", "var"];

/// What may have made folders.
#[derive(Default)]
pub struct Folders {
    /// Whether the base image has no folder of Refinery's.
    is_base_known: bool,
    /// Commands of `RUN` and folders of `WORKDIR`.
    made: Vec<String>,
}

impl Folders {
    /// The folders of a base image. Those of Honeycomb's, and of the images that Docker publishes itself,
    /// are known.
    pub fn of_base(image: &str) -> Self {
        let is_of_docker = !image.contains(['/', '$']) && !is_refinery(image);
        let is_base_known = Contents::of(image) == Contents::RefineryAlone || is_of_docker;
        Self { is_base_known, made: Vec::new() }
    }

    /// Adds a text that may make folders.
    pub fn mention(&mut self, text: &str) {
        self.made.push(text.to_owned());
    }

    /// Whether a folder may exist.
    pub fn may_have(&self, path: &str) -> bool {
        let name = split(path).1;
        let is_mentioned =
            |text: &String| text.contains(path) || text.contains("mkdir") && text.contains(name);
        let relative = path.trim_matches('/');
        let (first, _) = relative.split_once('/').unwrap_or((relative, ""));
        !self.is_base_known
            || STANDARD.contains(&relative)
            || DEEP.contains(&first)
            || self.made.iter().any(is_mentioned)
    }
}
