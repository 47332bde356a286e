//! A `Datatype` that the engine cannot use.

use crate::check;
use crate::checks::{ConditionAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

check!(
    DATATYPE_IGNORED,
    "rules/datatype-ignored",
    Warning,
    "a `Datatype` is ignored: the value is not of that type, or the type has no order",
    "where the value does not convert, and for `bool` with an operator of order, the engine \
     compares as if no `Datatype` were written: a number is then never equal to a text, nor \
     different from it",
    "write a value of the type, or the `Datatype` that the value has",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 5xx
              Datatype: int
",
    change: "Value: 5xx" => "Value: 500",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let typed = subject.conditions().filter(|condition| !condition.spec.datatype.is_empty());
    let ignored =
        typed.filter(|typed| matches!(Predicate::new(typed.spec), Ok(Predicate::Untyped(..))));
    // Lists and missing values have checks of their own.
    let single =
        ignored.filter(|condition| !matches!(condition.spec.value, Value::List(_) | Value::Null));
    single.map(report).collect()
}

fn report(condition: ConditionAt) -> Finding {
    let (datatype, operator) = (&condition.spec.datatype, &condition.spec.operator);
    let message = format!("`Datatype: {datatype}` of {} is ignored", condition.rule.name());
    let finding = Finding::new(&DATATYPE_IGNORED, message);
    if datatype == "bool" {
        return finding
            .help("write `=` or `!=`, or the type that has an order")
            .at_some(condition.value("Operator"), format!("truth has no order for `{operator}`"));
    }
    finding
        .help(format!("write a value that is of the type `{datatype}`"))
        .at_some(condition.value("Value"), format!("is not of the type `{datatype}`"))
}
