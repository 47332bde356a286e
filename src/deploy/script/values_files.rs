//! The values files with which a command installs the Refinery chart.

use super::contexts;
use crate::deploy::CHART_FILE;
use crate::deploy::chart_templates::{is_own, mentions_refinery};
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::loader::Loader;
use crate::vfs::path::join;

/// Characters of paths that only the shell knows.
const UNCLEAR: [char; 8] = ['$', '*', '<', '(', '`', ':', '{', '%'];

/// The values files that a command names.
#[derive(Default)]
pub struct ValuesFiles {
    /// Those that are there, as files of this run.
    pub found: Vec<String>,
    /// Those that are not, as written.
    pub missing: Vec<String>,
}

/// Finds the values files of a command in a file, in the current folder `folder`. Paths outside of the
/// repository and with variables are left out.
pub fn find(words: &[String], file: &str, folder: &str, loader: &Loader<'_>) -> ValuesFiles {
    let folders = contexts(file, folder);
    let installs_refinery = |word: &str| {
        let mut charts = folders.iter().map(|folder| join(folder, word));
        let is_about = |folder: &String| {
            let text = loader.peek(&join(folder, CHART_FILE)).ok().flatten();
            text.is_some_and(|text| text.contains("name: refinery"))
                || is_own(folder, loader) && mentions_refinery(folder, loader)
        };
        word.ends_with("/refinery") || word.contains('/') && charts.any(|it| is_about(&it))
    };
    let command = HelmCommand::of_chart(words, &installs_refinery);
    let mut files = ValuesFiles::default();
    for name in command.into_iter().flat_map(|command| command.values) {
        if name.is_empty() || name.starts_with(['/', '-', '~']) || name.contains(UNCLEAR) {
            continue;
        }
        let paths: Vec<String> = folders.iter().map(|folder| join(folder, &name)).collect();
        match paths.iter().find(|path| !matches!(loader.peek(path), Ok(None))) {
            Some(path) => files.found.push(path.clone()),
            None if paths.iter().any(|path| loader.is_ignored(path)) => {}
            None => files.missing.push(name),
        }
    }
    files
}
