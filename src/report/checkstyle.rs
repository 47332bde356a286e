//! Checkstyle's XML, which many CI systems read: the findings of each file.
//!
//! It has no place for verdicts and releases. Must not quote files.

use super::escape::xml_attribute as attribute;
use super::view::View;
use super::wording::{advice, not_checked};
use crate::diagnostic::Severity;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub fn render(view: &View<'_>) -> String {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for finding in view.findings() {
        let severity = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "info",
        };
        let start = finding.start();
        let place = format!("line=\"{}\" column=\"{}\"", start.line, start.column);
        let error = error(&place, severity, &advice(finding), finding.id());
        files.entry(finding.file()).or_default().push_str(&error);
    }
    for [name, by, reason] in view.excluded() {
        let error = error("line=\"1\"", "info", &not_checked(by, reason), "excluded");
        files.entry(name).or_default().push_str(&error);
    }
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
    for (name, errors) in files {
        let _ = write!(out, "  <file name=\"{}\">\n{errors}  </file>\n", attribute(name));
    }
    out + "</checkstyle>\n"
}

fn error(place: &str, severity: &str, message: &str, source: &str) -> String {
    let (message, source) = (attribute(message), attribute(source));
    format!(
        "    <error {place} severity=\"{severity}\" message=\"{message}\" source=\"{source}\"/>\n"
    )
}
