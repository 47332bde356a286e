//! A number that is compared as a string in exponent form.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::{List, Predicate};

check!(
    NUMBER_IN_EXPONENT_FORM,
    "rules/number-in-exponent-form",
    Warning,
    "a number is compared as a string such as `1e+06`, which no integer formats as",
    "For string comparisons Refinery formats a value with a fraction first, with an exponent from \
     one million on. Integer fields format as plain digits.",
    "Write the number without a fraction, or use `Datatype: float`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: app.customer
              Operator: in
              Value: [1000000.0, 2000000.0]
",
    change: "Value: [1000000.0, 2000000.0]" => "Value: [1000000, 2000000]",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let texts = context.conditions().filter(|condition| {
        Predicate::new(condition.spec).is_ok_and(|predicate| compares_text(&predicate))
    });
    texts.filter_map(report).collect()
}

fn compares_text(predicate: &Predicate) -> bool {
    use Predicate::{Contains, DoesNotContain, In, NotIn, StartsWith, Text};
    match predicate {
        Text(..) | StartsWith(_) | Contains(_) | DoesNotContain(_) => true,
        In(list) | NotIn(list) => matches!(list, List::Text(_)),
        _ => false,
    }
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let values = match &condition.spec.value {
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let is_odd = |value: &&Value| matches!(value, Value::Float(_)) && value.text().contains('e');
    let odd = values.iter().find(is_odd)?;
    let message =
        format!("a number in {} is compared as the string `{odd}`", condition.rule.name());
    let finding = Finding::new(&NUMBER_IN_EXPONENT_FORM, message)
        .help("write it without a fraction, or use `Datatype: float`");
    Some(finding.at_some(condition.value("Value"), format!("formatted as `{odd}`")))
}
