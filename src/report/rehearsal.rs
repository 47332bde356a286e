//! The stages of the start-up, for people and for programs.
//!
//! Must not decide anything.

use super::escape::one_line;
use super::json::{JsonTouch, text as to_text};
use super::place::Texts;
use super::wording::Sign;
use crate::diagnostic::Finding;
use crate::rehearse::stage::{Outcome, Stage};
use crate::schema::secrets::mask;
use crate::source_name::SourceName;
use crate::verdict::{FirstTrace, LiveReload, Touch, Verdict};
use serde_json::{Map, Value as Json, json};

/// The rehearsal of one deployment with one release.
pub struct RehearsalReport<'a> {
    pub texts: Texts<'a>,
    /// The names of the files.
    pub config: Vec<SourceName>,
    pub rules: Vec<SourceName>,
    /// All stages, from the command line on, in Refinery's order.
    pub stages: &'a [Stage],
    pub verdict: &'a Verdict,
    /// What was accessed on this machine; empty without `--live`.
    pub touched: &'a [Touch],
}

/// `{"release","config","rules","stages":[{"stage","outcome","why","decided","findings"}],
/// "stops_at","live_reload","first_trace","depends_on","touched"}`: `outcome` is `passes`, `fails`,
/// `skipped` or `depends`, `decided` maps names to strings, and `stops_at` is the stage where a new
/// process exits, or null; `touched` is as in the report of `check`.
pub fn json(rehearsal: &RehearsalReport<'_>) -> String {
    let verdict = rehearsal.verdict;
    let targets = verdict.first_trace.iter();
    let targets: Map<_, _> =
        targets.map(|(name, answer)| (name.clone(), json!(answer.word()))).collect();
    to_text(&json!({
        "release": verdict.release,
        "config": rehearsal.config,
        "rules": rehearsal.rules,
        "stages": rehearsal.stages.iter().map(|stage| rehearsal.stage_json(stage)).collect::<Vec<_>>(),
        "stops_at": rehearsal.stops_at(),
        "live_reload": verdict.live_reload.word(),
        "first_trace": targets,
        "depends_on": verdict.variables.keys().collect::<Vec<_>>(),
        "touched": rehearsal.touched.iter().map(JsonTouch::from).collect::<Vec<_>>(),
    }))
}

/// A line for each stage, followed by what it decided and found.
pub fn human(rehearsal: &RehearsalReport<'_>) -> String {
    let files: Vec<&str> =
        rehearsal.config.iter().chain(&rehearsal.rules).map(SourceName::as_str).collect();
    let release = &rehearsal.verdict.release;
    let title = format!("{} · Refinery {release}\n\n", one_line(&files.join(" + ")));
    let stages = rehearsal.stages.iter().map(|stage| rehearsal.stage(stage));
    title + &stages.collect::<String>() + "\n" + &rehearsal.answers() + &rehearsal.touches()
}

impl RehearsalReport<'_> {
    fn stops_at(&self) -> Option<&'static str> {
        let mut stages = self.stages.iter();
        stages.find(|stage| stage.outcome == Outcome::Fails).map(|stage| stage.name)
    }

    fn stage_json(&self, stage: &Stage) -> Json {
        let decided = stage.decided.iter();
        let decided: Map<_, _> =
            decided.map(|(name, value)| ((*name).to_owned(), json!(mask(value)))).collect();
        let findings = stage.findings.iter().map(|finding| {
            json!({
                "check": finding.check.id,
                "severity": finding.check.severity.word(),
                "place": self.place(finding),
                "message": finding.message,
            })
        });
        json!({
            "stage": stage.name,
            "outcome": word(&stage.outcome),
            "why": why(&stage.outcome),
            "decided": decided,
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    fn stage(&self, stage: &Stage) -> String {
        let why = why(&stage.outcome).map_or_else(String::new, |why| format!("  {why}"));
        let head = format!("  {} {}", sign(&stage.outcome).mark(), stage.name);
        let mut out = one_line(&format!("{head}{why}")) + "\n";
        let width = stage.decided.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &stage.decided {
            let decided = format!("      {name:<width$}  {}", mask(value));
            out += &(one_line(&decided) + "\n");
        }
        for finding in &stage.findings {
            let place = self.place(finding).map_or_else(String::new, |place| format!("{place}: "));
            let (severity, id) = (finding.check.severity.word(), finding.check.id);
            let found = format!("      {severity}[{id}] {place}{}", finding.message);
            out += &(one_line(&found) + "\n");
        }
        out
    }

    fn place(&self, finding: &Finding) -> Option<String> {
        let span = finding.primary()?;
        let text = self.texts.get(span.file)?;
        let (start, _) = text.positions(span);
        Some(format!("{}:{}:{}", text.name, start.line, start.column))
    }

    fn answers(&self) -> String {
        let start = match self.stops_at() {
            Some(stage) => {
                format!("  {} start-up     stops at {stage}\n", Sign::Bad.mark())
            }
            None => self.start(),
        };
        let reload = self.verdict.live_reload;
        let sign = match reload {
            LiveReload::Accepted => Sign::Good,
            LiveReload::Rejected | LiveReload::Crashes => Sign::Bad,
            LiveReload::Depends => Sign::Depends,
        };
        let reload = format!("  {} live reload  {}\n", sign.mark(), reload.word());
        let targets = self.verdict.first_trace.iter();
        start
            + &reload
            + &targets.map(|(name, answer)| first_trace(name, *answer)).collect::<String>()
    }

    fn touches(&self) -> String {
        let lines =
            self.touched.iter().map(|touch| format!("  · {}\n", one_line(&touch.to_string())));
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { "\n".to_owned() + &lines }
    }

    /// The start-up line if no stage fails. It may still depend on the machine or on a variable,
    /// and without a config boot is not rehearsed.
    fn start(&self) -> String {
        let depends = self.stages.iter().any(|s| matches!(s.outcome, Outcome::Depends(_)));
        let (sign, text) = match (depends, self.config.is_empty()) {
            (true, _) => (Sign::Depends, "depends"),
            (false, true) => {
                (Sign::Good, "accepted; without a config, later stages are not rehearsed")
            }
            (false, false) => (Sign::Good, "ready"),
        };
        format!("  {} start-up     {text}\n", sign.mark())
    }
}

fn first_trace(name: &str, answer: FirstTrace) -> String {
    let sign = if answer == FirstTrace::Handled { Sign::Good } else { Sign::Bad };
    format!("  {} first trace  {}: {}\n", sign.mark(), one_line(name), answer.word())
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passes => "passes",
        Outcome::Fails => "fails",
        Outcome::Skipped(_) => "skipped",
        Outcome::Depends(_) => "depends",
    }
}

fn why(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Passes | Outcome::Fails => None,
        Outcome::Skipped(why) => Some((*why).to_owned()),
        Outcome::Depends(on) => Some(format!("depends on {on}")),
    }
}

fn sign(outcome: &Outcome) -> Sign {
    match outcome {
        Outcome::Passes => Sign::Good,
        Outcome::Fails => Sign::Bad,
        Outcome::Skipped(_) => Sign::NotReached,
        Outcome::Depends(_) => Sign::Depends,
    }
}
