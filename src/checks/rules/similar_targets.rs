//! Targets that are told apart by a detail.

use crate::check;
use crate::checks::{Subject, TargetAt};
use crate::diagnostic::Finding;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

check!(
    SIMILAR_TARGETS,
    "rules/similar-targets",
    Note,
    "two targets have nearly the same name",
    "a trace goes to the target that is called exactly as its environment or dataset is, and to \
     `__default__` if there is none; `Production`, `production` and `prod` are three targets",
    "leave out the target whose name no environment has",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let mut first: HashMap<String, &TargetAt> = HashMap::new();
    let mut findings = Vec::new();
    for target in subject.targets() {
        match first.entry(plain(target.name)) {
            Entry::Vacant(entry) => drop(entry.insert(target)),
            Entry::Occupied(entry) => findings.push(report(entry.get(), target)),
        }
    }
    findings
}

/// Short for.
const SHORT: [(&str, &str); 5] = [
    ("prod", "production"),
    ("stage", "staging"),
    ("stg", "staging"),
    ("dev", "development"),
    ("test", "testing"),
];

fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let long = SHORT.iter().find(|(short, _)| *short == name).map(|(_, long)| (*long).to_owned());
    long.unwrap_or(name)
}

fn report(one: &TargetAt, other: &TargetAt) -> Finding {
    let message = format!("`{}` and `{}` are two targets", one.name, other.name);
    Finding::new(&SIMILAR_TARGETS, message)
        .help("leave out the one whose name no environment has")
        .at_some(other.span(), "for an environment of exactly this name")
        .at_some(one.span(), "and this one for another")
}
