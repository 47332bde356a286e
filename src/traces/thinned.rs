//! What a recording was thinned for, as its first line says.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a sampler asks of recorded traces, and so what is left of thinned ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// By the names of fields, without `root.`.
    pub fields: BTreeMap<String, Asked>,
    /// Whether it may ask for any field, such as by a path with wildcards.
    #[serde(default, skip_serializing_if = "is_false")]
    pub any_field: bool,
}

/// What a sampler asks of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the first line")]
pub struct Asked {
    /// Only in root spans.
    #[serde(default, skip_serializing_if = "is_false")]
    pub root_only: bool,
    /// The values stay as they are.
    #[serde(default, skip_serializing_if = "is_false")]
    pub as_is: bool,
    /// Equal values stay equal, for a key.
    #[serde(default, skip_serializing_if = "is_false")]
    pub equality: bool,
    /// Numbers stay as they are, because they are ordered.
    #[serde(default, skip_serializing_if = "is_false")]
    pub numbers: bool,
    /// The results of these comparisons stay the same.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub comparisons: BTreeSet<String>,
}

/// A field of which a thinned recording does not answer everything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lacking {
    pub field: String,
    pub why: Lack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    LeftOut,
    OnlyInRoot,
    Changed,
}

/// The first line of a thinned recording.
#[derive(Serialize, Deserialize)]
struct Header {
    thinned_for: Questions,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Questions {
    /// What a recording answers that was not thinned.
    pub fn all() -> Self {
        Self { any_field: true, ..Self::default() }
    }

    /// Reads the first line of a recording: `None` if it is something else.
    ///
    /// # Errors
    /// It does not say what the recording was thinned for.
    pub fn read(line: &str) -> Option<Result<Self, serde_json::Error>> {
        // Anything else need not be parsed twice.
        let is_header = line.trim_start().strip_prefix('{')?.trim_start();
        let is_header = is_header.starts_with("\"thinned_for\"");
        is_header.then(|| serde_json::from_str(line).map(|Header { thinned_for }| thinned_for))
    }

    /// The first line of a recording that answers this.
    pub fn line(self) -> String {
        // A mapping with strings as keys is always valid.
        serde_json::to_string(&Header { thinned_for: self }).unwrap_or_default()
    }

    /// The fields of which a recording that answers `self` does not answer everything that is asked.
    pub fn lacking(&self, asked: &Self) -> Vec<Lacking> {
        if self.any_field {
            return Vec::new();
        }
        let any = asked.any_field.then(|| Lacking { field: "*".to_owned(), why: Lack::LeftOut });
        let one = |(name, asked): (&String, &Asked)| {
            let why = match self.fields.get(name) {
                None => Some(Lack::LeftOut),
                Some(known) => known.lack(asked),
            };
            Some(Lacking { field: name.clone(), why: why? })
        };
        any.into_iter().chain(asked.fields.iter().filter_map(one)).collect()
    }

    /// What a recording answers after it was thinned for `asked`.
    #[must_use]
    pub fn thinned(&self, asked: Self) -> Self {
        if self.any_field {
            return asked;
        }
        let mut fields = asked.fields;
        fields.retain(|name, _| self.fields.contains_key(name));
        for (name, field) in &mut fields {
            if let Some(known) = self.fields.get(name) {
                field.limit(known);
            }
        }
        Self { fields, any_field: false }
    }
}

impl Asked {
    fn lack(&self, asked: &Self) -> Option<Lack> {
        if self.root_only && !asked.root_only {
            return Some(Lack::OnlyInRoot);
        }
        let is_answered = self.as_is
            || !asked.as_is
                && (self.equality || !asked.equality)
                && (self.numbers || !asked.numbers)
                && asked.comparisons.is_subset(&self.comparisons);
        (!is_answered).then_some(Lack::Changed)
    }

    fn limit(&mut self, known: &Self) {
        self.root_only |= known.root_only;
        if !known.as_is {
            self.as_is = false;
            self.equality &= known.equality;
            self.numbers &= known.numbers;
            self.comparisons.retain(|comparison| known.comparisons.contains(comparison));
        }
    }
}

impl Lack {
    /// For reports that programs read.
    pub fn word(self) -> &'static str {
        match self {
            Self::LeftOut => "left-out",
            Self::OnlyInRoot => "only-in-root-spans",
            Self::Changed => "values-changed",
        }
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match self.why {
            Lack::LeftOut if field == "*" => {
                write!(f, "wildcard paths need every field, and some were left out")
            }
            Lack::LeftOut => write!(f, "`{field}` was left out"),
            Lack::OnlyInRoot => write!(f, "`{field}` was kept only in root spans"),
            Lack::Changed => write!(f, "values of `{field}` were replaced"),
        }
    }
}

/// What is missing, in one line.
pub fn lacking_text<'l>(lacking: impl IntoIterator<Item = &'l Lacking>) -> String {
    let all: Vec<String> = lacking.into_iter().map(ToString::to_string).collect();
    format!("thinned for other rules: {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions(fields: &[(&str, Asked)]) -> Questions {
        let fields = fields.iter().map(|(name, asked)| ((*name).to_owned(), asked.clone()));
        Questions { fields: fields.collect(), any_field: false }
    }

    fn comparing(comparison: &str) -> Asked {
        Asked { comparisons: BTreeSet::from([comparison.to_owned()]), ..Asked::default() }
    }

    #[test]
    fn names_what_was_not_asked_before() {
        let numbers = Asked { numbers: true, ..Asked::default() };
        let root = Asked { root_only: true, as_is: true, ..Asked::default() };
        let key = Asked { equality: true, ..Asked::default() };
        let known = questions(&[
            ("a", comparing("= 1")),
            ("n", numbers.clone()),
            ("r", root.clone()),
            ("k", key.clone()),
        ]);
        let lacks = |name: &str, asked: &Asked| {
            let found = known.lacking(&questions(&[(name, asked.clone())]));
            found.first().map(|lacking| lacking.why)
        };
        assert_eq!(lacks("a", &comparing("= 1")), None);
        assert_eq!(lacks("a", &comparing("= 2")), Some(Lack::Changed));
        assert_eq!(lacks("a", &key), Some(Lack::Changed));
        assert_eq!(lacks("b", &Asked::default()), Some(Lack::LeftOut));
        assert_eq!(lacks("n", &numbers), None);
        assert_eq!(lacks("k", &key), None);
        assert_eq!(lacks("k", &numbers), Some(Lack::Changed));
        assert_eq!(lacks("r", &root), None);
        assert_eq!(lacks("r", &comparing("= 1")), Some(Lack::OnlyInRoot));
        let any = Questions { any_field: true, ..Questions::default() };
        assert_eq!(known.lacking(&any).len(), 1);
        assert_eq!(any.lacking(&known), []);
    }

    #[test]
    fn thinning_again_adds_no_answers() {
        let key = Asked { equality: true, root_only: true, ..Asked::default() };
        let known = questions(&[("a", comparing("= 1")), ("k", key.clone())]);
        let asked = questions(&[
            ("a", Asked { as_is: true, ..comparing("= 2") }),
            ("b", Asked::default()),
            ("k", Asked { root_only: false, ..key.clone() }),
        ]);
        let expected = questions(&[("a", Asked::default()), ("k", key)]);
        assert_eq!(known.thinned(asked.clone()), expected);
        let any = Questions { any_field: true, ..Questions::default() };
        assert_eq!(any.thinned(asked.clone()), asked);
    }

    #[test]
    fn the_first_line_is_read_again() {
        let written = questions(&[("a", comparing("= 1")), ("b", Asked::default())]);
        let line = written.clone().line();
        assert_eq!(line, r#"{"thinned_for":{"fields":{"a":{"comparisons":["= 1"]},"b":{}}}}"#);
        assert_eq!(Questions::read(&line).unwrap().unwrap(), written);
        assert!(Questions::read("{ \"thinned_for\": 5}").unwrap().is_err());
        assert!(Questions::read("{\"id\":\"thinned_for\"}").is_none());
    }
}
