//! Read files → what the engine holds once it has started, and what stops it before.
//!
//! The engine looks at a config three times: at the merged files, at the typed values, and at
//! those again with defaults and overrides in force. Rules are looked at twice and get neither.

use super::decode::Decoder;
use super::defaults::complete;
use super::dependencies::find_dependencies;
use super::environment::Environment;
use super::expand::{expand_item, expand_settings};
use super::merge::merge;
use super::overrides::Overrides;
use super::setting::Record;
use super::write::write;
use crate::diagnostic::Finding;
use crate::schema::{Schema, validate};
use crate::syntax::{Entry, Item};

/// Settings of one kind of file, and the findings made on the way to them.
#[derive(Debug)]
pub struct Loaded {
    pub record: Record,
    pub findings: Vec<Finding>,
}

/// What the engine does with the files apart from what they say.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    pub overrides: &'a Overrides<'a>,
    pub environment: &'a Environment,
    /// The engine's validator looks at the files.
    pub validates: bool,
}

/// Loads config files, first to last.
pub fn load_config(schema: &Schema, files: &[&Item], circumstances: Circumstances<'_>) -> Loaded {
    let Circumstances { overrides, environment, validates } = circumstances;
    let mut findings = Vec::new();
    if validates {
        findings = first_look(schema, files, Some(environment));
    }
    let Loaded { record, findings: misfits } = decode(schema, files);
    add_unseen(&mut findings, misfits);
    let mut record = complete(schema.root(), record);
    findings.extend(overrides.apply(schema.root(), &mut record));
    if validates && schema.behaviour().validates_twice && !refuses(&findings) {
        second_look(schema, &record, environment, &mut findings);
    }
    if schema.behaviour().expands_variables {
        expand_settings(&mut record, environment);
    }
    Loaded { record, findings }
}

/// Loads rules files, first to last.
pub fn load_rules(schema: &Schema, files: &[&Item], validates: bool) -> Loaded {
    let mut findings = if validates { first_look(schema, files, None) } else { Vec::new() };
    let Loaded { record, findings: misfits } = decode(schema, files);
    add_unseen(&mut findings, misfits);
    Loaded { record, findings }
}

/// The validator's look at the merged files as they are written.
fn first_look(schema: &Schema, files: &[&Item], environment: Option<&Environment>) -> Vec<Finding> {
    let mut merged = match merge(files) {
        Ok(merged) => merged,
        Err(crash) => return vec![*crash],
    };
    match environment {
        Some(environment) if schema.behaviour().expands_variables => {
            expand_item(&mut merged, environment);
        }
        _ => {}
    }
    let mut findings = validate(schema, &merged);
    findings.extend(find_dependencies(schema, &merged));
    findings
}

fn decode(schema: &Schema, files: &[&Item]) -> Loaded {
    let mut decoder = Decoder::default();
    let mut record = Record::default();
    for file in files {
        decoder.record(schema.root(), "", file, &mut record);
    }
    Loaded { record, findings: decoder.findings }
}

/// The loader's refusals, except those of a value that the validator has refused before.
fn add_unseen(findings: &mut Vec<Finding>, misfits: Vec<Finding>) {
    let seen: Vec<_> = findings.iter().filter_map(Finding::primary).collect();
    findings.extend(misfits.into_iter().filter(|misfit| {
        misfit.primary().is_none_or(|span| !seen.iter().any(|s| s.touches(span)))
    }));
}

fn refuses(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::stops_start)
}

/// The validator's look at the values in force, where overrides are seen for the first time.
fn second_look(
    schema: &Schema,
    record: &Record,
    environment: &Environment,
    findings: &mut Vec<Finding>,
) {
    let mut written = write(schema, record);
    drop_blank_keys(&mut written);
    if schema.behaviour().expands_variables {
        expand_item(&mut written, environment);
    }
    let mut second = validate(schema, &written);
    second.extend(find_dependencies(schema, &written));
    for finding in second {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
}

/// The engine puts dummies where no key is set, to keep its own validator quiet.
fn drop_blank_keys(written: &mut Item) {
    const OF: [&str; 4] = ["HoneycombLogger", "LegacyMetrics", "OTelMetrics", "OTelTracing"];
    let is_blank = |e: &Entry| e.key == "APIKey" && e.item.text() == Some("");
    for group in written.entries_mut().iter_mut().filter(|g| OF.contains(&g.key.as_str())) {
        if let Some(entries) = group.item.value.as_entries_mut() {
            entries.retain(|e| !is_blank(e));
        }
    }
}
