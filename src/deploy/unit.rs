//! Commands that start Refinery with files of the machine, such as those of a unit of systemd, and the
//! files that the repository installs at these paths.

use super::launch::LaunchSpec;
use super::resolve::UNKNOWN_FILE;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::span::Span;
use crate::vfs::path::split;
use strsim::levenshtein;

/// The largest distance of a name that is the same name misspelled.
const NEAR: usize = 3;

/// A command that starts Refinery with files of the machine.
pub struct Unit {
    pub name: SourceName,
    pub place: Span,
    pub launch: LaunchSpec,
    /// The absolute paths of its files.
    pub paths: Vec<(Kind, String)>,
}

/// Files that are copied to a folder of the machine.
pub struct InstalledFiles {
    /// The deployment that they make.
    pub deployment: SourceName,
    /// The paths to which they are copied.
    pub paths: Vec<(Kind, String)>,
}

impl Unit {
    /// Whether it starts Refinery with these files.
    pub fn uses(&self, installed: &InstalledFiles) -> bool {
        installed.paths.iter().all(|path| self.paths.contains(path))
    }

    /// Reports a path at which nothing is installed, although another file of its kind is, in the same
    /// folder, which nothing uses.
    pub fn find_missing(&self, all: &[InstalledFiles], units: &[Unit]) -> Vec<Finding> {
        let installed = || all.iter().flat_map(|installed| &installed.paths);
        let is_used = |path: &(Kind, String)| units.iter().any(|unit| unit.paths.contains(path));
        let missing = self.paths.iter().filter(|path| installed().all(|it| it != *path));
        let found = missing.filter_map(|(kind, path)| {
            let is_instead = |(its, other): &&(Kind, String)| {
                let (folder, own) = split(other);
                let distance = levenshtein(own, split(path).1);
                its == kind && folder == split(path).0 && distance <= NEAR
            };
            let (_, instead) = installed().filter(is_instead).find(|path| !is_used(path))?;
            let message = format!("no such file: `{path}`; nothing installs it");
            let finding = Finding::new(&UNKNOWN_FILE, message).at(self.place, "not checked");
            Some(finding.help(format!("did you mean `{instead}`?")))
        });
        found.collect()
    }
}
