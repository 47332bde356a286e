//! A condition that spans without its field fulfil, by accident.

use crate::check;
use crate::checks::Subject;
use crate::checks::missing::{NEGATIVE, holds_without_field};
use crate::diagnostic::Finding;

check!(
    MISSING_FIELD_MATCHES,
    "rules/missing-field-matches",
    Warning,
    "a condition holds for every span that does not have the field",
    "operators that read text take a field that is missing for the text `<nil>`, which begins \
     with `<`, contains `nil`, comes after every digit, and matches a pattern that anything \
     matches",
    "ask in the scope `span` that the field `exists` as well, or write another `Datatype` or \
     value",
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
              Value: \"500\"
              Datatype: string
",
    change: "\
Value: \"500\"
              Datatype: string" => "\
Value: 500
              Datatype: int",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let positive = subject.conditions().filter(|condition| !condition.has_operator(&NEGATIVE));
    let by_accident = positive.filter(|condition| {
        holds_without_field(subject, *condition) && !condition.spec.value.text().contains("<nil>")
    });
    by_accident
        .map(|condition| {
            let about = condition.about();
            Finding::new(&MISSING_FIELD_MATCHES, format!("spans without {about} fulfil this too"))
                .help("ask in the scope `span` that the field `exists`, or change type or value")
                .at_some(condition.value("Operator"), "a field that is missing reads `<nil>` here")
        })
        .collect()
}
