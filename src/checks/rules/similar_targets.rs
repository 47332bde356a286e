//! Targets whose names are nearly the same.

use crate::check;
use crate::checks::typo::are_similar;
use crate::checks::{CheckContext, TargetAt};
use crate::diagnostic::Finding;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

check!(
    SIMILAR_TARGETS,
    "rules/similar-targets",
    Note,
    "two targets have nearly the same name",
    "Refinery uses the target whose name equals the environment or dataset exactly, and \
     `__default__` otherwise. `Production`, `production` and `prod` are three targets.",
    "Remove the target whose name no environment has.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 1
  production:
    DeterministicSampler:
      SampleRate: 10
  Production:
    DeterministicSampler:
      SampleRate: 20
",
    change: "\
SampleRate: 10
  Production:
    DeterministicSampler:
      SampleRate: 20" => "SampleRate: 10",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let mut first: HashMap<String, &TargetAt> = HashMap::new();
    let mut findings = Vec::new();
    // `rules/misspelt-target` reports what resembles `__default__`.
    for target in context.targets().iter().filter(|target| target.name != "__default__") {
        match first.entry(plain(target.name)) {
            Entry::Vacant(entry) => drop(entry.insert(target)),
            Entry::Occupied(entry) => findings.push(report(entry.get(), target)),
        }
    }
    let mut targets: Vec<&TargetAt> = first.into_values().take(MAX).collect();
    targets.sort_by_key(|target| target.span());
    for (number, other) in targets.iter().enumerate() {
        let one = targets[..number].iter().find(|one| are_similar(one.name, other.name));
        findings.extend(one.map(|one| report(one, other)));
    }
    findings
}

/// Targets compared for typing errors; bounds the pairs.
const MAX: usize = 300;

/// Abbreviations and their long forms.
const SHORT: [(&str, &str); 5] = [
    ("prod", "production"),
    ("stage", "staging"),
    ("stg", "staging"),
    ("dev", "development"),
    ("test", "testing"),
];

fn plain(name: &str) -> String {
    let name = name.to_lowercase();
    let name: String = name.chars().filter(|c| c.is_alphanumeric() || *c == '.').collect();
    let long = SHORT.iter().find(|(short, _)| *short == name).map(|(_, long)| (*long).to_owned());
    long.unwrap_or(name)
}

fn report(one: &TargetAt, other: &TargetAt) -> Finding {
    let message = format!("`{}` and `{}` are different targets", one.name, other.name);
    Finding::new(&SIMILAR_TARGETS, message)
        .help("remove the one whose name no environment has")
        .at_some(other.span(), "only used for exactly this name")
        .at_some(one.span(), "only used for exactly this name")
}
