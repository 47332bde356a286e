//! Two rules of a target with the same name.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use std::collections::HashMap;

check!(
    DUPLICATE_RULE_NAME,
    "rules/duplicate-rule-name",
    Note,
    "two rules of a target have the same name",
    "Refinery records the name of the rule that decided in `meta.refinery.reason`. With equal \
     names nobody can tell which rule kept a trace.",
    "Give each rule its own name.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: exception.type
              Operator: exists
        - Name: sample the rest
          SampleRate: 10
",
    change: "\
- Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: exception.type" => "\
- Name: keep exceptions
          SampleRate: 1
          Conditions:
            - Field: exception.type",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for target in context.targets() {
        let mut first = HashMap::new();
        for rule in target.rules().filter(|rule| !rule.spec.name.is_empty()) {
            let earlier = *first.entry(rule.spec.name.as_str()).or_insert(rule);
            if earlier.number != rule.number {
                let message = format!("two rules have the name {}", rule.name());
                let finding = Finding::new(&DUPLICATE_RULE_NAME, message)
                    .help("give each rule its own name")
                    .at_some(rule.span(), "the same name")
                    .at_some(earlier.span(), "first used here");
                findings.push(finding);
            }
        }
    }
    findings
}
