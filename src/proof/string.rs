//! Finds strings that predicates treat in a certain way.

use super::analysis::STEPS_OF_QUESTION;
use super::budget::Budget;
use super::value::{Domain, Found, Literal, find};
use crate::engine::Value;
use crate::engine::predicate::Predicate;

/// A string for which predicates have these results, if one is found.
pub fn find_string(wanted: &[(&Predicate, bool)]) -> Option<String> {
    let exists = (&Predicate::Exists, true);
    let literals = wanted.iter().copied().chain([exists]);
    let literals: Vec<_> =
        literals.map(|(predicate, answer)| Literal { predicate, answer }).collect();
    match find(Domain::Nested, &literals, &mut Budget::new(STEPS_OF_QUESTION)) {
        Found::Value(Value::Text(text)) => Some(text),
        _ => None,
    }
}
