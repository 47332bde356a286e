//! Conditions that hold for spans without their field.
//!
//! Must not make findings.

use super::{ConditionAt, Subject};
use crate::engine::Value;
use crate::engine::predicate::Predicate;
use crate::schema::Quirk;

/// Operators that ask that something is not so.
pub const NEGATIVE: [&str; 4] = ["!=", "not-exists", "does-not-contain", "not-in"];

/// Whether a span without the field fulfils it, though it speaks of the field's value, and nothing
/// else in its rule asks that the field is there.
pub fn holds_without_field(subject: &Subject<'_>, condition: ConditionAt<'_>) -> bool {
    let is_about_a_value = condition.spec.value != Value::Null
        && condition.fields().next().is_some()
        && !condition.has_operator(&["not-exists"]);
    is_about_a_value && holds_missing(subject, condition) && !is_asked_for(subject, condition)
}

/// The answer for a field that is missing.
fn holds_missing(subject: &Subject<'_>, condition: ConditionAt<'_>) -> bool {
    Predicate::new(condition.spec).is_ok_and(|predicate| {
        let is_text = matches!(predicate, Predicate::Text(..));
        predicate.holds(&Value::Null, false)
            && (!is_text || subject.ground.quirks.has(Quirk::AnswersAsNow))
    })
}

/// Whether the span that fulfils it must have the field, by another condition.
fn is_asked_for(subject: &Subject<'_>, condition: ConditionAt<'_>) -> bool {
    let is_one_span = condition.rule.is_of_spans() || condition.is_of_root();
    let asks = |other: ConditionAt<'_>| {
        other.fields().eq(condition.fields())
            && !other.has_operator(&["not-exists"])
            && !holds_missing(subject, other)
    };
    is_one_span && condition.rule.conditions().take(MOST).any(asks)
}

/// As many conditions as one writes in a rule.
const MOST: usize = 100;
