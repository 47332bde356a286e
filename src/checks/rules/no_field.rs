//! A condition on no field.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

check!(
    NO_FIELD,
    "rules/no-field",
    Error,
    "a condition without a field looks at nothing: it always holds, or never",
    "the validator asks for no field; to the engine it is one that no span has, so `not-exists` \
     always holds and `exists` never",
    "write the `Field` that is meant",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Operator: not-exists
",
    change: "- Operator: not-exists" => "\
- Field: root.error
              Operator: exists",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let blind = subject.conditions().filter(|condition| {
        condition.fields().next().is_none() && !condition.has_operator(&["", "has-root-span"])
    });
    blind
        .map(|condition| {
            let holds = Predicate::new(condition.spec).is_ok_and(|p| p.holds(&Value::Null, false));
            let always = if holds { "always holds" } else { "never holds" };
            let rule = condition.rule.name();
            Finding::new(&NO_FIELD, format!("a condition of {rule} has no field: it {always}"))
                .help("write the `Field` that is meant")
                .at_some(condition.span(), always)
        })
        .collect()
}
