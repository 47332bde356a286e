//! The JSON report, as specified by `schemas/report.schema.json`.
//!
//! Any change that could break a reader needs a new version.

use super::basis::{evidence_of, line};
use super::escape;
use super::place::Position;
use super::view::{Count, Deployment, Located, Mark, View};
use crate::source_name::SourceName;
use crate::verdict::{FileOutcome, FileRecord, Touch, Verdict};
use serde::{Serialize, Serializer};

/// The version of the format.
const VERSION: u32 = 2;

pub fn render(view: &View<'_>) -> String {
    text(&Document::from(view))
}

/// Indented JSON with a final newline. Only maps with keys that are not strings could fail, and
/// there are none.
pub fn text(document: &impl Serialize) -> String {
    escape::json(&serde_json::to_string_pretty(document).unwrap_or_default()) + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    files: Vec<JsonFile<'a>>,
    deployments: Vec<JsonDeployment<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    touched: Vec<JsonTouch<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    const THIS: Self = Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
}

/// A file that was found, or a folder that was skipped, and what became of it.
#[derive(Serialize)]
struct JsonFile<'a> {
    name: &'a str,
    outcome: &'static str,
    /// Indices into `deployments`.
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    deployments: &'a [usize],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_by: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonDeployment<'a> {
    config: &'a [SourceName],
    rules: &'a [SourceName],
    basis: JsonBasis<'a>,
    verdicts: Vec<JsonVerdict<'a>>,
    findings: Vec<JsonFinding<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed: Vec<JsonSuppressed<'a>>,
}

/// Why it was checked as these releases.
#[derive(Serialize)]
struct JsonBasis<'a> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    /// In words.
    text: Option<String>,
}

#[derive(Serialize)]
struct JsonSuppressed<'a> {
    reason: &'a str,
    finding: JsonFinding<'a>,
}

#[derive(Serialize)]
struct JsonVerdict<'a> {
    release: &'a str,
    evidence: &'static str,
    start_up: &'static str,
    live_reload: &'static str,
    #[serde(serialize_with = "as_map")]
    first_trace: Vec<(&'a str, &'static str)>,
    depends_on: Vec<Need<'a>>,
}

/// What the verdict depends on, and what Refinery needs to become ready.
#[derive(Serialize)]
#[serde(untagged)]
enum Need<'a> {
    Variable { variable: &'a str, must_be: &'a str },
    Machine { machine: &'a str },
}

#[derive(Serialize)]
pub struct JsonFinding<'a> {
    check: &'static str,
    severity: &'static str,
    releases: &'a [String],
    message: &'a str,
    help: Option<&'a str>,
    why: &'static str,
    url: String,
    labels: Vec<JsonLabel<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<bool>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    applicability: &'static str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    text: String,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    text: &'a str,
    primary: bool,
}

#[derive(Serialize)]
pub struct JsonTouch<'a> {
    act: &'static str,
    what: &'a str,
    outcome: &'a str,
}

#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    count: Count,
    blocked: bool,
}

/// Serializes pairs as a map, in order.
fn as_map<S: Serializer>(pairs: &[(&str, &str)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().copied())
}

impl<'a> From<&'a View<'a>> for Document<'a> {
    fn from(view: &'a View<'a>) -> Self {
        let summary = Summary { count: view.count(), blocked: view.blocked };
        let deployments = view.deployments.iter().map(JsonDeployment::from).collect();
        let touched = view.touched.iter().map(JsonTouch::from).collect();
        let files = view.files.iter().map(JsonFile::from).collect();
        Self { version: VERSION, tool: Tool::THIS, files, deployments, touched, summary }
    }
}

impl<'a> From<&'a FileRecord> for JsonFile<'a> {
    fn from(file: &'a FileRecord) -> Self {
        let (deployments, reason, excluded_by) = match &file.outcome {
            FileOutcome::Checked(deployments) => (&**deployments, None, None),
            FileOutcome::CannotCheck => (&[][..], None, None),
            FileOutcome::NotRefinery(reason) => (&[][..], Some(&**reason), None),
            FileOutcome::Excluded { by, reason } => (&[][..], Some(&**reason), Some(&**by)),
        };
        Self { name: &file.name, outcome: file.outcome.word(), deployments, reason, excluded_by }
    }
}

impl<'a> From<&'a Deployment<'a>> for JsonDeployment<'a> {
    fn from(deployment: &'a Deployment<'a>) -> Self {
        Self {
            config: &deployment.report.config,
            rules: &deployment.report.rules,
            basis: JsonBasis {
                by: deployment.report.basis.word(),
                place: deployment.report.basis.place(),
                text: line(deployment),
            },
            verdicts: deployment.report.verdicts.iter().map(JsonVerdict::from).collect(),
            findings: deployment.findings.iter().map(JsonFinding::from).collect(),
            suppressed: deployment
                .suppressed
                .iter()
                .map(|(located, reason)| JsonSuppressed { reason, finding: located.into() })
                .collect(),
        }
    }
}

impl<'a> From<&'a Touch> for JsonTouch<'a> {
    fn from(touch: &'a Touch) -> Self {
        Self { act: touch.act, what: &touch.what, outcome: &touch.outcome }
    }
}

impl<'a> From<&'a Verdict> for JsonVerdict<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        let targets = verdict.first_trace.iter();
        let variables = verdict.variables.iter();
        let variables = variables.map(|(variable, must_be)| Need::Variable { variable, must_be });
        let machine = verdict.machine.iter().map(|machine| Need::Machine { machine });
        Self {
            release: &verdict.release,
            evidence: evidence_of(&verdict.release).word(),
            start_up: verdict.start_up.word(),
            live_reload: verdict.live_reload.word(),
            first_trace: targets.map(|(target, answer)| (&**target, answer.word())).collect(),
            depends_on: variables.chain(machine).collect(),
        }
    }
}

impl<'a> From<&'a Located<'a>> for JsonFinding<'a> {
    fn from(located: &'a Located<'a>) -> Self {
        let finding = located.finding;
        Self {
            check: finding.check.id,
            severity: located.severity().word(),
            releases: located.releases,
            message: &finding.message,
            help: finding.help.as_deref(),
            why: finding.check.why,
            url: finding.check.url(),
            labels: located.marks.iter().map(JsonLabel::from).collect(),
            fix: JsonFix::of(located),
            doubt: located.doubt,
            new: located.new,
        }
    }
}

impl<'a> JsonFix<'a> {
    /// `None` if there is no fix, or if it would reveal a secret.
    fn of(located: &Located<'a>) -> Option<Self> {
        let fix = located.finding.fix.as_ref()?;
        let (text, changes) = located.changes()?;
        let edits = changes.into_iter().map(|(start, end, new)| JsonEdit {
            file: text.name,
            start,
            end,
            text: new,
        });
        let applicability = if fix.is_safe { "safe" } else { "unsafe" };
        Some(Self { applicability, edits: edits.collect() })
    }
}

impl<'a> From<&Mark<'a>> for JsonLabel<'a> {
    fn from(mark: &Mark<'a>) -> Self {
        Self {
            file: mark.text.name,
            start: mark.start,
            end: mark.end,
            text: &mark.label.text,
            primary: mark.label.primary,
        }
    }
}
