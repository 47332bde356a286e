//! The settings files of one state of a repository: which one binds a folder, read once each.

use super::paths::Home;
use super::{DeploymentSettings, Exclusions, ProjectSettings, SettingsError, SpannedPath};
use crate::git::work_tree::Disk;
use crate::schema::secrets::find_secrets;
use crate::vfs::Vfs;
use crate::vfs::input_error::{Excerpt, InputError, InputProblem};
use crate::vfs::path::{absolute, name_of};
use crate::vfs::read::to_text;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What settings files are called.
pub const NAME: &str = ".refinery-preflight.toml";

/// What people call them by mistake.
const MISNAMED: &str = "refinery-preflight.toml";

/// Which settings a command line asks for.
#[derive(Clone, Debug, Default)]
pub struct SettingsArgs {
    /// As it lies on the disk, for all folders; without it each folder has the nearest one above.
    pub file: Option<PathBuf>,
    /// The deployments that settings list are checked.
    pub lists_deployments: bool,
    /// A baseline on the disk, instead of those of the settings.
    pub baseline: Option<PathBuf>,
}

/// A settings file that can be used.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    pub name: String,
    pub text: String,
    pub settings: ProjectSettings,
    /// The text of the baseline that it names, with its name.
    pub baseline: Option<(String, Result<String, InputError>)>,
    home: Home,
    /// It was named, and holds wherever the files are.
    holds_everywhere: bool,
}

/// The settings files of one state, each found and read once.
pub struct SettingsFiles<'v> {
    store: &'v dyn Vfs,
    /// Settings that are named are on the disk in the state that is checked.
    is_before: bool,
    named: Option<PathBuf>,
    known: RefCell<BTreeMap<PathBuf, Found>>,
    misnamed: RefCell<BTreeSet<PathBuf>>,
}

type Found = Result<Option<Arc<SettingsFile>>, InputError>;

impl<'v> SettingsFiles<'v> {
    pub fn new(store: &'v dyn Vfs, arguments: &SettingsArgs) -> Self {
        Self {
            store,
            is_before: false,
            named: arguments.file.clone(),
            known: RefCell::default(),
            misnamed: RefCell::default(),
        }
    }

    /// The same of the state before a change.
    pub fn before(store: &'v dyn Vfs, arguments: &SettingsArgs) -> Self {
        Self { is_before: true, ..Self::new(store, arguments) }
    }

    /// The settings that bind a folder: those that are named, or the nearest in it and above it, up
    /// to the top of the repository. Without a repository, up to the current folder or the one given.
    ///
    /// # Errors
    /// They are there, and cannot be read or used.
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

    /// Files that look like settings and are not named like settings.
    pub fn misnamed(&self) -> Vec<PathBuf> {
        self.misnamed.borrow().iter().cloned().collect()
    }

    fn read_named(&self, file: &Path) -> Found {
        let folder = file.parent().unwrap_or(Path::new(""));
        let read = |vfs: &dyn Vfs| read(vfs, file, &way_up(vfs, folder), true);
        // It is named, and may lie anywhere; what it names may not.
        let disk = Disk::within(&[file.to_owned()]);
        if !self.is_before {
            return read(&disk).map(Some);
        }
        match read(self.store) {
            Err(error) if error.problem.is_no_file() => Ok(None),
            // Outside of the repository nothing changes with it.
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
            result = self.look_into(&way[index..]);
            if !matches!(result, Ok(None)) {
                passed = index;
                break;
            }
        }
        // What holds at the end of the way, holds all along.
        let passed = way[..passed].iter().map(|folder| (folder.clone(), result.clone()));
        self.known.borrow_mut().extend(passed);
        result
    }

    /// The settings in the first of these folders, which lead up to the top.
    fn look_into(&self, way: &[PathBuf]) -> Found {
        let Some(folder) = way.first() else { return Ok(None) };
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let has = |wanted: &str| self.store.names(here).iter().any(|name| name == wanted);
        match read(self.store, &folder.join(NAME), way, false) {
            Ok(found) => return Ok(Some(found)),
            Err(error) if error.problem.is_no_file() => {}
            // The folder may not be read, or there is a link that leads out.
            Err(error) if error.problem == InputProblem::Outside && !has(NAME) => {}
            Err(error) => return Err(error),
        }
        if has(MISNAMED) {
            self.misnamed.borrow_mut().insert(folder.join(MISNAMED));
        }
        Ok(None)
    }
}

impl SettingsFile {
    /// A path of theirs as seen from where the run starts.
    pub fn locate(&self, path: &SpannedPath) -> PathBuf {
        self.home.folder.join(&path.path)
    }

    /// Is this file checked as part of a deployment that these settings list, and so not by itself?
    /// Settings speak for no file outside their folder, unless they were named.
    pub fn covers(&self, path: &SpannedPath) -> bool {
        self.holds_everywhere || Home::holds(path)
    }

    /// The files that are not to be checked, as far as these settings hold.
    pub fn exclusions(&self, settings: &ProjectSettings) -> Exclusions {
        let folder = absolute(&name_of(&self.home.folder));
        Exclusions { by: self.name.clone(), folder, excludes: settings.excludes.clone() }
    }

    /// Does the run start in their folder or above it?
    pub fn is_below_here(&self) -> bool {
        Path::new(&absolute(&name_of(&self.home.folder))).starts_with(absolute("."))
    }
}

/// `way` leads from the file's folder to the top.
fn read(
    store: &dyn Vfs,
    file: &Path,
    way: &[PathBuf],
    holds_everywhere: bool,
) -> Result<Arc<SettingsFile>, InputError> {
    let name = name_of(file);
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let home = Home { folder, depth: way.len().saturating_sub(1) };
    let text = to_text(store.read(file, &name)?, &name)?;
    let settings = ProjectSettings::parse(&text).and_then(|settings| {
        let paths = settings.deployments.iter().flat_map(DeploymentSettings::files);
        let paths = paths.chain(&settings.baseline);
        let errors: Vec<_> = paths.filter_map(|path| home.check(path).err()).collect();
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    });
    let settings = settings.map_err(|errors| explain(&name, &text, &errors))?;
    let baseline = settings.baseline.as_ref().map(|path| {
        let path = home.folder.join(&path.path);
        let name = name_of(&path);
        let text = store.read(&path, &name).and_then(|bytes| to_text(bytes, &name));
        (name, text)
    });
    Ok(Arc::new(SettingsFile { name, text, settings, baseline, home, holds_everywhere }))
}

/// The first fault, drawn at its place, and how many there are besides.
fn explain(name: &str, text: &str, errors: &[SettingsError]) -> InputError {
    let Some(error) = errors.first() else {
        return InputError::new(InputProblem::BadSettings, format!("invalid `{name}`"), "");
    };
    let more = match errors.len() - 1 {
        0 => String::new(),
        1 => " (and 1 more error)".to_owned(),
        more => format!(" (and {more} more errors)"),
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

/// A folder and those above it, up to the one that nothing may leave, each as seen from here.
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

/// A folder and all those above it, each as seen from here.
pub fn folders_above(folder: &Path) -> impl Iterator<Item = PathBuf> {
    // Above the root is the root again.
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
    fn folders_are_named_as_seen_from_here() {
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
