//! A computed field that does not exist.

use crate::check;
use crate::checks::{ConditionAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::key_fields::COMPUTED_PREFIX;

check!(
    UNKNOWN_COMPUTED,
    "rules/unknown-computed",
    Error,
    "a computed field that the engine does not know is one that no span has",
    "`?.NUM_DESCENDANTS`, written just so and in `Field`, is the only one; in `Fields`, in \
     `FieldList`, or spelt otherwise it is a name like any other",
    "write `Field: ?.NUM_DESCENDANTS`",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: ?.NUM_DESCENDENTS
              Operator: \">\"
              Value: 100
              Datatype: int
",
    after: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: ?.NUM_DESCENDANTS
              Operator: \">\"
              Value: 100
              Datatype: int
",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let is_known = subject.ground.behaviour.computes_descendants;
    subject.conditions().filter_map(|condition| report(condition, is_known)).collect()
}

fn report(condition: ConditionAt, is_known: bool) -> Option<Finding> {
    let is_wrong = |key: &str, name: &str| {
        let is_right = is_known && key == "Field" && name == DESCENDANTS;
        (name.starts_with(COMPUTED_PREFIX) || name.contains("NUM_DESCEND")) && !is_right
    };
    let (key, name) = condition.fields().find(|(key, name)| is_wrong(key, name))?;
    let finding = Finding::new(&UNKNOWN_COMPUTED, format!("no span has a field `{name}`"));
    let finding = finding.at_some(condition.value(key), "not a computed field");
    Some(if is_known {
        finding.help(format!("write `Field: {DESCENDANTS}`"))
    } else {
        finding.help("a later release computes it")
    })
}

const DESCENDANTS: &str = "?.NUM_DESCENDANTS";
