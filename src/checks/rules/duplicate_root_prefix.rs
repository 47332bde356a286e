//! A field name with a duplicate `root.` prefix.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    DUPLICATE_ROOT_PREFIX,
    "rules/duplicate-root-prefix",
    Warning,
    "field name has the prefix `root.` twice",
    "The first `root.` selects the root span, and the second is part of the field name, which \
     hardly any span has.",
    "Write `root.` once.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: root.root.http.route
              Operator: exists
",
    change: "- Field: root.root.http.route" => "- Field: root.http.route",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let twice = context.names().into_iter().filter_map(|(name, span)| {
        let rest = name.strip_prefix("root.").filter(|rest| rest.starts_with("root."))?;
        let finding = Finding::new(
            &DUPLICATE_ROOT_PREFIX,
            format!("`{name}` is the field `{rest}` of the root span"),
        );
        Some(finding.help(format!("write `{rest}`")).at_some(span, "duplicate `root.`"))
    });
    twice.collect()
}
