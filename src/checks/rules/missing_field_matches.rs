//! A condition that spans without the field satisfy by accident.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::missing_field::{NEGATIVE, matches_without_field};
use crate::diagnostic::Finding;

check!(
    MISSING_FIELD_MATCHES,
    "rules/missing-field-matches",
    Warning,
    "a condition also matches every span without the field",
    "String operators compare a missing field as `<nil>`: it starts with `<`, contains `nil`, \
     sorts after every digit, and matches any catch-all pattern.",
    "Use `Scope: span` and add an `exists` condition for the field, or change `Datatype` or \
     `Value`.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let positive = context.conditions().filter(|condition| !condition.has_operator(&NEGATIVE));
    let by_accident = positive.filter(|condition| {
        matches_without_field(context, *condition) && !condition.spec.value.text().contains("<nil>")
    });
    by_accident
        .map(|condition| {
            let fields = condition.field_names();
            Finding::new(
                &MISSING_FIELD_MATCHES,
                format!("this also matches spans without {fields}"),
            )
            .help(
                "use `Scope: span` and add an `exists` condition, or change `Datatype` or \
                       `Value`",
            )
            .at_some(condition.value("Operator"), "a missing field is compared as `<nil>`")
        })
        .collect()
}
