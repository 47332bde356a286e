//! Readers of output formats, written from their public definitions.

use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What a format says about a finding.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub file: String,
    pub line: u64,
    pub code: String,
    pub severity: String,
    pub message: String,
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_else(|| panic!("no string: {json}")).to_owned()
}

fn keys(json: &Json) -> Vec<&str> {
    json.as_object().unwrap().keys().map(String::as_str).collect()
}

/// GitLab's code quality report.
pub fn read_gitlab(report: &str) -> Vec<Entry> {
    let report: Json = serde_json::from_str(report).unwrap();
    let issues = report.as_array().unwrap();
    let prints: BTreeSet<String> = issues.iter().map(|i| text(&i["fingerprint"])).collect();
    assert_eq!(prints.len(), issues.len(), "fingerprints are unique");
    let read = |issue: &Json| {
        let required = ["description", "check_name", "fingerprint", "severity", "location"];
        assert_eq!(keys(issue), required);
        assert!(!text(&issue["fingerprint"]).is_empty());
        let severity = text(&issue["severity"]);
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&&*severity));
        Entry {
            file: text(&issue["location"]["path"]),
            line: issue["location"]["lines"]["begin"].as_u64().unwrap(),
            code: text(&issue["check_name"]),
            severity,
            message: text(&issue["description"]),
        }
    };
    issues.iter().map(read).collect()
}

/// Start and end: line, and column in bytes.
pub type Range = [(u64, u64); 2];

/// Reviewdog's diagnostics.
pub fn read_rdjson(report: &str) -> Vec<(Entry, Option<Range>)> {
    let report: Json = serde_json::from_str(report).unwrap();
    assert_eq!(keys(&report), ["source", "diagnostics"]);
    let place = |place: &Json| (place["line"].as_u64().unwrap(), place["column"].as_u64().unwrap());
    let range = |range: &Json| {
        let range = (!range.is_null()).then(|| [place(&range["start"]), place(&range["end"])]);
        assert!(range.is_none_or(|[start, end]| (1, 1) <= start && start <= end), "{range:?}");
        range
    };
    let read = |diagnostic: &Json| {
        let severity = text(&diagnostic["severity"]);
        assert!(["ERROR", "WARNING", "INFO"].contains(&&*severity));
        for suggestion in diagnostic["suggestions"].as_array().into_iter().flatten() {
            assert_eq!(keys(suggestion), ["range", "text"]);
            assert!(range(&suggestion["range"]).is_some());
        }
        let range = range(&diagnostic["location"]["range"]);
        let entry = Entry {
            file: text(&diagnostic["location"]["path"]),
            line: range.map_or(1, |[(line, _), _]| line),
            code: text(&diagnostic["code"]["value"]),
            severity,
            message: text(&diagnostic["message"]),
        };
        (entry, range)
    };
    report["diagnostics"].as_array().unwrap().iter().map(read).collect()
}

/// Azure's logging commands, decoded as the agent does, and all other lines.
pub fn read_azure(log: &str) -> (Vec<Entry>, Vec<&str>) {
    let (mut issues, mut others) = (Vec::new(), Vec::new());
    for line in log.lines() {
        // The agent looks for commands anywhere in a line.
        let Some(at) = line.find("##vso[") else {
            assert!(!line.contains("##["), "{line}");
            others.push(line);
            continue;
        };
        assert_eq!(at, 0, "{line}");
        let (command, message) = line["##vso[".len()..].split_once(']').expect("an end");
        let properties = command.strip_prefix("task.logissue ").expect(command);
        let properties: BTreeMap<&str, String> = properties
            .split(';')
            .map(|pair| pair.split_once('=').expect(pair))
            .map(|(name, value)| (name, decode(value)))
            .collect();
        assert!(["error", "warning"].contains(&&*properties["type"]), "{line}");
        issues.push(Entry {
            file: properties["sourcepath"].clone(),
            line: properties.get("linenumber").map_or(1, |line| line.parse().unwrap()),
            code: properties["code"].clone(),
            severity: properties["type"].clone(),
            message: decode(message),
        });
    }
    (issues, others)
}

fn decode(value: &str) -> String {
    assert!(!value.contains([';', ']']), "{value}");
    let codes = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")];
    codes.iter().fold(value.to_owned(), |value, (code, plain)| value.replace(code, plain))
}

/// Checkstyle's XML.
pub fn read_checkstyle(report: &str) -> Vec<Entry> {
    let document = roxmltree::Document::parse(report).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name("checkstyle") && root.has_attribute("version"));
    let mut entries = Vec::new();
    for file in root.children().filter(roxmltree::Node::is_element) {
        assert!(file.has_tag_name("file"));
        for error in file.children().filter(roxmltree::Node::is_element) {
            assert!(error.has_tag_name("error"));
            let value = |name| error.attribute(name).expect(name).to_owned();
            assert!(["error", "warning", "info"].contains(&&*value("severity")));
            entries.push(Entry {
                file: file.attribute("name").expect("a name").to_owned(),
                line: value("line").parse().unwrap(),
                code: value("source"),
                severity: value("severity"),
                message: value("message"),
            });
        }
    }
    entries
}

/// One finding of the JSON report per line.
pub fn read_json_lines(lines: &str) -> Vec<Entry> {
    let read = |line: &str| {
        let json: Json = serde_json::from_str(line).unwrap();
        Entry {
            file: text(&json["file"]),
            line: json["line"].as_u64().unwrap(),
            code: text(&json["check"]),
            severity: text(&json["severity"]),
            message: text(&json["message"]),
        }
    };
    lines.lines().map(read).collect()
}
