//! Changes the rules in small ways, and finds the changes that no test notices.
//!
//! A change that is proved to decide every trace the same is none. Of rules without tests nothing is
//! changed: that nobody would notice is known.

use super::UNNOTICED;
use super::coverage::Coverage;
use super::read::TestFile;
use super::run::{Open, Runner};
use crate::checks::{RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::spec::{RuleSpec, RulesSpec, Target};
use crate::proof::{About, Outcome, Semantics, Verdict, all_are_decided};
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

/// A change of one rule.
struct Change {
    at: Option<Span>,
    /// What is different, such as `deleted`.
    what: String,
    rules: RulesSpec,
    /// Which traces may be decided otherwise: those that match all of these rules,
    all: Vec<RuleSpec>,
    /// and none of these.
    none: Vec<RuleSpec>,
}

impl Change {
    /// Whether it is proved that the change decides every trace the same.
    fn is_without_effect(&self, rule: RuleAt<'_>, semantics: Semantics) -> bool {
        let (all, none) = (&self.all, &self.none);
        let about = About { all, none, has_rare_values: false, semantics };
        let own = Outcome::of(Some(rule.spec));
        // Traces that the changed rule matches in addition were decided by the others.
        let is_wider = self.all.first() != Some(rule.spec);
        let others = if is_wider { rule.rules } else { &self.rules };
        all_are_decided(others, &about, |_, outcome| outcome == own) == Verdict::Holds
    }
}

/// Runs the tests of these files with each change of the rules that they are for. All pass without
/// changes.
pub fn mutate(runner: &Runner<'_>, files: &[(&TestFile, Open<'_>)]) -> (Noticed, Vec<Finding>) {
    let (mut noticed, mut notes) = (Noticed::default(), Vec::new());
    for target in runner.targets {
        let tests: Vec<_> =
            files.iter().filter(|(file, _)| file.target.value == target.name).collect();
        if tests.is_empty() {
            continue;
        }
        for rule in target.rules() {
            let mut missed = Vec::new();
            for change in changes(rule) {
                let spec = Target::Rules(change.rules.clone());
                let changed = [TargetAt { name: target.name, setting: target.setting, spec }];
                let is_noticed = tests.iter().any(|(file, open)| {
                    let coverage = Coverage::default();
                    let mut runner = Runner { targets: &changed, coverage, ..*runner };
                    !runner.passes(file, *open)
                });
                if !is_noticed && change.is_without_effect(rule, runner.semantics) {
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

fn changes(rule: RuleAt<'_>) -> Vec<Change> {
    let number = rule.number;
    let with = |change: &dyn Fn(&mut Vec<Option<RuleSpec>>)| {
        let mut rules = rule.rules.clone();
        change(&mut rules.rules);
        rules
    };
    let replaced = |spec: RuleSpec| {
        with(&|rules| {
            if let Some(place) = rules.get_mut(number) {
                *place = Some(spec.clone());
            }
        })
    };
    let earlier: Vec<RuleSpec> = rule.rules.rules.iter().take(number).flatten().cloned().collect();
    let change = |at, what: String, rules, all: &[&RuleSpec], none: &[&RuleSpec]| {
        let all = all.iter().copied().cloned().collect();
        let none = earlier.iter().chain(none.iter().copied()).cloned().collect();
        Change { at, what, rules, all, none }
    };
    let (at, own) = (rule.span(), rule.spec);
    let deleted = with(&|rules| drop(rules.remove(number)));
    let mut changes = vec![change(at, "deleted".to_owned(), deleted, &[own], &[])];
    if let Some(next) = rule.target.rule(number + 1) {
        let rules = with(&|rules| rules.swap(number, number + 1));
        let what = format!("moved after {}", next.name());
        changes.push(change(at, what, rules, &[own, next.spec], &[]));
    }
    let other = match Outcome::of(Some(own)) {
        Outcome::Dropped => Some((1, "kept".to_owned())),
        Outcome::Rate(rate) => {
            let double = rate.saturating_mul(2);
            Some((double, format!("kept 1 in {double}")))
        }
        Outcome::Sampler(_) => None,
    };
    if let Some((sample_rate, what)) = other {
        let spec = RuleSpec { sample_rate, drop: false, ..own.clone() };
        changes.push(change(at, what, replaced(spec), &[own], &[]));
    }
    for (place, condition) in rule.conditions().enumerate() {
        let mut wider = own.clone();
        if let Some(conditions) = &mut wider.conditions {
            conditions.remove(place);
        }
        let rules = replaced(wider.clone());
        changes.push(change(condition.span(), "deleted".to_owned(), rules, &[&wider], &[own]));
    }
    changes
}
