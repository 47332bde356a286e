//! Conditions that no trace can meet.

use crate::check;
use crate::checks::logic::{Logic, Reason};
use crate::checks::{ConditionAt, RuleAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

check!(
    NEVER_MATCHES,
    "rules/never-matches",
    Error,
    "a rule that no trace can match, whatever its spans hold",
    "all conditions of a rule must hold, in the scope `span` for one and the same span; where \
     that cannot be, the engine goes on to the next rule without a word",
    "make two rules of it if either condition is enough, use `in` for several values, or correct \
     the value",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep bad gateways
          SampleRate: 1
          Scope: span
          Conditions:
            - Field: http.status_code
              Operator: \"=\"
              Value: 502
              Datatype: int
            - Field: http.status_code
              Operator: \"=\"
              Value: 503
              Datatype: int
",
    change: "\
Operator: \"=\"
              Value: 502
              Datatype: int
            - Field: http.status_code
              Operator: \"=\"
              Value: 503" => "\
Operator: in
              Value: [502, 503]",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let logics: Vec<_> = subject.targets().iter().map(|t| Logic::new(subject, t)).collect();
    let dead = logics.iter().flat_map(Logic::dead);
    dead.filter_map(|(rule, reason)| report(rule, reason)).collect()
}

fn report(rule: RuleAt, reason: Reason) -> Option<Finding> {
    let finding = Finding::new(&NEVER_MATCHES, format!("no trace can match {}", rule.name()));
    match reason {
        Reason::Alone(condition) => (!is_told_elsewhere(condition)).then(|| {
            finding.help("correct the value").at_some(condition.span(), "holds for no span")
        }),
        Reason::Both(one, other) => Some(
            finding
                .help("make two rules of it if either is enough, or use `in` for several values")
                .at_some(other.span(), "never holds with the other")
                .at_some(one.span(), "the other"),
        ),
    }
}

/// What an operator cannot use at all has checks of its own.
fn is_told_elsewhere(condition: ConditionAt) -> bool {
    let is_unusable = matches!(Predicate::new(condition.spec), Ok(Predicate::Never));
    let is_list = matches!(condition.spec.value, Value::List(_));
    is_unusable || (is_list && !condition.has_operator(&["in", "not-in"]))
}
