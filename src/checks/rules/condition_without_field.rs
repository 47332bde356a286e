//! A condition without a field.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

check!(
    CONDITION_WITHOUT_FIELD,
    "rules/condition-without-field",
    Error,
    "a condition without `Field` tests nothing: it always or never matches",
    "Refinery's validator does not require a field. The condition then tests a field that no span \
     has: `not-exists` always matches, `exists` never does.",
    "Add `Field`.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let blind = context.conditions().filter(|condition| {
        condition.fields().next().is_none() && !condition.has_operator(&["", "has-root-span"])
    });
    blind
        .map(|condition| {
            let holds = Predicate::new(condition.spec).is_ok_and(|p| p.holds(&Value::Null, false));
            let always = if holds { "always matches" } else { "never matches" };
            let rule = condition.rule.name();
            Finding::new(
                &CONDITION_WITHOUT_FIELD,
                format!("a condition of {rule} has no `Field`: it {always}"),
            )
            .help("add `Field`")
            .at_some(condition.span(), always)
        })
        .collect()
}
