//! What became of every file that a run has seen: nothing passes unchecked, and nothing unsaid.

use crate::vfs::Skip;
use std::collections::BTreeMap;

/// What became of a file that no deployment is checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not Refinery's; why that is thought.
    NotRefinery(String),
    /// A person said that it is not to be checked: where, and for which reason.
    Excluded(Excluded),
}

/// Who has said that a file is not to be checked, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    pub by: String,
    pub reason: String,
}

/// The files and folders that a run has seen, by name. Those that deployments are made of need no
/// entry: the deployments say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: BTreeMap<String, Outcome>,
}

impl Ledger {
    /// A file is not Refinery's.
    pub fn leave(&mut self, name: &str, why: &str) {
        self.entries.entry(name.to_owned()).or_insert_with(|| Outcome::NotRefinery(why.to_owned()));
    }

    /// A folder that was not entered.
    pub fn skip(&mut self, name: &str, skip: Skip) {
        let name = format!("{}/", name.trim_end_matches('/'));
        self.entries.insert(name, Outcome::NotRefinery(skip.reason().to_owned()));
    }

    /// A file is not to be checked.
    pub fn exclude(&mut self, name: &str, excluded: Excluded) {
        self.entries.insert(name.to_owned(), Outcome::Excluded(excluded));
    }

    /// Takes over the entries of another one.
    pub fn absorb(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// The file turned out to be part of a deployment.
    pub fn take(&mut self, name: &str) {
        self.entries.remove(name);
    }

    /// How many files, not folders, are in it.
    pub fn files(&self) -> usize {
        self.entries.keys().filter(|name| !name.ends_with('/')).count()
    }

    /// Who excludes files, and how many; none where nobody does.
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
