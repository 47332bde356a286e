//! Where a command of a script runs, and whether a file that it names and that does not exist was certainly
//! meant to be in the repository.

use super::mentions::Mentions;
use crate::deploy::loader::Loader;
use crate::deploy::path_pattern::is_searched;
use crate::vfs::path::{join, split, with_parents};

/// Folders with files that other programs make.
const OUTPUTS: [&str; 14] = [
    "build",
    "_build",
    "dist",
    "out",
    "output",
    "rendered",
    "generated",
    "gen",
    "target",
    "tmp",
    "temp",
    "artifacts",
    "artifact",
    "release",
];

/// Where a command runs, as far as its script says.
pub struct Site {
    /// The folder of the script.
    own: String,
    /// The current folder, relative to where the script started.
    folder: String,
    /// Whether the current folder may be outside of the repository.
    is_elsewhere: bool,
    contexts: Vec<String>,
}

impl Site {
    /// The site of a command in a file, in its current folder.
    pub fn of(file: &str, folder: &str, is_elsewhere: bool) -> Self {
        Self {
            own: split(file).0.to_owned(),
            folder: folder.to_owned(),
            is_elsewhere,
            contexts: contexts(file, folder),
        }
    }

    /// The folders where the command may run.
    pub fn contexts(&self) -> &[String] {
        &self.contexts
    }

    /// The existing file or folder that a path means.
    pub fn find(&self, path: &str, loader: &Loader<'_>) -> Option<String> {
        let is_there = |path: &String| {
            loader.is_folder(path) || loader.peek(path).is_ok_and(|text| text.is_some())
        };
        self.contexts.iter().map(|context| join(context, path)).find(is_there)
    }

    /// Whether a file that does not exist is named nearly like one next to it.
    pub fn has_misspelled(&self, path: &str, loader: &Loader<'_>) -> bool {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let (folder, own) = split(path);
        let is_ignored = |context: &String| loader.is_ignored(&join(context, path));
        let has_similar = |context: &String| loader.has_similar(&join(context, folder), own);
        !path.contains(['$', '*', '{', '`'])
            && self.contexts.iter().any(has_similar)
            && !self.contexts.iter().any(is_ignored)
            && self.find(path, loader).is_none()
    }

    /// The existing file or folder that a path means, if the script has changed its folder.
    pub fn find_entered(&self, path: &str, loader: &Loader<'_>) -> Option<String> {
        let is_below = !["", "."].contains(&&*self.folder) && is_plain(path);
        is_below.then(|| self.find(path, loader)).flatten()
    }

    /// Whether what is at a path does not exist, although it was certainly meant to be in the repository: no
    /// command may make it, and there is something with its name, or beside it. `is_beside` says so of
    /// another file.
    pub fn lacks(
        &self,
        path: &str,
        is_beside: bool,
        mentions: &Mentions,
        loader: &Loader<'_>,
    ) -> bool {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let full = join(&self.folder, path);
        let is_ignored =
            || self.contexts.iter().any(|context| loader.is_ignored(&join(context, path)));
        is_plain(path)
            && self.may_have(&full)
            && !mentions.may_make(&full)
            && self.find(path, loader).is_none()
            && !is_ignored()
            && (is_beside || self.expects(path, &full, loader))
    }

    /// The same for a path with variables that no file of the repository can be.
    pub fn lacks_any(&self, path: &str, mentions: &Mentions, loader: &Loader<'_>) -> bool {
        let path = path.trim_start_matches("./");
        let is_known = |name: &&str| is_plain(name) && *name != "..";
        let known: Vec<&str> = path.split('/').take_while(is_known).collect();
        let (folder, own) = (known.join("/"), split(path).1);
        let full = join(&self.folder, &folder);
        let inside = |context: &String| join(context, &folder);
        let is_ignored = |context: &String| loader.is_ignored(&join(&inside(context), own));
        let has_files = |context: &String| !loader.names(&inside(context)).is_empty();
        !folder.is_empty()
            && is_searched(path)
            && self.may_have(&full)
            && !mentions.may_make_one_of(&folder, path)
            && !self.contexts.iter().any(is_ignored)
            && self.contexts.iter().any(has_files)
    }

    /// Whether a path from where the script started is in the repository, and not in a folder for output.
    fn may_have(&self, full: &str) -> bool {
        !self.is_elsewhere
            && !full.split('/').any(|name| OUTPUTS.contains(&name))
            && !join(&self.own, full).starts_with("..")
    }

    /// Whether a missing file was most likely meant to be in the repository, by the folders where the command
    /// may run.
    pub fn expects_any(&self, path: &str, loader: &Loader<'_>) -> bool {
        is_expected(path, &self.contexts, loader)
    }

    /// Whether a missing file was most likely meant to be in the repository.
    fn expects(&self, path: &str, full: &str, loader: &Loader<'_>) -> bool {
        let folder = split(full).0;
        // A folder without files may be that of a submodule.
        let has_files = |context: &String| {
            let folder = join(context, folder);
            loader.is_folder(&folder) && !loader.names(&folder).is_empty()
        };
        let above = contexts(&join(&self.own, "x"), "");
        !folder.is_empty() && above.iter().any(has_files)
            || is_expected(path, &self.contexts, loader) && split(path).0.is_empty()
            || loader.has_anywhere(&self.own, split(path).1)
    }
}

/// Whether a path is relative, and has neither variables nor patterns.
fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with(['/', '~', '-'])
        && !path.contains(['$', '`', '{', '*', '?', '[', '%', ':', '<', '(', ' ', '@'])
}

/// The folders where a command may run whose script is in the current folder `folder`.
pub fn contexts(file: &str, folder: &str) -> Vec<String> {
    let own = split(file).0;
    let above = with_parents(own);
    let above: Vec<&str> = above.collect();
    let inside = above.iter().map(|at| join(at, folder));
    let all = inside.chain(above.iter().map(|&at| at.to_owned()));
    all.filter(|at| !at.starts_with("..")).collect()
}

/// Whether a file that does not exist was most likely meant to be in the repository: its folder is there,
/// or a file of nearly the same name.
pub fn is_expected(path: &str, contexts: &[String], loader: &Loader<'_>) -> bool {
    let (folder, own) = split(path.trim_start_matches("./").trim_end_matches('/'));
    let folders = contexts.iter().map(|context| join(context, folder));
    folders
        .into_iter()
        .any(|at| !folder.is_empty() && loader.is_folder(&at) || loader.has_similar(&at, own))
}
