//! A sampler key with a new value for nearly every trace.

use crate::check;
use crate::checks::attributes::plain_name;
use crate::checks::words::words;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;

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

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.samplers().filter_map(|sampler| report(context, sampler)).collect()
}

fn report(context: &CheckContext<'_>, sampler: SamplerAt) -> Option<Finding> {
    let mut names = sampler.spec.sampling_fields().iter();
    let name = names.find(|name| is_many_valued(plain_name(name)))?;
    let place = context.element(sampler.value("FieldList"), name);
    let message = format!("`{name}` may have a new value for nearly every trace");
    Some(
        Finding::new(&HIGH_CARDINALITY_KEY, message)
            .help(format!("remove `{name}`, or use a field with few values"))
            .at_some(place, "keeps nearly every trace, whatever the goal"),
    )
}

/// What is named by an ID of its own for nearly every trace.
const IDENTIFIED: [&str; 40] = [
    "activity",
    "batch",
    "cart",
    "checkout",
    "connection",
    "conversation",
    "correlation",
    "device",
    "enduser",
    "event",
    "execution",
    "idempotency",
    "invocation",
    "invoice",
    "job",
    "message",
    "msg",
    "order",
    "parent",
    "payment",
    "purchase",
    "req",
    "request",
    "run",
    "session",
    "shipment",
    "span",
    "task",
    "ticket",
    "trace",
    "transaction",
    "tx",
    "txn",
    "upload",
    "user",
    "visit",
    "visitor",
    "workflow",
    "xray",
    "amzn",
];

/// Whose address or port differs between nearly all callers.
const CALLERS: [&str; 10] = [
    "client",
    "remote",
    "source",
    "forwarded",
    "caller",
    "visitor",
    "user",
    "enduser",
    "request",
    "peer",
];

/// What has a time of its own, or a duration.
const TIMED: [&str; 11] = [
    "start",
    "end",
    "begin",
    "created",
    "updated",
    "received",
    "sent",
    "event",
    "request",
    "response",
    "processing",
];

/// What is numbered.
const NUMBERED: [&str; 7] =
    ["order", "invoice", "ticket", "tracking", "sequence", "confirmation", "transaction"];

/// Names without a recognisable last word.
const OTHERS: [&str; 24] = [
    "http.target",
    "http.path",
    "request.path",
    "path",
    "url.path",
    "url.query",
    "http.query",
    "request.query",
    "query",
    "query_string",
    "sql.query",
    "db.sql",
    "db.statement",
    "db.query.text",
    "graphql.document",
    "exception.message",
    "exception.stacktrace",
    "exception.stack_trace",
    "error.stack",
    "messaging.kafka.message.offset",
    "messaging.kafka.offset",
    "messaging.kafka.message.key",
    "http.request.header.x-forwarded-for",
    "http.request.header.referer",
];

/// Units of durations.
const UNITS: [&str; 13] = [
    "ms",
    "us",
    "ns",
    "s",
    "sec",
    "secs",
    "seconds",
    "millis",
    "milliseconds",
    "micros",
    "microseconds",
    "nanos",
    "nanoseconds",
];

/// Whether, by its words, a field has a value of its own for nearly every trace.
fn is_many_valued(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((last, before)) = words.split_last() else { return false };
    let has = |list: &[&str]| before.iter().any(|word| list.contains(word));
    let is_url = || before.is_empty() || has(&["http", "request", "req", "page", "full"]);
    let is_time = || has(&TIMED);
    let is_unit = |word: &&&str| UNITS.contains(word);
    // A class or a bucket of durations has few values.
    let is_duration = words
        .iter()
        .rev()
        .find(|word| !is_unit(word))
        .is_some_and(|word| ["duration", "latency", "elapsed"].contains(word));
    OTHERS.contains(&name)
        || is_duration
        || words.iter().any(|word| ["uuid", "guid", "ulid", "stacktrace"].contains(word))
        || match *last {
            "id" => before.last().is_some_and(|word| IDENTIFIED.contains(word)),
            "number" | "no" => has(&NUMBERED),
            "url" | "uri" => is_url(),
            "full" | "original" | "raw" => before.ends_with(&["url"]),
            "timestamp" | "nanos" | "email" | "phone" | "nonce" | "token" | "traceparent" => true,
            "time" | "at" => is_time() || before.is_empty() && *last == "time",
            "ms" | "us" | "ns" | "millis" | "micros" => has(&["time", "took"]),
            "address" | "addr" | "ip" | "port" => has(&CALLERS),
            "length" | "size" | "bytes" => has(&["content", "body", "payload", "response"]),
            word => word.strip_suffix("id").is_some_and(|rest| IDENTIFIED.contains(&rest)),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_a_value_for_each_trace_are_recognised() {
        for name in [
            "request_id",
            "app.requestId",
            "trace.trace_id",
            "X-Correlation-ID",
            "orderId",
            "http.url",
            "url.full",
            "http.target",
            "url.path",
            "duration_ms",
            "http.server.duration",
            "start_time",
            "created_at",
            "Timestamp",
            "session.uuid",
            "user.email",
            "client.address",
            "net.peer.port",
            "http.response_content_length",
            "requestid",
            "span.id",
            "celery.task_id",
            "order_number",
            "csrf.token",
            "http.request.header.traceparent",
            "elapsed_seconds",
            "request.path",
        ] {
            assert!(is_many_valued(name), "{name}");
        }
    }

    #[test]
    fn fields_with_few_values_are_not() {
        for name in [
            "service.name",
            "http.route",
            "http.status_code",
            "customer_id",
            "tenant.id",
            "cloud.account.id",
            "server.port",
            "db.url",
            "request.method",
            "request.route",
            "operation_id",
            "client_id",
            "response.status_code",
            "valid",
            "status_code",
            "name",
            "user.plan",
            "trace.sampled",
            "k8s.pod.ip",
            "timeout_ms",
            "duration_bucket",
            "app.duration.range",
            "event_type_id",
            "device.model.id",
            "span_kind_id",
            "part_number",
            "gen_ai.usage.input_tokens",
        ] {
            assert!(!is_many_valued(name), "{name}");
        }
    }
}
