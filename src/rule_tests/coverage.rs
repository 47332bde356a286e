//! What the traces of tests exercise: the rules that decide one, and the outcomes of conditions.
//!
//! A condition is true in a trace if its rule matches, or a later condition of the rule is the one
//! that does not. What comes after that one, or after the matching rule, is not evaluated.

use super::{LOW_COVERAGE, NOT_COVERED};
use crate::checks::{RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::MismatchReason;
use crate::span::Span;
use crate::traces::{Decided, wording};
use std::collections::BTreeMap;
use std::fmt;

/// What is exercised of all rules of one deployment.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeMap<(String, usize), RuleCoverage>);

#[derive(Clone, Debug, Default)]
struct RuleCoverage {
    decides: bool,
    /// For each condition, whether it was false and whether it was true.
    conditions: Vec<[bool; 2]>,
}

/// What a trace can exercise of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exercise {
    /// The rule decides it.
    Decides,
    /// The outcome of a condition.
    Outcome { condition: usize, holds: bool },
}

/// How much of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    pub rules: [usize; 2],
    pub outcomes: [usize; 2],
}

impl Coverage {
    pub fn new(targets: &[TargetAt<'_>]) -> Self {
        let rules = targets.iter().flat_map(TargetAt::rules).map(|rule| {
            let conditions = vec![[false; 2]; rule.conditions().count()];
            (key(rule), RuleCoverage { decides: false, conditions })
        });
        Self(rules.collect())
    }

    /// Adds what a decision exercises.
    pub fn add(&mut self, target: &TargetAt<'_>, decided: &Decided) {
        for (number, reason) in decided.mismatches.iter().enumerate() {
            let Some(rule) = self.0.get_mut(&(target.name.to_owned(), number)) else { continue };
            let MismatchReason::Condition(wrong) = *reason else { continue };
            for (number, condition) in rule.conditions.iter_mut().enumerate().take(wrong + 1) {
                condition[usize::from(number < wrong)] = true;
            }
        }
        let decider = decided.rule.and_then(|rule| self.0.get_mut(&(target.name.to_owned(), rule)));
        if let Some(rule) = decider {
            rule.decides = true;
            rule.conditions.iter_mut().for_each(|condition| condition[1] = true);
        }
    }

    /// Whether this is exercised of a rule.
    pub fn has(&self, rule: RuleAt<'_>, exercise: Exercise) -> bool {
        let Some(covered) = self.0.get(&key(rule)) else { return false };
        match exercise {
            Exercise::Decides => covered.decides,
            Exercise::Outcome { condition, holds } => {
                covered.conditions.get(condition).is_some_and(|c| c[usize::from(holds)])
            }
        }
    }

    pub fn count(&self) -> Covered {
        let mut covered = Covered::default();
        for rule in self.0.values() {
            covered.rules[0] += usize::from(rule.decides);
            covered.rules[1] += 1;
            let outcomes = rule.conditions.iter().flatten();
            covered.outcomes[0] += outcomes.filter(|is_exercised| **is_exercised).count();
            covered.outcomes[1] += 2 * rule.conditions.len();
        }
        covered
    }

    /// A note for each rule that is not exercised completely.
    pub fn notes(&self, targets: &[TargetAt<'_>]) -> Vec<Finding> {
        targets.iter().flat_map(TargetAt::rules).filter_map(|rule| self.note(rule)).collect()
    }

    fn note(&self, rule: RuleAt<'_>) -> Option<Finding> {
        let covered = self.0.get(&key(rule))?;
        let mut missing: Vec<(Option<Span>, String)> = Vec::new();
        for (condition, [is_false, is_true]) in rule.conditions().zip(&covered.conditions) {
            let what = match (is_false, is_true) {
                (true, true) => continue,
                (true, false) => "never true",
                (false, true) => "never false",
                (false, false) => "never tested",
            };
            missing.push((condition.span(), format!("{}: {what}", wording(condition.spec))));
        }
        if covered.decides && missing.is_empty() {
            return None;
        }
        let (name, target) = (rule.name(), rule.target.name);
        let message = if covered.decides {
            format!("no test exercises all conditions of {name} of `{target}`")
        } else {
            format!("{name} of `{target}` decides no trace of any test")
        };
        let finding = Finding::new(&NOT_COVERED, message);
        let finding = if covered.decides {
            finding
        } else {
            finding.at_some(rule.span(), "decides no trace")
        };
        Some(missing.into_iter().fold(finding, |finding, (span, text)| finding.at_some(span, text)))
    }
}

/// The finding that the tests exercise too little, if they do.
pub fn not_enough(covered: Covered, wanted: u8, at: Span) -> Option<Finding> {
    let is_enough = covered.percent() >= usize::from(wanted);
    (!is_enough).then(|| {
        let message = format!("the tests exercise {covered}, less than {wanted} %");
        Finding::new(&LOW_COVERAGE, message)
            .at(at, "these tests")
            .help("run with `--coverage` to see what no test exercises")
    })
}

impl Covered {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let add = |a: [usize; 2], b: [usize; 2]| [a[0] + b[0], a[1] + b[1]];
        Self { rules: add(self.rules, other.rules), outcomes: add(self.outcomes, other.outcomes) }
    }

    /// The share of rules and outcomes in percent, rounded down.
    pub fn percent(self) -> usize {
        let [some, all] = [0, 1].map(|part| self.rules[part] + self.outcomes[part]);
        (some * 100).checked_div(all).unwrap_or(100)
    }
}

/// `2 of 3 rules and 5 of 8 condition outcomes (63 %)`.
impl fmt::Display for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([rules, all], [outcomes, of]) = (self.rules, self.outcomes);
        let percent = self.percent();
        write!(f, "{rules} of {all} rules and {outcomes} of {of} condition outcomes ({percent} %)")
    }
}

fn key(rule: RuleAt<'_>) -> (String, usize) {
    (rule.target.name.to_owned(), rule.number)
}
