//! Verdicts and findings in words, for the formats that people read.
//!
//! Must not lay anything out; names and values are as written and still need the format's own
//! care.

use super::view::{Located, View};
use crate::verdict::{Boot, FileOutcome, FirstTrace, FreshStart, HotReload, Verdict};

/// The sign before an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Good,
    Bad,
    Depends,
    NotJudged,
}

impl Sign {
    pub fn mark(self) -> char {
        match self {
            Self::Good => '✔',
            Self::Bad => '✘',
            Self::Depends => '?',
            Self::NotJudged => '–',
        }
    }
}

/// One of the three questions, answered.
pub struct Answer {
    pub question: &'static str,
    pub sign: Sign,
    pub text: String,
    /// The same in a word, for one that is good.
    brief: &'static str,
}

/// How many names stand in a line before the rest is only counted.
const NAMES: usize = 3;
const NOT_JUDGED: &str = "not judged yet";

pub fn answers(verdict: &Verdict) -> [Answer; 3] {
    [fresh_start(verdict), hot_reload(verdict), first_trace(verdict)]
}

fn fresh_start(verdict: &Verdict) -> Answer {
    let (sign, text) = match (verdict.fresh_start, verdict.boot) {
        (FreshStart::No, _) => (Sign::Bad, "refused".to_owned()),
        (FreshStart::Yes, Boot::Fails) => {
            (Sign::Bad, "accepted, but never becomes ready".to_owned())
        }
        (FreshStart::Depends, Boot::Fails) => (Sign::Bad, "never becomes ready".to_owned()),
        (FreshStart::Yes, Boot::Depends) => {
            (Sign::Depends, format!("depends on {}", verdict.machine.join(", ")))
        }
        (FreshStart::Depends, _) => (Sign::Depends, depends(verdict)),
        (FreshStart::Yes, Boot::Ready) => (Sign::Good, "ready".to_owned()),
        (FreshStart::Yes, Boot::NotJudged) => {
            (Sign::Good, format!("accepted (readiness {NOT_JUDGED})"))
        }
    };
    let brief = if verdict.boot == Boot::NotJudged { "accepted" } else { "starts" };
    Answer { question: "fresh start", sign, text, brief }
}

fn hot_reload(verdict: &Verdict) -> Answer {
    let (sign, text) = match verdict.hot_reload {
        HotReload::Accepted => (Sign::Good, "accepted".to_owned()),
        HotReload::Refused => {
            (Sign::Bad, "refused, running processes keep the old files".to_owned())
        }
        HotReload::Depends => (Sign::Depends, depends(verdict)),
        HotReload::NotJudged => (Sign::NotJudged, NOT_JUDGED.to_owned()),
    };
    Answer { question: "hot reload", sign, text, brief: "reloads" }
}

fn depends(verdict: &Verdict) -> String {
    format!("depends on {}", names(verdict.depends_on.keys().map(String::as_str)))
}

fn first_trace(verdict: &Verdict) -> Answer {
    let of = |wanted: FirstTrace| {
        let targets = verdict.first_trace.iter().filter(move |(_, fate)| *fate == wanted);
        targets.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    let judged = verdict.first_trace.len() - of(FirstTrace::NotJudged).len();
    let (dying, sometimes) = (of(FirstTrace::Dies), of(FirstTrace::SomeTraces));
    let survive = survivors(of(FirstTrace::Survives).len(), judged);
    let (sign, text) = match (judged, dying.is_empty(), sometimes.is_empty()) {
        (0, ..) => (Sign::NotJudged, NOT_JUDGED.to_owned()),
        (_, true, true) => (Sign::Good, survive),
        (_, false, true) => (Sign::Bad, format!("stops at {} ({survive})", names(dying))),
        (_, true, false) => {
            (Sign::Bad, format!("stops at some traces of {} ({survive})", names(sometimes)))
        }
        _ => {
            let (dying, sometimes) = (names(dying), names(sometimes));
            let text = format!("stops at {dying} and at some traces of {sometimes} ({survive})");
            (Sign::Bad, text)
        }
    };
    Answer { question: "first trace", sign, text, brief: "survives" }
}

/// All in one phrase, where nothing is bad: `starts, reloads, survives`.
pub fn all_well(verdict: &Verdict) -> Option<String> {
    let answers = answers(verdict);
    let (good, unknown): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.sign == Sign::Good);
    if unknown.iter().any(|a| a.sign != Sign::NotJudged) {
        return None;
    }
    let good: Vec<&str> = good.iter().map(|a| a.brief).collect();
    let boot = (verdict.boot == Boot::NotJudged).then_some("readiness");
    let unknown: Vec<&str> = boot.into_iter().chain(unknown.iter().map(|a| a.question)).collect();
    let unjudged = if unknown.is_empty() {
        String::new()
    } else {
        format!("; {NOT_JUDGED}: {}", unknown.join(", "))
    };
    Some(good.join(", ") + &unjudged)
}

fn survivors(count: usize, all: usize) -> String {
    match all {
        1 => format!("{count} of 1 target survives"),
        _ => format!("{count} of {all} targets survive"),
    }
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

/// What is wrong, and ` (v2.9.0–v3.0.0 only)` where other releases were judged and do not have it,
/// and ` (old)` where the files had it before.
pub fn message(located: &Located<'_>) -> String {
    let message = &located.finding.message;
    let old = if located.new == Some(false) { " (old)" } else { "" };
    match &located.only {
        Some(only) => format!("{message} ({only} only){old}"),
        None => format!("{message}{old}"),
    }
}

/// What is wrong and, on another line, what to do.
pub fn advice(located: &Located<'_>) -> String {
    let message = message(located);
    match &located.finding.help {
        Some(help) => format!("{message}\nhelp: {help}"),
        None => message,
    }
}

/// `blocked: 1 error, 2 warnings (1 new, 2 old), 3 set aside`; a report's last line.
pub fn conclusion(view: &View<'_>) -> String {
    let word = match (view.deployments.is_empty(), view.blocked) {
        (_, true) => "blocked",
        (true, false) => "nothing was checked",
        (false, false) => "passed",
    };
    let counted = match view.count().to_string() {
        count if count.is_empty() => count,
        count => count + &ages(view),
    };
    let set_aside = match view.suppressed().len() {
        0 => String::new(),
        number => format!("{number} set aside"),
    };
    let counts: Vec<String> = [counted, set_aside].into_iter().filter(|c| !c.is_empty()).collect();
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

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How many findings are new and how many old, where that is known.
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

    fn verdict(fresh_start: FreshStart, boot: Boot, fates: &[FirstTrace]) -> Verdict {
        let targets = fates.iter().zip('a'..).map(|(fate, name)| (name.to_string(), *fate));
        Verdict {
            release: String::new(),
            fresh_start,
            hot_reload: HotReload::Accepted,
            boot,
            first_trace: targets.collect(),
            depends_on: BTreeMap::from([("HOST".to_owned(), String::new())]),
            machine: vec!["port `80` being free".to_owned()],
        }
    }

    #[test]
    fn a_fresh_start_is_good_only_if_nothing_speaks_against_it() {
        use Boot::{Fails, NotJudged, Ready};
        use FreshStart::{Depends, No, Yes};
        for (accepted, boot, sign, text) in [
            (Yes, Ready, Sign::Good, "ready"),
            (Yes, NotJudged, Sign::Good, "accepted (readiness not judged yet)"),
            (Yes, Fails, Sign::Bad, "accepted, but never becomes ready"),
            (Yes, Boot::Depends, Sign::Depends, "depends on port `80` being free"),
            (Depends, Ready, Sign::Depends, "depends on `HOST`"),
            (Depends, Fails, Sign::Bad, "never becomes ready"),
            (No, NotJudged, Sign::Bad, "refused"),
            (No, Ready, Sign::Bad, "refused"),
        ] {
            let answer = fresh_start(&verdict(accepted, boot, &[]));
            assert_eq!((answer.sign, &*answer.text), (sign, text), "{accepted:?} {boot:?}");
        }
    }

    #[test]
    fn a_first_trace_names_who_dies() {
        use FirstTrace::{Dies, NotJudged, SomeTraces, Survives};
        for (fates, sign, text) in [
            (&[][..], Sign::NotJudged, "not judged yet"),
            (&[NotJudged], Sign::NotJudged, "not judged yet"),
            (&[Survives], Sign::Good, "1 of 1 target survives"),
            (&[Survives, NotJudged, Survives], Sign::Good, "2 of 2 targets survive"),
            (&[Survives, Dies], Sign::Bad, "stops at `b` (1 of 2 targets survive)"),
            (&[SomeTraces], Sign::Bad, "stops at some traces of `a` (0 of 1 target survives)"),
            (&[Dies; 5], Sign::Bad, "stops at `a`, `b`, `c` and 2 more (0 of 5 targets survive)"),
        ] {
            let answer = first_trace(&verdict(FreshStart::Yes, Boot::Ready, fates));
            assert_eq!((answer.sign, &*answer.text), (sign, text), "{fates:?}");
        }
    }

    #[test]
    fn all_is_well_unless_something_is_bad_or_open() {
        use FirstTrace::{Dies, Survives};
        let phrase = |start, boot, fate| all_well(&verdict(start, boot, &[fate]));
        let good = phrase(FreshStart::Yes, Boot::Ready, Survives);
        assert_eq!(good.as_deref(), Some("starts, reloads, survives"));
        let early = phrase(FreshStart::Yes, Boot::NotJudged, FirstTrace::NotJudged);
        let expected = "accepted, reloads; not judged yet: readiness, first trace";
        assert_eq!(early.as_deref(), Some(expected));
        assert_eq!(phrase(FreshStart::Depends, Boot::Ready, Survives), None);
        assert_eq!(phrase(FreshStart::Yes, Boot::Ready, Dies), None);
    }
}
