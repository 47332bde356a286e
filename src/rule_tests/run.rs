//! Runs the tests of a file.

use super::coverage::Coverage;
use super::decision::{Fate, rules_of, share};
use super::example;
use super::expectation::{Expectation, Placed, Share};
use super::failure::{Decision, Missed, crash};
use super::pattern::Pattern;
use super::read::{Pace, Subject, Test, TestFile};
use super::recorded::each_trace;
use super::{FAILED, UNPROVED, invalid};
use crate::checks::TargetAt;
use crate::diagnostic::Finding;
use crate::engine::ingest::IntakeSettings;
use crate::engine::spec::RuleSpec;
use crate::engine::{Crash, Fields, Trace};
use crate::proof::{About, Outcome, Semantics, Verdict, all_are_decided};
use crate::schema::nearest;
use crate::span::{FileId, Span};
use crate::traces::{BadInput, Decided, Route, Run, TraceResult};
use crate::vfs::input_error::InputError;
use std::fmt;
use std::io::Read;

/// Opens a file with traces, named relative to the test file.
pub type Open<'o> = &'o dyn Fn(&str) -> Result<Box<dyn Read>, InputError>;

/// The rules of one deployment, to run tests against.
pub struct Runner<'r> {
    pub targets: &'r [TargetAt<'r>],
    pub intake: &'r IntakeSettings,
    /// How the release evaluates conditions.
    pub semantics: Semantics,
    pub coverage: Coverage,
}

/// How many tests passed, failed and could not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub not_run: usize,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.not_run += other.not_run;
    }

    pub fn is_good(self) -> bool {
        self.failed == 0 && self.not_run == 0
    }
}

/// `12 tests passed`, `1 of 12 tests failed, 2 could not run` or `no test ran`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.passed + self.failed + self.not_run;
        let tests = if all == 1 { "test" } else { "tests" };
        match (self.failed, self.not_run) {
            (0, 0) if all == 0 => f.write_str("no test ran"),
            (0, 0) => write!(f, "{all} {tests} passed"),
            (failed, 0) => write!(f, "{failed} of {all} {tests} failed"),
            (0, not_run) => write!(f, "{not_run} of {all} {tests} could not run"),
            (failed, not_run) => {
                write!(f, "{failed} of {all} {tests} failed, {not_run} could not run")
            }
        }
    }
}

/// Why a test did not pass.
enum Fault {
    Failed(Box<Finding>),
    NotRun(Box<Finding>),
}

fn failed(finding: Finding) -> Fault {
    Fault::Failed(Box::new(finding))
}

fn not_run(finding: Finding) -> Fault {
    Fault::NotRun(Box::new(finding))
}

impl Runner<'_> {
    /// Runs all tests of a file.
    pub fn run(&mut self, file: &TestFile, open: Open<'_>) -> (Tally, Vec<Finding>) {
        let (mut tally, mut findings) = (Tally::default(), Vec::new());
        let Some(target) = self.targets.iter().find(|t| t.name == file.target.value) else {
            findings.push(self.unknown_target(&file.target));
            return (Tally { not_run: file.tests.len(), ..tally }, findings);
        };
        let run = Run::new(target.name, &target.spec, 0).started();
        for test in &file.tests {
            match self.test(&run, target, (file.route, test), open) {
                Ok(()) => tally.passed += 1,
                Err(Fault::Failed(finding)) => {
                    tally.failed += 1;
                    findings.push(*finding);
                }
                Err(Fault::NotRun(finding)) => {
                    tally.not_run += 1;
                    findings.push(*finding);
                }
            }
        }
        (tally, findings)
    }

    /// Whether all tests of a file pass.
    pub fn passes(&mut self, file: &TestFile, open: Open<'_>) -> bool {
        let Some(target) = self.targets.iter().find(|t| t.name == file.target.value) else {
            return false;
        };
        let run = Run::new(target.name, &target.spec, 0).started();
        file.tests.iter().all(|test| self.test(&run, target, (file.route, test), open).is_ok())
    }

    fn unknown_target(&self, target: &Placed<String>) -> Finding {
        let names = || self.targets.iter().map(|target| target.name);
        let label = match nearest(&target.value, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "unknown target".to_owned(),
        };
        let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        invalid(target.span, format!("no target `{}` in the rules", target.value), label)
            .help(format!("the rules have {}", names.join(", ")))
    }

    fn test(
        &mut self,
        run: &Run<'_>,
        target: &TargetAt<'_>,
        (route, test): (Route, &Test),
        open: Open<'_>,
    ) -> Result<(), Fault> {
        let expected = &test.expected;
        let unknown = expected.rule.as_ref().and_then(|rule| unknown_rule(target, rule));
        if let Some(finding) = unknown {
            return Err(not_run(finding));
        }
        match &test.subject {
            Subject::Trace(trace) => {
                let claim = Claim { target, test, what: "the trace is".to_owned() };
                let result = run.clone().decide(&route.carry(trace).into_owned().with_metadata());
                let decided = claim.survived(result.outcome)?;
                self.coverage.add(target, &decided);
                claim.missed(&decided).map_or(Ok(()), |finding| Err(failed(finding)))
            }
            Subject::Traces { path, pace } => {
                self.recorded(target, route, test, path, (*pace, open))
            }
            Subject::ForAll { patterns, at } => {
                let claim = Claim { target, test, what: "such a trace can be".to_owned() };
                self.prove(route, &claim, patterns, *at)
            }
        }
    }

    fn recorded(
        &mut self,
        target: &TargetAt<'_>,
        route: Route,
        test: &Test,
        path: &Placed<String>,
        (pace, open): (Pace, Open<'_>),
    ) -> Result<(), Fault> {
        let bad = |error: BadInput| {
            let message = format!("invalid traces in `{}`: {error}", path.value);
            let help = match error {
                BadInput::MissingData(_) => {
                    "thin the original recording for these rules, or record the traces again"
                }
                _ => "expected one trace per line, an OTLP export or a batch of events",
            };
            not_run(invalid(path.span, message, "cannot be read").help(help))
        };
        let stream = open(&path.value).map_err(|error| {
            let finding = invalid(path.span, error.message, "cannot be read");
            not_run(finding.help("paths are relative to the test file"))
        })?;
        let mut run = Run::new(target.name, &target.spec, pace.every);
        let mut seen = Seen::default();
        let mut check = |result: TraceResult| {
            let claim = Claim { target, test, what: format!("trace `{}` is", result.id) };
            let decided = claim.survived(result.outcome)?;
            self.coverage.add(target, &decided);
            seen.add(&decided, || claim.missed(&decided));
            Ok(())
        };
        let most = pace.count.unwrap_or(usize::MAX);
        let mut repeated = Vec::new();
        let mut count = 0;
        let of = (&target.spec, self.intake, route, self.semantics);
        each_trace(stream, of, &bad, |trace| {
            if count == most {
                return Ok(());
            }
            count += 1;
            let matched = run.find_match(trace, true);
            if pace.count.is_some() {
                repeated.push(matched.clone());
            }
            check(run.settle(matched))
        })?;
        let missing = pace.count.map_or(0, |wanted| wanted - count);
        for matched in repeated.iter().cycle().take(missing) {
            check(run.settle(matched.clone()))?;
        }
        seen.conclude(test)
    }

    /// Proves the expectation for all traces that meet the conditions, or shows one that is decided
    /// otherwise.
    fn prove(
        &self,
        route: Route,
        claim: &Claim<'_>,
        patterns: &[Pattern],
        at: Span,
    ) -> Result<(), Fault> {
        let Claim { target, test, .. } = claim;
        // A sampler that cannot be built crashes Refinery on every trace.
        let mut some = Trace::new("test");
        some.push_root(Fields::default());
        claim.survived(Run::new(target.name, &target.spec, 0).decide(&some).outcome)?;
        let Some(rules) = rules_of(&target.spec) else {
            return Err(not_run(unproved(&test.name, at)));
        };
        let select = |is_excluded| -> Vec<RuleSpec> {
            let selected = patterns.iter().filter(|p| p.is_excluded == is_excluded);
            selected.map(|pattern| pattern.rule.clone()).collect()
        };
        let (all, none) = (select(false), select(true));
        // Only a route that makes numbers unsigned has such values.
        let has_rare_values = route == Route::Msgpack;
        let about = About { all: &all, none: &none, has_rare_values, semantics: self.semantics };
        let Expectation { keep, rule, .. } = &test.expected;
        let may_be = |number: Option<usize>, outcome: Outcome<'_>| {
            let fate = Fate::of_outcome(outcome);
            let name = number.and_then(|number| rules.rules.get(number)?.as_ref());
            keep.as_ref().is_none_or(|keep| fate == Some(keep.value))
                && rule.as_ref().is_none_or(|rule| name.is_some_and(|n| n.name == rule.value))
        };
        match all_are_decided(&rules, &about, may_be) {
            Verdict::Refuted(trace) => Err(failed(refuted(claim, &trace, at))),
            Verdict::Unknown => Err(not_run(unproved(&test.name, at))),
            Verdict::Holds => match all_are_decided(&rules, &about, |_, _| false) {
                Verdict::Refuted(_) => Ok(()),
                Verdict::Unknown => Err(not_run(unproved(&test.name, at))),
                Verdict::Holds => {
                    let message = format!("`{}`: no trace meets these conditions", test.name);
                    let finding = invalid(at, message, "contradictory");
                    Err(not_run(finding.help("remove one of the conditions")))
                }
            },
        }
    }
}

/// The decisions about the recorded traces of a test.
#[derive(Default)]
struct Seen {
    count: usize,
    /// How many are not as expected, and the finding about the first.
    missed: usize,
    first: Option<Finding>,
    /// How many are kept; a trace that is kept one in n counts as an n-th.
    kept: f64,
}

impl Seen {
    fn add(&mut self, decided: &Decided, missed: impl FnOnce() -> Option<Finding>) {
        self.count += 1;
        self.kept += share(decided);
        if let Some(finding) = missed() {
            self.missed += 1;
            self.first.get_or_insert(finding);
        }
    }

    fn conclude(self, test: &Test) -> Result<(), Fault> {
        let Self { count, missed, first, kept } = self;
        if let Some(mut finding) = first {
            if count > 1 {
                let message = finding.message;
                finding.message =
                    format!("{message} ({missed} of {count} traces are not as expected)");
            }
            return Err(failed(finding));
        }
        match &test.expected.kept {
            Some(expected) => in_range(&test.name, expected, kept, count),
            None => Ok(()),
        }
    }
}

/// A test about traces that are decided.
struct Claim<'t> {
    target: &'t TargetAt<'t>,
    test: &'t Test,
    /// The beginning of a sentence about the traces, such as `the trace is`.
    what: String,
}

impl Claim<'_> {
    fn survived(&self, outcome: Result<Decided, Crash>) -> Result<Decided, Fault> {
        outcome.map_err(|reason| {
            let at = place(&self.test.expected);
            failed(crash(&self.test.name, at, self.target, reason))
        })
    }

    /// The finding if a decision is not as expected.
    fn missed(&self, decided: &Decided) -> Option<Finding> {
        let Self { target, test, what } = self;
        let fate = Fate::of(decided, &target.spec);
        let decision = Decision { target, decided, fate };
        missed(target, test, decided).map(|missed| decision.failure(&test.name, what, &missed))
    }
}

/// Whether Refinery crashes or does not decide the trace of a test as expected.
pub fn is_missed(target: &TargetAt<'_>, test: &Test, outcome: &Result<Decided, Crash>) -> bool {
    outcome.as_ref().map_or(true, |decided| missed(target, test, decided).is_some())
}

/// What of a decision is not as expected.
fn missed<'t>(target: &TargetAt<'_>, test: &'t Test, decided: &Decided) -> Option<Missed<'t>> {
    let fate = Fate::of(decided, &target.spec);
    let Expectation { keep, rule, .. } = &test.expected;
    let name = decided.rule.and_then(|number| target.rule(number));
    let is_other = |rule: &&Placed<String>| name.is_none_or(|n| n.spec.name != rule.value);
    match (rule.as_ref().filter(is_other), keep) {
        (Some(rule), _) => Some(Missed::Rule(rule)),
        (None, Some(keep)) if keep.value != fate => Some(Missed::Fate(keep)),
        _ => None,
    }
}

/// The place of an expectation.
fn place(expected: &Expectation) -> Span {
    let keep = expected.keep.as_ref().map(|keep| keep.span);
    let rule = expected.rule.as_ref().map(|rule| rule.span);
    let kept = expected.kept.as_ref().map(|kept| kept.span);
    keep.or(rule).or(kept).unwrap_or(Span::new(FileId(0), 0, 0))
}

/// The finding that the target has no rule of this name.
fn unknown_rule(target: &TargetAt<'_>, expected: &Placed<String>) -> Option<Finding> {
    let names = || target.rules().map(|rule| rule.spec.name.as_str());
    if names().any(|name| name == expected.value) {
        return None;
    }
    let label = match nearest(&expected.value, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "unknown rule".to_owned(),
    };
    let message = format!("no rule `{}` in the target `{}`", expected.value, target.name);
    Some(invalid(expected.span, message, label).at_some(target.span(), "the target"))
}

#[expect(clippy::cast_precision_loss, reason = "a share in percent")]
fn in_range(test: &str, expected: &Placed<Share>, kept: f64, count: usize) -> Result<(), Fault> {
    let percent = kept * 100.0 / count.max(1) as f64;
    if expected.value.holds(percent) {
        return Ok(());
    }
    let Share { least, most } = expected.value;
    let than = if percent < least {
        format!("less than {least} %")
    } else {
        format!("more than {most} %")
    };
    let message = format!("`{test}`: {percent:.2} % of {count} traces are kept, {than}");
    let finding = Finding::new(&FAILED, message)
        .at(expected.span, format!("{percent:.2} % are kept"))
        .help("run `refinery-preflight trace` to see which rule decides each trace");
    Err(failed(finding))
}

fn refuted(claim: &Claim<'_>, trace: &Trace, at: Span) -> Finding {
    let Claim { target, test, .. } = claim;
    let result = Run::new(target.name, &target.spec, 0).decide(trace);
    let example = format!("counter-example: trace: {}", example::write(trace));
    let finding = match claim.survived(result.outcome) {
        Ok(decided) => claim.missed(&decided),
        Err(Fault::Failed(finding) | Fault::NotRun(finding)) => Some(*finding),
    };
    let finding = finding.unwrap_or_else(|| {
        let message = format!("`{}`: a dynamic sampler decides, so no rate is certain", test.name);
        Finding::new(&FAILED, message).at(place(&test.expected), "not for all traces")
    });
    let help = match &finding.help {
        Some(help) => format!("{help}; {example}"),
        None => example,
    };
    finding.at(at, "not for all of these traces").help(help)
}

fn unproved(test: &str, at: Span) -> Finding {
    let message = format!("`{test}` can be neither proved nor refuted");
    let finding = Finding::new(&UNPROVED, message).at(at, "undecided");
    finding
        .help("make the conditions narrower, or test single traces; docs/proof.md has the limits")
}
