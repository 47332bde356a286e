//! Describes verdicts and findings, for the formats that people read.
//!
//! Must not do layout. Names and values are not escaped: each format has its own rules.

use super::Detail;
use super::view::{Located, View};
use crate::counted::counted;
use crate::verdict::{FileOutcome, FirstTrace, LiveReload, StartUp, Verdict, is_nothing_checked};

/// The sign before an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Good,
    Bad,
    Depends,
    NotReached,
}

impl Sign {
    pub fn mark(self) -> char {
        match self {
            Self::Good => '✔',
            Self::Bad => '✘',
            Self::Depends => '?',
            Self::NotReached => '–',
        }
    }
}

/// The answer to one of the three questions: start-up, live reload, first trace.
pub struct Answer {
    pub question: &'static str,
    pub sign: Sign,
    pub text: String,
    /// A short form, used if the answer is good.
    brief: &'static str,
}

/// At most this many names are listed; the rest is only counted.
const NAMES: usize = 3;

pub fn answers(verdict: &Verdict) -> [Answer; 3] {
    [start_up(verdict), live_reload(verdict), first_trace(verdict)]
}

fn start_up(verdict: &Verdict) -> Answer {
    let (sign, text) = match verdict.start_up {
        StartUp::Ready => (Sign::Good, "ready".to_owned()),
        StartUp::Refused => (Sign::Bad, "Refinery exits".to_owned()),
        StartUp::NeverReady => (Sign::Bad, "Refinery never becomes ready".to_owned()),
        StartUp::Depends => {
            let machine = verdict.machine.iter().cloned();
            let needs: Vec<String> = variables(verdict).into_iter().chain(machine).collect();
            (Sign::Depends, format!("depends on {}", needs.join(", ")))
        }
    };
    Answer { question: "start-up", sign, text, brief: "starts" }
}

fn live_reload(verdict: &Verdict) -> Answer {
    let (sign, text) = match verdict.live_reload {
        LiveReload::Accepted => (Sign::Good, "accepted".to_owned()),
        LiveReload::Rejected => {
            (Sign::Bad, "rejected, running nodes keep the old configuration".to_owned())
        }
        LiveReload::Crashes => (Sign::Bad, "running nodes crash".to_owned()),
        LiveReload::Depends => {
            let variables: Vec<String> = variables(verdict).into_iter().collect();
            (Sign::Depends, format!("depends on {}", variables.join(", ")))
        }
    };
    Answer { question: "live reload", sign, text, brief: "reloads" }
}

/// The variables that the answer depends on; `None` if there are none.
fn variables(verdict: &Verdict) -> Option<String> {
    let names = names(verdict.variables.keys().map(String::as_str));
    (!names.is_empty()).then_some(names)
}

fn first_trace(verdict: &Verdict) -> Answer {
    let of = |wanted: FirstTrace| {
        let targets = verdict.first_trace.iter().filter(move |(_, answer)| *answer == wanted);
        targets.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    let (all, some) = (of(FirstTrace::Crashes), of(FirstTrace::CrashesOnSome));
    let handled =
        format!("{} of {}", of(FirstTrace::Handled).len(), targets(verdict.first_trace.len()));
    let (sign, text) = match (all.is_empty(), some.is_empty()) {
        (true, true) if verdict.first_trace.is_empty() => {
            let is_reached = verdict.start_up != StartUp::Refused;
            let text = if is_reached { "not checked, no rules" } else { "not reached" };
            (Sign::NotReached, text.to_owned())
        }
        (true, true) => (Sign::Good, format!("handled for {handled}")),
        (false, true) => {
            (Sign::Bad, format!("crashes Refinery for {} (handled for {handled})", names(all)))
        }
        (true, false) => {
            let some = names(some);
            (Sign::Bad, format!("some traces crash Refinery for {some} (handled for {handled})"))
        }
        (false, false) => {
            let (all, some) = (names(all), names(some));
            let text = format!(
                "crashes Refinery for {all}, some traces for {some} (handled for {handled})"
            );
            (Sign::Bad, text)
        }
    };
    Answer { question: "first trace", sign, text, brief: "handles the first trace" }
}

fn targets(count: usize) -> String {
    counted(count, "target")
}

/// A summary if no answer is bad: `starts, reloads, handles the first trace`.
pub fn summary_if_good(verdict: &Verdict) -> Option<String> {
    let answers = answers(verdict);
    let (good, rest): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.sign == Sign::Good);
    if rest.iter().any(|answer| answer.sign != Sign::NotReached) {
        return None;
    }
    let good: Vec<&str> = good.iter().map(|answer| answer.brief).collect();
    let rest = rest.iter().map(|answer| format!(" ({}: {})", answer.question, answer.text));
    Some(good.join(", ") + &rest.collect::<String>())
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_at_checked(NAMES) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{} and {} more", first.join(", "), rest.len())
        }
        _ => names.join(", "),
    }
}

/// The message of a finding, with ` (v2.9.0–v3.0.0 only)` if other checked releases do not have it,
/// ` (v3.5.0 may accept this)` if the running release is not the checked one, and ` (old)` if the
/// finding is older than the change.
pub fn message(located: &Located<'_>) -> String {
    let message = &located.finding.message;
    let old = if located.new == Some(false) { " (old)" } else { "" };
    let doubt = located.doubt.map(|doubt| format!(" ({doubt})")).unwrap_or_default();
    match &located.only {
        Some(only) => format!("{message} ({only} only){doubt}{old}"),
        None => format!("{message}{doubt}{old}"),
    }
}

/// The message and, on another line, the help.
pub fn advice(located: &Located<'_>) -> String {
    let message = message(located);
    match &located.finding.help {
        Some(help) => format!("{message}\nhelp: {help}"),
        None => message,
    }
}

/// Why a file was not checked.
pub fn not_checked(by: &str, reason: &str) -> String {
    format!("not checked, excluded by {by}: {reason}")
}

/// The findings to print, and a line about those left out.
pub fn limited<'v, 'a>(
    view: &'v View<'a>,
    detail: &Detail,
) -> (Vec<&'v Located<'a>>, Option<String>) {
    let mut findings = view.findings();
    if detail.statistics {
        return (Vec::new(), None);
    }
    let most = detail.max_diagnostics.unwrap_or(usize::MAX);
    let more = findings.len().saturating_sub(most);
    findings.truncate(most);
    let line = format!(
        "{} not shown; remove `--max-diagnostics` to see all",
        counted(more, "more finding")
    );
    (findings, (more > 0).then_some(line))
}

/// `9 fixable with --fix, 2 more with --unsafe-fixes`; `None` if nothing can be fixed.
pub fn fixable(view: &View<'_>) -> Option<String> {
    let findings = view.findings();
    let fixes = || findings.iter().filter_map(|located| located.finding.fix.as_ref());
    let safe = fixes().filter(|fix| fix.is_safe).count();
    match (safe, fixes().count() - safe) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{safe} fixable with `--fix`")),
        (0, others) => Some(format!("{others} fixable with `--fix --unsafe-fixes`")),
        (safe, others) => {
            Some(format!("{safe} fixable with `--fix`, {others} more with `--unsafe-fixes`"))
        }
    }
}

/// The summary line: `blocked: 1 error, 2 warnings (1 new, 2 old), 3 suppressed`.
pub fn conclusion(view: &View<'_>) -> String {
    let is_nothing_checked = view.deployments.is_empty()
        || is_nothing_checked(view.deployments.iter().map(|d| d.report));
    let word = match (is_nothing_checked, view.blocked) {
        (_, true) => "blocked",
        (true, false) => "nothing was checked",
        (false, false) => "passed",
    };
    let counted = match view.count().to_string() {
        count if count.is_empty() => count,
        count => count + &ages(view),
    };
    let suppressed = match view.suppressed().len() {
        0 => String::new(),
        number => format!("{number} suppressed"),
    };
    let counts: Vec<String> = [counted, suppressed].into_iter().filter(|c| !c.is_empty()).collect();
    if counts.is_empty() { word.to_owned() } else { format!("{word}: {}", counts.join(", ")) }
}

/// `checked 2 deployments (4 files), 1 excluded, 31 other files`.
pub fn coverage(view: &View<'_>) -> String {
    let is = |fits: fn(&FileOutcome) -> bool| {
        let files = view.files.iter().filter(|file| !file.name.ends_with('/'));
        files.filter(|file| fits(&file.outcome)).count()
    };
    let deployments = view.deployments.iter().filter(|d| !d.report.verdicts.is_empty()).count();
    let files = is(|outcome| matches!(outcome, FileOutcome::Checked(_)));
    let checked =
        format!("checked {} ({})", counted(deployments, "deployment"), counted(files, "file"));
    let others = [
        (is(|outcome| *outcome == FileOutcome::CannotCheck), "could not be checked"),
        (is(|outcome| matches!(outcome, FileOutcome::Excluded { .. })), "excluded"),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others = others.map(|(count, word)| format!("{count} {word}"));
    let rest = match is(|outcome| matches!(outcome, FileOutcome::NotRefinery(_))) {
        0 => None,
        count => Some(counted(count, "other file")),
    };
    let parts: Vec<String> = std::iter::once(checked).chain(others).chain(rest).collect();
    parts.join(", ")
}

/// How many findings are new and how many are old, if that is known.
fn ages(view: &View<'_>) -> String {
    let findings = view.findings();
    let count = |new| findings.iter().filter(|finding| finding.new == Some(new)).count();
    match (count(true), count(false)) {
        (0, 0) => String::new(),
        (new, old) => format!(" ({new} new, {old} old)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn verdict(start_up: StartUp, answers: &[FirstTrace]) -> Verdict {
        let targets = answers.iter().zip('a'..).map(|(answer, name)| (name.to_string(), *answer));
        Verdict {
            release: String::new(),
            start_up,
            live_reload: LiveReload::Accepted,
            first_trace: targets.collect(),
            variables: BTreeMap::from([("HOST".to_owned(), String::new())]),
            machine: vec!["port `80` being free".to_owned()],
        }
    }

    #[test]
    fn start_up_lists_its_dependencies() {
        for (start_up, sign, text) in [
            (StartUp::Ready, Sign::Good, "ready"),
            (StartUp::Refused, Sign::Bad, "Refinery exits"),
            (StartUp::NeverReady, Sign::Bad, "Refinery never becomes ready"),
            (StartUp::Depends, Sign::Depends, "depends on `HOST`, port `80` being free"),
        ] {
            let answer = super::start_up(&verdict(start_up, &[]));
            assert_eq!((answer.sign, &*answer.text), (sign, text), "{start_up:?}");
        }
    }

    #[test]
    fn first_trace_lists_the_targets_that_crash() {
        use FirstTrace::{Crashes, CrashesOnSome, Handled};
        for (answers, sign, text) in [
            (&[][..], Sign::NotReached, "not checked, no rules"),
            (&[Handled], Sign::Good, "handled for 1 of 1 target"),
            (&[Handled, Handled], Sign::Good, "handled for 2 of 2 targets"),
            (
                &[Handled, Crashes],
                Sign::Bad,
                "crashes Refinery for `b` (handled for 1 of 2 targets)",
            ),
            (
                &[CrashesOnSome],
                Sign::Bad,
                "some traces crash Refinery for `a` (handled for 0 of 1 target)",
            ),
            (
                &[CrashesOnSome, Crashes],
                Sign::Bad,
                "crashes Refinery for `b`, some traces for `a` (handled for 0 of 2 targets)",
            ),
            (
                &[Crashes; 5],
                Sign::Bad,
                "crashes Refinery for `a`, `b`, `c` and 2 more (handled for 0 of 5 targets)",
            ),
        ] {
            let answer = first_trace(&verdict(StartUp::Ready, answers));
            assert_eq!((answer.sign, &*answer.text), (sign, text), "{answers:?}");
        }
        let refused = first_trace(&verdict(StartUp::Refused, &[]));
        assert_eq!((refused.sign, &*refused.text), (Sign::NotReached, "not reached"));
    }

    #[test]
    fn a_summary_needs_good_answers() {
        use FirstTrace::{Crashes, Handled};
        let phrase =
            |start_up, answers: &[FirstTrace]| summary_if_good(&verdict(start_up, answers));
        let good = phrase(StartUp::Ready, &[Handled]);
        assert_eq!(good.as_deref(), Some("starts, reloads, handles the first trace"));
        let without_rules = phrase(StartUp::Ready, &[]);
        let expected = "starts, reloads (first trace: not checked, no rules)";
        assert_eq!(without_rules.as_deref(), Some(expected));
        assert_eq!(phrase(StartUp::Depends, &[Handled]), None);
        assert_eq!(phrase(StartUp::Ready, &[Crashes]), None);
    }
}
