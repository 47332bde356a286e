//! `not-exists` on a field of a root span that may be missing.

use crate::check;
use crate::checks::{CheckContext, RuleAt};
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    NOT_EXISTS_WITHOUT_ROOT,
    "rules/not-exists-without-root",
    Note,
    "`not-exists` on a `root.` field also matches traces without a root span",
    "A trace that is sent before its root span arrives has no root fields, so they do not exist. \
     Refinery's documentation says that such a condition fails.",
    "Add a `has-root-span` condition, with `Scope: trace`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: root.user.id
              Operator: not-exists
",
    change: "Conditions:" => "\
Conditions:
            - Operator: has-root-span
              Value: true",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    if !context.stage.quirks.has(Quirk::KnowsRootFields) {
        return Vec::new();
    }
    let absent = context.conditions().filter(|condition| {
        condition.has_operator(&["not-exists"])
            && condition.tests_root()
            && !requires_root(condition.rule)
    });
    absent
        .map(|condition| {
            let fields = condition.field_names();
            let message =
                format!("this also matches traces without a root span, which have no {fields}");
            Finding::new(&NOT_EXISTS_WITHOUT_ROOT, message)
                .help("add a `has-root-span` condition, with `Scope: trace`")
                .at_some(condition.value("Operator"), "matches without a root span")
        })
        .collect()
}

fn requires_root(rule: RuleAt) -> bool {
    rule.conditions().any(|condition| condition.has_operator(&["has-root-span"]))
}
