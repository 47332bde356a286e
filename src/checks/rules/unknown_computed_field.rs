//! An unknown computed field.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::key_fields::COMPUTED_PREFIX;

check!(
    UNKNOWN_COMPUTED_FIELD,
    "rules/unknown-computed-field",
    Error,
    "unknown computed field; no span has it",
    "`?.NUM_DESCENDANTS` in `Field` is the only computed field. In `Fields` or `FieldList`, or \
     spelt differently, it is an ordinary field name.",
    "Use `Field: ?.NUM_DESCENDANTS`.",
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
    change: "- Field: ?.NUM_DESCENDENTS" => "- Field: ?.NUM_DESCENDANTS",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let is_wrong = |key: &str, name: &str| {
        let is_computed = name.starts_with(COMPUTED_PREFIX) || name.contains("NUM_DESCEND");
        is_computed && (key != "Field" || name != DESCENDANTS)
    };
    let (key, name) = condition.fields().find(|(key, name)| is_wrong(key, name))?;
    let finding = Finding::new(&UNKNOWN_COMPUTED_FIELD, format!("no span has a field `{name}`"))
        .help(format!("write `Field: {DESCENDANTS}`"));
    Some(finding.at_some(condition.value(key), "unknown computed field"))
}

const DESCENDANTS: &str = "?.NUM_DESCENDANTS";
