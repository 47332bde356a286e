//! A field name with a prefix that Refinery never adds.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::attributes::{is_conventional, is_defined, plain_name};
use crate::diagnostic::Finding;
use crate::engine::key_fields::ROOT_PREFIX;

check!(
    ATTRIBUTE_PREFIX,
    "rules/attribute-prefix",
    Warning,
    "field name that no span has, such as one with the prefix of another tool",
    "Resource, scope and span attributes become fields under their own names: `service.name`, not \
     `resource.service.name`. The status of a span is `status_code`. Only the prefix `root.` has a \
     meaning.",
    "Use the name that the field has in Refinery.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep the shop
          SampleRate: 1
          Conditions:
            - Field: resource.service.name
              Operator: \"=\"
              Value: shop
",
    change: "resource.service.name" => "service.name",
);

register!(find);

/// Prefixes by which other tools say where an attribute comes from; no attribute starts with them.
const FOREIGN: [&str; 14] = [
    "resource.attributes.",
    "resource_attributes.",
    "resourceAttributes.",
    "ResourceAttributes.",
    "resource.attr.",
    "span.attributes.",
    "span_attributes.",
    "spanAttributes.",
    "SpanAttributes.",
    "span.attr.",
    "scope.attributes.",
    "trace.attributes.",
    "attributes.resource.",
    "attributes.span.",
];

/// The same, but an attribute may start with them if it is not one of OpenTelemetry's.
const AMBIGUOUS: [&str; 13] = [
    "attributes.",
    "attribute.",
    "attrs.",
    "attr.",
    "resource.",
    "span.",
    "scope.",
    "trace.",
    "event.",
    "tags.",
    "tag.",
    "labels.",
    "fields.",
];

/// Other spellings of the prefix of fields of the root span.
const ROOTS: [&str; 9] = [
    "Root.",
    "ROOT.",
    "root_span.",
    "rootSpan.",
    "rootspan.",
    "root-span.",
    "trace.root.",
    "root/",
    "root:",
];

/// Names that other tools use for fields with other names in Refinery.
const RENAMED: [(&str, &str); 27] = [
    ("SpanKind", "span.kind"),
    ("SpanName", "name"),
    ("StatusCode", "status_code"),
    ("instrumentation_scope.name", "library.name"),
    ("instrumentation_scope.version", "library.version"),
    ("otel.status_code", "status_code"),
    ("otel.status_description", "status_message"),
    ("parentSpanId", "trace.parent_id"),
    ("parent_span_id", "trace.parent_id"),
    ("resource.service_name", "service.name"),
    ("scope.name", "library.name"),
    ("scope.version", "library.version"),
    ("span.duration", "duration_ms"),
    ("span.duration_ms", "duration_ms"),
    ("span.error", "error"),
    ("span.name", "name"),
    ("span.parent_id", "trace.parent_id"),
    ("span.status", "status_code"),
    ("span.status.code", "status_code"),
    ("span.status.message", "status_message"),
    ("span.status_code", "status_code"),
    ("span.status_message", "status_message"),
    ("span_kind", "span.kind"),
    ("status.code", "status_code"),
    ("status.message", "status_message"),
    ("trace.duration_ms", "root.duration_ms"),
    ("trace.parent_span_id", "trace.parent_id"),
];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let names = context.names().into_iter();
    let found = names.filter_map(|(name, span)| {
        let (message, right) = problem(&name)?;
        Some(
            Finding::new(&ATTRIBUTE_PREFIX, message)
                .help(format!("write `{right}`"))
                .at_some(span, "no span has this field"),
        )
    });
    found.collect()
}

/// The fault of a name, and the right name.
fn problem(name: &str) -> Option<(String, String)> {
    if let Some(bare) = ROOTS.iter().find_map(|root| name.strip_prefix(root)) {
        let message = format!("`{name}` is not a field of the root span: the prefix is `root.`");
        return Some((message, format!("{ROOT_PREFIX}{bare}")));
    }
    let (root, plain) = match name.strip_prefix(ROOT_PREFIX) {
        Some(plain) => (ROOT_PREFIX, plain),
        None => ("", name),
    };
    if let Some((_, right)) = RENAMED.iter().find(|(wrong, _)| *wrong == plain) {
        let message = format!("no span has a field `{plain}`: its name is `{right}`");
        return Some((message, format!("{root}{}", plain_name(right))));
    }
    let attribute = without_prefix(plain)?;
    let message = format!("no span has a field `{plain}`: attribute names have no prefix");
    Some((message, format!("{root}{attribute}")))
}

fn without_prefix(name: &str) -> Option<&str> {
    let foreign = FOREIGN.iter().find_map(|prefix| name.strip_prefix(prefix));
    let ambiguous = AMBIGUOUS.iter().find_map(|prefix| name.strip_prefix(prefix));
    // Many fields of other origin end in a word such as `name` or `error`.
    let is_attribute = |rest: &&str| rest.contains('.') && is_conventional(rest);
    let ambiguous = ambiguous.filter(|rest| is_attribute(rest) && !is_defined(name));
    let bare = foreign.or(ambiguous).filter(|bare| !bare.is_empty());
    bare.or_else(|| {
        let (prefix, rest) = name.split_once('[')?;
        let is_foreign = INDEXED.contains(&prefix);
        let inner = rest.strip_suffix(']').filter(|_| is_foreign)?;
        Some(inner.trim_matches(['"', '\''])).filter(|bare| !bare.is_empty())
    })
}

/// What other tools index by the name of an attribute.
const INDEXED: [&str; 9] = [
    "ResourceAttributes",
    "SpanAttributes",
    "attributes",
    "resource",
    "resource.attributes",
    "span",
    "span.attributes",
    "scope.attributes",
    "tags",
];
