//! Nested fields of the root span.

use crate::check;
use crate::checks::{RuleAt, Subject, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::key_fields::ROOT_PREFIX;
use crate::schema::Quirk;

check!(
    NESTED_ROOT,
    "rules/nested-root",
    Note,
    "nested fields of the root span are never found: `CheckNestedFields` does not reach them",
    "with `CheckNestedFields` the engine looks for the name as it is written, `root.` included, \
     and no span has such a field; at the top level of the root span it finds the field as ever",
    "leave it so if the field stands at the top level of the root span; otherwise ask any span, \
     without `root.`",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let knows_root = subject.ground.quirks.has(Quirk::KnowsRootFields);
    subject.targets().iter().filter(|_| knows_root).filter_map(report).collect()
}

/// One for a target is enough.
fn report(target: &TargetAt) -> Option<Finding> {
    let nested = target.rules().filter(|rule| rule.rules.check_nested_fields);
    let mut conditions = nested.flat_map(RuleAt::conditions);
    let condition = conditions
        .find(|condition| condition.fields().any(|(_, name)| name.starts_with(ROOT_PREFIX)))?;
    let message = format!("{} is looked for at the top level alone", condition.about());
    let finding = Finding::new(&NESTED_ROOT, message)
        .help("leave out `root.` if the field is nested")
        .at_some(condition.span(), "not looked for in nested fields");
    Some(finding)
}
