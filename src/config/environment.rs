//! The environment variables that the engine would see, as far as they are known.
//!
//! Must not read the process's own environment (`source` does, when asked to).

use std::collections::{BTreeMap, BTreeSet};

/// What is known of the variables.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    known: BTreeMap<String, String>,
    /// Set to what nobody knows.
    unknown: BTreeSet<String>,
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
        Self { known, unknown: BTreeSet::new(), closed }
    }

    /// The same with more variables, those too that are set to what nobody knows; what is known
    /// already stays.
    #[must_use]
    pub fn with(&self, more: &BTreeMap<String, String>, unknown: &BTreeSet<String>) -> Self {
        let mut known = more.clone();
        known.extend(self.known.clone());
        let unknown = unknown.iter().filter(|name| !known.contains_key(*name)).cloned().collect();
        Self { known, unknown, closed: self.closed }
    }

    pub fn look_up(&self, name: &str) -> Lookup<'_> {
        match self.known.get(name) {
            Some(value) => Lookup::Set(value),
            None if self.closed && !self.is_set(name) => Lookup::Unset,
            None => Lookup::Unknown,
        }
    }

    /// Is a variable known to be set, to whatever?
    pub fn is_set(&self, name: &str) -> bool {
        self.known.contains_key(name) || self.unknown.contains(name)
    }

    /// The names of the variables that are known to be set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().chain(&self.unknown).map(String::as_str)
    }

    /// The value of a variable that is known to be set.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_may_be_set_to_what_nobody_knows() {
        let pair = |name: &str| (name.to_owned(), "x".to_owned());
        for closed in [false, true] {
            let asked = Environment::new([pair("A")].into(), closed);
            let unknown = ["A", "C"].map(str::to_owned).into();
            let all = asked.with(&[pair("B")].into(), &unknown);
            assert_eq!([all.look_up("A"), all.look_up("B")], [Lookup::Set("x"); 2]);
            assert_eq!((all.look_up("C"), all.is_set("C")), (Lookup::Unknown, true));
            let other = if closed { Lookup::Unset } else { Lookup::Unknown };
            assert_eq!((all.look_up("D"), all.is_set("D")), (other, false));
        }
    }
}
