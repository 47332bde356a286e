//! A rule for traces with more spans than Refinery collects.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::convert::to_float;
use crate::engine::key_fields::COMPUTED_PREFIX;

check!(
    DESCENDANTS_ABOVE_SPAN_LIMIT,
    "rules/descendants-above-span-limit",
    Warning,
    "a rule waits for more spans than `SpanLimit` allows",
    "Refinery decides a trace as soon as it has more spans than `Traces.SpanLimit`. A \
     condition on a larger `?.NUM_DESCENDANTS` does not match."
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let Some(key) = context.known("Traces", "SpanLimit") else { return Vec::new() };
    let limit = context.stage.number("Traces", "SpanLimit");
    // Older releases have no default, and no limit then.
    if limit <= 0 {
        return Vec::new();
    }
    let above = context.conditions().filter(|condition| exceeds(*condition, limit));
    let report = |condition: ConditionAt| {
        let value = &condition.spec.value;
        let message = format!("no trace has {value} spans: `SpanLimit` is {limit}");
        let finding = Finding::new(&DESCENDANTS_ABOVE_SPAN_LIMIT, message)
            .help(format!("use a number below {limit}, or raise `Traces.SpanLimit`"))
            .at_some(condition.value("Value"), "more spans than Refinery collects");
        finding.at_some(key.setting.span(), "the limit")
    };
    above.map(report).collect()
}

/// Whether it needs more spans than the first one above the limit.
fn exceeds(condition: ConditionAt, limit: i128) -> bool {
    let counts = condition.spec.fields.is_empty()
        && condition.spec.field.strip_prefix(COMPUTED_PREFIX) == Some("NUM_DESCENDANTS");
    let more = if condition.has_operator(&[">"]) { 1.0 } else { 0.0 };
    let value = &condition.spec.value;
    let wanted = match value {
        Value::List(items) if condition.has_operator(&["in"]) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    #[allow(clippy::cast_precision_loss, reason = "a number of spans")]
    let most = limit as f64 + 1.0;
    counts
        && condition.has_operator(&[">", ">=", "=", "in"])
        && wanted.iter().all(|value| to_float(value).is_some_and(|wanted| wanted + more > most))
}
