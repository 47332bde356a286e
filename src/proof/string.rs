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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_give_the_results() {
        let parts = ["a", "b", "c"].map(str::to_owned);
        let [a, b, c] = parts;
        let (no_a, b, c) =
            (Predicate::DoesNotContain(a), Predicate::Contains(b), Predicate::StartsWith(c));
        // A missing field would do, too.
        assert!(find_string(&[(&no_a, true)]).is_some());
        assert_eq!(find_string(&[(&no_a, true), (&b, true), (&c, true)]).as_deref(), Some("cb"));
        assert_eq!(find_string(&[(&no_a, false), (&b, false)]).as_deref(), Some("a"));
    }
}
