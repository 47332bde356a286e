//! A comparison with nothing.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::engine::Value;

check!(
    NO_VALUE,
    "rules/no-value",
    Warning,
    "a condition compares with nothing: its operator needs a `Value`",
    "nothing is a value to the engine: `=` holds for no field that has one, `!=` for every field, \
     and where texts are compared it is the text `<nil>`",
    "write the `Value`, or `exists` or `not-exists` if only the presence of the field matters",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Scope: span
          Conditions:
            - Field: error
              Operator: \"!=\"
",
    change: "Operator: \"!=\"" => "Operator: exists",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    // Those with lists and those about the root span have checks of their own.
    let content = ["", "exists", "not-exists", "has-root-span", "in", "not-in"];
    let empty = subject.conditions().filter(|condition| {
        condition.spec.value == Value::Null && !condition.has_operator(&content)
    });
    empty
        .map(|condition| {
            let rule = condition.rule.name();
            Finding::new(&NO_VALUE, format!("a condition of {rule} compares with nothing"))
                .help("write its `Value`, or `exists` or `not-exists`")
                .at_some(condition.value("Operator"), "needs a `Value`")
        })
        .collect()
}
