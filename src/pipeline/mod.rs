//! Sources → report: every deployment, analyzed for every release.
//!
//! Must not read files (`vfs` and `discover` do) nor format anything (`report` does).

mod account;
mod analysis;
mod documents;
mod doubt;
mod machine_launches;
mod options;
pub mod parallel;
mod redact;
mod rule_tests;
mod schemas;

pub use analysis::{Analysis, Parsed, present};
pub use documents::Documents;
pub use options::{CheckOptions, RunningConfig};
pub use redact::hide_secrets;
pub use schemas::Schemas;

use crate::check;
use crate::deploy::{Deployment, Source};
use crate::diagnostic::Finding;
use crate::discover::Sources;
use crate::discover::machine_launch::MachineLaunch;
use crate::schema::secrets::Secrets;
use crate::source_name::SourceName;
use crate::span::{FileId, Files, Span};
use crate::verdict::{DeploymentReport, Report, Reported};
use machine_launches::{check_launch, with_accepted};
use schemas::SchemaCache;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

check!(
    INTERNAL,
    "internal/panic",
    Error,
    kind: Internal,
    "an internal error of refinery-preflight",
    "This deployment was not checked, so it must not pass."
);

check!(
    TOO_MANY,
    "intake/too-many-deployments",
    Error,
    kind: Verdict,
    "one file contains too many deployments",
    "Deployments beyond the limit were not checked, so they must not pass."
);

/// The maximum number of deployments that one file may hold.
const MAX_IN_FILE: usize = 1000;

/// Checks all deployments.
pub fn check(sources: &mut Sources, options: &CheckOptions) -> Report {
    check_with(&options.schemas(), sources, options)
}

/// Checks all deployments with schemas that the caller keeps, in step with `options.releases`.
pub fn check_with(schemas: &[Schemas], sources: &mut Sources, options: &CheckOptions) -> Report {
    let secrets = hide_secrets(&mut sources.files);
    let cache = SchemaCache::of(schemas, sources, options);
    let files = &sources.files;
    let check = |&(deployment, is_excess): &(&Deployment, bool)| {
        if is_excess {
            return excess(deployment, files);
        }
        let releases = options.releases_of(deployment);
        let schemas: Vec<&Schemas> = releases.into_iter().filter_map(|r| cache.get(r)).collect();
        guard(deployment, files, || {
            check_deployment(deployment, files, &secrets, &schemas, options)
        })
    };
    let unchecked = sources.unchecked.iter().map(|finding| unchecked(finding, files, &secrets));
    let checked = map(&limit(&sources.deployments, files), options, check);
    let launches = check_launches(sources, &secrets, &cache, options);
    let deployments: Vec<_> = checked.into_iter().chain(launches).chain(unchecked).collect();
    let files = account::account(sources, &deployments);
    let notices = sources.notices.iter().map(|notice| secrets.hide(&notice.text)).collect();
    let mut touched = options.host.touched();
    for touch in &mut touched {
        touch.what = secrets.hide(&touch.what);
        touch.outcome = secrets.hide(&touch.outcome);
    }
    Report { deployments, files, notices, touched, blocked: false }
}

/// The reports on launches that Refinery rejects whatever their unknown files contain.
fn check_launches(
    sources: &Sources,
    secrets: &Secrets,
    cache: &SchemaCache<'_>,
    options: &CheckOptions,
) -> Vec<DeploymentReport> {
    if sources.launches.is_empty() {
        return Vec::new();
    }
    let (files, accepted) = with_accepted(&sources.files);
    let check = |launch: &MachineLaunch| {
        let releases = options.releases_of(&launch.deployment).into_iter();
        let schemas: Vec<&Schemas> = releases.filter_map(|r| cache.get(r)).collect();
        check_launch(launch, (&files, accepted), secrets, &schemas, options)
    };
    sources.launches.iter().filter_map(check).collect()
}

/// Each deployment, and whether it is beyond the limit of its file.
fn limit<'d>(deployments: &'d [Deployment], files: &Files) -> Vec<(&'d Deployment, bool)> {
    let mut counts: HashMap<FileId, usize> = HashMap::new();
    let mut is_excess = |deployment: &Deployment| {
        let Some(file) = deployment.files().next().map(|file| files.outermost(file)) else {
            return false;
        };
        let count = counts.entry(file).or_default();
        *count += 1;
        *count > MAX_IN_FILE
    };
    deployments.iter().map(|deployment| (deployment, is_excess(deployment))).collect()
}

/// The report on a deployment beyond the limit of its file.
fn excess(deployment: &Deployment, files: &Files) -> DeploymentReport {
    let message =
        format!("more than {MAX_IN_FILE} deployments in one file: this one is not checked");
    let finding = Finding::new(&TOO_MANY, message).help("split the file");
    let place = deployment.files().next().map(|file| Span::new(file, 0, 0));
    let finding = finding.at_some(place, "not checked").outward(files);
    let mut report = named(deployment, files);
    report.findings.push(Reported::new(finding, Vec::new()));
    report
}

fn check_deployment(
    deployment: &Deployment,
    files: &Files,
    secrets: &Secrets,
    schemas: &[&Schemas],
    options: &CheckOptions,
) -> DeploymentReport {
    let mut parsed = Parsed::new(deployment, files, options, secrets);
    if let Some(newest) = schemas.last() {
        parsed.settle_fixes(newest);
    }
    let mut report = named(deployment, files);
    report.is_compared = parsed.is_compared();
    report.restarts = parsed.launch().host.machine.restarts;
    report.basis = options.basis_of(deployment);
    let newest_first: Vec<&Schemas> = schemas.iter().copied().rev().collect();
    let analyses = map(&newest_first, options, |schemas| {
        // The effective values are not kept: they are as large as the files.
        let Analysis { verdict, findings, .. } = parsed.analyze(schemas);
        (verdict, findings)
    });
    for (verdict, findings) in analyses {
        for finding in findings {
            report.add(&verdict.release, finding);
        }
        report.verdicts.insert(0, verdict);
    }
    for pin in report.basis.pins().to_vec() {
        doubt::doubt(&pin, files, secrets, &mut report);
    }
    report
}

/// Applies `work` to all things, in parallel unless it may ask the network, which is asked in order.
fn map<T: Sync, R: Send>(
    things: &[T],
    options: &CheckOptions,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if options.host.is_live() {
        things.iter().map(work).collect()
    } else {
        parallel::map(things, work)
    }
}

/// The report on a file that cannot be checked: the finding without a verdict.
fn unchecked(finding: &Finding, files: &Files, secrets: &Secrets) -> DeploymentReport {
    let file = finding.primary().map(|place| files.get(files.outermost(place.file)).name.clone());
    let finding = present(finding.clone(), files, &[secrets]);
    let findings = vec![Reported::new(finding, Vec::new())];
    DeploymentReport { config: file.into_iter().collect(), findings, ..DeploymentReport::default() }
}

/// An internal error becomes a finding, never a silent pass.
fn guard(
    deployment: &Deployment,
    files: &Files,
    check: impl FnOnce() -> DeploymentReport,
) -> DeploymentReport {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
        let mut report = named(deployment, files);
        let finding = Finding::new(&INTERNAL, "internal error while checking this deployment")
            .help("please report it, with the files if you can share them");
        report.add("", finding);
        report
    })
}

/// A deployment without files is named after the file that describes it.
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

/// The names of files.
pub fn names(sources: &[Source], files: &Files) -> Vec<SourceName> {
    sources.iter().map(|source| files.get(source.file).name.clone()).collect()
}
