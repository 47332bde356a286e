//! A nested field that is compared without a type.

use crate::check;
use crate::checks::{ConditionAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::key_fields::{COMPUTED_PREFIX, ROOT_PREFIX};

check!(
    NESTED_AS_TEXT,
    "rules/nested-as-text",
    Note,
    "with `CheckNestedFields` a number or truth value without `Datatype` never equals a nested \
     field",
    "what is found inside another field is a text, and without a `Datatype` a text is neither \
     equal to a number nor different from it; in names `*`, `#`, `@` and `|` mean more than \
     themselves",
    "write the `Datatype`",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      CheckNestedFields: true
      Rules:
        - Name: keep failures
          SampleRate: 1
          Conditions:
            - Field: body.code
              Operator: \">=\"
              Value: 500
",
    change: "Value: 500" => "\
Value: 500
              Datatype: int",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.conditions().filter(compares_nested).map(report).collect()
}

fn compares_nested(condition: &ConditionAt) -> bool {
    use Value::{Bool, Float, Int, Long};
    let is_nested = |name: &str| name.contains('.') && !name.starts_with(ROOT_PREFIX);
    condition.rule.rules.check_nested_fields
        && condition.spec.datatype.is_empty()
        && condition.has_operator(&["=", "!=", "<", "<=", ">", ">="])
        && matches!(condition.spec.value, Bool(_) | Int(_) | Long(_) | Float(_))
        && condition
            .fields()
            .any(|(_, name)| is_nested(&name) && !name.starts_with(COMPUTED_PREFIX))
}

fn report(condition: ConditionAt) -> Finding {
    let about = condition.about();
    Finding::new(&NESTED_AS_TEXT, format!("{about} is a text where it is nested"))
        .help("write the `Datatype` of the value")
        .at_some(condition.value("Value"), "compares with no text")
}
