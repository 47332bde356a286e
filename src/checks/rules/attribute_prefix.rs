//! A field name with a prefix that Refinery never adds.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::engine::key_fields::ROOT_PREFIX;

check!(
    ATTRIBUTE_PREFIX,
    "rules/attribute-prefix",
    Warning,
    "field name has a prefix that attributes do not have in Refinery",
    "Resource, scope and span attributes become fields under their own names: `service.name`, not \
     `resource.service.name`.",
    "Remove the prefix.",
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

/// Prefixes by which other tools say where an attribute comes from.
const PREFIXES: [&str; 7] = [
    "resource.attributes.",
    "span.attributes.",
    "resourceAttributes.",
    "spanAttributes.",
    "attributes.",
    "resource.",
    "span.",
];

/// Namespaces of OpenTelemetry's semantic conventions.
const ROOTS: [&str; 17] = [
    "service.",
    "http.",
    "url.",
    "k8s.",
    "cloud.",
    "host.",
    "db.",
    "rpc.",
    "messaging.",
    "deployment.",
    "container.",
    "process.",
    "telemetry.",
    "server.",
    "client.",
    "network.",
    "user_agent.",
];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let names = context.names().into_iter();
    let found = names.filter_map(|(name, span)| {
        let plain = name.strip_prefix(ROOT_PREFIX).unwrap_or(&name);
        let attribute = without_prefix(plain)?;
        let message = format!("no span has a field `{plain}`: attribute names have no prefix");
        let finding = Finding::new(&ATTRIBUTE_PREFIX, message)
            .help(format!("write `{attribute}`"))
            .at_some(span, "remove the prefix");
        Some(finding)
    });
    found.collect()
}

fn without_prefix(name: &str) -> Option<&str> {
    let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
    let is_attribute = |name: &&str| ROOTS.iter().any(|root| name.starts_with(root));
    bare.filter(is_attribute).or_else(|| {
        let start = ["attributes[", "resource.attributes[", "span.attributes["];
        let inner = start.iter().find_map(|start| name.strip_prefix(start))?;
        inner.strip_suffix(']').map(|inner| inner.trim_matches(['"', '\'']))
    })
}
