//! A report made ready for layout: findings in order, each with its places.
//!
//! Every format reads this and nothing else, so that all of them count and sort alike. Must not
//! hold a word that a reader sees, save the counts.

use super::place::{Position, Text, Texts};
use super::releases::ranges;
use crate::diagnostic::{Finding, Label, Severity};
use crate::span::FileId;
use crate::verdict::{DeploymentReport, FileOutcome, FileRecord, Report, Reported, Touch};
use serde::Serialize;
use std::cmp::Reverse;
use std::fmt;

/// Stands for the files of a deployment that has none.
const NO_FILE: &str = ".";

/// A label with its lines and columns.
#[derive(Clone, Copy)]
pub struct Mark<'a> {
    pub label: &'a Label,
    pub text: &'a Text<'a>,
    pub start: Position,
    pub end: Position,
}

/// A finding with its places.
pub struct Located<'a> {
    pub finding: &'a Finding,
    severity: Severity,
    /// The releases in which it holds, oldest first.
    pub releases: &'a [String],
    /// The same in words, where others were judged too.
    pub only: Option<String>,
    /// Why the release that runs may not agree.
    pub doubt: Option<&'a str>,
    /// Whether it is new, where that is known.
    pub new: Option<bool>,
    /// It fails the run.
    pub blocks: bool,
    /// As the check laid them.
    pub marks: Vec<Mark<'a>>,
    /// Answers for a finding without any place.
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
                .map_or(NO_FILE, |name| outermost(name)),
        }
    }

    pub fn severity(&self) -> Severity {
        self.severity
    }

    pub fn id(&self) -> &'static str {
        self.finding.check.id
    }

    /// The place at fault.
    pub fn primary(&self) -> Option<&Mark<'a>> {
        self.marks.iter().find(|m| m.label.primary).or(self.marks.first())
    }

    /// The file at fault; the deployment's first one where no place is known.
    pub fn file(&self) -> &'a str {
        self.primary().map_or(self.home, |mark| mark.text.name)
    }

    /// Where the fault begins; the file's beginning where no place is known.
    pub fn start(&self) -> Position {
        self.primary().map_or(Position::FIRST, |mark| mark.start)
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

/// The file that a person edits, of a name such as `values.yaml#config`.
fn outermost(name: &str) -> &str {
    let is_file = |file: &str| [".yaml", ".yml", ">"].iter().any(|end| file.ends_with(end));
    name.split_once('#').filter(|(file, _)| is_file(file)).map_or(name, |(file, _)| file)
}

/// A deployment with its findings in order: the gravest first, then by place, then by id.
pub struct Deployment<'a> {
    pub report: &'a DeploymentReport,
    pub findings: Vec<Located<'a>>,
    /// Findings that were agreed to, with the reasons.
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
        files.next().map_or(NO_FILE, |name| name)
    }

    /// `config.yaml + rules.yaml`.
    pub fn name(&self) -> String {
        let files: Vec<&str> =
            self.report.config.iter().chain(&self.report.rules).map(String::as_str).collect();
        if files.is_empty() { NO_FILE.to_owned() } else { files.join(" + ") }
    }
}

/// A whole run.
pub struct View<'a> {
    /// Deployments, and files that cannot be checked.
    pub deployments: Vec<Deployment<'a>>,
    pub files: &'a [FileRecord],
    pub notices: &'a [String],
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

    /// All findings in order. One that several deployments share is there once.
    pub fn findings(&self) -> Vec<&Located<'a>> {
        let mut findings: Vec<_> = self.deployments.iter().flat_map(|d| &d.findings).collect();
        findings.sort_by(|a, b| a.rank().cmp(&b.rank()));
        findings.dedup_by(|later, earlier| later.repeats(earlier));
        findings
    }

    /// Findings that were agreed to, in order; one that several deployments share is there once.
    pub fn suppressed(&self) -> Vec<&(Located<'a>, &'a str)> {
        let mut all: Vec<_> = self.deployments.iter().flat_map(|d| &d.suppressed).collect();
        all.sort_by(|(a, _), (b, _)| a.rank().cmp(&b.rank()));
        all.dedup_by(|(later, _), (earlier, _)| later.repeats(earlier));
        all
    }

    /// The files that somebody has excluded: name, where that is said, and why.
    pub fn excluded(&self) -> impl Iterator<Item = [&'a str; 3]> {
        self.files.iter().filter_map(|file| match &file.outcome {
            FileOutcome::Excluded { by, reason } => Some([file.name.as_str(), by, reason]),
            _ => None,
        })
    }

    pub fn count(&self) -> Count {
        Count::of(self.findings())
    }
}

/// How many findings there are of each severity.
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

/// `1 error, 2 warnings`; empty where there is nothing.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| format!("{count} {noun}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        f.write_str(&parts.join(", "))
    }
}
