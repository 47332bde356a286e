//! Findings that the settings set aside, and exceptions that do not hold.

use super::suppress::{EXPIRED, INVALID, NOT_ALLOWED, UNUSED};
use super::{Policy, is_verdict, selection};
use crate::diagnostic::Finding;
use crate::policy::settings::Exception;
use crate::span::{FileId, Files, Span};
use crate::verdict::{DeploymentReport, Report, Reported, Suppressed};

/// Moves findings aside that exceptions speak of, and reports exceptions that do not hold.
pub fn set_aside_by_settings(report: &mut Report, files: &Files, policy: &Policy) {
    let Some((settings, file)) = &policy.settings else { return };
    let place = |exception: &Exception| {
        let bytes = exception.place();
        Span::new(*file, bytes.start, bytes.end)
    };
    let mut void = Vec::new();
    for exception in &settings.exceptions {
        if let Some(finding) = flaw(exception, *file, policy) {
            void.push(finding);
            continue;
        }
        let mut used = Used::default();
        for deployment in &mut report.deployments {
            set_aside(deployment, exception, files, &mut used);
        }
        let id = exception.check.get_ref();
        if used.verdicts > 0 {
            let message = format!("`{id}` is the engine's verdict and cannot be set aside");
            void.push(Finding::new(&NOT_ALLOWED, message).at(place(exception), "the error stands"));
        } else if used.findings == 0 && exception.names_files() && is_judged(exception, report) {
            let message = format!("there is nothing of `{id}` to set aside in these files");
            let finding = Finding::new(&UNUSED, message).help("remove the exception");
            void.push(finding.at(place(exception), "finds nothing there"));
        }
    }
    if let Some(first) = report.deployments.first_mut() {
        let releases = first.verdicts.iter().map(|verdict| verdict.release.clone());
        let releases: Vec<String> = releases.collect();
        first.findings.extend(void.into_iter().map(|f| Reported::new(f, releases.clone())));
    }
}

/// What an exception came to.
#[derive(Default)]
struct Used {
    findings: usize,
    verdicts: usize,
}

/// Why an exception does not hold at all.
fn flaw(exception: &Exception, file: FileId, policy: &Policy) -> Option<Finding> {
    let bytes = exception.place();
    if let Err(error) = selection::known(exception.check.get_ref()) {
        let finding = Finding::new(&INVALID, error.to_string()).help(error.advice);
        return Some(finding.at(Span::new(file, bytes.start, bytes.end), "unknown"));
    }
    let until = exception.until.as_ref()?;
    let over = policy.today.is_some_and(|today| today > *until.get_ref());
    over.then(|| {
        let message = format!("the exception held until {}", until.get_ref());
        let bytes = until.span();
        Finding::new(&EXPIRED, message)
            .at(Span::new(file, bytes.start, bytes.end), "over")
            .help("mend what it sets aside, or agree on another day")
    })
}

fn set_aside(
    deployment: &mut DeploymentReport,
    exception: &Exception,
    files: &Files,
    used: &mut Used,
) {
    let mut kept = Vec::new();
    let home = deployment.config.iter().chain(&deployment.rules).next().cloned();
    for reported in std::mem::take(&mut deployment.findings) {
        let place = reported.finding.primary().map(|span| files.get(span.file).name.as_str());
        let file = place.or(home.as_deref()).unwrap_or_default();
        if !exception.covers(&reported, file) {
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

/// A file that it is about was looked at.
fn is_judged(exception: &Exception, report: &Report) -> bool {
    let names = report.deployments.iter().flat_map(|d| d.config.iter().chain(&d.rules));
    names.into_iter().any(|name| exception.is_about(name))
}
