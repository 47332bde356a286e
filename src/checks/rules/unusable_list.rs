//! Values that `in` and `not-in` cannot look up.

use crate::check;
use crate::checks::{ConditionAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

check!(
    UNUSABLE_LIST,
    "rules/unusable-list",
    Error,
    "`in` or `not-in` with values that it does not take never holds, and its rule never matches",
    "both take texts and numbers; of truth values, of nothing and of `Datatype: bool` the engine \
     makes no list and forgets its own complaint; `not-in` fails as well",
    "write `=` or `!=` for a truth value, or list what is looked up",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: in
              Value: [true]
              Datatype: bool
",
    change: "\
Operator: in
              Value: [true]" => "\
Operator: \"=\"
              Value: true",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let lists = subject.conditions().filter(|condition| condition.has_operator(&["in", "not-in"]));
    let unusable = lists.filter(|list| matches!(Predicate::new(list.spec), Ok(Predicate::Never)));
    unusable.map(report).collect()
}

fn report(condition: ConditionAt) -> Finding {
    let rule = condition.rule.name();
    let operator = &condition.spec.operator;
    let message = format!("{rule} never matches: `{operator}` cannot use what is written");
    let (key, text) = match (&condition.spec.datatype[..], &condition.spec.value) {
        ("bool", _) => ("Datatype", "it looks up texts and numbers"),
        (_, Value::Null) => ("Operator", "there is no `Value` to look up in"),
        _ => ("Value", "neither a list nor a text nor a number"),
    };
    Finding::new(&UNUSABLE_LIST, message)
        .help("write `=` or `!=` for one truth value, or list texts or numbers")
        .at_some(condition.value(key), text)
}
