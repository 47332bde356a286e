//! Changes the rules in small ways, and finds the changes that no test notices.
//!
//! A change that is proved to decide every trace the same does not count. Rules without tests are
//! not changed, because no test could notice.

use super::UNNOTICED;
use super::change::{Edit, changes};
use super::coverage::Coverage;
use super::effect::Effects;
use super::read::{Subject, TestFile};
use super::run::{Open, Runner};
use super::traced::Traced;
use crate::checks::{RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::spec::{RulesSpec, Target};
use crate::span::Span;
use std::fmt;

/// How many changes the tests notice, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    pub noticed: usize,
    pub all: usize,
}

impl Noticed {
    pub fn add(&mut self, other: Self) {
        self.noticed += other.noticed;
        self.all += other.all;
    }
}

impl fmt::Display for Noticed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} changes of the rules", self.noticed, self.all)
    }
}

/// Runs the tests of these files with each change of the rules that they are for. All pass without
/// changes.
pub fn mutate(runner: &Runner<'_>, files: &[(&TestFile, Open<'_>)]) -> (Noticed, Vec<Finding>) {
    let (mut noticed, mut notes) = (Noticed::default(), Vec::new());
    for target in runner.targets {
        let tests: Vec<_> =
            files.iter().filter(|(file, _)| file.target.value == target.name).copied().collect();
        if tests.is_empty() {
            continue;
        }
        let has_others = has_other_tests(&tests);
        let traced = Traced::new(target, tests.iter().map(|(file, _)| *file));
        let mut effects = Effects::new(target, &traced, runner.semantics);
        for rule in target.rules() {
            let without = traced.notices_without(rule);
            let mut missed = Vec::new();
            for change in changes(rule) {
                let by_trace = || match &change.edit {
                    Edit::Without(place) => without.contains(place),
                    edit => traced.notices(rule, edit),
                };
                let needs_all = traced.needs_all_rules(rule, &change.edit);
                let is_noticed = !needs_all && by_trace()
                    || (needs_all || has_others)
                        && !all_pass(runner, target, change.rules(rule), &tests);
                if !is_noticed && !effects.has(rule, &change.edit) {
                    continue;
                }
                noticed.all += 1;
                noticed.noticed += usize::from(is_noticed);
                if !is_noticed {
                    missed.push((change.at, change.what));
                }
            }
            notes.extend(note(rule, missed));
        }
    }
    (noticed, notes)
}

/// Whether there are tests of other things than single traces.
fn has_other_tests(tests: &[(&TestFile, Open<'_>)]) -> bool {
    let mut all = tests.iter().flat_map(|(file, _)| &file.tests);
    all.any(|test| !matches!(test.subject, Subject::Trace(_)))
}

fn all_pass(
    runner: &Runner<'_>,
    target: &TargetAt<'_>,
    rules: RulesSpec,
    tests: &[(&TestFile, Open<'_>)],
) -> bool {
    let spec = Target::Rules(rules);
    let changed = [TargetAt { name: target.name, setting: target.setting, spec }];
    tests.iter().all(|(file, open)| {
        let coverage = Coverage::default();
        Runner { targets: &changed, coverage, ..*runner }.passes(file, *open)
    })
}

fn note(rule: RuleAt<'_>, missed: Vec<(Option<Span>, String)>) -> Option<Finding> {
    let changes = match missed.len() {
        0 => return None,
        1 => "a change".to_owned(),
        count => format!("{count} changes"),
    };
    let (name, target) = (rule.name(), rule.target.name);
    let message = format!("no test notices {changes} of {name} of `{target}`");
    let mut labels: Vec<(Option<Span>, String)> = Vec::new();
    for (at, what) in missed {
        match labels.iter_mut().find(|(known, _)| *known == at) {
            Some((_, text)) => *text = format!("{text}, {what}"),
            None => labels.push((at, what)),
        }
    }
    let finding = Finding::new(&UNNOTICED, message);
    Some(labels.into_iter().fold(finding, |finding, (at, what)| finding.at_some(at, what)))
}
