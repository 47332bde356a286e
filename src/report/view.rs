//! A report prepared for output: sorted findings, each with its positions.
//!
//! All formats use only this, so that they count and sort alike. Must not contain messages, except
//! the counts.

use super::place::{Position, Text, Texts};
use super::releases::ranges;
use crate::counted::counted;
use crate::diagnostic::{Finding, Label, Severity};
use crate::source_name::SourceName;
use crate::span::FileId;
use crate::verdict::{DeploymentReport, FileOutcome, FileRecord, Report, Reported, Touch};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

/// The name of a deployment without files.
const NO_FILE: &str = ".";

/// A label with its positions.
#[derive(Clone, Copy)]
pub struct Mark<'a> {
    pub label: &'a Label,
    pub text: &'a Text<'a>,
    pub start: Position,
    pub end: Position,
}

/// The start and the exclusive end of a text, and its replacement.
pub type Replaced = (Position, Position, String);

/// A finding with its positions.
pub struct Located<'a> {
    pub finding: &'a Finding,
    severity: Severity,
    /// The affected releases, oldest first.
    pub releases: &'a [String],
    /// The same in words, if other releases were checked, too.
    pub only: Option<String>,
    /// Why the running release may behave differently.
    pub doubt: Option<&'a str>,
    /// Whether it is new, if known.
    pub new: Option<bool>,
    /// Whether it fails the run.
    pub blocks: bool,
    /// In the order of the finding's labels.
    pub marks: Vec<Mark<'a>>,
    /// The file for a finding without a place.
    home: &'a str,
}

impl<'a> Located<'a> {
    fn new(reported: &'a Reported, report: &'a DeploymentReport, texts: &'a Texts<'a>) -> Self {
        let marks = reported.finding.labels.iter().filter_map(|label| {
            let text = texts.get(label.span.file)?;
            let (start, end) = text.positions(label.span);
            Some(Mark { label, text, start, end })
        });
        let releases = &reported.releases;
        let partly = !releases.is_empty() && releases.len() < report.verdicts.len();
        Self {
            finding: &reported.finding,
            severity: reported.severity,
            releases,
            only: partly.then(|| ranges(releases.iter().map(String::as_str))),
            doubt: reported.doubt.as_deref(),
            new: reported.new,
            blocks: reported.blocks,
            marks: marks.collect(),
            home: report
                .config
                .iter()
                .chain(&report.rules)
                .next()
                .map_or(NO_FILE, SourceName::file),
        }
    }

    pub fn severity(&self) -> Severity {
        self.severity
    }

    pub fn id(&self) -> &'static str {
        self.finding.check.id
    }

    /// The primary label.
    pub fn primary(&self) -> Option<&Mark<'a>> {
        self.marks.iter().find(|m| m.label.primary).or(self.marks.first())
    }

    /// The file of the primary label; without one, the first file of the deployment.
    pub fn file(&self) -> &'a str {
        self.primary().map_or(self.home, |mark| mark.text.name)
    }

    /// The start of the primary label; without one, the start of the file.
    pub fn start(&self) -> Position {
        self.primary().map_or(Position::FIRST, |mark| mark.start)
    }

    /// The replacements of its fix, and the file that they are in. `None` if there is no fix, or if
    /// it would reveal a secret.
    pub fn changes(&self) -> Option<(&'a Text<'a>, Vec<Replaced>)> {
        let fix = self.finding.fix.as_ref()?;
        let place = fix.edit.span();
        let text = self.marks.iter().find(|m| m.label.span.file == place.file)?.text;
        Some((text, text.changes(&fix.edit)?))
    }

    fn rank(&self) -> impl Ord {
        let place: Option<(FileId, usize)> =
            self.primary().map(|mark| (mark.label.span.file, mark.start.byte));
        (Reverse(self.severity()), place, self.id(), &*self.finding.message)
    }

    fn repeats(&self, other: &Self) -> bool {
        self.finding == other.finding && self.only == other.only && self.file() == other.file()
    }
}

/// A deployment with its findings sorted by severity, place and id.
pub struct Deployment<'a> {
    pub report: &'a DeploymentReport,
    pub findings: Vec<Located<'a>>,
    /// Suppressed findings, with the reasons.
    pub suppressed: Vec<(Located<'a>, &'a str)>,
}

impl<'a> Deployment<'a> {
    fn new(report: &'a DeploymentReport, texts: &'a Texts<'a>) -> Self {
        let mut findings: Vec<_> =
            report.findings.iter().map(|reported| Located::new(reported, report, texts)).collect();
        findings.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let suppressed = report.suppressed.iter();
        let mut suppressed: Vec<_> = suppressed
            .map(|s| (Located::new(&s.reported, report, texts), s.reason.as_str()))
            .collect();
        suppressed.sort_by(|(a, _), (b, _)| a.rank().cmp(&b.rank()));
        Self { report, findings, suppressed }
    }

    /// The file that it is called after where there is little room.
    pub fn first_name(&self) -> &'a str {
        let mut files = self.report.config.iter().chain(&self.report.rules);
        files.next().map_or(NO_FILE, SourceName::as_str)
    }

    /// `config.yaml + rules.yaml`.
    pub fn name(&self) -> String {
        let files: Vec<&str> =
            self.report.config.iter().chain(&self.report.rules).map(SourceName::as_str).collect();
        if files.is_empty() { NO_FILE.to_owned() } else { files.join(" + ") }
    }
}

/// A whole run.
pub struct View<'a> {
    /// Deployments, and files that cannot be checked.
    pub deployments: Vec<Deployment<'a>>,
    pub files: &'a [FileRecord],
    notices: &'a [String],
    pub touched: &'a [Touch],
    pub blocked: bool,
}

impl<'a> View<'a> {
    pub fn new(report: &'a Report, texts: &'a Texts<'a>) -> Self {
        Self {
            deployments: report.deployments.iter().map(|d| Deployment::new(d, texts)).collect(),
            files: &report.files,
            notices: &report.notices,
            touched: &report.touched,
            blocked: report.blocked,
        }
    }

    /// All findings, sorted. One that several deployments share is listed once.
    pub fn findings(&self) -> Vec<&Located<'a>> {
        let mut findings: Vec<_> = self.deployments.iter().flat_map(|d| &d.findings).collect();
        findings.sort_by(|a, b| a.rank().cmp(&b.rank()));
        findings.dedup_by(|later, earlier| later.repeats(earlier));
        findings
    }

    /// Suppressed findings, sorted. One that several deployments share is listed once.
    pub fn suppressed(&self) -> Vec<&(Located<'a>, &'a str)> {
        let mut all: Vec<_> = self.deployments.iter().flat_map(|d| &d.suppressed).collect();
        all.sort_by(|(a, _), (b, _)| a.rank().cmp(&b.rank()));
        all.dedup_by(|(later, _), (earlier, _)| later.repeats(earlier));
        all
    }

    /// The excluded files: name, the settings file that excludes it, and the reason.
    pub fn excluded(&self) -> impl Iterator<Item = [&'a str; 3]> {
        self.files.iter().filter_map(|file| match &file.outcome {
            FileOutcome::Excluded { by, reason } => Some([file.name.as_str(), by, reason]),
            _ => None,
        })
    }

    /// The notices, except those that only name the files of a deployment, as its verdict does.
    pub fn notices(&self) -> impl Iterator<Item = &'a String> {
        let names: BTreeSet<String> = self.deployments.iter().map(Deployment::name).collect();
        self.notices.iter().filter(move |notice| !names.contains(*notice))
    }

    pub fn count(&self) -> Count {
        Count::of(self.findings())
    }
}

/// The number of findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

impl Count {
    pub fn of<'v, 'a: 'v>(findings: impl IntoIterator<Item = &'v Located<'a>>) -> Self {
        findings.into_iter().fold(Self::default(), |mut count, finding| {
            *count.of_severity(finding.severity()) += 1;
            count
        })
    }

    pub fn of_severity(&mut self, severity: Severity) -> &mut usize {
        match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        }
    }
}

/// `1 error, 2 warnings`; empty if there are none.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| counted(*count, noun))
            .collect();
        f.write_str(&parts.join(", "))
    }
}
