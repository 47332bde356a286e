//! Proposes tests for what no test exercises: each rule that can decide a trace, and each outcome that
//! a condition can have.
//!
//! A proposed test is read back and run before it is accepted, so it passes, and exercises what it is
//! for.

use super::NOT_COVERABLE;
use super::coverage::Exercise;
use super::decision::Fate;
use super::example::{scalar, spans};
use super::read::read;
use super::run::Runner;
use super::text::{Entry, new_file};
use crate::checks::{RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::Trace;
use crate::engine::spec::Target;
use crate::proof::{Answer, Exerciser, Outcome};
use crate::span::{FileId, Span};
use crate::traces::{Decided, Run, wording};
use crate::vfs::input_error::{InputError, InputProblem};
use std::io::Read;

/// Tests of a target, and what no test can exercise.
#[derive(Debug, Default)]
pub struct Proposal {
    pub tests: Vec<Entry>,
    /// A note for each rule that cannot be exercised completely.
    pub notes: Vec<Finding>,
    pub remaining: Remaining,
}

/// How many rules and outcomes no test exercises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remaining {
    /// It is proved that no trace does.
    pub impossible: usize,
    /// The search found no trace that can be written, and no proof.
    pub undecided: usize,
}

impl Remaining {
    pub fn add(&mut self, other: Self) {
        self.impossible += other.impossible;
        self.undecided += other.undecided;
    }
}

/// Why something is not exercised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    Impossible,
    Undecided,
    /// A trace was found, but no test file can express it, or Refinery exits on it.
    NoTest,
}

/// Proposes tests of a target, and adds what they exercise.
pub fn propose(runner: &mut Runner<'_>, target: &TargetAt<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    let Target::Rules(rules) = &target.spec else { return proposal };
    let mut exerciser = Exerciser::new(rules, runner.semantics);
    for rule in target.rules() {
        let mut missing = Vec::new();
        let decides = Exercise::Decides;
        if !runner.coverage.has(rule, decides) {
            let answer = exerciser.decided_by(rule.number);
            let obstacle = proposal.attempt(runner, rule, decides, answer);
            missing.extend(obstacle.map(|obstacle| (decides, obstacle)));
        }
        let count = rule.conditions().count();
        for condition in 0..count {
            let fails = Exercise::Outcome { condition, holds: false };
            if !runner.coverage.has(rule, fails) {
                let answer = exerciser.fails_at(rule.number, condition);
                let obstacle = proposal.attempt(runner, rule, fails, answer);
                missing.extend(obstacle.map(|obstacle| (fails, obstacle)));
            }
        }
        for condition in 0..count {
            let holds = Exercise::Outcome { condition, holds: true };
            if !runner.coverage.has(rule, holds) {
                // It holds if the rule decides, or a later condition is the first that fails.
                missing.push((holds, obstacle_of_later(&missing, condition)));
            }
        }
        proposal.add_missing(rule, &missing);
    }
    proposal
}

fn obstacle_of_later(missing: &[(Exercise, Obstacle)], condition: usize) -> Obstacle {
    let is_later = |exercise: &Exercise| match exercise {
        Exercise::Decides => true,
        Exercise::Outcome { condition: other, holds } => !holds && *other > condition,
    };
    let later = missing.iter().filter(|(exercise, _)| is_later(exercise));
    let open = later.map(|(_, obstacle)| *obstacle).find(|o| *o != Obstacle::Impossible);
    open.unwrap_or(Obstacle::Impossible)
}

impl Proposal {
    /// Adds a test with a found trace, unless there is an obstacle.
    fn attempt(
        &mut self,
        runner: &mut Runner<'_>,
        rule: RuleAt<'_>,
        exercise: Exercise,
        answer: Answer,
    ) -> Option<Obstacle> {
        let trace = match answer {
            Answer::Possible(trace) => trace,
            Answer::Impossible(_) => return Some(Obstacle::Impossible),
            Answer::Unknown => return Some(Obstacle::Undecided),
        };
        let Some(entry) = entry(rule, exercise, &trace) else { return Some(Obstacle::NoTest) };
        let text = new_file(rule.target.name, None, std::slice::from_ref(&entry));
        let Some(file) = read(FileId(0), &text).file else { return Some(Obstacle::NoTest) };
        let mut trial = Runner { coverage: runner.coverage.clone(), ..*runner };
        if !trial.passes(&file, &no_recording) || !trial.coverage.has(rule, exercise) {
            return Some(Obstacle::NoTest);
        }
        runner.coverage = trial.coverage;
        self.tests.push(entry);
        None
    }

    fn add_missing(&mut self, rule: RuleAt<'_>, missing: &[(Exercise, Obstacle)]) {
        for (_, obstacle) in missing {
            let is_impossible = *obstacle == Obstacle::Impossible;
            self.remaining.impossible += usize::from(is_impossible);
            self.remaining.undecided += usize::from(!is_impossible);
        }
        if missing.is_empty() {
            return;
        }
        let (name, target) = (rule.name(), rule.target.name);
        let is_proved = missing.iter().all(|(_, obstacle)| *obstacle == Obstacle::Impossible);
        let message = if is_proved {
            format!("no test can exercise all of {name} of `{target}`")
        } else {
            format!("found no test that exercises all of {name} of `{target}`")
        };
        let finding = Finding::new(&NOT_COVERABLE, message);
        let labelled = missing.iter().fold(finding, |finding, (exercise, obstacle)| {
            finding.at_some(place(rule, *exercise), label(*exercise, *obstacle))
        });
        self.notes.push(labelled);
    }
}

fn place(rule: RuleAt<'_>, exercise: Exercise) -> Option<Span> {
    match exercise {
        Exercise::Decides => rule.span(),
        Exercise::Outcome { condition, .. } => rule.condition(condition)?.span(),
    }
}

fn label(exercise: Exercise, obstacle: Obstacle) -> String {
    let what = match exercise {
        Exercise::Decides => "deciding",
        Exercise::Outcome { holds: true, .. } => "true",
        Exercise::Outcome { holds: false, .. } => "false",
    };
    match obstacle {
        Obstacle::Impossible => format!("{what}: no trace does this"),
        Obstacle::Undecided => format!("{what}: not decided within the limits"),
        Obstacle::NoTest => format!("{what}: only for traces that a test cannot express"),
    }
}

fn no_recording(_: &str) -> Result<Box<dyn Read>, InputError> {
    Err(InputError::new(InputProblem::Missing, "", ""))
}

/// A test of a trace, with the decision about it. `None` if Refinery exits.
fn entry(rule: RuleAt<'_>, exercise: Exercise, trace: &Trace) -> Option<Entry> {
    let target = rule.target;
    let run = Run::new(target.name, &target.spec, 0).started();
    let decided = run.clone().decide(trace).outcome.ok()?;
    let mut lines = vec![format!("- name: {}", scalar(&name(rule, exercise)))];
    lines.push("  trace:".to_owned());
    lines.extend(spans(trace).into_iter().map(|span| format!("    - {span}")));
    lines.push(format!("  expect: {{{}}}", expectation(target, &decided)));
    Some(lines)
}

/// What the test shows, until a person knows better.
fn name(rule: RuleAt<'_>, exercise: Exercise) -> String {
    let name = rule.name();
    let Exercise::Outcome { condition, holds } = exercise else {
        return format!("{name} decides");
    };
    let condition = rule.condition(condition).map(|condition| wording(condition.spec));
    format!("{name}: {} is {holds}", condition.unwrap_or_default())
}

/// `keep: 1 in 50, rule: slow`. The rate of a dynamic sampler says nothing about the rules.
fn expectation(target: &TargetAt<'_>, decided: &Decided) -> String {
    let rule = decided.rule.and_then(|number| target.rule(number)).map(|rule| rule.spec);
    let name = rule.map(|rule| rule.name.as_str()).filter(|name| !name.is_empty());
    let is_certain = Fate::of_outcome(Outcome::of(rule)).is_some();
    let fate = Fate::of(decided, &target.spec).written();
    let keep = (is_certain || name.is_none()).then(|| format!("keep: {fate}"));
    let rule = name.map(|name| format!("rule: {}", scalar(name)));
    keep.into_iter().chain(rule).collect::<Vec<_>>().join(", ")
}
