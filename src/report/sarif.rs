//! SARIF 2.1.0 for code scanning, limited to the properties that are used.
//!
//! Columns are Unicode scalar values, as declared in the log. Must not quote files.

use super::basis;
use super::fingerprint::Fingerprints;
use super::json;
use super::place::Position;
use super::view::{Located, Mark, Replaced, View};
use super::wording::advice;
use crate::diagnostic::{Check, Severity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use std::collections::BTreeMap;

/// The characters of a path that are not percent-encoded.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn render(view: &View<'_>) -> String {
    json::text(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run::from(view)],
    })
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<ResultObject>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    properties: Properties,
}

/// Information without a standard property in SARIF.
#[derive(Serialize)]
struct Properties {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<ExcludedFile>,
    /// As which releases deployments were checked, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    releases: Vec<String>,
}

#[derive(Serialize)]
struct ExcludedFile {
    file: String,
    by: String,
    reason: String,
}

impl Properties {
    fn is_empty(&self) -> bool {
        self.excluded.is_empty() && self.releases.is_empty()
    }
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Message,
    help_uri: String,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: PartialFingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<[Fix; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Message,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

/// Why a result is suppressed.
#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    justification: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartialFingerprints {
    /// The only fingerprint that GitHub code scanning reads.
    primary_location_line_hash: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

impl From<&View<'_>> for Run {
    fn from(view: &View<'_>) -> Self {
        let counted = view.findings().into_iter().map(|finding| (finding, None));
        let suppressed = view.suppressed().into_iter().map(|(f, reason)| (f, Some(*reason)));
        let findings: Vec<_> = counted.chain(suppressed).collect();
        let checks: BTreeMap<&str, &Check> =
            findings.iter().map(|(f, _)| (f.id(), f.finding.check)).collect();
        let index = |id: &str| checks.keys().position(|known| *known == id).unwrap_or_default();
        let mut fingerprints = Fingerprints::default();
        let results = findings
            .into_iter()
            .map(|(f, reason)| {
                let result = ResultObject::new(f, index(f.id()), fingerprints.next(f));
                ResultObject {
                    suppressions: reason.map(suppression).into_iter().collect(),
                    ..result
                }
            })
            .collect();
        let driver = Driver {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            information_uri: env!("CARGO_PKG_REPOSITORY"),
            rules: checks.values().map(|check| Rule::from(*check)).collect(),
        };
        let excluded = view.excluded().map(|[file, by, reason]| ExcludedFile {
            file: file.to_owned(),
            by: by.to_owned(),
            reason: reason.to_owned(),
        });
        let properties = Properties { excluded: excluded.collect(), releases: basis::lines(view) };
        Self { tool: Tool { driver }, column_kind: "unicodeCodePoints", results, properties }
    }
}

impl From<&Check> for Rule {
    fn from(check: &Check) -> Self {
        Self {
            id: check.id,
            short_description: message(check.summary),
            full_description: message(check.why),
            help: message(advice_of(check)),
            help_uri: check.url(),
            default_configuration: Configuration { level: level(check.severity) },
        }
    }
}

/// Why a check matters, and how to fix what it finds.
fn advice_of(check: &Check) -> String {
    match &check.page {
        Some(page) => format!("{} {}", check.why, page.fix),
        None => check.why.to_owned(),
    }
}

impl ResultObject {
    fn new(finding: &Located<'_>, rule_index: usize, hash: String) -> Self {
        let primary = finding.primary();
        let is_primary = |mark: &&Mark<'_>| primary.is_some_and(|p| std::ptr::eq(p, *mark));
        let others = finding.marks.iter().filter(|mark| !is_primary(mark));
        Self {
            rule_id: finding.id(),
            rule_index,
            level: level(finding.severity()),
            message: message(advice(finding)),
            locations: [primary.map_or_else(|| whole_file(finding.file()), location)],
            related_locations: others.map(location).collect(),
            partial_fingerprints: PartialFingerprints { primary_location_line_hash: hash },
            baseline_state: finding.new.map(|new| if new { "new" } else { "unchanged" }),
            suppressions: Vec::new(),
            fixes: fix(finding).map(|fix| [fix]),
        }
    }
}

/// The fix of a finding. Its description says whether it is safe, because SARIF has no word for that.
fn fix(finding: &Located<'_>) -> Option<Fix> {
    let (file, changes) = finding.changes()?;
    let is_safe = finding.finding.fix.as_ref()?.is_safe;
    let help = finding.finding.help.as_deref().unwrap_or("fix");
    let replacement = |(start, end, text): Replaced| Replacement {
        deleted_region: region(start, end),
        inserted_content: message(text),
    };
    let change = ArtifactChange {
        artifact_location: ArtifactLocation { uri: uri(file.name) },
        replacements: changes.into_iter().map(replacement).collect(),
    };
    let description = if is_safe { help.to_owned() } else { format!("{help} (unsafe)") };
    Some(Fix { description: message(description), artifact_changes: [change] })
}

fn suppression(reason: &str) -> Suppression {
    Suppression { kind: "inSource", justification: reason.to_owned() }
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn message(text: impl Into<String>) -> Message {
    Message { text: text.into() }
}

fn location(mark: &Mark<'_>) -> Location {
    let region = region(mark.start, mark.end);
    let text = &mark.label.text;
    Location {
        physical_location: physical(mark.text.name, region),
        message: (!text.is_empty()).then(|| message(text)),
    }
}

fn region(start: Position, end: Position) -> Region {
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn whole_file(name: &str) -> Location {
    let region = Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 };
    Location { physical_location: physical(name, region), message: None }
}

fn physical(name: &str, region: Region) -> PhysicalLocation {
    PhysicalLocation { artifact_location: ArtifactLocation { uri: uri(name) }, region }
}

/// Relative names stay relative.
fn uri(name: &str) -> String {
    let path = utf8_percent_encode(name, PATH);
    if name.starts_with('/') { format!("file://{path}") } else { path.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_uris() {
        for (name, expected) in [
            ("deploy/rules.yaml", "deploy/rules.yaml"),
            ("a b#c?d%/ä:1.yaml", "a%20b%23c%3Fd%25/%C3%A4%3A1.yaml"),
            ("/etc/refinery/rules.yaml", "file:///etc/refinery/rules.yaml"),
        ] {
            assert_eq!(uri(name), expected);
        }
    }
}
