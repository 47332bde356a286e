//! A `${NAME}` in a rules file.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::config_key::strings_in;
use crate::config::expand::refers;
use crate::diagnostic::Finding;
use crate::syntax::Item;

check!(
    VARIABLE_IN_RULES,
    "rules/variable-in-rules",
    Warning,
    "variable references in a rules file are not replaced",
    "Refinery only replaces variables in the config file. In rules the text stays as written, so \
     a value matches no span and a target no environment.",
    "Write the value itself, or let deployment tooling fill it in.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 10
  ${ENVIRONMENT}:
    DeterministicSampler:
      SampleRate: 1
",
    change: "${ENVIRONMENT}:" => "production:",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let rules = context.written.rules.iter().filter_map(|document| document.item.as_ref());
    let values = rules.clone().flat_map(strings_in).filter(|item| item.text().is_some_and(refers));
    let targets = rules.filter_map(|item| item.get("Samplers")).flat_map(Item::entries);
    let names = targets.filter(|entry| refers(&entry.key)).map(|entry| entry.key_span);
    names
        .chain(values.map(|item| item.span))
        .map(|span| {
            Finding::new(&VARIABLE_IN_RULES, "variable references are not replaced in rules")
                .help("write the value itself, or let deployment tooling fill it in")
                .at_some(span, "not replaced")
        })
        .collect()
}
