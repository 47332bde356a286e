//! Two field names of which one may be a typo.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::attributes::{is_defined, plain_name};
use crate::checks::typo::are_similar;
use crate::diagnostic::Finding;
use crate::span::Span;

check!(
    SIMILAR_FIELDS,
    "rules/similar-fields",
    Note,
    "two fields have nearly the same name",
    "Refinery compares field names character by character, including case. If one of the names is \
     a typo, no span has that field, and nothing is logged.",
    "Use the same name in both places.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep enterprise customers
          SampleRate: 1
          Conditions:
            - Field: app.customer_plan
              Operator: \"=\"
              Value: enterprise
        - Name: sample free customers
          SampleRate: 50
          Conditions:
            - Field: app.custmer_plan
              Operator: \"=\"
              Value: free
",
    change: "custmer" => "customer",
);

register!(find);

/// Names compared in one deployment; bounds the pairs.
const MAX: usize = 300;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let mut names: Vec<(String, Option<Span>)> = Vec::new();
    let mut findings = Vec::new();
    for (name, span) in context.names() {
        let plain = plain_name(&name);
        // `rules/misspelt-field` reports names that are nearly conventional.
        let is_known = is_defined(plain) || names.iter().any(|(other, _)| other == plain);
        if is_known || names.len() > MAX {
            continue;
        }
        if let Some((other, first)) = names.iter().find(|(other, _)| are_similar(other, plain)) {
            let message = format!("`{other}` and `{plain}` are different fields");
            let finding = Finding::new(&SIMILAR_FIELDS, message)
                .help("if one is a typo, use the same name in both places")
                .at_some(span, "nearly the same name")
                .at_some(*first, "first used here");
            findings.push(finding);
        }
        names.push((plain.to_owned(), span));
    }
    findings
}
