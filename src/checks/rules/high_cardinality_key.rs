//! A sampler key with a new value for nearly every trace.

use crate::check;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;
use crate::engine::key_fields::ROOT_PREFIX;

check!(
    HIGH_CARDINALITY_KEY,
    "rules/high-cardinality-key",
    Warning,
    "a key field may have a new value for nearly every trace, so nearly all are kept",
    "A dynamic sampler keeps at least one trace per key and interval. If nearly every trace has \
     its own key, nearly all are kept and the goal is ignored.",
    "Use fields with few values, such as the service, the route or the status code.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    EMADynamicSampler:
      GoalSampleRate: 20
      FieldList:
        - service.name
        - http.url
",
    change: "http.url" => "http.route",
);

register!(find);

/// Fields that identify single requests, by convention of OpenTelemetry, Honeycomb or many
/// services.
const MANY_VALUED: [&str; 30] = [
    "trace.trace_id",
    "trace.span_id",
    "trace.parent_id",
    "trace_id",
    "span_id",
    "traceId",
    "spanId",
    "request_id",
    "request.id",
    "requestId",
    "http.request_id",
    "http.request.id",
    "correlation_id",
    "correlation.id",
    "session_id",
    "session.id",
    "user_id",
    "user.id",
    "enduser.id",
    "url.full",
    "url.query",
    "http.url",
    "http.target",
    "request.url",
    "request.query",
    "duration_ms",
    "timestamp",
    "Timestamp",
    "db.statement",
    "db.query.text",
];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    let mut names = sampler.spec.sampling_fields().iter();
    let is_many_valued = |name: &&String| {
        let plain = name.strip_prefix(ROOT_PREFIX).unwrap_or(name);
        MANY_VALUED.contains(&plain)
    };
    let name = names.find(is_many_valued)?;
    let message = format!("`{name}` may have a new value for nearly every trace");
    Some(
        Finding::new(&HIGH_CARDINALITY_KEY, message)
            .help(format!("remove `{name}`, or use a field with few values"))
            .at_some(sampler.value("FieldList"), "a new key for nearly every trace"),
    )
}
