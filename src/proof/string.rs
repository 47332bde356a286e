//! Finds strings that predicates treat in a certain way.

use super::analysis::STEPS_OF_QUESTION;
use super::budget::Budget;
use super::value::{Domain, Found, Requirements, find};
use crate::engine::Value;
use crate::engine::predicate::Predicate;

/// A string for which predicates have these results, if one is found.
pub fn find_string(wanted: &[(&Predicate, bool)]) -> Option<String> {
    let exists = (&Predicate::Exists, true);
    let requirements = Requirements::of(wanted.iter().copied().chain([exists]));
    match find(Domain::Nested, &requirements, &mut Budget::new(STEPS_OF_QUESTION)) {
        Found::Value(Value::Text(text)) => Some(text),
        _ => None,
    }
}
