//! A build context: the files that `COPY` and `ADD` can read from a folder, without those that its
//! `.dockerignore` excludes.
//!
//! Must not know instructions.

use super::docker_pattern::{IgnoreRules, Pattern, is_pattern};
use super::mounts::Mounted;
use crate::deploy::loader::Loader;
use crate::vfs::path::{join, split};

/// The maximum number of files of a folder that are found one by one.
const MOST_FILES: usize = 300;

/// A folder and the rules that exclude files of it.
#[derive(Default)]
pub struct Context {
    pub folder: String,
    rules: IgnoreRules,
    /// The file with the rules.
    rules_file: String,
}

/// What a source of `COPY` stands for.
pub enum Source {
    /// A file by its name.
    File(String, Mounted),
    /// All files of a folder by their paths in it; `is_open` if there may be others.
    Folder {
        files: Vec<(String, Mounted)>,
        is_open: bool,
    },
    Unknown,
}

impl Context {
    /// The context of a Dockerfile. A file named after the Dockerfile has precedence.
    pub fn of(folder: &str, dockerfile: &str, loader: &Loader<'_>) -> Self {
        let own = format!("{dockerfile}.dockerignore");
        let podman = split(dockerfile).1.starts_with("Containerfile");
        let podman = podman.then(|| join(folder, ".containerignore"));
        let names = [Some(own), podman, Some(join(folder, ".dockerignore"))];
        for name in names.into_iter().flatten() {
            if let Ok(Some(text)) = loader.peek(&name) {
                let rules = IgnoreRules::read(&text);
                return Self { folder: folder.to_owned(), rules, rules_file: name };
            }
        }
        Self { folder: folder.to_owned(), ..Self::default() }
    }

    /// Another folder, whose own rules are used.
    pub fn named(folder: &str, loader: &Loader<'_>) -> Self {
        Self::of(folder, &join(folder, "Dockerfile"), loader)
    }

    /// The files and folders that a source names. Paths cannot leave the context.
    pub fn sources(&self, written: &str, loader: &Loader<'_>) -> Vec<Source> {
        let path = join("/", written);
        let path = path.trim_start_matches('/');
        if !is_pattern(path) {
            return vec![self.source(path, loader)];
        }
        let Some(paths) = self.matching(path, loader) else { return vec![Source::Unknown] };
        paths.iter().map(|path| self.source(path, loader)).collect()
    }

    /// Whether a source names something that exists, excluded or not.
    pub fn has(&self, written: &str, loader: &Loader<'_>) -> bool {
        let path = join("/", written);
        let path = path.trim_start_matches('/');
        if is_pattern(path) {
            return self.matching(path, loader).is_some_and(|paths| !paths.is_empty());
        }
        is_there(&self.name(path), loader)
    }

    fn name(&self, path: &str) -> String {
        join(&self.folder, path)
    }

    fn source(&self, path: &str, loader: &Loader<'_>) -> Source {
        let name = self.name(path);
        if !loader.is_folder(&name) {
            return Source::File(split(path).1.to_owned(), self.file(path, true));
        }
        let mut files = Vec::new();
        match self.add_files(path, "", &mut files, loader) {
            Some(()) => Source::Folder { files, is_open: false },
            // Too many files: what is excluded is not known.
            None => {
                Source::Folder { files: vec![(String::new(), Mounted::Path(name))], is_open: true }
            }
        }
    }

    fn file(&self, path: &str, is_named: bool) -> Mounted {
        let name = self.name(path);
        if self.rules.excludes(path) {
            return Mounted::Excluded { name, by: self.rules_file.clone(), is_named };
        }
        Mounted::Path(name)
    }

    /// `None` if there are too many files.
    fn add_files(
        &self,
        folder: &str,
        below: &str,
        files: &mut Vec<(String, Mounted)>,
        loader: &Loader<'_>,
    ) -> Option<()> {
        for name in loader.names(&self.name(folder)) {
            let (path, rest) = (join(folder, &name), join(below, &name));
            if name == ".git" {
                continue;
            }
            if loader.is_folder(&self.name(&path)) {
                self.add_files(&path, &rest, files, loader)?;
            } else {
                files.push((rest, self.file(&path, false)));
            }
            (files.len() <= MOST_FILES).then_some(())?;
        }
        Some(())
    }

    /// The paths that match a pattern; `None` if Docker rejects it.
    fn matching(&self, pattern: &str, loader: &Loader<'_>) -> Option<Vec<String>> {
        let mut found = vec![String::new()];
        for part in pattern.split('/') {
            let part = Pattern::new(part)?;
            let below = found.iter().flat_map(|folder| {
                let names = loader.names(&self.name(folder)).into_iter();
                names.filter(|name| part.matches(name)).map(|name| join(folder, &name))
            });
            found = below.take(MOST_FILES).collect();
        }
        Some(found)
    }
}

/// Whether a file or folder exists.
fn is_there(name: &str, loader: &Loader<'_>) -> bool {
    let (folder, name) = split(name);
    name.is_empty() || loader.names(folder).iter().any(|known| known == name)
}
