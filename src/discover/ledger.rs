//! Records every file that a run has seen and does not check, so that none goes unreported.

use crate::vfs::Skip;
use std::collections::BTreeMap;

/// Why a file is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not Refinery's; the reason.
    NotRefinery(String),
    /// Settings exclude it.
    Excluded(Excluded),
}

/// The settings that exclude a file, and their reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    pub by: String,
    pub reason: String,
}

/// Files and folders by name. Files of deployments have no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: BTreeMap<String, Outcome>,
}

impl Ledger {
    /// Records a file that is not Refinery's.
    pub fn leave(&mut self, name: &str, why: &str) {
        self.entries.entry(name.to_owned()).or_insert_with(|| Outcome::NotRefinery(why.to_owned()));
    }

    /// Records a folder that was skipped.
    pub fn skip(&mut self, name: &str, skip: Skip) {
        let name = format!("{}/", name.trim_end_matches('/'));
        self.entries.insert(name, Outcome::NotRefinery(skip.reason().to_owned()));
    }

    /// Records an excluded file.
    pub fn exclude(&mut self, name: &str, excluded: Excluded) {
        self.entries.insert(name.to_owned(), Outcome::Excluded(excluded));
    }

    /// Adds the entries of another ledger.
    pub fn absorb(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Removes a file that is part of a deployment after all.
    pub fn take(&mut self, name: &str) {
        self.entries.remove(name);
    }

    /// The number of files, without folders.
    pub fn files(&self) -> usize {
        self.entries.keys().filter(|name| !name.ends_with('/')).count()
    }

    /// The first settings that exclude files, and the number of excluded files.
    pub fn excluded(&self) -> Option<(&str, usize)> {
        let excluded = || {
            self.entries.values().filter_map(|outcome| match outcome {
                Outcome::Excluded(excluded) => Some(excluded.by.as_str()),
                Outcome::NotRefinery(_) => None,
            })
        };
        excluded().next().map(|by| (by, excluded().count()))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.entries.iter().map(|(name, outcome)| (name.as_str(), outcome))
    }
}
