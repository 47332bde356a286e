//! Commands that start Refinery with files of the machine, such as those of a unit of systemd, and the
//! files that the repository installs at these paths.

use super::launch::LaunchSpec;
use super::resolve::UNKNOWN_FILE;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::schema::flags::FileLocation;
use crate::sniff::file_name::is_about_refinery;
use crate::source_name::SourceName;
use crate::span::Span;
use crate::vfs::environment;
use crate::vfs::path::{below, split, split_extension};
use std::collections::BTreeMap;
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
    /// The absolute paths of files with its variables.
    pub variables: Vec<String>,
    /// Whether the program is certainly Refinery, for 2.0 or later.
    pub is_certain: bool,
}

/// A file with variables that is installed at a path of the machine.
pub struct InstalledVariables {
    path: String,
    variables: BTreeMap<String, String>,
}

impl InstalledVariables {
    /// `None` if the text is not a list of variables.
    pub fn read(path: &str, text: &str) -> Option<Self> {
        Some(Self { path: path.to_owned(), variables: environment::parse(text).ok()? })
    }
}

/// Whether a path of a machine is that of variables of Refinery: `/etc/default/refinery` or
/// `/etc/refinery/refinery.env`.
pub fn holds_variables(path: &str) -> bool {
    const FOLDERS: [&str; 3] = ["/etc/default", "/etc/sysconfig", "/etc/conf.d"];
    let is_named = split_extension(path).1 == "env" || FOLDERS.contains(&split(path).0);
    path.starts_with('/') && is_named && is_about_refinery(path)
}

/// Files that are copied to a folder of the machine.
pub struct InstalledFiles {
    /// The deployment that they make.
    pub deployment: SourceName,
    /// The paths to which they are copied.
    pub paths: Vec<(Kind, String)>,
    /// Paths at or below which there may be other files, which are unknown.
    touched: Vec<String>,
}

impl InstalledFiles {
    /// Those of a deployment, none yet.
    pub fn of(deployment: SourceName) -> Self {
        Self { deployment, paths: Vec::new(), touched: Vec::new() }
    }

    /// Files that a file may make at or below these paths.
    pub fn unknown(file: &str, touched: Vec<String>) -> Self {
        Self { touched, ..Self::of(SourceName::of_file(file)) }
    }

    /// Whether there may be a file at a path.
    fn may_have(&self, path: &str) -> bool {
        self.touched.iter().any(|touched| below(path, touched).is_some())
    }
}

impl Unit {
    /// How it launches Refinery, with the variables that are installed at its paths. Those that it sets
    /// itself come before them in a unit, and so do those here.
    pub fn launch_with(&self, installed: &[InstalledVariables]) -> LaunchSpec {
        let mut launch = self.launch.clone();
        let own = launch.machine.variables.clone();
        let files = self
            .variables
            .iter()
            .flat_map(|path| installed.iter().filter(move |it| it.path == *path));
        let all = files.flat_map(|file| file.variables.clone());
        let new = all.filter(|(name, _)| !own.contains_key(name));
        let known = new.map(|(name, value)| {
            let is_known = !value.contains(['$', '{']);
            (name, Some(value).filter(|_| is_known), None)
        });
        launch.machine.set(known);
        launch
    }

    /// The same, with the paths that the variables installed for it name.
    #[must_use]
    pub fn located(mut self, installed: &[InstalledVariables]) -> Self {
        let files = |path: &String| installed.iter().find(|it| it.path == *path);
        let known: Vec<&InstalledVariables> = self.variables.iter().filter_map(files).collect();
        let is_open = known.len() < self.variables.len();
        let locate = |(kind, path): (Kind, String)| {
            let FileLocation { variable, default, .. } = kind.locating();
            let set = known.iter().find_map(|file| file.variables.get(variable));
            match set.filter(|_| path == default) {
                Some(set) => Some((kind, set.clone())),
                None if path == default && is_open => None,
                None => Some((kind, path)),
            }
        };
        self.paths = self.paths.into_iter().filter_map(locate).collect();
        self
    }

    /// Whether it starts Refinery with these files.
    pub fn uses(&self, installed: &InstalledFiles) -> bool {
        let mut paths = installed.paths.iter();
        !installed.paths.is_empty() && paths.all(|path| self.paths.contains(path))
    }

    /// Reports a path at which nothing is installed, although another file of its kind is, in the same
    /// folder, which nothing uses. One of another name is only reported if nothing else may make the file:
    /// `is_named` tells whether another file mentions its path.
    pub fn find_missing(
        &self,
        all: &[InstalledFiles],
        units: &[Unit],
        is_named: &dyn Fn(&str) -> bool,
    ) -> Vec<Finding> {
        let installed = || all.iter().flat_map(|installed| &installed.paths);
        let is_used = |path: &(Kind, String)| units.iter().any(|unit| unit.paths.contains(path));
        let missing = self.paths.iter().filter(|path| installed().all(|it| it != *path));
        let found = missing.filter_map(|(kind, path)| {
            let is_instead =
                |(its, other): &&(Kind, String)| its == kind && split(other).0 == split(path).0;
            let distance = |(_, other): &(Kind, String)| levenshtein(split(other).1, split(path).1);
            let unused = installed().filter(is_instead).filter(|other| !is_used(other));
            let instead = unused.min_by_key(|other| distance(other))?;
            let may_be_made =
                || all.iter().any(|installed| installed.may_have(path)) || is_named(path);
            if distance(instead) > NEAR && may_be_made() {
                return None;
            }
            let message = format!("no such file: `{path}`; nothing installs it");
            let finding = Finding::new(&UNKNOWN_FILE, message).at(self.place, "not checked");
            Some(finding.help(format!("did you mean `{}`?", instead.1)))
        });
        found.collect()
    }
}
