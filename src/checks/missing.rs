//! Conditions that match spans without their field.

use super::{CheckContext, ConditionAt};
use crate::engine::Value;
use crate::engine::predicate::Predicate;
use crate::schema::Quirk;

/// Negative operators.
pub const NEGATIVE: [&str; 4] = ["!=", "not-exists", "does-not-contain", "not-in"];

/// Whether a span without the field matches although the condition tests the field's value, and no
/// other condition of the rule requires the field.
pub fn holds_without_field(context: &CheckContext<'_>, condition: ConditionAt<'_>) -> bool {
    let is_about_a_value = condition.spec.value != Value::Null
        && condition.fields().next().is_some()
        && !condition.has_operator(&["not-exists"]);
    is_about_a_value && holds_missing(context, condition) && !is_asked_for(context, condition)
}

/// Whether the condition matches when the field is missing.
fn holds_missing(context: &CheckContext<'_>, condition: ConditionAt<'_>) -> bool {
    Predicate::new(condition.spec).is_ok_and(|predicate| {
        let is_text = matches!(predicate, Predicate::Text(..));
        predicate.holds(&Value::Null, false)
            && (!is_text || context.stage.quirks.has(Quirk::AnswersAsNow))
    })
}

/// Whether another condition requires the field of the same span.
fn is_asked_for(context: &CheckContext<'_>, condition: ConditionAt<'_>) -> bool {
    let is_one_span = condition.rule.is_of_spans() || condition.is_of_root();
    let asks = |other: ConditionAt<'_>| {
        other.fields().eq(condition.fields())
            && !other.has_operator(&["not-exists"])
            && !holds_missing(context, other)
    };
    is_one_span && condition.rule.conditions().take(MAX).any(asks)
}

/// Conditions compared per rule; bounds the time.
const MAX: usize = 100;
