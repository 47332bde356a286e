//! How a sampler uses a field, and a value with which it gets the same results.

use super::hasher::Hasher;
use crate::engine::Value;
use crate::engine::key::key_text;
use crate::engine::path::text_of;
use crate::engine::predicate::{Predicate, Relation};
use crate::engine::spec::ConditionSpec;
use crate::proof::find_string;
use crate::traces::FieldRequirement;
use crate::value::parse_float;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// What is done to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Treatment {
    /// It stays as it is.
    Kept,
    /// Equal values have equal hashes.
    Hashed,
    /// Values for which all conditions have the same results are the same.
    Replaced,
}

/// The spans whose values are in a key. The root span has other texts for some numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOf {
    Spans,
    Root,
    Both,
}

/// How conditions and keys use a field.
#[derive(Debug, Default)]
pub struct FieldUse {
    predicates: Vec<Predicate>,
    known: BTreeSet<String>,
    comparisons: BTreeSet<String>,
    /// Whether conditions test its value, and the text of what a path finds.
    pub is_direct: bool,
    pub is_nested: bool,
    pub is_kept: bool,
    /// In which spans keys have its value, if in any.
    key: Option<KeyOf>,
    /// Strings with certain results of the predicates.
    found: Mutex<HashMap<Vec<bool>, Option<String>>>,
}

impl FieldUse {
    /// Adds the predicate of a condition.
    pub fn add(&mut self, spec: &ConditionSpec, predicate: &Predicate) {
        let ConditionSpec { operator, datatype, value, .. } = spec;
        let is_satisfied = matches!(operator.as_str(), "exists" | "not-exists");
        if !is_satisfied && !orders_numbers(predicate) {
            let comparison = format!("{operator} {} {datatype}", written(value));
            self.comparisons.insert(comparison.trim_end().to_owned());
        }
        if self.known.insert(format!("{operator} {datatype} {value:?} {predicate:?}")) {
            self.predicates.push(predicate.clone());
        }
    }

    /// The requirement, as the first line of a recording states it.
    pub fn requirements(&self, root_only: bool) -> FieldRequirement {
        FieldRequirement {
            root_only,
            as_is: self.is_kept,
            equality: self.key.is_some(),
            numbers: self.compares_numbers(),
            comparisons: self.comparisons.clone(),
        }
    }

    /// Adds the spans of a key.
    pub fn add_key(&mut self, of: KeyOf) {
        let is_other = self.key.is_some_and(|known| known != of);
        self.key = Some(if is_other { KeyOf::Both } else { of });
    }

    /// The value to write instead.
    pub fn replace(&self, value: &Value, hasher: &Hasher) -> (Value, Treatment) {
        let is_word = matches!(value, Value::Null | Value::Bool(_));
        let kept = || (value.clone(), Treatment::Kept);
        if self.is_kept || is_word || *value == Value::Text(String::new()) {
            return kept();
        }
        if let Some(key) = self.key {
            let text = if key == KeyOf::Root { value.text() } else { key_text(value) };
            return match self.hashed(value, &text, hasher) {
                Some(text) => (Value::Text(text), Treatment::Hashed),
                None => kept(),
            };
        }
        let is_number = match value {
            Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Float32(_) => true,
            Value::Text(text) => parse_float(text).is_ok(),
            _ => false,
        };
        if is_number && self.compares_numbers() {
            return kept();
        }
        match self.string_with(&self.answers(value)) {
            Some(text) => (Value::Text(text), Treatment::Replaced),
            None => kept(),
        }
    }

    /// A hash of the text, within a string with which all conditions have the same results. Depends on
    /// nothing but the text, so that values stay equal if and only if a key counts them as equal.
    fn hashed(&self, value: &Value, text: &str, hasher: &Hasher) -> Option<String> {
        let number = parse_float(text).ok();
        let is_word = matches!(text, "true" | "false" | "<nil>");
        // A root field may have another text for the same number.
        let is_ambiguous = self.key == Some(KeyOf::Both) || self.compares_numbers();
        if is_word || number.is_some() && is_ambiguous {
            return None;
        }
        let plain = Value::Text(text.to_owned());
        let answers = self.answers(value);
        let others = [text.parse().ok().map(Value::Int), number.map(Value::Float), Some(plain)];
        if others.iter().flatten().any(|other| self.answers(other) != answers) {
            return None;
        }
        let token = hasher.token(text);
        if self.has(&token, &answers) {
            return Some(token);
        }
        let around = self.string_with(&answers)?;
        let both = [format!("{around}{token}"), format!("{token}{around}")];
        both.into_iter().find(|text| self.has(text, &answers))
    }

    /// Whether conditions order numbers, so that others may do so with other limits tomorrow.
    fn compares_numbers(&self) -> bool {
        self.predicates.iter().any(orders_numbers)
    }

    /// The result of each predicate for a value that exists.
    fn answers(&self, value: &Value) -> Vec<bool> {
        let nested = self.is_nested.then(|| Value::Text(text_of(value)));
        let direct = self.is_direct.then_some(value);
        let values = direct.into_iter().chain(&nested);
        values.flat_map(|value| self.predicates.iter().map(|p| p.holds(value, true))).collect()
    }

    fn has(&self, text: &str, answers: &[bool]) -> bool {
        self.answers(&Value::Text(text.to_owned())) == answers
    }

    /// A string with these results, if there is one.
    fn string_with(&self, answers: &[bool]) -> Option<String> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = found.get(answers) {
            return known.clone();
        }
        let wanted: Vec<(&Predicate, bool)> =
            self.predicates.iter().zip(answers.iter().copied()).collect();
        let text = find_string(&wanted).filter(|text| self.has(text, answers));
        found.insert(answers.to_vec(), text.clone());
        text
    }
}

fn orders_numbers(predicate: &Predicate) -> bool {
    let orders = |relation: &Relation| !matches!(relation, Relation::Equal | Relation::NotEqual);
    match predicate {
        Predicate::Untyped(relation, Value::Int(_) | Value::Long(_) | Value::Float(_))
        | Predicate::Int(relation, _)
        | Predicate::Float(relation, _) => orders(relation),
        _ => false,
    }
}

/// A value of a condition, with strings in quotes.
fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(", "))
        }
        _ => value.text().into_owned(),
    }
}
