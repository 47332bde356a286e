//! A nested field that is compared without a `Datatype`.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::key_fields::{COMPUTED_PREFIX, ROOT_PREFIX};

check!(
    NESTED_FIELD_WITHOUT_DATATYPE,
    "rules/nested-field-without-datatype",
    Note,
    "with `CheckNestedFields`, a number or boolean without `Datatype` never equals a nested field",
    "Refinery reads nested fields as strings, and without a `Datatype` a string neither equals \
     nor differs from a number. In nested names, `*`, `#`, `@` and `|` have special meanings.",
    "Add the `Datatype`.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter(compares_nested).map(report).collect()
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
    let fields = condition.field_names();
    Finding::new(&NESTED_FIELD_WITHOUT_DATATYPE, format!("{fields} is a string where it is nested"))
        .help("add the `Datatype` of the value")
        .at_some(condition.value("Value"), "never equals a string")
}
