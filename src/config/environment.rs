//! The environment variables of Refinery, as far as they are known.
//!
//! Does not read the environment of this process.

use std::collections::{BTreeMap, BTreeSet};

/// The known part of Refinery's environment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    known: BTreeMap<String, String>,
    /// Set to an unknown value.
    unknown: BTreeSet<String>,
    closed: bool,
}

/// What is known about one variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    Set(&'a str),
    Unset,
    Unknown,
}

impl Environment {
    /// `closed`: no variables are set except the known ones.
    pub fn new(known: BTreeMap<String, String>, closed: bool) -> Self {
        Self { known, unknown: BTreeSet::new(), closed }
    }

    /// The same with more variables, including those set to an unknown value. Known variables stay.
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

    /// Whether a variable is certainly set, to any value.
    pub fn is_set(&self, name: &str) -> bool {
        self.known.contains_key(name) || self.unknown.contains(name)
    }

    /// The names of all variables that are certainly set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().chain(&self.unknown).map(String::as_str)
    }

    /// The value of a variable, if known.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_may_have_unknown_values() {
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
