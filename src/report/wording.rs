//! The verdicts in words, for the formats that people read.
//!
//! Must not lay anything out; names of targets and variables are as written and still need the
//! format's own care.

use super::view::View;
use crate::verdict::{Boot, FirstTrace, FreshStart, HotReload, Verdict};

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
const ONLY_ACCEPTED: &str = "accepted (readiness not judged yet)";

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
        (FreshStart::Depends, _) | (_, Boot::Depends) => (Sign::Depends, depends(verdict)),
        (FreshStart::Yes, Boot::Ready) => (Sign::Good, "ready".to_owned()),
        (FreshStart::Yes, Boot::NotJudged) => (Sign::Good, ONLY_ACCEPTED.to_owned()),
    };
    let brief = if verdict.boot == Boot::NotJudged { ONLY_ACCEPTED } else { "starts" };
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
    match verdict.depends_on.len() {
        0 => "depends on the environment".to_owned(),
        _ => format!("depends on {}", names(verdict.depends_on.keys().map(String::as_str))),
    }
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
    let unknown: Vec<&str> = unknown.iter().map(|a| a.question).collect();
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
    match names.get(NAMES..) {
        Some(rest) if !rest.is_empty() => {
            format!("{} and {} more", names[..NAMES].join(", "), rest.len())
        }
        _ => names.join(", "),
    }
}

/// `blocked: 1 error, 2 warnings`; a report's last line.
pub fn conclusion(view: &View<'_>) -> String {
    let word = match (view.deployments.is_empty(), view.blocked) {
        (_, true) => "blocked",
        (true, false) => "nothing was judged",
        (false, false) => "passed",
    };
    match view.count().to_string() {
        count if count.is_empty() => word.to_owned(),
        count => format!("{word}: {count}"),
    }
}
