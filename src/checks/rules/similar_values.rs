//! Two values of a field of which one may be a typo.

use crate::check;
use crate::checks::attributes::{plain_name, texts};
use crate::checks::typo::are_similar;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;

check!(
    SIMILAR_VALUES,
    "rules/similar-values",
    Note,
    "a field is compared with two strings that are nearly the same",
    "Refinery compares strings character by character, including case. If one of the values is a \
     typo, its condition does not match, and nothing is logged.",
    "Use the same value in both places.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep slow checkouts
          SampleRate: 1
          Scope: span
          Conditions:
            - Field: service.name
              Operator: \"=\"
              Value: checkout-service
            - Field: duration_ms
              Operator: \">\"
              Value: 2000
              Datatype: float
        - Name: sample other checkouts
          SampleRate: 50
          Conditions:
            - Field: service.name
              Operator: \"=\"
              Value: chekout-service
",
    change: "chekout-service" => "checkout-service",
);

register!(find);

/// Values compared in one deployment; bounds the pairs.
const MAX: usize = 500;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let equal = |condition: &ConditionAt| condition.has_operator(&["=", "!=", "in", "not-in"]);
    let mut seen: Vec<(String, &str, ConditionAt)> = Vec::new();
    let mut findings = Vec::new();
    for condition in context.conditions().filter(equal) {
        let Some((_, field)) = condition.fields().next() else { continue };
        let field = plain_name(&field).to_owned();
        let earlier = seen.len();
        for text in texts(&condition.spec.value) {
            let of_field = |(name, _, _): &&(String, &str, ConditionAt)| *name == field;
            let mut others = seen[..earlier].iter().filter(of_field);
            if seen.len() > MAX || others.clone().any(|(_, other, _)| *other == text) {
                continue;
            }
            if let Some((_, other, first)) = others.find(|(_, other, _)| are_similar(other, text)) {
                let message = format!("`{other}` and `{text}` are different values of `{field}`");
                let finding = Finding::new(&SIMILAR_VALUES, message)
                    .help("if one is a typo, use the same value in both places")
                    .at_some(condition.value("Value"), format!("`{text}`"))
                    .at_some(first.value("Value"), format!("`{other}`"));
                findings.push(finding);
            }
            seen.push((field.clone(), text, condition));
        }
    }
    findings
}
