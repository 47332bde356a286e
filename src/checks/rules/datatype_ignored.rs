//! A `Datatype` that Refinery cannot apply.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

check!(
    DATATYPE_IGNORED,
    "rules/datatype-ignored",
    Warning,
    "`Datatype` is ignored: the value does not convert, or the type has no order",
    "If the value does not convert, or an ordering operator is used with `bool`, Refinery \
     compares as if `Datatype` were missing: then a number neither equals nor differs from a \
     string.",
    "Use a value of that type, or the `Datatype` of the value.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let typed = context.conditions().filter(|condition| !condition.spec.datatype.is_empty());
    let ignored =
        typed.filter(|typed| matches!(Predicate::new(typed.spec), Ok(Predicate::Untyped(..))));
    // `rules/list-without-in` and `rules/condition-without-value` report the others.
    let single =
        ignored.filter(|condition| !matches!(condition.spec.value, Value::List(_) | Value::Null));
    single.map(report).collect()
}

fn report(condition: ConditionAt) -> Finding {
    let (datatype, operator) = (&condition.spec.datatype, &condition.spec.operator);
    let message = format!("`Datatype: {datatype}` in {} is ignored", condition.rule.name());
    let finding = Finding::new(&DATATYPE_IGNORED, message);
    if datatype == "bool" {
        return finding.help("use `=` or `!=`, or a `Datatype` with an order").at_some(
            condition.value("Operator"),
            format!("booleans have no order for `{operator}`"),
        );
    }
    finding
        .help(format!("use a value of type `{datatype}`"))
        .at_some(condition.value("Value"), format!("not of type `{datatype}`"))
}
