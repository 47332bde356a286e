//! Start-up: does a new process accept the files?

use super::go_runtime::check_runtime;
use super::stage::{Outcome, Stage};
use crate::check;
use crate::config::command_line::CommandLine;
use crate::config::effective_value::Record;
use crate::config::environment::Environment;
use crate::config::load::{LoadContext, Loaded, Source, load_config, load_rules, read_loaded};
use crate::config::overrides::Overrides;
use crate::diagnostic::Finding;
use crate::release::go_line;
use crate::schema::{Kind, Quirk, Schema};
use crate::span::Span;
use crate::syntax::{DataFormat, Document, Item, prevents_checks};
use std::collections::{BTreeMap, BTreeSet};

check!(
    UNUSABLE_FORMAT,
    "start/unusable-format",
    Error,
    kind: Verdict,
    "Refinery can parse TOML and JSON, but rejects every such file",
    "Refinery's validator only accepts numbers from its YAML parser. It rejects the version \
     number that every file must have."
);
check!(
    EMPTY_FILE_REJECTED,
    "start/empty-file-rejected",
    Error,
    kind: Verdict,
    "this release rejects an empty file",
    "Releases before v2.9.2 fail on an empty file, even if other files are complete."
);
check!(
    ONLY_LAST_FILE_USED,
    "start/only-last-file-used",
    Warning,
    "this release only reads the last of several files",
    "Before v2.8.0, a repeated `-c` or `-r` replaces the earlier one, and Refinery never opens \
     that file."
);

/// How Refinery is started.
#[derive(Clone, Copy)]
pub struct Launch<'a> {
    /// Its command line, without the configuration files.
    pub arguments: &'a [String],
    pub environment: &'a Environment,
}

/// Does a new process accept the files?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    Accepted,
    Refused,
    /// It depends on variables that were not given.
    Depends,
}

/// What a new process makes of the files.
pub struct Start {
    pub acceptance: Acceptance,
    /// From the command line to loading, in Refinery's order. After one that fails, those in which
    /// nothing was found are not reached.
    pub stages: Vec<Stage>,
    /// The effective values; of files that are refused, as far as they could be read.
    pub config: Record,
    pub rules: Record,
    /// Variable → what its value must be.
    pub variables: BTreeMap<String, String>,
}

impl Start {
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.stages.iter().flat_map(|stage| &stage.findings)
    }
}

/// What is found in each stage before boot.
#[derive(Default)]
struct Found {
    command_line: Vec<Finding>,
    environment: Vec<Finding>,
    finding_files: Vec<Finding>,
    reading: Vec<Finding>,
    validation: Vec<Finding>,
    loading: Vec<Finding>,
}

impl Found {
    fn into_stages(self) -> Vec<Stage> {
        let mut failed = false;
        let mut stages = Vec::new();
        for (name, findings) in [
            ("command line", self.command_line),
            ("environment", self.environment),
            ("finding files", self.finding_files),
            ("reading", self.reading),
            ("validation", self.validation),
            ("loading", self.loading),
        ] {
            let stage = conclude_stage(name, findings, failed);
            failed |= stage.outcome == Outcome::Fails;
            stages.push(stage);
        }
        stages
    }
}

fn conclude_stage(name: &'static str, findings: Vec<Finding>, failed: bool) -> Stage {
    let outcome = if findings.iter().any(Finding::stops_start) {
        Outcome::Fails
    } else if failed {
        Outcome::Skipped("not reached")
    } else {
        let variables: BTreeSet<&str> =
            findings.iter().flat_map(Finding::variables).map(|(name, _)| name.as_str()).collect();
        if variables.is_empty() {
            Outcome::Passes
        } else {
            Outcome::Depends(variables.into_iter().collect::<Vec<_>>().join(", "))
        }
    };
    Stage { name, outcome, decided: Vec::new(), findings }
}

/// Walks from the command line to the loaded files. A kind without files counts as accepted.
/// `unfound` are the findings on the way to the files, made before they were parsed.
pub fn check_start_up(
    schemas: (&Schema, &Schema),
    config: &[Document],
    rules: &[Document],
    unfound: &[Finding],
    launch: Launch<'_>,
) -> Start {
    let mut found = Found { finding_files: unfound.to_vec(), ..Found::default() };
    let (line, refused) = CommandLine::parse(schemas.0, launch.arguments);
    found.command_line.extend(refused);
    let go = go_line(schemas.0.release);
    found.environment.extend(check_runtime(launch.environment, go));
    let (overrides, refused) = Overrides::read(schemas.0, &line, launch.environment);
    found.environment.extend(refused);
    let validates = !line.has("no-validate");
    let context = LoadContext { overrides: &overrides, environment: launch.environment, validates };
    let config = read_kind(schemas.0, config, validates, &mut found, |files| {
        load_config(schemas.0, files, context)
    });
    let rules = read_kind(schemas.1, rules, validates, &mut found, |files| {
        load_rules(schemas.1, files, validates)
    });
    let stages = found.into_stages();
    let findings = || stages.iter().flat_map(|stage| &stage.findings);
    let variables: BTreeMap<String, String> =
        findings().flat_map(Finding::variables).cloned().collect();
    let acceptance = if findings().any(Finding::stops_start) {
        Acceptance::Refused
    } else if variables.is_empty() {
        Acceptance::Accepted
    } else {
        Acceptance::Depends
    };
    Start { acceptance, stages, config, rules, variables }
}

/// Reads one kind of file; with a syntax error in one of them there is nothing to load.
fn read_kind(
    schema: &Schema,
    documents: &[Document],
    validates: bool,
    found: &mut Found,
    load: impl FnOnce(&[Source<'_>]) -> Loaded,
) -> Record {
    let documents = opened(schema, documents, &mut found.finding_files);
    if documents.iter().any(|document| is_refused(document, &found.finding_files)) {
        return Record::default();
    }
    let contents: Vec<Content<'_>> =
        documents.iter().map(|document| Content::read(schema, document, validates)).collect();
    found.reading.extend(contents.iter().flat_map(|content| content.findings.iter().cloned()));
    let items: Vec<Source<'_>> = contents.iter().filter_map(Content::source).collect();
    if !schema.quirks().has(Quirk::ReadsEmptyFiles) {
        found.reading.extend(documents.iter().filter(|d| d.is_empty).map(empty_file));
    }
    if items.is_empty() || items.len() < documents.len() {
        return Record::default();
    }
    // A file without a document says nothing, which is not a null.
    let said: Vec<Source<'_>> =
        contents.iter().filter(|c| !c.document.is_empty).filter_map(Content::source).collect();
    let Loaded { record, crash, overrides, mut validation, loading } =
        load(if said.is_empty() { &items } else { &said });
    for document in documents.iter().filter(|d| d.format != DataFormat::Yaml) {
        let count = validation.len();
        validation.retain(|finding| !is_about_numbers(finding, document));
        if validation.len() < count {
            found.validation.push(unusable_format(document));
        }
    }
    found.environment.extend(overrides);
    found.reading.extend(crash);
    found.validation.extend(validation);
    found.loading.extend(loading);
    record
}

/// The part of a document that a release reads.
struct Content<'d> {
    document: &'d Document,
    findings: Vec<Finding>,
    /// What the loader decodes, where that is not all of it.
    loaded: Option<Item>,
    is_read: bool,
}

impl<'d> Content<'d> {
    /// The validator reads everything; without it, faults in what the loader skips stop nothing.
    fn read(schema: &Schema, document: &'d Document, validates: bool) -> Self {
        let is_read_apart = !validates || document.allows_duplicates();
        let loaded = is_read_apart.then(|| read_loaded(schema, document)).flatten();
        let mut findings = match &loaded {
            Some((_, findings)) if !validates => findings.clone(),
            _ => document.findings.clone(),
        };
        // Refinery's older JSON reader stops after the first value.
        if schema.quirks().has(Quirk::ReadsWholeFiles) {
            findings.extend(document.remainder.clone());
        }
        let is_read = !findings.iter().any(prevents_checks);
        Self { document, findings, loaded: loaded.map(|(item, _)| item), is_read }
    }

    fn source(&self) -> Option<Source<'_>> {
        let whole = self.document.item.as_ref();
        let loaded = self.loaded.as_ref().or(whole)?;
        let Document { format, is_null, .. } = *self.document;
        let item = whole.unwrap_or(loaded);
        self.is_read.then_some(Source { format, item, loaded, is_null })
    }
}

/// The file was already rejected before parsing, and there is nothing to add.
fn is_refused(document: &Document, findings: &[Finding]) -> bool {
    let is_about = |finding: &Finding| finding.primary().is_some_and(|s| s.file == document.file);
    findings.iter().any(|finding| finding.stops_start() && is_about(finding))
}

/// The files that the release opens.
fn opened<'d>(
    schema: &Schema,
    documents: &'d [Document],
    findings: &mut Vec<Finding>,
) -> &'d [Document] {
    if documents.len() < 2 || schema.quirks().has(Quirk::SeveralFiles) {
        return documents;
    }
    let flag = if schema.kind == Kind::Config { "-c" } else { "-r" };
    let first = documents[0].file;
    findings.push(
        Finding::new(&ONLY_LAST_FILE_USED, format!("only the last of several `{flag}` is used"))
            .at(Span::new(first, 0, 0), "never opened")
            .help("merge the files into one, or use v2.8.0 or later"),
    );
    &documents[documents.len() - 1..]
}

/// Reported once for the whole file instead of for each number.
fn is_about_numbers(finding: &Finding, document: &Document) -> bool {
    finding.check.id == "schema/wrong-type"
        && finding.primary().is_some_and(|span| span.file == document.file)
}

fn empty_file(document: &Document) -> Finding {
    Finding::new(&EMPTY_FILE_REJECTED, "the file is empty")
        .at(Span::new(document.file, 0, 0), "empty file")
        .help("add the required keys, or do not pass the file")
        .refuses()
}

fn unusable_format(document: &Document) -> Finding {
    let name = document.format.name();
    Finding::new(
        &UNUSABLE_FORMAT,
        format!("Refinery rejects every {name} file that contains a number"),
    )
    .at(Span::new(document.file, 0, 0), format!("{name} numbers have the wrong type"))
    .help("convert the file to YAML")
    .refuses()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Check, CheckKind, Effect, Severity};

    static CHECK: Check = Check {
        id: "test/test",
        kind: CheckKind::Verdict,
        severity: Severity::Error,
        summary: "",
        why: "",
        page: None,
    };

    const NOT_REACHED: Outcome = Outcome::Skipped("not reached");

    fn outcomes(found: Found) -> Vec<Outcome> {
        found.into_stages().into_iter().map(|stage| stage.outcome).collect()
    }

    fn refusal() -> Vec<Finding> {
        vec![Finding::new(&CHECK, "bad").refuses()]
    }

    #[test]
    fn stages_after_a_failure_are_not_reached() {
        use Outcome::{Fails, Passes};
        let outcomes_of_reading = outcomes(Found { reading: refusal(), ..Found::default() });
        assert_eq!(outcomes_of_reading, [Passes, Passes, Passes, Fails, NOT_REACHED, NOT_REACHED]);
        let missing = outcomes(Found { finding_files: refusal(), ..Found::default() });
        let expected = [Passes, Passes, Fails, NOT_REACHED, NOT_REACHED, NOT_REACHED];
        assert_eq!(missing, expected);
    }

    #[test]
    fn a_stage_that_fails_too_is_reported_as_failing() {
        let both = Found { reading: refusal(), validation: refusal(), ..Found::default() };
        assert_eq!(outcomes(both)[3..5], [Outcome::Fails, Outcome::Fails]);
    }

    #[test]
    fn a_finding_that_refuses_nothing_lets_its_stage_pass() {
        let validation = vec![Finding::new(&CHECK, "odd")];
        let found = Found { validation, ..Found::default() };
        assert!(outcomes(found).iter().all(|outcome| *outcome == Outcome::Passes));
    }

    #[test]
    fn a_stage_depends_on_each_unknown_variable_once() {
        let depends = |name: &str| {
            let variables = vec![(name.to_owned(), "a port".to_owned())];
            Finding::new(&CHECK, "?").with(Effect::DependsOn(variables))
        };
        let validation = vec![depends("B"), depends("A"), depends("B")];
        let found = Found { validation, ..Found::default() };
        assert_eq!(outcomes(found)[4], Outcome::Depends("A, B".to_owned()));
    }
}
