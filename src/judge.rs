//! Sources → report: every deployment, asked of every release.
//!
//! The middle of the corridor. Must not read files (`source`) nor lay anything out (`report`).

use crate::check;
use crate::config::environment::Environment;
use crate::diagnostic::Finding;
use crate::rehearse::{Setting, Start, judge_fresh_start};
use crate::schema::secrets::{find_secrets, mask};
use crate::schema::{BrokenSchema, Kind, Release, Schema};
use crate::source::{Deployment, Source, Sources};
use crate::span::{Files, Span};
use crate::syntax::Document;
use crate::verdict::{DeploymentReport, FreshStart, Report, Verdict};
use std::panic::{AssertUnwindSafe, catch_unwind};

check!(
    INTERNAL,
    "internal/panic",
    Error,
    "this program met a fault of its own",
    "nothing is known of the deployment: a gate that fails must not let anything through"
);

/// What to ask of the deployments.
pub struct Question {
    /// Oldest first.
    pub releases: Vec<Release>,
    pub environment: Environment,
    /// The engine's command line, apart from its files.
    pub arguments: Vec<String>,
}

/// Both schemas of one release.
pub struct Schemas {
    pub config: Schema,
    pub rules: Schema,
}

impl Schemas {
    /// # Errors
    /// Never for the schemas that a test has compiled.
    pub fn of(release: Release) -> Result<Self, BrokenSchema> {
        Ok(Self {
            config: Schema::new(Kind::Config, release)?,
            rules: Schema::new(Kind::Rules, release)?,
        })
    }
}

/// Judges all deployments.
///
/// # Errors
/// Never for the schemas that a test has compiled.
pub fn judge(sources: &mut Sources, question: &Question) -> Result<Report, BrokenSchema> {
    hide_secrets(&mut sources.files);
    let schemas =
        question.releases.iter().map(|&r| Schemas::of(r)).collect::<Result<Vec<_>, _>>()?;
    let judge = |deployment: &Deployment| {
        guarded(deployment, &sources.files, || {
            judge_deployment(deployment, &sources.files, &schemas, question)
        })
    };
    let deployments = sources.deployments.iter().map(judge).collect();
    Ok(Report { deployments, notices: sources.notices.clone(), blocked: false })
}

fn hide_secrets(files: &mut Files) {
    for id in files.ids() {
        for range in find_secrets(&files.get(id).text) {
            files.mask(Span::new(id, range.start, range.end));
        }
    }
}

/// A fault of ours becomes a finding, never a silent pass.
fn guarded(
    deployment: &Deployment,
    files: &Files,
    judge: impl FnOnce() -> DeploymentReport,
) -> DeploymentReport {
    catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|_| {
        let mut report = named(deployment, files);
        let finding = Finding::new(&INTERNAL, "this program stopped in the middle of its work")
            .help("please report it, with the files if you may");
        report.add("", finding);
        report
    })
}

fn named(deployment: &Deployment, files: &Files) -> DeploymentReport {
    let names = |sources: &[Source]| -> Vec<String> {
        sources.iter().map(|source| files.get(source.file).name.clone()).collect()
    };
    DeploymentReport {
        config: names(&deployment.config),
        rules: names(&deployment.rules),
        ..DeploymentReport::default()
    }
}

fn judge_deployment(
    deployment: &Deployment,
    files: &Files,
    schemas: &[Schemas],
    question: &Question,
) -> DeploymentReport {
    let mut report = named(deployment, files);
    let config = read(&deployment.config, files);
    let rules = read(&deployment.rules, files);
    for schemas in schemas.iter().rev() {
        let start = start(deployment, &config, &rules, schemas, question);
        let release = schemas.config.release.to_string();
        for finding in &start.findings {
            report.add(&release, masked(finding.clone()));
        }
        report.verdicts.insert(0, verdict(release, start));
    }
    report
}

/// What one release makes of one deployment.
pub fn start(
    deployment: &Deployment,
    config: &[Document],
    rules: &[Document],
    schemas: &Schemas,
    question: &Question,
) -> Start {
    let setting = Setting { arguments: &question.arguments, environment: &question.environment };
    let schemas = (&schemas.config, &schemas.rules);
    judge_fresh_start(schemas, config, rules, &deployment.findings, setting)
}

/// Reads those files whose language the engine knows.
pub fn read(sources: &[Source], files: &Files) -> Vec<Document> {
    let known = sources.iter().filter_map(|source| Some((source.file, source.format?)));
    known.map(|(file, format)| Document::read(file, format, &files.get(file).text)).collect()
}

fn verdict(release: String, start: Start) -> Verdict {
    use crate::verdict::{Boot, FirstTrace, HotReload};
    let targets = if start.verdict == FreshStart::No { Vec::new() } else { start.targets() };
    Verdict {
        release,
        fresh_start: start.verdict,
        hot_reload: HotReload::NotJudged,
        boot: Boot::NotJudged,
        first_trace: targets.into_iter().map(|t| (t, FirstTrace::NotJudged)).collect(),
        depends_on: start.depends_on,
    }
}

fn masked(mut finding: Finding) -> Finding {
    finding.message = mask(&finding.message);
    finding.help = finding.help.map(|help| mask(&help));
    for label in &mut finding.labels {
        label.text = mask(&label.text);
    }
    finding
}
