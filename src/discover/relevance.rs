//! Whether a change of a file can change a deployment, by its name and content.
//!
//! Most changes of YAML files in a repository have nothing to do with Refinery. This finds too many
//! changes rather than too few. Files that others refer to matter whatever is in them (`scope`).

use super::candidate::is_suspect;
use crate::deploy::CHART_FILE;
use crate::git::entry::{Entry, Kind};
use crate::git::trees::GitTrees;
use crate::sniff::classify::classify;
use crate::sniff::file_name::{is_candidate, without_template};
use crate::vfs::decode::decode;
use crate::vfs::path::format_of;
use git2::Oid;
use std::cell::RefCell;
use std::collections::HashMap;

/// Caches which contents may matter, because consecutive states share most of their files.
pub struct Relevance<'r> {
    trees: &'r GitTrees<'r>,
    known: RefCell<HashMap<Oid, bool>>,
}

impl<'r> Relevance<'r> {
    pub fn new(trees: &'r GitTrees<'r>) -> Self {
        Self { trees, known: RefCell::default() }
    }

    /// Whether this entry can matter on its own. A file that cannot be read may matter.
    pub fn of(&self, Entry { name, id, kind }: &Entry) -> bool {
        let is_plain =
            *kind == Kind::File && is_candidate(name) && without_template(name).is_none();
        if !is_plain || name == CHART_FILE || is_suspect(name, "") {
            return true;
        }
        if let Some(&known) = self.known.borrow().get(id) {
            return known;
        }
        let matters = self.trees.content(*id).map_or(true, |bytes| {
            let text = decode(bytes, format_of(name)).text;
            // Any file that mentions Refinery may pin its release.
            text.to_ascii_lowercase().contains("refinery")
                || classify(format_of(name), &text).is_some()
                || is_suspect(name, &text)
        });
        self.known.borrow_mut().insert(*id, matters);
        matters
    }
}
