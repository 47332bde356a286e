//! A negative condition of which any span will do.

use crate::check;
use crate::checks::Subject;
use crate::checks::missing::NEGATIVE;
use crate::diagnostic::Finding;

check!(
    ANY_SPAN_DIFFERS,
    "rules/any-span-differs",
    Warning,
    "a negative condition in the scope `trace` holds as soon as one span differs",
    "in the scope `trace`, which is the one where none is written, a condition holds if any span \
     fulfils it; of a trace with several spans one nearly always lacks the field or has another \
     value",
    "ask the root span with `root.`; or write `Scope: span` and a condition that says which span is \
     meant",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: service.name
              Operator: \"!=\"
              Value: load-test
",
    change: "- Field: service.name" => "- Field: root.service.name",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let of_any_span = subject.conditions().filter(|condition| {
        condition.rule.is_of_traces()
            && condition.has_operator(&NEGATIVE)
            && condition.fields().next().is_some()
            && !condition.is_of_root()
            // Every trace has a root, and that has no parent.
            && !condition.fields().all(|(_, name)| subject.is_id(&name))
    });
    of_any_span
        .map(|condition| {
            let message = format!("one span is enough that differs in {}", condition.about());
            Finding::new(&ANY_SPAN_DIFFERS, message)
                .help("ask the root span with `root.`, or write `Scope: span` and say which span")
                .at_some(condition.value("Operator"), "holds for nearly every trace")
        })
        .collect()
}
