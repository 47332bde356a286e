//! The fresh start: does a new process accept the files?

use crate::check;
use crate::config::command_line::CommandLine;
use crate::config::environment::{Environment, Lookup};
use crate::config::load::{Circumstances, Source, load_config, load_rules};
use crate::config::overrides::Overrides;
use crate::config::setting::Record;
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
    "the engine reads TOML and JSON and then refuses every such file",
    "its validator wants numbers of a kind that only its YAML reader makes, so the version number \
     that both files must have is refused, whatever else they say"
);
check!(
    EMPTY_FILE,
    "start/empty-file",
    Error,
    "a file without any content",
    "releases before v2.9.2 take the end of the file for a fault, also where other files say enough"
);
check!(
    LAST_FILE_COUNTS,
    "start/last-file-counts",
    Warning,
    "several files are given where the release reads one",
    "before v2.8.0 a repeated `-c` or `-r` replaces the earlier one, which is never opened"
);

check!(
    BAD_RUNTIME_VARIABLE,
    "start/bad-runtime-variable",
    Error,
    "a variable that Go itself cannot read",
    "Go reads `GOMEMLIMIT` before Refinery begins, wants units such as `GiB` (not `Gi` or `GB`), and \
     ends the process with status 2 where it cannot read it"
);

/// How the engine is started.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// Its command line, apart from the files.
    pub arguments: &'a [String],
    pub environment: &'a Environment,
}

/// What a new process makes of the files.
pub struct Start {
    pub verdict: FreshStart,
    pub findings: Vec<Finding>,
    /// What would be in force; also where the start is refused, as far as it could be read.
    pub config: Record,
    pub rules: Record,
    /// Variable → what it must become.
    pub depends_on: BTreeMap<String, String>,
}

/// Walks from the command line to the loaded files. A kind with no files counts as good. `found`
/// is what was said of the files before they were parsed.
pub fn judge_fresh_start(
    schemas: (&Schema, &Schema),
    config: &[Document],
    rules: &[Document],
    found: &[Finding],
    setting: Setting<'_>,
) -> Start {
    let (line, refused) = CommandLine::parse(schemas.0, setting.arguments);
    let mut findings = found.to_vec();
    findings.extend(refused);
    findings.extend(judge_runtime(setting.environment));
    let (overrides, refused) = Overrides::read(schemas.0, &line, setting.environment);
    findings.extend(refused);
    let validates = !line.has("no-validate");
    let circumstances =
        Circumstances { overrides: &overrides, environment: setting.environment, validates };
    let config = walk(schemas.0, config, &mut findings, |items| {
        let loaded = load_config(schemas.0, items, circumstances);
        (loaded.record, loaded.findings)
    });
    let rules = walk(schemas.1, rules, &mut findings, |items| {
        let loaded = load_rules(schemas.1, items, validates);
        (loaded.record, loaded.findings)
    });
    let depends_on = dependencies(&findings);
    Start { verdict: conclude(&findings, &depends_on), findings, config, rules, depends_on }
}

/// What Go's own run time makes of its environment; what else it cannot read there it ignores.
fn judge_runtime(environment: &Environment) -> Option<Finding> {
    const LIMIT: &str = "GOMEMLIMIT";
    let Lookup::Set(value) = environment.look_up(LIMIT) else { return None };
    (!is_memory_limit(value)).then(|| {
        Finding::new(&BAD_RUNTIME_VARIABLE, format!("Go cannot read `{LIMIT}={value}`"))
            .help("write bytes, or an amount such as `4GiB`, or unset the variable")
            .with(Effect::RefusesStart)
    })
}

/// Reads one kind of file; with a syntax fault in one of them there is nothing to load.
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
    // What a file without a document says is nothing, not a null.
    let said: Vec<Source<'_>> = documents.iter().filter(|d| !d.is_empty).filter_map(read).collect();
    let (record, mut found) = load(if said.is_empty() { &items } else { &said });
    for document in documents.iter().filter(|d| d.format != DataFormat::Yaml) {
        let told = found.len();
        found.retain(|finding| !is_about_numbers(finding, document));
        if found.len() < told {
            findings.push(unusable_format(document));
        }
    }
    findings.extend(found);
    record
}

/// What was said of the file before it was parsed is all that there is to say.
fn is_refused(document: &Document, findings: &[Finding]) -> bool {
    let is_about = |finding: &Finding| finding.primary().is_some_and(|s| s.file == document.file);
    findings.iter().any(|finding| finding.stops_start() && is_about(finding))
}

/// The files that the release opens at all.
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
        Finding::new(&LAST_FILE_COUNTS, format!("of several `{flag}` the last alone is read"))
            .at(Span::new(first, 0, 0), "never opened")
            .help("merge the files into one, or run v2.8.0 or later"),
    );
    &documents[documents.len() - 1..]
}

/// What is said once for the whole file need not be said of each number.
fn is_about_numbers(finding: &Finding, document: &Document) -> bool {
    finding.check.id == "schema/wrong-type"
        && finding.primary().is_some_and(|span| span.file == document.file)
}

fn empty_file(document: &Document) -> Finding {
    Finding::new(&EMPTY_FILE, "the file holds nothing")
        .at(Span::new(document.file, 0, 0), "nothing to read")
        .help("write its keys, or do not name the file")
        .refuses()
}

fn unusable_format(document: &Document) -> Finding {
    let name = document.format.name();
    Finding::new(&UNUSABLE_FORMAT, format!("Refinery refuses every {name} file with a number"))
        .at(Span::new(document.file, 0, 0), format!("{name} numbers are of the wrong kind to it"))
        .help("write the file as YAML")
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
