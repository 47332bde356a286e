//! Sources → report: every deployment, asked of every release.
//!
//! The middle of the corridor. Must not read files (`source`) nor lay anything out (`report`).

use crate::check;
use crate::checks::{CheckContext, Written, inspect};
use crate::config::environment::Environment;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::{Deployment, Source};
use crate::diagnostic::{Finding, Severity};
use crate::discover::Sources;
use crate::discover::ledger::{Excluded, Outcome};
use crate::rehearse::change::{find_changes, waits_for_restart};
use crate::rehearse::stage::StageContext;
use crate::rehearse::{Host, Launch, Rehearsal, Start, check_start_up, rehearse};
use crate::schema::secrets::{Secrets, find_secrets, is_secret_key};
use crate::schema::{BrokenSchema, Kind, Quirk, Release, Schema};
use crate::sniff::flaw::{Flaw, find_flaw};
use crate::span::{FileId, Files, Span};
use crate::syntax::{Document, Item, Value};
use crate::verdict::{
    DeploymentReport, FileOutcome, FileRecord, FreshStart, HotReload, Report, Reported, Verdict,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

check!(
    INTERNAL,
    "internal/panic",
    Error,
    "this program met a fault of its own",
    "nothing is known of the deployment: a gate that fails must not let anything through"
);

check!(
    LEFT_OUT,
    "internal/findings-left-out",
    Note,
    "there are more findings than anyone reads",
    "the gravest are kept, so that the verdicts stand; mend these and check again"
);

/// The most findings that one release may make on one deployment.
const MAX_FINDINGS: usize = 1000;

/// What to ask of the deployments.
#[derive(Default)]
pub struct CheckOptions {
    /// Oldest first.
    pub releases: Vec<Release>,
    pub environment: Environment,
    /// The machine that the engine runs on.
    pub host: Host,
    /// The engine's command line, apart from its files.
    pub arguments: Vec<String>,
    /// These releases are meant, whatever stands beside the files.
    pub insists: bool,
    /// What runs now and would reload the files; by default the same without faults.
    pub running: Option<RunningConfig>,
}

/// What runs now.
pub enum RunningConfig {
    /// One deployment, whatever its files are called.
    One(Sources),
    /// Each deployment as it was, under its own name.
    Past(Sources),
}

impl RunningConfig {
    /// What would reload a deployment; none where it is new.
    fn find(&self, deployment: &Deployment, files: &Files) -> Option<(&Deployment, &Files)> {
        let (sources, running) = match self {
            Self::One(sources) => (sources, sources.deployments.first()),
            Self::Past(sources) => {
                let name = name(deployment, files);
                let mut all = sources.deployments.iter();
                (sources, all.find(|known| self::name(known, &sources.files) == name))
            }
        };
        running.map(|running| (running, &sources.files))
    }
}

/// A deployment goes by its config, and by its rules where it has none.
fn name(deployment: &Deployment, files: &Files) -> Vec<String> {
    let half = if deployment.config.is_empty() { &deployment.rules } else { &deployment.config };
    names(half, files)
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

impl CheckOptions {
    /// The schemas of all releases that are asked.
    ///
    /// # Errors
    /// Never for the schemas that a test has compiled.
    pub fn schemas(&self) -> Result<Vec<Schemas>, BrokenSchema> {
        self.releases.iter().map(|&release| Schemas::of(release)).collect()
    }

    fn running(&self, deployment: &Deployment, files: &Files) -> Option<(&Deployment, &Files)> {
        self.running.as_ref()?.find(deployment, files)
    }

    /// The releases that one deployment is asked of: its own, unless others are insisted on.
    pub fn releases_of(&self, deployment: &Deployment) -> Vec<Release> {
        match &deployment.given.release {
            Some(named) if !self.insists => vec![named.release],
            _ => self.releases.clone(),
        }
    }

    /// The question as one deployment answers it: what is asked counts over what stands beside the
    /// files.
    fn case<'q>(&'q self, deployment: &'q Deployment) -> DeploymentContext<'q> {
        let LaunchSpec { arguments, machine, .. } = &deployment.given;
        DeploymentContext {
            arguments: if self.arguments.is_empty() { arguments } else { &self.arguments },
            environment: self.environment.with(&machine.variables, &machine.unknown_variables),
            host: self.host.over(machine),
        }
    }
}

/// A question to one deployment.
struct DeploymentContext<'q> {
    arguments: &'q [String],
    environment: Environment,
    host: Host,
}

impl DeploymentContext<'_> {
    fn launch(&self) -> Launch<'_> {
        Launch { arguments: self.arguments, environment: &self.environment }
    }
}

/// The schemas of a run, each release's made when it is first asked.
struct SchemaCache<'s> {
    /// The releases of the question, in step with their schemas.
    known: Vec<(Release, &'s Schemas)>,
    more: BTreeMap<Release, Schemas>,
}

impl<'s> SchemaCache<'s> {
    fn of(schemas: &'s [Schemas], sources: &Sources, question: &CheckOptions) -> Self {
        let known: Vec<_> = question.releases.iter().copied().zip(schemas).collect();
        let asked = sources.deployments.iter().flat_map(|d| question.releases_of(d));
        let missing: BTreeSet<Release> =
            asked.filter(|release| known.iter().all(|(has, _)| has != release)).collect();
        let make = |release| Schemas::of(release).ok().map(|schemas| (release, schemas));
        Self { known, more: missing.into_iter().filter_map(make).collect() }
    }

    fn get(&self, release: Release) -> Option<&Schemas> {
        let known = self.known.iter().find(|(known, _)| *known == release);
        known.map(|(_, schemas)| *schemas).or_else(|| self.more.get(&release))
    }
}

/// Judges all deployments.
///
/// # Errors
/// Never for the schemas that a test has compiled.
pub fn judge(sources: &mut Sources, question: &CheckOptions) -> Result<Report, BrokenSchema> {
    Ok(judge_with(&question.schemas()?, sources, question))
}

/// Judges all deployments with schemas that the caller keeps.
pub fn judge_with(schemas: &[Schemas], sources: &mut Sources, question: &CheckOptions) -> Report {
    let secrets = hide_secrets(&mut sources.files);
    let library = SchemaCache::of(schemas, sources, question);
    let judge = |deployment: &Deployment| {
        let releases = question.releases_of(deployment);
        let schemas: Vec<&Schemas> =
            releases.into_iter().filter_map(|release| library.get(release)).collect();
        guarded(deployment, &sources.files, || {
            judge_deployment(deployment, &sources.files, &secrets, &schemas, question)
        })
    };
    let unchecked =
        sources.unchecked.iter().map(|finding| unchecked(finding, &sources.files, &secrets));
    let deployments: Vec<_> = sources.deployments.iter().map(judge).chain(unchecked).collect();
    let files = account(sources, &deployments);
    let notices = sources.notices.iter().map(|notice| secrets.hide(notice)).collect();
    let mut touched = question.host.touched();
    for touch in &mut touched {
        touch.what = secrets.hide(&touch.what);
        touch.outcome = secrets.hide(&touch.outcome);
    }
    Report { deployments, files, notices, touched, blocked: false }
}

/// A file that is Refinery's and cannot be checked: no verdict, and the error that says why.
fn unchecked(finding: &Finding, files: &Files, secrets: &Secrets) -> DeploymentReport {
    let file = finding.primary().map(|place| files.get(files.outermost(place.file)).name.clone());
    let findings = vec![Reported::new(told(finding.clone(), files, &[secrets]), Vec::new())];
    DeploymentReport { config: file.into_iter().collect(), findings, ..DeploymentReport::default() }
}

/// What became of every file, sorted by name.
fn account(sources: &Sources, deployments: &[DeploymentReport]) -> Vec<FileRecord> {
    let mut outcomes = BTreeMap::new();
    for (name, outcome) in sources.ledger.iter() {
        let outcome = match outcome {
            Outcome::NotRefinery(why) => FileOutcome::NotRefinery(why.clone()),
            Outcome::Excluded(Excluded { by, reason }) => {
                FileOutcome::Excluded { by: by.clone(), reason: reason.clone() }
            }
        };
        outcomes.insert(name.to_owned(), outcome);
    }
    let files = &sources.files;
    for id in files.ids() {
        let name = &files.get(id).name;
        let holds = |(_, deployment): &(usize, &Deployment)| {
            deployment.files().any(|file| files.outermost(file) == id)
                || deployment.findings.iter().filter_map(Finding::primary).any(|s| s.file == id)
        };
        let of: Vec<usize> =
            sources.deployments.iter().enumerate().filter(holds).map(|(place, _)| place).collect();
        if !of.is_empty() {
            outcomes.insert(name.clone(), FileOutcome::Checked(of));
        } else if deployments.iter().any(|d| d.verdicts.is_empty() && d.is_of(name)) {
            outcomes.insert(name.clone(), FileOutcome::CannotCheck);
        } else {
            // What leads to deployments was read with them.
            outcomes.entry(name.clone()).or_insert(FileOutcome::Checked(of));
        }
    }
    outcomes.into_iter().map(|(name, outcome)| FileRecord { name, outcome }).collect()
}

/// Hides the secrets of all texts from everything that quotes them, and returns them.
pub fn hide_secrets(files: &mut Files) -> Secrets {
    for id in files.all().collect::<Vec<_>>() {
        for range in find_secrets(&files.get(id).text) {
            files.mask(Span::new(id, range.start, range.end));
        }
    }
    let secrets = Secrets::of(files.hidden());
    for id in files.all().collect::<Vec<_>>() {
        for range in secrets.repeated_in(&files.get(id).text) {
            files.mask(Span::new(id, range.start, range.end));
        }
    }
    secrets
}

/// What else is secret of one deployment: values as they are decoded, variables and flags.
pub fn secrets_of(
    deployment: &Deployment,
    documents: &Documents,
    question: &CheckOptions,
) -> Secrets {
    let case = question.case(deployment);
    let mut values = Vec::new();
    for document in &documents.config {
        for (group, key) in Kind::Config.root().children() {
            let Some(group) = document.item.as_ref().and_then(|item| item.get(group)) else {
                continue;
            };
            let secret = key.children().filter(|(_, key)| key.is_secret());
            secret.filter_map(|(name, _)| group.get(name)).for_each(|i| texts(i, &mut values));
        }
    }
    let named = |name: &&str| {
        is_secret_key(name) || values.iter().any(|text| text.contains(&format!("${{{name}}}")))
    };
    let variables = case.environment.names().filter(named);
    let variables: Vec<&str> = variables.filter_map(|name| case.environment.value(name)).collect();
    let arguments = case.arguments.join("\n");
    let flags = find_secrets(&arguments).into_iter().map(|range| &arguments[range]);
    Secrets::of(values.iter().copied().chain(variables).chain(flags))
}

fn texts<'i>(item: &'i Item, out: &mut Vec<&'i str>) {
    match &item.value {
        Value::Text(text) => out.push(text),
        Value::List(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Map(entries) => entries.iter().for_each(|entry| texts(&entry.item, out)),
        _ => out.push(&item.raw),
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

/// Where there are no files, a deployment goes by the one that says so.
fn named(deployment: &Deployment, files: &Files) -> DeploymentReport {
    let mut config = names(&deployment.config, files);
    if config.is_empty() && deployment.rules.is_empty() {
        let place = deployment.findings.iter().find_map(Finding::primary);
        config.extend(place.map(|place| files.get(files.outermost(place.file)).name.clone()));
    }
    DeploymentReport {
        config,
        rules: names(&deployment.rules, files),
        ..DeploymentReport::default()
    }
}

/// What files are called.
pub fn names(sources: &[Source], files: &Files) -> Vec<String> {
    sources.iter().map(|source| files.get(source.file).name.clone()).collect()
}

fn judge_deployment(
    deployment: &Deployment,
    files: &Files,
    secrets: &Secrets,
    schemas: &[&Schemas],
    question: &CheckOptions,
) -> DeploymentReport {
    let mut report = named(deployment, files);
    report.is_compared = question.running(deployment, files).is_some();
    report.restarts = question.case(deployment).host.machine.restarts;
    let documents = read(deployment, files);
    let flaws = find_flaws(deployment, files);
    let secrets = [secrets, &secrets_of(deployment, &documents, question)];
    for schemas in schemas.iter().rev() {
        let (mut verdict, mut findings) =
            judge_release(deployment, files, &documents, schemas, question);
        findings.retain(|finding| !is_idle(finding, files));
        // What Refinery accepts all the same is no fault, such as an empty file among several.
        let counts = |flaw: &Flaw| flaw.is_placeholder() || is_refused(&verdict);
        let flaws = flaws.iter().filter(|(flaw, _)| counts(flaw));
        findings.extend(flaws.map(|(_, finding)| finding.clone()));
        for finding in gravest(findings) {
            report.add(&verdict.release, told(finding, files, &secrets));
        }
        verdict.machine.iter_mut().for_each(|need| *need = hide(&secrets, need));
        verdict.depends_on.values_mut().for_each(|need| *need = hide(&secrets, need));
        report.verdicts.insert(0, verdict);
    }
    report
}

fn is_refused(verdict: &Verdict) -> bool {
    verdict.fresh_start == FreshStart::No || verdict.hot_reload == HotReload::Refused
}

/// What makes files unusable.
fn find_flaws(deployment: &Deployment, files: &Files) -> Vec<(Flaw, Finding)> {
    let halves = [&deployment.config, &deployment.rules].into_iter();
    let sources = halves.flat_map(|half| half.iter().map(|source| (source, half.len() == 1)));
    let find = |(source, is_alone): (&Source, bool)| {
        let file = files.get(source.file);
        let flaw = find_flaw(source.format, &file.text)?;
        // Beside other files of its kind an empty one may do no harm, and rehearsal says if it does.
        let counts = is_alone || flaw.is_placeholder();
        counts.then(|| (flaw, flaw.finding(source.file, &file.name, &file.text)))
    };
    sources.filter_map(find).collect()
}

/// What one release says to one deployment: what it does with the files, and what they do to it.
pub fn judge_release(
    deployment: &Deployment,
    files: &Files,
    documents: &Documents,
    schemas: &Schemas,
    question: &CheckOptions,
) -> (Verdict, Vec<Finding>) {
    let rehearsal = rehearse_with(deployment, documents, schemas, question);
    let running = question.running(deployment, files);
    let case = question.case(deployment);
    let changes = running.map(|running| changes(&rehearsal, running, schemas, question));
    // Where a change restarts the nodes, it is in force at once.
    let restarts = case.host.machine.restarts.config;
    let changes = changes.into_iter().flatten();
    let changes = changes.filter(|finding| !(restarts && waits_for_restart(finding.check)));
    let intent = inspect_intent(&rehearsal, documents, schemas, &case);
    let findings = rehearsal.findings.into_iter().chain(changes).chain(intent).collect();
    (rehearsal.verdict, findings)
}

/// What differs from what runs, where a reload would take the files.
fn changes(
    rehearsal: &Rehearsal,
    (deployment, files): (&Deployment, &Files),
    schemas: &Schemas,
    question: &CheckOptions,
) -> Vec<Finding> {
    if rehearsal.verdict.hot_reload == HotReload::Refused {
        return Vec::new();
    }
    let documents = read(deployment, files);
    let before = start_with(deployment, &documents, schemas, question);
    find_changes(&schemas.config, &before.config, &rehearsal.start.config)
}

/// What the engine does otherwise than written; nothing where it does nothing at all.
fn inspect_intent(
    rehearsal: &Rehearsal,
    documents: &Documents,
    schemas: &Schemas,
    case: &DeploymentContext<'_>,
) -> Vec<Finding> {
    if rehearsal.verdict.fresh_start == FreshStart::No {
        return Vec::new();
    }
    let schema = &schemas.config;
    let Start { config, rules, .. } = &rehearsal.start;
    let stage = StageContext {
        config,
        host: &case.host,
        quirks: schema.quirks(),
        environment: case.launch().environment,
    };
    let written = Written { config: &documents.config, rules: &documents.rules };
    inspect(&CheckContext::new(stage, rules, schema, written, case.arguments))
}

/// A note on what nobody has written, such as the chart's own values: it asks nobody for anything.
fn is_idle(finding: &Finding, files: &Files) -> bool {
    finding.check.severity == Severity::Note
        && finding.primary().is_some_and(|place| files.is_added(place))
}

/// As many as can be read, the gravest if there are more.
fn gravest(mut findings: Vec<Finding>) -> Vec<Finding> {
    if findings.len() > MAX_FINDINGS {
        findings.sort_by_key(|finding| Reverse(finding.check.severity));
        findings.truncate(MAX_FINDINGS);
        let message = format!("only the gravest {MAX_FINDINGS} findings are told");
        findings.push(Finding::new(&LEFT_OUT, message));
    }
    findings
}

/// The files of a deployment, read.
pub struct Documents {
    pub config: Vec<Document>,
    pub rules: Vec<Document>,
}

/// Reads those files whose language the engine knows.
pub fn read(deployment: &Deployment, files: &Files) -> Documents {
    let read = |sources: &[Source]| -> Vec<Document> {
        let known = sources.iter().filter_map(|source| Some((source.file, source.format?)));
        known.map(|(file, format)| Document::read(file, format, &files.get(file).text)).collect()
    };
    Documents { config: read(&deployment.config), rules: read(&deployment.rules) }
}

/// What a new process of one release holds of one deployment.
pub fn start_with(
    deployment: &Deployment,
    documents: &Documents,
    schemas: &Schemas,
    question: &CheckOptions,
) -> Start {
    let Documents { config, rules } = documents;
    let schemas = (&schemas.config, &schemas.rules);
    let case = question.case(deployment);
    let found = found_in_read_files(deployment, schemas.0);
    check_start_up(schemas, config, rules, &found, case.launch())
}

/// What was said of the files before they were parsed, but of those that the release opens alone.
fn found_in_read_files(deployment: &Deployment, schema: &Schema) -> Vec<Finding> {
    let earlier = |sources: &[Source]| -> Vec<FileId> {
        let opens_all = schema.quirks().has(Quirk::SeveralFiles);
        let rest = if opens_all { &[][..] } else { sources.split_last().map_or(&[][..], |s| s.1) };
        rest.iter().map(|source| source.file).collect()
    };
    let unread = [earlier(&deployment.config), earlier(&deployment.rules)].concat();
    let is_read = |f: &&Finding| f.primary().is_none_or(|place| !unread.contains(&place.file));
    deployment.findings.iter().filter(is_read).cloned().collect()
}

/// What one release makes of one deployment.
pub fn rehearse_with(
    deployment: &Deployment,
    documents: &Documents,
    schemas: &Schemas,
    question: &CheckOptions,
) -> Rehearsal {
    let Documents { config, rules } = documents;
    let schemas = (&schemas.config, &schemas.rules);
    let case = question.case(deployment);
    let found = found_in_read_files(deployment, schemas.0);
    rehearse(schemas, config, rules, &found, case.launch(), &case.host)
}

/// A finding as it is told: at the places that a person edits, with no secret in its words.
pub fn told(finding: Finding, files: &Files, secrets: &[&Secrets]) -> Finding {
    let mut finding = finding.outward(files);
    finding.message = hide(secrets, &finding.message);
    finding.help = finding.help.map(|help| hide(secrets, &help));
    for label in &mut finding.labels {
        label.text = hide(secrets, &label.text);
    }
    finding
}

/// A sentence without the secrets.
pub fn hide(secrets: &[&Secrets], text: &str) -> String {
    secrets.iter().fold(text.to_owned(), |text, secrets| secrets.hide(&text))
}
