//! One deployment, analyzed for one release. Every command reads an [`Analysis`].

use super::documents::Documents;
use super::options::{CheckOptions, LaunchContext};
use super::redact::secrets_of;
use super::rule_tests::run_tests;
use super::schemas::Schemas;
use crate::check;
use crate::checks::{CheckContext, Written, inspect};
use crate::deploy::{Deployment, Source};
use crate::diagnostic::{Edit, Finding, Severity, Subject};
use crate::rehearse::change::{find_changes, waits_for_restart};
use crate::rehearse::stage::{Stage, StageContext};
use crate::rehearse::{Acceptance, Rehearsal, Start, check_start_up, rehearse};
use crate::schema::secrets::Secrets;
use crate::schema::{Quirk, Schema, settle_fixes};
use crate::sniff::flaw::{Flaw, find_flaw, find_placeholder};
use crate::span::{FileId, Files, Span};
use crate::syntax::DataFormat;
use crate::verdict::{StartUp, Verdict};
use std::cmp::Reverse;

check!(
    LEFT_OUT,
    "internal/findings-left-out",
    Note,
    "too many findings to report",
    "The most severe findings are kept, so the verdicts are correct. Fix these and check again."
);

/// The maximum number of findings per release and deployment.
const MAX_FINDINGS: usize = 1000;

/// What one release does with a deployment.
pub struct Analysis {
    /// The effective values, if the files are accepted. These are not redacted.
    pub start: Start,
    /// The stages after those of `start`. These are not redacted either.
    boot: Vec<Stage>,
    pub verdict: Verdict,
    /// The most severe findings of all stages, the live reload, the first traces and the checks, with
    /// spans in the files that people edit and secrets redacted.
    pub findings: Vec<Finding>,
}

/// A deployment with parsed files, to analyze for each release.
pub struct Parsed<'a> {
    pub documents: Documents,
    deployment: &'a Deployment,
    files: &'a Files,
    options: &'a CheckOptions,
    launch: LaunchContext,
    /// Files that stand in for those that Refinery will read, such as templates.
    placeholders: Vec<(Flaw, Finding)>,
    /// The secrets of all files of the run.
    secrets: &'a Secrets,
    /// The secrets of this deployment only.
    own_secrets: Secrets,
}

impl<'a> Parsed<'a> {
    /// `secrets` are those of all files of the run, as [`super::hide_secrets`] finds them.
    pub fn new(
        deployment: &'a Deployment,
        files: &'a Files,
        options: &'a CheckOptions,
        secrets: &'a Secrets,
    ) -> Self {
        let documents = Documents::parse(deployment, files);
        let launch = options.launch(deployment);
        let own_secrets = secrets_of(&documents, &launch);
        let placeholders = find_flaws(deployment, files, |_, text| find_placeholder(text));
        Self { documents, deployment, files, options, launch, placeholders, secrets, own_secrets }
    }

    /// Keeps only the explanations of syntax errors whose fix is valid for the release.
    pub(super) fn settle_fixes(&mut self, schemas: &Schemas) {
        let Documents { config, rules } = &mut self.documents;
        for (documents, schema) in [(config, &schemas.config), (rules, &schemas.rules)] {
            for document in documents {
                let text = &self.files.get(document.file).text;
                settle_fixes(schema, text, &mut document.findings);
            }
        }
    }

    pub(super) fn launch(&self) -> &LaunchContext {
        &self.launch
    }

    pub(super) fn is_compared(&self) -> bool {
        self.options.running(self.deployment, self.files).is_some()
    }

    /// Analyzes the deployment for one release.
    pub fn analyze(&self, schemas: &Schemas) -> Analysis {
        let rehearsal = self.rehearse(schemas);
        let mut more = self.find_changes(&rehearsal, schemas);
        more.extend(self.find_intent(&rehearsal, schemas));
        more.extend(self.run_tests(&rehearsal.start, schemas));
        self.conclude(rehearsal, more)
    }

    /// The same, with the findings of the rehearsal only.
    pub fn analyze_start(&self, schemas: &Schemas) -> Analysis {
        self.conclude(self.rehearse(schemas), Vec::new())
    }

    fn conclude(&self, rehearsal: Rehearsal, more: Vec<Finding>) -> Analysis {
        let Rehearsal { start, boot, mut verdict, mut findings, .. } = rehearsal;
        findings.extend(more);
        findings.retain(|finding| !self.is_unasked(finding));
        // What Refinery accepts is not an error, such as an empty file among several.
        let is_refused = verdict.start_up == StartUp::Refused || verdict.live_reload.fails();
        let flaws = if is_refused {
            &find_flaws(self.deployment, self.files, find_flaw)
        } else {
            &self.placeholders
        };
        // All other errors about such a file follow from this one.
        let explained = flaws.iter().filter(|(flaw, _)| !matches!(flaw, Flaw::Template(_)));
        let explained: Vec<FileId> =
            explained.filter_map(|(_, finding)| Some(finding.primary()?.file)).collect();
        let is_explained = |place: Span| explained.contains(&place.file);
        findings.retain(|finding| !finding.primary().is_some_and(is_explained));
        findings.extend(flaws.iter().map(|(_, finding)| finding.clone()));
        let findings =
            keep_most_severe(findings).into_iter().map(|finding| self.present(finding)).collect();
        verdict.machine.iter_mut().for_each(|need| *need = self.redact(need));
        verdict.variables.values_mut().for_each(|need| *need = self.redact(need));
        Analysis { start, boot, verdict, findings }
    }

    /// All stages from the command line on, in Refinery's order, with spans in the files that people
    /// edit and secrets redacted.
    pub fn present_stages(&self, analysis: &Analysis) -> Vec<Stage> {
        let stages = analysis.start.stages.iter().chain(&analysis.boot);
        stages.cloned().map(|stage| self.present_stage(stage)).collect()
    }

    /// Redacts a text.
    pub fn redact(&self, text: &str) -> String {
        redact(&self.all_secrets(), text)
    }

    /// A text without the known secrets, in which other values look like keys.
    pub fn redact_known(&self, text: &str) -> String {
        self.all_secrets().iter().fold(text.to_owned(), |text, secrets| secrets.hide_known(&text))
    }

    fn all_secrets(&self) -> [&Secrets; 2] {
        [self.secrets, &self.own_secrets]
    }

    /// Tests of rules that Refinery refuses say nothing more.
    fn run_tests(&self, start: &Start, schemas: &Schemas) -> Vec<Finding> {
        let tests = &self.deployment.tests;
        if tests.is_empty() || start.acceptance == Acceptance::Refused {
            return Vec::new();
        }
        run_tests(tests, start, schemas, self.files)
    }

    fn rehearse(&self, schemas: &Schemas) -> Rehearsal {
        let Documents { config, rules } = &self.documents;
        let unfound = self.unfound(&schemas.config);
        let launch = &self.launch;
        rehearse(schemas.both(), config, rules, &unfound, launch.as_launch(), &launch.host)
    }

    /// The findings before parsing, except on files that the release does not open.
    fn unfound(&self, schema: &Schema) -> Vec<Finding> {
        let opens_all = schema.quirks().has(Quirk::SeveralFiles);
        let unopened = |sources: &[Source]| -> Vec<FileId> {
            let earlier = sources.split_last().map_or(&[][..], |(_, earlier)| earlier);
            if opens_all { Vec::new() } else { earlier.iter().map(|source| source.file).collect() }
        };
        let Deployment { config, rules, findings, .. } = self.deployment;
        let unopened = [unopened(config), unopened(rules)].concat();
        let is_opened =
            |f: &&Finding| f.primary().is_none_or(|place| !unopened.contains(&place.file));
        findings.iter().filter(is_opened).cloned().collect()
    }

    /// What changes compared to the running configuration, if a live reload accepts the files.
    fn find_changes(&self, rehearsal: &Rehearsal, schemas: &Schemas) -> Vec<Finding> {
        if rehearsal.verdict.live_reload.fails() {
            return Vec::new();
        }
        let Some((deployment, files)) = self.options.running(self.deployment, self.files) else {
            return Vec::new();
        };
        let running = Parsed::new(deployment, files, self.options, self.secrets);
        let Documents { config, rules } = &running.documents;
        let unfound = running.unfound(&schemas.config);
        let before =
            check_start_up(schemas.both(), config, rules, &unfound, running.launch.as_launch());
        let mut changes = find_changes(&schemas.config, &before.config, &rehearsal.start.config);
        // A change that restarts the nodes takes effect at once.
        let restarts = self.launch.host.machine.restarts.config;
        changes.retain(|finding| !(restarts && waits_for_restart(finding.check)));
        changes
    }

    /// The findings of checks; none if Refinery does not start.
    fn find_intent(&self, rehearsal: &Rehearsal, schemas: &Schemas) -> Vec<Finding> {
        if rehearsal.verdict.start_up == StartUp::Refused {
            return Vec::new();
        }
        let schema = &schemas.config;
        let Start { config, rules, .. } = &rehearsal.start;
        let context = StageContext {
            config,
            host: &self.launch.host,
            quirks: schema.quirks(),
            environment: &self.launch.environment,
        };
        let written = Written { config: &self.documents.config, rules: &self.documents.rules };
        inspect(&CheckContext::new(context, rules, schema, written, &self.launch.arguments))
    }

    /// A note about defaults of the chart, which the user cannot act on.
    fn is_unasked(&self, finding: &Finding) -> bool {
        finding.check.severity == Severity::Note
            && finding.primary().is_some_and(|place| self.files.is_added(place))
    }

    /// A finding with spans in the files that people edit, and secrets redacted.
    pub fn present(&self, finding: Finding) -> Finding {
        present(self.place(finding), self.files, &self.all_secrets())
    }

    /// Adds the place of what a finding is about, unless it has one.
    fn place(&self, finding: Finding) -> Finding {
        let is_placed = finding.primary().is_some();
        let Some(subject) = finding.subject.as_ref().filter(|_| !is_placed) else { return finding };
        // Options override what is written beside the files.
        let (is_overridden, label) = match subject {
            Subject::Command => (!self.options.arguments.is_empty(), "started here"),
            Subject::Variable(name) => (self.options.environment.is_set(name), "set here"),
        };
        let place = self.launch.host.machine.places.of(subject).filter(|_| !is_overridden);
        finding.at_some(place, label)
    }

    fn present_stage(&self, mut stage: Stage) -> Stage {
        for (_, value) in &mut stage.decided {
            *value = self.redact(value);
        }
        stage.findings = keep_most_severe(stage.findings)
            .into_iter()
            .map(|finding| self.present(finding))
            .collect();
        stage
    }
}

/// Limits the number of findings, keeping the most severe.
fn keep_most_severe(mut findings: Vec<Finding>) -> Vec<Finding> {
    if findings.len() > MAX_FINDINGS {
        findings.sort_by_key(|finding| Reverse(finding.check.severity));
        findings.truncate(MAX_FINDINGS);
        let message = format!("only the {MAX_FINDINGS} most severe findings are reported");
        findings.push(Finding::new(&LEFT_OUT, message));
    }
    findings
}

/// A finding with spans in the files that people edit, and secrets redacted.
pub fn present(finding: Finding, files: &Files, secrets: &[&Secrets]) -> Finding {
    let mut finding = finding.outward(files);
    finding.message = redact(secrets, &finding.message);
    finding.help = finding.help.map(|help| redact(secrets, &help));
    for label in &mut finding.labels {
        label.text = redact(secrets, &label.text);
    }
    // An edit with a mask in place of a secret would be wrong.
    finding.fix = finding.fix.filter(|fix| match &fix.edit {
        Edit::Replace(_, text) => secrets.iter().all(|secrets| secrets.hide_known(text) == *text),
        Edit::RemoveLines(_) | Edit::Indent(..) => true,
    });
    finding
}

fn redact(secrets: &[&Secrets], text: &str) -> String {
    secrets.iter().fold(text.to_owned(), |text, secrets| secrets.hide(&text))
}

/// Why files are unusable, and the findings about it.
fn find_flaws(
    deployment: &Deployment,
    files: &Files,
    find_flaw: impl Fn(Option<DataFormat>, &str) -> Option<Flaw>,
) -> Vec<(Flaw, Finding)> {
    let halves = [&deployment.config, &deployment.rules].into_iter();
    let sources = halves.flat_map(|half| half.iter().map(|source| (source, half.len() == 1)));
    let find = |(source, is_alone): (&Source, bool)| {
        let file = files.get(source.file);
        let flaw = find_flaw(source.format, &file.text)?;
        // A container file is only here because of a syntax error, and its files are below keys.
        let is_container = file.window.is_some() && file.name.place().is_empty();
        if is_container && matches!(flaw, Flaw::Wrapped { .. }) {
            return None;
        }
        // An empty file among several may be harmless, which the rehearsal decides.
        let counts = is_alone || flaw.is_placeholder();
        counts.then(|| (flaw, flaw.finding(source.file, file.name.as_str(), &file.text)))
    };
    sources.filter_map(find).collect()
}
