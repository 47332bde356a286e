//! The environment variables that the engine would see, as far as they are known.
//!
//! Must not read the process's own environment (`source` does, when asked to).

use std::collections::BTreeMap;

/// What is known of the variables.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    known: BTreeMap<String, String>,
    closed: bool,
}

/// What is known of one variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    Set(&'a str),
    Unset,
    Unknown,
}

impl Environment {
    /// `closed` says that no other variables than the known ones exist.
    pub fn new(known: BTreeMap<String, String>, closed: bool) -> Self {
        Self { known, closed }
    }

    /// The same with more variables; what is known already stays.
    #[must_use]
    pub fn with(&self, more: &BTreeMap<String, String>) -> Self {
        let mut known = more.clone();
        known.extend(self.known.clone());
        Self { known, closed: self.closed }
    }

    pub fn look_up(&self, name: &str) -> Lookup<'_> {
        match self.known.get(name) {
            Some(value) => Lookup::Set(value),
            None if self.closed => Lookup::Unset,
            None => Lookup::Unknown,
        }
    }

    /// The names of the variables that are known to be set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// The value of a variable that is known to be set.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }
}
