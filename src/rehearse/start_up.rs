//! Start-up: does a new process accept the files?

use crate::check;
use crate::config::command_line::CommandLine;
use crate::config::effective_value::Record;
use crate::config::environment::{Environment, Lookup};
use crate::config::load::{LoadContext, Source, load_config, load_rules};
use crate::config::overrides::Overrides;
use crate::diagnostic::{Effect, Finding};
use crate::schema::{Kind, Quirk, Schema};
use crate::span::Span;
use crate::syntax::{DataFormat, Document};
use crate::value::byte_count::is_memory_limit;
use crate::verdict::FreshStart;
use std::collections::BTreeMap;

check!(
    UNUSABLE_FORMAT,
    "start/unusable-format",
    Error,
    "Refinery can parse TOML and JSON, but rejects every such file",
    "Refinery's validator only accepts numbers from its YAML parser. It rejects the version \
     number that every file must have."
);
check!(
    EMPTY_FILE_REJECTED,
    "start/empty-file-rejected",
    Error,
    "empty file",
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

check!(
    BAD_RUNTIME_VARIABLE,
    "start/bad-runtime-variable",
    Error,
    "Go cannot parse an environment variable",
    "Go parses `GOMEMLIMIT` before Refinery starts and requires units such as `GiB` (not `Gi` or \
     `GB`). If it cannot, the process exits with status 2."
);

/// How Refinery is started.
#[derive(Clone, Copy)]
pub struct Launch<'a> {
    /// Its command line, without the configuration files.
    pub arguments: &'a [String],
    pub environment: &'a Environment,
}

/// What a new process does with the files.
pub struct Start {
    pub verdict: FreshStart,
    pub findings: Vec<Finding>,
    /// The effective config; if start-up is refused, what could be read of it.
    pub config: Record,
    pub rules: Record,
    /// Environment variable → what it must be.
    pub depends_on: BTreeMap<String, String>,
}

/// Loads everything from the command line to the files. A kind without files counts as good.
/// `found` are earlier findings on the files.
pub fn check_start_up(
    schemas: (&Schema, &Schema),
    config: &[Document],
    rules: &[Document],
    found: &[Finding],
    launch: Launch<'_>,
) -> Start {
    let (line, refused) = CommandLine::parse(schemas.0, launch.arguments);
    let mut findings = found.to_vec();
    findings.extend(refused);
    findings.extend(check_runtime(launch.environment));
    let (overrides, refused) = Overrides::read(schemas.0, &line, launch.environment);
    findings.extend(refused);
    let validates = !line.has("no-validate");
    let context = LoadContext { overrides: &overrides, environment: launch.environment, validates };
    let config = walk(schemas.0, config, &mut findings, |items| {
        let loaded = load_config(schemas.0, items, context);
        (loaded.record, loaded.findings)
    });
    let rules = walk(schemas.1, rules, &mut findings, |items| {
        let loaded = load_rules(schemas.1, items, validates);
        (loaded.record, loaded.findings)
    });
    let depends_on = dependencies(&findings);
    Start { verdict: conclude(&findings, &depends_on), findings, config, rules, depends_on }
}

/// What the Go runtime does with its environment; it ignores other values that it cannot parse.
fn check_runtime(environment: &Environment) -> Option<Finding> {
    const LIMIT: &str = "GOMEMLIMIT";
    let Lookup::Set(value) = environment.look_up(LIMIT) else { return None };
    (!is_memory_limit(value)).then(|| {
        Finding::new(&BAD_RUNTIME_VARIABLE, format!("Go cannot read `{LIMIT}={value}`"))
            .help("use bytes, or a size such as `4GiB`, or unset the variable")
            .with(Effect::RefusesStart)
    })
}

/// Loads one kind of file; after a syntax error in one of them there is nothing to load.
fn walk<'d>(
    schema: &Schema,
    documents: &'d [Document],
    findings: &mut Vec<Finding>,
    load: impl FnOnce(&[Source<'d>]) -> (Record, Vec<Finding>),
) -> Record {
    let documents = opened(schema, documents, findings);
    if documents.iter().any(|document| is_refused(document, findings)) {
        return Record::default();
    }
    findings.extend(documents.iter().flat_map(|d| d.findings.iter().cloned()));
    let read = |d: &'d Document| {
        let item = d.item.as_ref()?;
        Some(Source { format: d.format, item, is_null: d.is_null })
    };
    let items: Vec<Source<'_>> = documents.iter().filter_map(read).collect();
    if !schema.quirks().has(Quirk::ReadsEmptyFiles) {
        findings.extend(documents.iter().filter(|d| d.is_empty).map(empty_file));
    }
    if items.is_empty() || items.len() < documents.len() {
        return Record::default();
    }
    // An empty file sets nothing; it is not a null.
    let said: Vec<Source<'_>> = documents.iter().filter(|d| !d.is_empty).filter_map(read).collect();
    let (record, mut found) = load(if said.is_empty() { &items } else { &said });
    for document in documents.iter().filter(|d| d.format != DataFormat::Yaml) {
        let before = found.len();
        found.retain(|finding| !is_about_numbers(finding, document));
        if found.len() < before {
            findings.push(unusable_format(document));
        }
    }
    findings.extend(found);
    record
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

fn dependencies(findings: &[Finding]) -> BTreeMap<String, String> {
    let of = |finding: &Finding| match &finding.effect {
        Effect::DependsOn(variables) => variables.clone(),
        _ => Vec::new(),
    };
    findings.iter().flat_map(of).collect()
}

fn conclude(findings: &[Finding], depends_on: &BTreeMap<String, String>) -> FreshStart {
    if findings.iter().any(Finding::stops_start) {
        FreshStart::No
    } else if depends_on.is_empty() {
        FreshStart::Yes
    } else {
        FreshStart::Depends
    }
}
