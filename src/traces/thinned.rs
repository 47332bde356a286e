//! What a recording was thinned for, as its first line says.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a sampler requires of recorded traces, and so what is left of thinned ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// By the names of fields, without `root.`.
    pub fields: BTreeMap<String, FieldRequirement>,
    /// Whether it may ask for any field, such as by a path with wildcards.
    #[serde(default, skip_serializing_if = "is_false")]
    pub any_field: bool,
}

/// What a sampler requires of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the first line")]
pub struct FieldRequirement {
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

/// A field of which a thinned recording lacks something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingData {
    pub field: String,
    pub why: MissingReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissingReason {
    LeftOut,
    OnlyInRoot,
    Changed,
}

/// The first line of a thinned recording.
#[derive(Serialize, Deserialize)]
struct Header {
    thinned_for: Requirements,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Requirements {
    /// What a recording satisfies that was not thinned.
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

    /// The first line of a recording that satisfies this.
    pub fn line(self) -> String {
        // A mapping with strings as keys is always valid.
        serde_json::to_string(&Header { thinned_for: self }).unwrap_or_default()
    }

    /// The required data that a recording thinned for `self` does not have.
    pub fn missing(&self, required: &Self) -> Vec<MissingData> {
        if self.any_field {
            return Vec::new();
        }
        let any = required
            .any_field
            .then(|| MissingData { field: "*".to_owned(), why: MissingReason::LeftOut });
        let one = |(name, required): (&String, &FieldRequirement)| {
            let why = match self.fields.get(name) {
                None => Some(MissingReason::LeftOut),
                Some(known) => known.missing(required),
            };
            Some(MissingData { field: name.clone(), why: why? })
        };
        any.into_iter().chain(required.fields.iter().filter_map(one)).collect()
    }

    /// What a recording satisfies after it was thinned for `required`.
    #[must_use]
    pub fn thinned(&self, required: Self) -> Self {
        if self.any_field {
            return required;
        }
        let mut fields = required.fields;
        fields.retain(|name, _| self.fields.contains_key(name));
        for (name, field) in &mut fields {
            if let Some(known) = self.fields.get(name) {
                field.limit(known);
            }
        }
        Self { fields, any_field: false }
    }
}

impl FieldRequirement {
    fn missing(&self, required: &Self) -> Option<MissingReason> {
        if self.root_only && !required.root_only {
            return Some(MissingReason::OnlyInRoot);
        }
        let is_satisfied = self.as_is
            || !required.as_is
                && (self.equality || !required.equality)
                && (self.numbers || !required.numbers)
                && required.comparisons.is_subset(&self.comparisons);
        (!is_satisfied).then_some(MissingReason::Changed)
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

impl MissingReason {
    /// For reports that programs read.
    pub fn word(self) -> &'static str {
        match self {
            Self::LeftOut => "left-out",
            Self::OnlyInRoot => "only-in-root-spans",
            Self::Changed => "values-changed",
        }
    }
}

impl fmt::Display for MissingData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match self.why {
            MissingReason::LeftOut if field == "*" => {
                write!(f, "wildcard paths need every field, and some were left out")
            }
            MissingReason::LeftOut => write!(f, "`{field}` was left out"),
            MissingReason::OnlyInRoot => write!(f, "`{field}` was kept only in root spans"),
            MissingReason::Changed => write!(f, "values of `{field}` were replaced"),
        }
    }
}

/// What is missing, in one line.
pub fn missing_text<'l>(missing: impl IntoIterator<Item = &'l MissingData>) -> String {
    let all: Vec<String> = missing.into_iter().map(ToString::to_string).collect();
    format!("thinned for other rules: {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirements(fields: &[(&str, FieldRequirement)]) -> Requirements {
        let fields = fields.iter().map(|(name, required)| ((*name).to_owned(), required.clone()));
        Requirements { fields: fields.collect(), any_field: false }
    }

    fn comparing(comparison: &str) -> FieldRequirement {
        FieldRequirement {
            comparisons: BTreeSet::from([comparison.to_owned()]),
            ..FieldRequirement::default()
        }
    }

    #[test]
    fn names_what_was_not_asked_before() {
        let numbers = FieldRequirement { numbers: true, ..FieldRequirement::default() };
        let root = FieldRequirement { root_only: true, as_is: true, ..FieldRequirement::default() };
        let key = FieldRequirement { equality: true, ..FieldRequirement::default() };
        let known = requirements(&[
            ("a", comparing("= 1")),
            ("n", numbers.clone()),
            ("r", root.clone()),
            ("k", key.clone()),
        ]);
        let lacks = |name: &str, required: &FieldRequirement| {
            let found = known.missing(&requirements(&[(name, required.clone())]));
            found.first().map(|missing| missing.why)
        };
        assert_eq!(lacks("a", &comparing("= 1")), None);
        assert_eq!(lacks("a", &comparing("= 2")), Some(MissingReason::Changed));
        assert_eq!(lacks("a", &key), Some(MissingReason::Changed));
        assert_eq!(lacks("b", &FieldRequirement::default()), Some(MissingReason::LeftOut));
        assert_eq!(lacks("n", &numbers), None);
        assert_eq!(lacks("k", &key), None);
        assert_eq!(lacks("k", &numbers), Some(MissingReason::Changed));
        assert_eq!(lacks("r", &root), None);
        assert_eq!(lacks("r", &comparing("= 1")), Some(MissingReason::OnlyInRoot));
        let any = Requirements { any_field: true, ..Requirements::default() };
        assert_eq!(known.missing(&any).len(), 1);
        assert_eq!(any.missing(&known), []);
    }

    #[test]
    fn thinning_again_adds_no_answers() {
        let key =
            FieldRequirement { equality: true, root_only: true, ..FieldRequirement::default() };
        let known = requirements(&[("a", comparing("= 1")), ("k", key.clone())]);
        let required = requirements(&[
            ("a", FieldRequirement { as_is: true, ..comparing("= 2") }),
            ("b", FieldRequirement::default()),
            ("k", FieldRequirement { root_only: false, ..key.clone() }),
        ]);
        let expected = requirements(&[("a", FieldRequirement::default()), ("k", key)]);
        assert_eq!(known.thinned(required.clone()), expected);
        let any = Requirements { any_field: true, ..Requirements::default() };
        assert_eq!(any.thinned(required.clone()), required);
    }

    #[test]
    fn the_first_line_is_read_again() {
        let written = requirements(&[("a", comparing("= 1")), ("b", FieldRequirement::default())]);
        let line = written.clone().line();
        assert_eq!(line, r#"{"thinned_for":{"fields":{"a":{"comparisons":["= 1"]},"b":{}}}}"#);
        assert_eq!(Requirements::read(&line).unwrap().unwrap(), written);
        assert!(Requirements::read("{ \"thinned_for\": 5}").unwrap().is_err());
        assert!(Requirements::read("{\"id\":\"thinned_for\"}").is_none());
    }
}
