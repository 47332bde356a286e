//! A negative condition that spans without the field satisfy.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::missing_field::matches_without_field;
use crate::diagnostic::Finding;

check!(
    NEGATION_MATCHES_MISSING_FIELD,
    "rules/negation-matches-missing-field",
    Note,
    "a negative condition also matches spans without the field",
    "A missing field is compared as the string `<nil>`, which differs from the value. Without a \
     `Datatype`, `!=` requires the field to exist.",
    "Add an `exists` condition for the field if it has to be present.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let matching = context.conditions().filter(|condition| {
        let operators = ["!=", "does-not-contain", "not-in"];
        condition.has_operator(&operators)
            && matches_without_field(context, *condition)
            && (condition.rule.has_span_scope() || condition.tests_root())
    });
    matching
        .map(|condition| {
            let fields = condition.field_names();
            Finding::new(
                &NEGATION_MATCHES_MISSING_FIELD,
                format!("this also matches spans without {fields}"),
            )
            .help("add an `exists` condition if the field has to be present")
            .at_some(condition.value("Operator"), "a missing field counts as different")
        })
        .collect()
}
