//! Conditions that match spans without their field.

use super::{CheckContext, ConditionAt};
use crate::engine::Value;
use crate::engine::predicate::Predicate;
use crate::schema::Quirk;

/// Negative operators.
pub const NEGATIVE: [&str; 4] = ["!=", "not-exists", "does-not-contain", "not-in"];

/// Whether a span without the field matches although the condition tests the field's value, and no
/// other condition of the rule requires the field.
pub fn matches_without_field(context: &CheckContext<'_>, condition: ConditionAt<'_>) -> bool {
    let tests_value = condition.spec.value != Value::Null
        && condition.fields().next().is_some()
        && !condition.has_operator(&["not-exists"]);
    tests_value && matches_missing_field(context, condition) && !is_required(context, condition)
}

/// Whether the condition matches when the field is missing.
pub fn matches_missing_field(context: &CheckContext<'_>, condition: ConditionAt<'_>) -> bool {
    Predicate::new(condition.spec).is_ok_and(|predicate| {
        let is_text = matches!(predicate, Predicate::Text(..));
        predicate.holds(&Value::Null, false)
            && (!is_text || context.stage.quirks.has(Quirk::AnswersAsNow))
    })
}

/// Whether another condition requires the field of the same span.
fn is_required(context: &CheckContext<'_>, condition: ConditionAt<'_>) -> bool {
    let is_one_span = condition.rule.has_span_scope() || condition.tests_root();
    let asks = |other: ConditionAt<'_>| {
        other.fields().eq(condition.fields())
            && !other.has_operator(&["not-exists"])
            && !matches_missing_field(context, other)
    };
    is_one_span && condition.rule.conditions().take(MAX).any(asks)
}

/// Conditions compared per rule; bounds the time.
const MAX: usize = 100;
