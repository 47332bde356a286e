//! The settings of a team: found above what they are about, in the state that is judged.
//!
//! Must not understand them: whoever wants them says what they name.

use super::locations::Locations;
use super::{Request, Sources};
use crate::git::work_tree::Disk;
use crate::vfs::Vfs;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::name_of;
use crate::vfs::read::{read_text, to_text};
use std::path::{Component, Path, PathBuf};

const NAME: &str = ".refinery-preflight.toml";

/// Which settings count, and how they are understood.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// As it lies on the disk; without it the nearest count, as the judged state has them.
    pub file: Option<PathBuf>,
    /// The deployments that they name are judged.
    pub deploys: bool,
    pub understand: fn(&Settings) -> Result<Names, InputError>,
}

/// The file as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub text: String,
}

/// What settings name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub deployments: Vec<Locations>,
    pub baseline: Option<PathBuf>,
}

/// The settings that hold for what is judged, and the baseline that they name.
#[derive(Clone, Debug)]
pub struct InForce {
    pub settings: Settings,
    /// Its name, and its text if it can be had.
    pub baseline: Option<(String, Result<String, InputError>)>,
}

/// The deployments of the settings for what is asked, not looked at yet.
#[derive(Debug)]
pub struct Settled {
    pub settings: Option<Settings>,
    pub deployments: Result<Vec<Locations>, InputError>,
}

impl Settled {
    /// What the settings above the first folder that is asked for say, or those here.
    ///
    /// # Errors
    /// They are there and cannot be read.
    pub fn of(request: &Request, store: &dyn Vfs) -> Result<Self, InputError> {
        let Some(wanted) = request.settings.as_ref().filter(|wanted| wanted.deploys) else {
            return Ok(Self::none());
        };
        let folder = request.paths.first().map_or(Path::new(""), PathBuf::as_path);
        let settings = wanted.find(store, folder)?;
        let names = settings.as_ref().map_or(Ok(Names::default()), wanted.understand);
        Ok(Self { settings, deployments: names.map(|names| names.deployments) })
    }

    pub fn none() -> Self {
        Self { settings: None, deployments: Ok(Vec::new()) }
    }
}

impl Wanted {
    fn find(&self, store: &dyn Vfs, folder: &Path) -> Result<Option<Settings>, InputError> {
        let Some(file) = &self.file else { return find_nearest(store, folder) };
        Ok(Some(Settings { name: file.display().to_string(), text: read_text(file)? }))
    }

    /// What holds for these deployments: the settings above the first of them, or here where there is
    /// none.
    ///
    /// # Errors
    /// They are there, and cannot be read or understood.
    pub fn hold_for(
        &self,
        sources: &Sources,
        store: &dyn Vfs,
    ) -> Result<Option<InForce>, InputError> {
        let files = &sources.files;
        let first = sources.deployments.iter().find_map(|deployment| deployment.files().next());
        let first = first.map_or(NAME, |id| &files.get(files.outermost(id)).name);
        let folder = Path::new(first).parent().unwrap_or(Path::new(""));
        let Some(settings) = self.find(store, folder)? else { return Ok(None) };
        let disk = Disk::default();
        let store = if self.file.is_some() { &disk } else { store };
        let baseline = (self.understand)(&settings)?.baseline.map(|path| {
            let name = name_of(&path);
            let text = store.read(&path, &name).and_then(|bytes| to_text(bytes, &name));
            (name, text)
        });
        Ok(Some(InForce { settings, baseline }))
    }
}

/// The nearest in a folder and those above it, up to the top of the repository.
fn find_nearest(store: &dyn Vfs, folder: &Path) -> Result<Option<Settings>, InputError> {
    for folder in folders_above(folder) {
        let file = folder.join(NAME);
        let name = name_of(&file);
        match store.read(&file, &name) {
            Ok(bytes) => return to_text(bytes, &name).map(|text| Some(Settings { name, text })),
            Err(error) if is_absence(error.problem) => {}
            Err(error) => return Err(error),
        }
        if store.is_top(&folder) {
            break;
        }
    }
    Ok(None)
}

fn is_absence(problem: InputProblem) -> bool {
    matches!(problem, InputProblem::Missing | InputProblem::NotAFile | InputProblem::Outside)
}

/// A folder and those above it, each as seen from here.
fn folders_above(folder: &Path) -> impl Iterator<Item = PathBuf> {
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
