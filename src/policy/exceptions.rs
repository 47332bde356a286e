//! Suppresses findings by settings, and reports exceptions and excludes that have no effect.

use super::suppress::{EXPIRED, INVALID, NOT_ALLOWED, UNUSED};
use super::{Policy, Terms, is_verdict};
use crate::diagnostic::Finding;
use crate::settings::{Exception, Exclude, known};
use crate::source_name::SourceName;
use crate::span::{FileId, Files, Span};
use crate::verdict::{DeploymentReport, Report, Reported, Suppressed};
use std::ops::Range;
use std::sync::Arc;

/// Suppresses the findings that exceptions name, and reports exceptions and excludes that have no
/// effect.
pub fn by_settings(report: &mut Report, files: &Files, policy: &Policy) {
    for terms in policy.all_terms() {
        let Some(file) = terms.file else { continue };
        let bound: Vec<usize> = (0..report.deployments.len())
            .filter(|index| Arc::ptr_eq(&policy.terms(*index), &terms))
            .collect();
        let mut problems: Vec<Finding> = Vec::new();
        for exception in &terms.settings.exceptions {
            problems.extend(apply(exception, file, &bound, report, files, policy));
        }
        let excludes = terms.settings.excludes.iter();
        problems.extend(
            excludes.filter_map(|exclude| find_exclude_flaw(exclude, file, &terms, policy)),
        );
        let Some(first) = bound.first().and_then(|index| report.deployments.get_mut(*index)) else {
            continue;
        };
        let releases = first.verdicts.iter().map(|verdict| verdict.release.clone());
        let releases: Vec<String> = releases.collect();
        first.findings.extend(problems.into_iter().map(|f| Reported::new(f, releases.clone())));
    }
}

/// Applies an exception to the deployments that use its settings, and reports it if it has no effect.
fn apply(
    exception: &Exception,
    file: FileId,
    bound: &[usize],
    report: &mut Report,
    files: &Files,
    policy: &Policy,
) -> Option<Finding> {
    let flaw = find_flaw(exception, file, policy);
    if flaw.is_some() {
        return flaw;
    }
    let mut used = Used::default();
    for index in bound {
        if let Some(deployment) = report.deployments.get_mut(*index) {
            suppress(deployment, exception, files, &mut used);
        }
    }
    let id = &exception.check;
    let place = span(file, &exception.span);
    if used.verdicts > 0 {
        let message = format!("`{id}` is a verdict of Refinery and cannot be suppressed");
        return Some(Finding::new(&NOT_ALLOWED, message).at(place, "has no effect"));
    }
    let is_unused =
        used.findings == 0 && !exception.files.is_empty() && is_checked(exception, bound, report);
    is_unused.then(|| {
        let message = format!("unused exception: no `{id}` finding in these files");
        let finding = Finding::new(&UNUSED, message).help("remove the exception");
        finding.at(place, "suppresses nothing")
    })
}

/// How many findings matched an exception.
#[derive(Default)]
struct Used {
    findings: usize,
    verdicts: usize,
}

fn span(file: FileId, bytes: &Range<usize>) -> Span {
    Span::new(file, bytes.start, bytes.end)
}

/// Why an exception is invalid.
fn find_flaw(exception: &Exception, file: FileId, policy: &Policy) -> Option<Finding> {
    if let Err(error) = known(&exception.check) {
        let finding = Finding::new(&INVALID, error.to_string()).help(error.advice);
        return Some(finding.at(span(file, &exception.span), "unknown check"));
    }
    let (until, place) = exception.until.as_ref()?;
    let over = policy.today.is_some_and(|today| today > *until);
    over.then(|| {
        Finding::new(&EXPIRED, format!("this exception ended on {until}"))
            .at(span(file, place), "expired")
            .help("fix what it suppresses, or choose a later day")
    })
}

/// Why an exclude has no effect.
fn find_exclude_flaw(
    exclude: &Exclude,
    file: FileId,
    terms: &Terms,
    policy: &Policy,
) -> Option<Finding> {
    if let Some((until, place)) = &exclude.until
        && policy.today.is_some_and(|today| exclude.is_over(today))
    {
        let finding = Finding::new(&EXPIRED, format!("this exclude ended on {until}"))
            .help("remove it, or choose a later day");
        return Some(finding.at(span(file, place), "expired"));
    }
    let is_unused = terms.is_searched && !exclude.is_used();
    is_unused.then(|| {
        Finding::new(&UNUSED, "unused exclude: no Refinery file matches its patterns")
            .at(span(file, &exclude.span), "matches nothing")
            .help("remove the exclude, or fix its patterns")
    })
}

fn suppress(
    deployment: &mut DeploymentReport,
    exception: &Exception,
    files: &Files,
    used: &mut Used,
) {
    let mut kept = Vec::new();
    let home = deployment.config.iter().chain(&deployment.rules).next().cloned();
    for reported in std::mem::take(&mut deployment.findings) {
        let place = reported.finding.primary().map(|span| files.get(span.file).name.as_str());
        let file = place.or(home.as_ref().map(SourceName::as_str)).unwrap_or_default();
        if reported.finding.check.id != exception.check || !exception.is_about(file) {
            kept.push(reported);
        } else if is_verdict(&reported) {
            used.verdicts += 1;
            kept.push(reported);
        } else {
            used.findings += 1;
            let reason = exception.reason.clone();
            deployment.suppressed.push(Suppressed { reported, reason });
        }
    }
    deployment.findings = kept;
}

/// Whether any file that the exception is about was checked.
fn is_checked(exception: &Exception, bound: &[usize], report: &Report) -> bool {
    let deployments = bound.iter().filter_map(|index| report.deployments.get(*index));
    let mut names = deployments.flat_map(|d| d.config.iter().chain(&d.rules));
    names.any(|name| exception.is_about(name.file()))
}
