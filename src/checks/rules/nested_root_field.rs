//! A nested field of the root span.

use crate::check;
use crate::checks::{CheckContext, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::key_fields::ROOT_PREFIX;
use crate::schema::Quirk;

check!(
    NESTED_ROOT_FIELD,
    "rules/nested-root-field",
    Note,
    "`CheckNestedFields` does not find nested fields of the root span",
    "With `CheckNestedFields`, Refinery looks for the full name including `root.`, and no span \
     has such a nested field. Top-level fields of the root span are found as usual.",
    "Keep it if the field is at the top level of the root span; otherwise remove `root.` to test \
     any span.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      CheckNestedFields: true
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: root.body.error
              Operator: exists
",
    change: "- Field: root.body.error" => "- Field: body.error",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let knows_root = context.stage.quirks.has(Quirk::KnowsRootFields);
    context.targets().iter().filter(|_| knows_root).filter_map(report).collect()
}

/// At most one finding per target.
fn report(target: &TargetAt) -> Option<Finding> {
    let nested = target.rules().filter(|rule| rule.rules.check_nested_fields);
    let mut conditions = nested.flat_map(RuleAt::conditions);
    let condition = conditions
        .find(|condition| condition.fields().any(|(_, name)| name.starts_with(ROOT_PREFIX)))?;
    let message =
        format!("{} is only found at the top level of the root span", condition.field_names());
    let finding = Finding::new(&NESTED_ROOT_FIELD, message)
        .help("remove `root.` if the field is nested")
        .at_some(condition.span(), "nested fields are not searched");
    Some(finding)
}
