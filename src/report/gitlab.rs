//! GitLab's code quality report: a list of issues, each with a fingerprint by which GitLab compares
//! branches.
//!
//! The format has no place for verdicts and releases. Must not quote files.

use super::fingerprint::Fingerprints;
use super::json;
use super::view::View;
use super::wording::{advice, not_checked};
use crate::diagnostic::Severity;
use serde::Serialize;

pub fn render(view: &View<'_>) -> String {
    let mut fingerprints = Fingerprints::default();
    let findings = view.findings().into_iter().map(|finding| Issue {
        description: advice(finding),
        check_name: finding.id(),
        fingerprint: fingerprints.next(finding),
        severity: severity(finding.severity()),
        location: Location { path: finding.file(), lines: Lines { begin: finding.start().line } },
    });
    let mut issues: Vec<Issue<'_>> = findings.collect();
    issues.extend(view.excluded().map(|[path, by, reason]| Issue {
        description: not_checked(by, reason),
        check_name: "excluded",
        fingerprint: fingerprints.of_file("excluded", path),
        severity: "info",
        location: Location { path, lines: Lines { begin: 1 } },
    }));
    json::text(&issues)
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// GitLab knows `info`, `minor`, `major`, `critical` and `blocker`.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Note => "info",
    }
}
