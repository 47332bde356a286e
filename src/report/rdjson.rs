//! The diagnostic format of reviewdog, which comments on the lines of a change.
//!
//! Columns count bytes and ends are exclusive, as its definition says. It has no place for verdicts
//! and releases. Must not quote files.

use super::json;
use super::place::{Position, Text};
use super::view::{Located, View};
use super::wording::{advice, not_checked};
use crate::diagnostic::Severity;
use serde::Serialize;

pub fn render(view: &View<'_>) -> String {
    let mut diagnostics: Vec<Diagnostic<'_>> =
        view.findings().into_iter().map(Diagnostic::from).collect();
    diagnostics.extend(view.excluded().map(|[path, by, reason]| Diagnostic {
        message: not_checked(by, reason),
        location: Location { path, range: None },
        severity: "INFO",
        code: Code { value: "excluded", url: None },
        suggestions: Vec::new(),
    }));
    let source = Source { name: env!("CARGO_PKG_NAME"), url: env!("CARGO_PKG_REPOSITORY") };
    json::text(&DiagnosticResult { source, diagnostics })
}

#[derive(Serialize)]
struct DiagnosticResult<'a> {
    source: Source,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

impl<'a> From<&'a Located<'a>> for Diagnostic<'a> {
    fn from(finding: &'a Located<'a>) -> Self {
        let range = finding.primary().map(|mark| Range::new(mark.text, mark.start, mark.end));
        Self {
            message: advice(finding),
            location: Location { path: finding.file(), range },
            severity: match finding.severity() {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
                Severity::Note => "INFO",
            },
            code: Code { value: finding.id(), url: Some(finding.finding.check.url()) },
            suggestions: suggestion(finding).into_iter().collect(),
        }
    }
}

/// A fix of a single edit: reviewdog offers each suggestion on its own, in the file of the finding.
fn suggestion(finding: &Located<'_>) -> Option<Suggestion> {
    let (file, changes) = finding.changes()?;
    let Ok([(start, end, text)]) = <[_; 1]>::try_from(changes) else { return None };
    let range = Range::new(file, start, end);
    (file.name == finding.file()).then_some(Suggestion { range, text })
}

impl Range {
    fn new(text: &Text<'_>, start: Position, end: Position) -> Self {
        let place = |at: Position| Place { line: at.line, column: text.byte_column(at) };
        Self { start: place(start), end: place(end) }
    }
}
