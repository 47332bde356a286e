//! The history of start-up failures, for people and for programs.
//!
//! Must not compute anything.

use super::escape::one_line;
use super::json;
use crate::history::{End, Event, History, Outage, Track};
use serde_json::{Value as Json, json};

/// How many digits of a commit id are shown to people.
const DIGITS: usize = 10;
/// The version of the format.
const VERSION: u32 = 1;

/// What to report.
pub struct HistoryReport<'a> {
    pub history: &'a History,
    /// The release asked for, such as `v3.2.2`.
    pub release: &'a str,
    /// The end of outages that still last.
    pub now: crate::history::GitTime,
    /// Whether the newest release of each day was checked if no file names one.
    pub by_day: bool,
    /// The repository is a shallow clone.
    pub shallow: bool,
}

/// For people: the outages of each deployment, in order.
pub fn human(report: &HistoryReport<'_>) -> String {
    let mut out: String = tracks(report).map(|track| report.track(track)).collect();
    if tracks(report).any(|track| !track.is_pinned()) && report.by_day {
        out.push_str(
            "· commits that pin no release are checked with the newest release of their day\n",
        );
    }
    if report.shallow {
        out.push_str("· this is a shallow clone: earlier commits are not known\n");
    }
    out
}

/// Deployments that still exist, or that had outages.
fn tracks<'a>(report: &HistoryReport<'a>) -> impl Iterator<Item = &'a Track> {
    report.history.tracks.iter().filter(|track| !track.is_gone || !track.outages.is_empty())
}

fn name(track: &Track) -> String {
    one_line(&track.names().collect::<Vec<_>>().join(" + "))
}

impl HistoryReport<'_> {
    fn track(&self, track: &Track) -> String {
        let gone = if track.is_gone { ", removed since" } else { "" };
        let head = format!("{}{gone} · Refinery {}", name(track), track.release());
        if track.outages.is_empty() {
            return format!("✔ {head}: Refinery starts at every commit\n");
        }
        let outages: String = track.outages.iter().map(|outage| self.outage(outage)).collect();
        format!("{head}\n{outages}")
    }

    fn outage(&self, outage: &Outage) -> String {
        let since = &outage.since;
        let so_far = if outage.end.is_none() { " so far" } else { "" };
        let length = outage.length(self.now);
        let commits = match outage.commits {
            0 => String::new(),
            1 => ", 1 later commit".to_owned(),
            count => format!(", {count} later commits"),
        };
        let (sign, until) = match &outage.end {
            None => ('✘', String::new()),
            Some(End::Fixed(event)) => ('·', format!(", until {}", describe(event))),
            Some(End::Removed(event)) => {
                ('·', format!(", until it was removed: {}", describe(event)))
            }
        };
        format!(
            "  {sign} broken since  {}\n    fault         {}\n    for           {length}{so_far}{commits}{until}\n",
            describe(since),
            outage.fault
        )
    }
}

/// What happened, in one line.
fn describe(event: &Event) -> String {
    let commit = match event {
        Event::Commit(commit) => commit,
        Event::Release { name, time } => {
            return format!("{time} Refinery {name} was published; the files had not changed");
        }
    };
    let id: String = commit.id.chars().take(DIGITS).collect();
    one_line(&format!("{} {id} {} ({})", commit.time, commit.subject, commit.author))
}

/// The report for programs, as JSON.
pub fn json(report: &HistoryReport<'_>) -> String {
    let deployments: Vec<Json> = tracks(report)
        .map(|track| {
            json!({
                "release": track.release(),
                "pinned": track.is_pinned(),
                "files": track.names().collect::<Vec<_>>(),
                "removed": track.is_gone,
                "broken": track.outage().is_some(),
                "outages": track.outages.iter().map(|o| outage(o, report)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json::text(&json!({
        "version": VERSION,
        "release": report.release,
        "shallow": report.shallow,
        "deployments": deployments,
    }))
}

fn outage(outage: &Outage, report: &HistoryReport<'_>) -> Json {
    let until = outage.end.as_ref().map(End::event);
    json!({
        "since": event(&outage.since),
        "until": until.map(event),
        "commits": outage.commits,
        "length": outage.length(report.now),
        "fault": outage.fault,
    })
}

/// A commit, or a release with the day on which it was published. Times are Unix times.
fn event(event: &Event) -> Json {
    let commit = match event {
        Event::Commit(commit) => commit,
        Event::Release { name, time } => {
            return json!({ "release": name, "time": time.seconds });
        }
    };
    json!({
        "commit": commit.id,
        "author": commit.author,
        "subject": commit.subject,
        "time": commit.time.seconds,
    })
}
