//! A negative condition that spans without its field fulfil.

use crate::check;
use crate::checks::Subject;
use crate::checks::missing::holds_without_field;
use crate::diagnostic::Finding;

check!(
    MISSING_FIELD_DIFFERS,
    "rules/missing-field-differs",
    Note,
    "a negative condition holds as well for every span that does not have the field",
    "a field that is missing reads `<nil>`, and that differs from what is written; without a \
     `Datatype` `!=` wants the field to be there",
    "ask that the field `exists` as well if it has to be there",
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
            - Field: http.route
              Operator: does-not-contain
              Value: health
",
    change: "- Field: http.route" => "\
- Field: http.route
              Operator: exists
            - Field: http.route",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let told = subject.conditions().filter(|condition| {
        let operators = ["!=", "does-not-contain", "not-in"];
        condition.has_operator(&operators)
            && holds_without_field(subject, *condition)
            && (condition.rule.is_of_spans() || condition.is_of_root())
    });
    told.map(|condition| {
        let about = condition.about();
        Finding::new(&MISSING_FIELD_DIFFERS, format!("spans without {about} fulfil this too"))
            .help("ask that the field `exists` as well if it has to be there")
            .at_some(condition.value("Operator"), "a field that is missing differs")
    })
    .collect()
}
