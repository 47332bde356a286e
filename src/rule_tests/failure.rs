//! The finding for a failed test: what was decided, by which rule, and why not by others.

use super::FAILED;
use super::decision::Fate;
use super::expectation::Placed;
use crate::checks::{ConditionAt, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::{Crash, MismatchReason};
use crate::span::Span;
use crate::traces::{Decided, why_not};

/// At most this many earlier rules are shown.
const MAX_EARLIER: usize = 4;

/// A decision about a trace, and what it is about.
pub struct Decision<'a> {
    pub target: &'a TargetAt<'a>,
    pub decided: &'a Decided,
    pub fate: Fate,
}

/// What a decision is not: the fate or the rule of an expectation.
pub enum Missed<'e> {
    Fate(&'e Placed<Fate>),
    Rule(&'e Placed<String>),
}

impl Decision<'_> {
    fn rule(&self) -> Option<RuleAt<'_>> {
        self.target.rule(self.decided.rule?)
    }

    /// Which rule decides, if the target has rules.
    fn decider(&self) -> String {
        match self.rule() {
            Some(rule) => format!("{} decides", rule.name()),
            None if self.target.rules().next().is_some() => "no rule matches".to_owned(),
            None => format!("the sampler of `{}` decides", self.target.name),
        }
    }

    /// The finding; `what` begins a sentence about the traces, such as `the trace is`.
    pub fn failure(&self, test: &str, what: &str, missed: &Missed<'_>) -> Finding {
        let (fate, decider) = (self.fate, self.decider());
        let message = format!("`{test}`: {what} {fate}: {decider}");
        let finding = Finding::new(&FAILED, message);
        let finding = match missed {
            Missed::Fate(expected) => finding.at(expected.span, fate.to_string()),
            Missed::Rule(expected) => finding.at(expected.span, decider),
        };
        let finding = match self.rule() {
            Some(rule) => finding.at_some(rule.span(), format!("decides: {fate}")),
            None => finding.at_some(self.target.span(), format!("decided here: {fate}")),
        };
        match missed {
            Missed::Rule(expected) => self.explain_rule(finding, &expected.value),
            Missed::Fate(_) => self.explain_earlier(finding),
        }
    }

    /// Why the expected rule does not decide.
    fn explain_rule(&self, finding: Finding, expected: &str) -> Finding {
        let Some(rule) = self.target.rules().find(|rule| rule.spec.name == expected) else {
            return finding;
        };
        let Some(reason) = self.decided.mismatches.get(rule.number) else {
            let finding = finding.at_some(rule.span(), "not reached");
            let Some(first) = self.rule() else { return finding };
            let (name, first) = (rule.name(), first.name());
            return finding.help(format!(
                "move {name} before {first}, or make {first} narrower, or correct the test"
            ));
        };
        let finding = mismatch(finding, rule, *reason);
        let why = why_not(rule.spec, *reason);
        finding.help(format!("{} does not match: {why}; correct the rule or the test", rule.name()))
    }

    /// Why the rules before the one that decides do not match.
    fn explain_earlier(&self, finding: Finding) -> Finding {
        let mismatches = &self.decided.mismatches;
        let earlier: Vec<(RuleAt<'_>, MismatchReason)> = self
            .target
            .rules()
            .filter_map(|rule| Some((rule, *mismatches.get(rule.number)?)))
            .collect();
        let shown = earlier.iter().take(MAX_EARLIER);
        let finding = shown
            .clone()
            .fold(finding, |finding, (rule, reason)| mismatch(finding, *rule, *reason));
        let reasons: Vec<String> = shown
            .map(|(rule, reason)| format!("{}: {}", rule.name(), why_not(rule.spec, *reason)))
            .collect();
        let more = match earlier.len().saturating_sub(MAX_EARLIER) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let what = self.rule().map_or_else(|| "the rules".to_owned(), RuleAt::name);
        let fix = format!("change {what} or the expectation");
        finding.help(if reasons.is_empty() {
            fix
        } else {
            format!("{fix}; earlier rules do not match: {}{more}", reasons.join("; "))
        })
    }
}

/// A label at the condition for which a rule does not match.
fn mismatch(finding: Finding, rule: RuleAt<'_>, reason: MismatchReason) -> Finding {
    let span = match reason {
        MismatchReason::Condition(number) => rule.condition(number).and_then(ConditionAt::span),
        MismatchReason::NoSpans => rule.span(),
    };
    finding.at_some(span, format!("{} does not match here", rule.name()))
}

/// The finding for a trace on which Refinery crashes.
pub fn crash(test: &str, at: Span, target: &TargetAt<'_>, crash: Crash) -> Finding {
    let message = format!("`{test}`: Refinery exits: {crash}");
    let label = format!("Refinery exits with status {}", crash.exit_status());
    Finding::new(&FAILED, message)
        .at(at, label)
        .at_some(target.span(), "this target")
        .help("run `refinery-preflight check` to see what is wrong with this target")
}
