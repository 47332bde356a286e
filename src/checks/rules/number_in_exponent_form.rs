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
    "a large number is compared as a string, and is formatted differently as a float",
    "For string comparisons, which `in` makes without a `Datatype`, Refinery formats floats with \
     an exponent from one million on, and integers as plain digits. Numbers in JSON batches are \
     floats; in OTLP and msgpack they keep their type.",
    "Add `Datatype: int`, or `float` for fractions, so that numbers are compared.",
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
    change: "Value: [1000000.0, 2000000.0]" => "\
Value: [1000000, 2000000]
              Datatype: int",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let texts = context.conditions().filter(|condition| {
        Predicate::new(condition.spec).is_ok_and(|predicate| compares_text(&predicate))
    });
    texts.filter_map(report).collect()
}

fn compares_text(predicate: &Predicate) -> bool {
    use Predicate::{Contains, DoesNotContain, In, NotIn, StartsWith, Text, Untyped};
    match predicate {
        // No number equals a string, in whatever form.
        Untyped(_, Value::Text(_)) | Text(..) | StartsWith(_) | Contains(_) | DoesNotContain(_) => {
            true
        }
        In(list) | NotIn(list) => matches!(list, List::Text(_)),
        _ => false,
    }
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let values = match &condition.spec.value {
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let (value, fault) = values.iter().find_map(|value| Some((value, fault(value)?)))?;
    let rule = condition.rule.name();
    let (message, help, label) = match fault {
        Fault::Exponent => (
            format!("a number in {rule} is compared as the string `{value}`"),
            "write it without a fraction and add `Datatype: int`, or use `Datatype: float`",
            format!("formatted as `{value}`"),
        ),
        Fault::Plain(other) => (
            format!("{rule} compares the string `{value}`, but JSON batches have `{other}`"),
            "add `Datatype: int`",
            format!("also formatted as `{other}`"),
        ),
    };
    let finding = Finding::new(&NUMBER_IN_EXPONENT_FORM, message).help(help);
    Some(finding.at_some(condition.value("Value"), label))
}

/// Why a number is not found as a string.
enum Fault {
    /// No integer formats as this.
    Exponent,
    /// A number of a JSON batch, which is always a float, formats as this.
    Plain(String),
}

fn fault(value: &Value) -> Option<Fault> {
    match value {
        Value::Float(_) => value.text().contains('e').then_some(Fault::Exponent),
        Value::Int(n) | Value::Long(n) => {
            #[allow(clippy::cast_precision_loss, reason = "as in JSON")]
            let float = Value::Float(*n as f64).text().into_owned();
            float.contains('e').then_some(Fault::Plain(float))
        }
        Value::Text(text) => {
            let mut rest = text.bytes().skip_while(u8::is_ascii_digit);
            let is_exponent = text.starts_with(|c: char| c.is_ascii_digit())
                && text.contains("e+")
                && text.parse::<f64>().is_ok()
                && rest.next().is_some();
            is_exponent.then_some(Fault::Exponent)
        }
        _ => None,
    }
}
