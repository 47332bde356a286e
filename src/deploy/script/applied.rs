//! Files and folders that commands apply or install and that do not exist, although others of nearly the same
//! name or in the same folder are about Refinery.

use super::mentions::Mentions;
use super::site::Site;
use crate::deploy::chart::local::installs_refinery;
use crate::deploy::folder_commands::applied;
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::loader::{Loader, is_similar};
use crate::deploy::named_map::not_found;
use crate::diagnostic::Finding;
use crate::sniff::file_name::is_about_refinery;
use crate::span::Span;
use crate::vfs::path::{join, split};
use std::rc::Rc;

/// Verbs of `kubectl` that need the files.
const VERBS: [&str; 3] = ["apply", "create", "replace"];

/// What a command applies or installs.
pub struct PendingApplied {
    path: String,
    is_chart: bool,
    place: Span,
    site: Rc<Site>,
}

impl PendingApplied {
    /// The paths that a command names.
    pub fn of(words: &[String], place: Span, site: &Rc<Site>) -> Vec<Self> {
        let pending =
            |path: String, is_chart| Self { path, is_chart, place, site: Rc::clone(site) };
        let has_verb = words.iter().any(|word| VERBS.contains(&word.as_str()) || word == "build");
        let applied = applied(words).into_iter().filter(|_| has_verb);
        let is_path = |word: &str| word.contains('/') && !word.contains("://");
        let charts = HelmCommand::in_words(words, &is_path).into_iter();
        applied
            .map(|path| pending(path, false))
            .chain(charts.map(|command| pending(command.chart, true)))
            .collect()
    }

    /// Whether it is certainly a path: a chart may be one of a repository that the text adds.
    pub fn is_certain(&self, text: &str) -> bool {
        !(self.is_chart && text.contains("repo add"))
    }

    /// Reports it if it certainly does not exist.
    pub fn find_missing(self, mentions: &Mentions, loader: &Loader<'_>) -> Option<Finding> {
        let Self { path, is_chart, place, site } = self;
        let path = path.trim_end_matches('/');
        let (folder, own) = split(path);
        let is_meant = |context: &String| {
            let around = join(context, folder);
            let similar = |name: &String| {
                if is_chart {
                    return installs_refinery(&join(&around, name), loader);
                }
                is_similar(name, own) && is_about_refinery(&format!("{}/", join(&around, name)))
            };
            !folder.is_empty() && loader.names(&around).iter().any(similar)
        };
        let is_missing =
            site.contexts().iter().any(is_meant) && site.lacks(path, false, mentions, loader);
        let what = if is_chart { "chart" } else { "file or folder" };
        is_missing.then(|| not_found(&format!("{what} `{path}`"), Some(place)))
    }
}
