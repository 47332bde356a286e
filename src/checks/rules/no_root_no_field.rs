//! A field of the root span that is missing where there is no root span.

use crate::check;
use crate::checks::{RuleAt, Subject};
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    NO_ROOT_NO_FIELD,
    "rules/no-root-no-field",
    Note,
    "`not-exists` of a `root.` field holds as well for traces without a root span",
    "a trace that is sent before its root arrives has no field of the root; to the engine it does \
     not exist, though its documentation says that the condition fails",
    "ask for `has-root-span` as well, in the scope `trace`",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: root.user.id
              Operator: not-exists
",
    change: "Conditions:" => "\
Conditions:
            - Operator: has-root-span
              Value: true",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.ground.quirks.has(Quirk::KnowsRootFields) {
        return Vec::new();
    }
    let absent = subject.conditions().filter(|condition| {
        condition.has_operator(&["not-exists"])
            && condition.is_of_root()
            && !asks_for_root(condition.rule)
    });
    absent
        .map(|condition| {
            let about = condition.about();
            let message = format!("a trace without a root span has no {about} either");
            Finding::new(&NO_ROOT_NO_FIELD, message)
                .help("ask for `has-root-span` as well, in the scope `trace`")
                .at_some(condition.value("Operator"), "holds without a root span")
        })
        .collect()
}

fn asks_for_root(rule: RuleAt) -> bool {
    rule.conditions().any(|condition| condition.has_operator(&["has-root-span"]))
}
