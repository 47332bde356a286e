//! The values files with which a command installs the Refinery chart.

use super::site::contexts;
use crate::deploy::chart::local;
use crate::deploy::gitops::is_source_of_honeycomb;
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::loader::Loader;
use crate::deploy::path_pattern::find_files;
use crate::sniff::classify::{FileClass, classify};
use crate::sniff::containers::has_version;
use crate::vfs::path::{format_of, join};

/// Characters of paths whose meaning only the shell knows, other than variables.
const UNCLEAR: [char; 5] = ['*', '<', '`', ':', '%'];

/// The values files that a command names.
#[derive(Default)]
pub struct ValuesFiles {
    /// Those that are there, as files of this run.
    pub found: Vec<String>,
    /// Those of them that are certainly values of Honeycomb's own chart.
    pub top: Vec<String>,
    /// Those that are not, as written.
    pub missing: Vec<String>,
    /// Paths with variables that no file of the repository can be.
    pub unmatched: Vec<String>,
}

/// Finds the values files of a command in a file, in the current folder `folder`. Paths outside of the
/// repository are left out, and those with variables may be missing.
pub fn find(words: &[String], file: &str, folder: &str, loader: &Loader<'_>) -> ValuesFiles {
    let folders = contexts(file, folder);
    let is_chart = |word: &str| {
        let mut charts = folders.iter().map(|folder| join(folder, word));
        word.ends_with("/refinery")
            || word.contains('/') && charts.any(|it| local::installs_refinery(&it, loader))
    };
    let commands = HelmCommand::in_words(words, &is_chart);
    let is_top = commands.iter().all(|command| is_source_of_honeycomb(&command.chart));
    let mut files = ValuesFiles::default();
    for name in commands.into_iter().flat_map(|command| command.values) {
        if name.is_empty() || name.starts_with(['/', '-', '~']) || name.contains(UNCLEAR) {
            continue;
        }
        if name.contains(['$', '{', '(']) {
            let mut all = folders.iter().map(|folder| find_files(folder, &name, loader));
            let Some(found) = all.find(|all| !all.is_empty()) else {
                files.unmatched.push(name);
                continue;
            };
            // Other files may match as well.
            let is_ours = |path: &&String| {
                let text = loader.peek(path).ok().flatten();
                let is_half = |text: &str| {
                    matches!(classify(format_of(path), text), Some(FileClass::Refinery(_)))
                };
                text.is_some_and(|text| has_version(&text) && !is_half(&text))
            };
            files.top.extend(found.iter().filter(|_| is_top).filter(is_ours).cloned());
            files.found.extend(found);
            continue;
        }
        let paths: Vec<String> = folders.iter().map(|folder| join(folder, &name)).collect();
        match paths.iter().find(|path| !matches!(loader.peek(path), Ok(None))) {
            Some(path) => {
                files.top.extend(is_top.then(|| path.clone()));
                files.found.push(path.clone());
            }
            None if paths.iter().any(|path| loader.is_ignored(path)) => {}
            None => files.missing.push(name),
        }
    }
    files
}
