//! Finds the settings file that applies to a folder in one state of a repository. Each file is read
//! once.

use super::paths::SettingsFolder;
use super::{DeploymentSettings, Exclusions, ProjectSettings, SettingsError, SpannedPath};
use crate::counted::counted;
use crate::git::work_tree::Disk;
use crate::schema::secrets::find_secrets;
use crate::vfs::Vfs;
use crate::vfs::input_error::{Excerpt, InputError, InputProblem};
use crate::vfs::path::{absolute, name_of, split};
use crate::vfs::read::to_text;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The names of settings files, of which a folder has at most one.
const NAMES: [&str; 2] = [".refinery-preflight.toml", "refinery-preflight.toml"];

/// Whether a file of this name has settings.
pub fn is_settings(name: &str) -> bool {
    NAMES.contains(&split(name).1)
}

/// The settings options of a command line.
#[derive(Clone, Debug, Default)]
pub struct SettingsArgs {
    /// A settings file on the disk for all folders; without it, each folder uses the nearest one
    /// above.
    pub file: Option<PathBuf>,
    /// Whether to check the deployments that the settings list.
    pub lists_deployments: bool,
    /// A baseline on the disk that replaces those of the settings.
    pub baseline: Option<PathBuf>,
}

/// A valid settings file.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    pub name: String,
    pub text: String,
    pub settings: ProjectSettings,
    /// The name and text of its baseline.
    pub baseline: Option<(String, Result<String, InputError>)>,
    base: SettingsFolder,
    /// It was named on the command line, so it applies to files anywhere.
    applies_everywhere: bool,
}

/// The settings files of one state.
pub struct SettingsFiles<'v> {
    store: &'v dyn Vfs,
    /// This is the state before the change. Only in the checked state is a named file read from the
    /// disk.
    is_before: bool,
    named: Option<PathBuf>,
    known: RefCell<BTreeMap<PathBuf, Found>>,
}

type Found = Result<Option<Arc<SettingsFile>>, InputError>;

impl<'v> SettingsFiles<'v> {
    pub fn new(store: &'v dyn Vfs, arguments: &SettingsArgs) -> Self {
        Self { store, is_before: false, named: arguments.file.clone(), known: RefCell::default() }
    }

    /// The settings files of the state before a change.
    pub fn before(store: &'v dyn Vfs, arguments: &SettingsArgs) -> Self {
        Self { is_before: true, ..Self::new(store, arguments) }
    }

    /// Where the files are read from.
    pub fn store(&self) -> &'v dyn Vfs {
        self.store
    }

    /// The settings for a folder: the named ones, or the nearest in or above it, up to the root of
    /// the repository. Without a repository, up to the current folder or the given one.
    ///
    /// # Errors
    /// There is a settings file, but it cannot be read or is invalid.
    pub fn nearest(&self, folder: &Path) -> Found {
        let key = self.named.clone().unwrap_or_else(|| folder.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let found = match &self.named {
            Some(file) => self.read_named(file),
            None => self.search(folder),
        };
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    fn read_named(&self, file: &Path) -> Found {
        let folder = file.parent().unwrap_or(Path::new(""));
        let read = |vfs: &dyn Vfs| read(vfs, file, &way_up(vfs, folder), true);
        // The named file may be anywhere; the files it names may not.
        let disk = Disk::within(&[file.to_owned()]);
        if !self.is_before {
            return read(&disk).map(Some);
        }
        match read(self.store) {
            Err(error) if error.problem.is_no_file() => Ok(None),
            // A file outside the repository is not part of the change.
            Err(error) if error.problem == InputProblem::Repository => read(&disk).map(Some),
            read => read.map(Some),
        }
    }

    fn search(&self, folder: &Path) -> Found {
        let way = way_up(self.store, folder);
        let mut result = Ok(None);
        let mut passed = way.len();
        for (index, folder) in way.iter().enumerate() {
            let known = self.known.borrow().get(folder).cloned();
            if let Some(known) = known {
                (result, passed) = (known, index);
                break;
            }
            result = self.read_in(&way[index..]);
            if !matches!(result, Ok(None)) {
                passed = index;
                break;
            }
        }
        // The result applies to every folder on the way.
        let passed = way[..passed].iter().map(|folder| (folder.clone(), result.clone()));
        self.known.borrow_mut().extend(passed);
        result
    }

    /// The settings in the first of these folders, which lead up to the root.
    fn read_in(&self, way: &[PathBuf]) -> Found {
        let Some(folder) = way.first() else { return Ok(None) };
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let names = self.store.names(here);
        let mut found = Vec::new();
        for name in NAMES.into_iter().filter(|name| names.iter().any(|known| known == name)) {
            match read(self.store, &folder.join(name), way, false) {
                Ok(file) => found.push(file),
                // A folder of this name.
                Err(error) if error.problem.is_no_file() => {}
                Err(error) => return Err(error),
            }
        }
        match found.len() {
            2 => {
                let names = found.iter().map(|file| format!("`{}`", file.name));
                let names: Vec<String> = names.collect();
                let message = format!("two settings files in one folder: {}", names.join(" and "));
                let help = "move the settings into one of them and delete the other";
                Err(InputError::new(InputProblem::BadSettings, message, help))
            }
            _ => Ok(found.pop()),
        }
    }
}

impl SettingsFile {
    /// The same file with other deployments.
    #[must_use]
    pub fn with_deployments(&self, deployments: Vec<DeploymentSettings>) -> Self {
        let settings = ProjectSettings { deployments, ..self.settings.clone() };
        Self { settings, ..self.clone() }
    }

    /// A path of the settings, relative to the current folder.
    pub fn locate(&self, path: &SpannedPath) -> PathBuf {
        self.base.folder.join(&path.path)
    }

    /// Whether these settings may claim this file for a deployment, so that it is not checked on
    /// its own. Settings apply only to files in their folder, unless they were named.
    pub fn covers(&self, path: &SpannedPath) -> bool {
        self.applies_everywhere || SettingsFolder::holds(path)
    }

    /// Its folder, as an absolute path.
    pub fn folder(&self) -> String {
        absolute(&name_of(&self.base.folder))
    }

    /// The excludes of these settings.
    pub fn exclusions(&self, settings: &ProjectSettings) -> Exclusions {
        let folder = self.folder();
        Exclusions { by: self.name.clone(), folder, excludes: settings.excludes.clone() }
    }

    /// Whether the current folder is their folder or above it.
    pub fn is_below_here(&self) -> bool {
        Path::new(&self.folder()).starts_with(absolute("."))
    }
}

/// `way` leads from the file's folder up to the root.
fn read(
    store: &dyn Vfs,
    file: &Path,
    way: &[PathBuf],
    applies_everywhere: bool,
) -> Result<Arc<SettingsFile>, InputError> {
    let name = name_of(file);
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let base = SettingsFolder { folder, depth: way.len().saturating_sub(1) };
    let text = to_text(store.read(file, &name)?, &name)?;
    let settings = ProjectSettings::parse(&text).and_then(|settings| {
        let paths = settings.deployments.iter().flat_map(DeploymentSettings::files);
        let paths = paths.chain(&settings.baseline).chain(&settings.tests);
        let errors: Vec<_> = paths.filter_map(|path| base.check(path).err()).collect();
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    });
    let settings = settings.map_err(|errors| explain(&name, &text, &errors))?;
    let baseline = settings.baseline.as_ref().map(|path| {
        let path = base.folder.join(&path.path);
        let name = name_of(&path);
        let text = store.read(&path, &name).and_then(|bytes| to_text(bytes, &name));
        (name, text)
    });
    Ok(Arc::new(SettingsFile { name, text, settings, baseline, base, applies_everywhere }))
}

/// The first error with its place, and the number of other errors.
fn explain(name: &str, text: &str, errors: &[SettingsError]) -> InputError {
    let Some(error) = errors.first() else {
        return InputError::new(InputProblem::BadSettings, format!("invalid `{name}`"), "");
    };
    let more = match errors.len() - 1 {
        0 => String::new(),
        more => format!(" (and {})", counted(more, "more error")),
    };
    let mut hidden = text.as_bytes().to_vec();
    for byte in find_secrets(text).into_iter().flatten() {
        hidden[byte] = b'*';
    }
    let excerpt = Excerpt {
        name: name.to_owned(),
        text: String::from_utf8_lossy(&hidden).into_owned(),
        span: error.span.clone(),
        label: error.label.clone(),
    };
    let message = format!("invalid settings: {}{more}", error.message);
    InputError::new(InputProblem::BadSettings, message, error.help.clone()).showing(excerpt)
}

/// A folder and those above it, up to the root of the repository, relative to the current folder.
fn way_up(store: &dyn Vfs, folder: &Path) -> Vec<PathBuf> {
    let mut way = Vec::new();
    let here = absolute(".");
    let mut below_here = None;
    for folder in folders_above(folder) {
        let is_top = store.is_top(&folder);
        let is_here = absolute(&name_of(&folder)) == here;
        way.push(folder);
        if is_top {
            return way;
        }
        if is_here {
            below_here = Some(way.len());
        }
    }
    // There is no repository.
    way.truncate(below_here.unwrap_or(1));
    way
}

/// A folder and all folders above it, relative to the current folder.
pub fn folders_above(folder: &Path) -> impl Iterator<Item = PathBuf> {
    // The parent of the root is the root.
    let depth = std::path::absolute(Path::new(".").join(folder))
        .map_or(0, |path| path.components().count());
    std::iter::successors(Some(folder.to_owned()), |folder| parent(folder)).take(depth + 1)
}

fn parent(folder: &Path) -> Option<PathBuf> {
    match folder.components().next_back() {
        Some(Component::Normal(_)) => folder.parent().map(Path::to_owned),
        Some(Component::ParentDir) => Some(folder.join("..")),
        Some(Component::CurDir) | None => Some(PathBuf::from("..")),
        Some(Component::RootDir | Component::Prefix(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parent_folders_are_relative_to_the_current_folder() {
        for (folder, above) in [
            ("a/b", &["a/b", "a", "", ".."][..]),
            ("./a", &["./a", ".", ".."]),
            ("./..", &["./..", "./../.."]),
            ("/a/b", &["/a/b", "/a", "/"]),
        ] {
            let found: Vec<PathBuf> = folders_above(Path::new(folder)).take(above.len()).collect();
            assert_eq!(found, above.iter().map(PathBuf::from).collect::<Vec<_>>(), "{folder}");
        }
        assert_eq!(folders_above(Path::new("/a")).count(), 2, "it ends");
    }
}
