//! Suppresses findings by comments, and reports comments that are invalid, expired or unused.

use super::comment::{Comment, read_comments};
use super::{Policy, Terms, is_verdict};
use crate::check;
use crate::diagnostic::{Finding, checks};
use crate::settings::known;
use crate::span::{Files, Span};
use crate::verdict::{DeploymentReport, Report, Reported, StartUp, Suppressed};
use std::collections::BTreeSet;
use std::sync::Arc;

check!(
    INVALID,
    "suppressions/invalid",
    Warning,
    "malformed suppression comment",
    "A malformed comment suppresses nothing. The reason is required: without it nobody can tell \
     later whether the suppression is still needed.",
    "write `# preflight: ignore[group/name] reason`; `refinery-preflight checks` lists all checks",
    before: "\
General:
  ConfigurationVersion: 2
  # preflight: ignore[config/zero-is-default]
  MinRefineryVersion: v2.0
",
    change: "\
ConfigurationVersion: 2
  # preflight: ignore[config/zero-is-default]" => "ConfigurationVersion: 2",
);
check!(
    EXPIRED,
    "suppressions/expired",
    Warning,
    "expired suppression comment",
    "An expired comment suppresses nothing, so its findings are reported again.",
    "fix what it suppresses, or choose a later day",
    before: "\
General:
  # preflight: ignore[rules/implicit-drop] until the new rules come until=2020-01-31
  ConfigurationVersion: 2
",
    change: "\
General:
  # preflight: ignore[rules/implicit-drop] until the new rules come until=2020-01-31" => "General:",
);
check!(
    UNUSED,
    "suppressions/unused",
    Warning,
    "suppression comment that suppresses nothing",
    "The finding that it was written for is gone, and the comment would hide the same fault if it came \
     back.",
    "remove the comment",
    before: "\
General:
  # preflight: ignore[rules/implicit-drop] we like it so
  ConfigurationVersion: 2
",
    change: "\
General:
  # preflight: ignore[rules/implicit-drop] we like it so" => "General:",
);
check!(
    NOT_ALLOWED,
    "suppressions/not-allowed",
    Warning,
    "suppression comment for a verdict of Refinery",
    "Whether Refinery starts, reloads and handles its first trace cannot be suppressed.",
    "fix the error",
    before: "\
General:
  ConfigurationVersion: 2
  # preflight: ignore[schema/unknown-key] it has always been there
  Mode: fast
",
    change: "\
ConfigurationVersion: 2
  # preflight: ignore[schema/unknown-key] it has always been there
  Mode: fast" => "ConfigurationVersion: 2",
);

/// The maximum number of checks that the comments of one file may name. Each is compared with each finding.
const MAX_CHECKS: usize = 1000;

/// A valid comment, and the indices of its checks that matched a finding.
struct Suppression {
    comment: Comment,
    used: BTreeSet<usize>,
    /// Checks that matched a verdict, which cannot be suppressed.
    refused: BTreeSet<usize>,
}

impl Suppression {
    /// The index of a check in the comment, if the comment covers the place.
    fn index_of(&self, id: &str, place: Span) -> Option<usize> {
        let is_covered = self.comment.span.file == place.file
            && self.comment.covers.contains(&(place.start as usize));
        is_covered.then(|| self.comment.checks.iter().position(|(name, _)| name == id))?
    }
}

/// Suppresses the findings that comments name, and reports comments that have no effect.
pub fn by_comments(report: &mut Report, files: &Files, policy: &Policy) {
    let mut problems = Vec::new();
    let mut suppressions = Vec::new();
    for file in files.ids() {
        let mut left = MAX_CHECKS;
        for comment in read_comments(file, &files.get(file).text) {
            let (count, span) = match &comment {
                Ok(comment) => (comment.checks.len(), comment.span),
                Err(malformed) => (1, malformed.span),
            };
            let Some(rest) = left.checked_sub(count) else {
                problems.push(find_excess(span));
                break;
            };
            left = rest;
            match comment {
                Ok(comment) => match find_flaw(&comment, policy) {
                    Some(finding) => problems.push(finding),
                    None => suppressions.push(Suppression {
                        comment,
                        used: BTreeSet::new(),
                        refused: BTreeSet::new(),
                    }),
                },
                Err(malformed) => {
                    let message = format!("invalid suppression: {}", malformed.why);
                    let finding = Finding::new(&INVALID, message);
                    problems.push(finding.at(malformed.span, "suppresses nothing"));
                }
            }
        }
    }
    if suppressions.is_empty() && problems.is_empty() {
        return;
    }
    for deployment in &mut report.deployments {
        suppress(deployment, &mut suppressions);
    }
    let ineffective =
        suppressions.iter().flat_map(|suppression| find_ineffective(suppression, policy));
    problems.extend(ineffective);
    for finding in problems {
        add_finding(report, files, finding);
    }
}

/// The first comment of a file beyond the limit.
fn find_excess(span: Span) -> Finding {
    let message = format!("more than {MAX_CHECKS} suppressed checks in one file");
    Finding::new(&INVALID, message)
        .at(span, "this comment and all later ones suppress nothing")
        .help("select or ignore checks in the settings")
}

/// Why a whole comment is invalid.
fn find_flaw(comment: &Comment, policy: &Policy) -> Option<Finding> {
    let exists = |id: &str| checks().iter().any(|check| check.id == id);
    if let Some((id, span)) = comment.checks.iter().find(|(id, _)| !exists(id)) {
        let finding = Finding::new(&INVALID, format!("unknown check `{id}` in a suppression"))
            .help(suggest_check(id));
        return Some(finding.at(*span, "unknown check"));
    }
    let (day, span) = comment.until?;
    let over = policy.today.is_some_and(|today| today > day);
    over.then(|| {
        Finding::new(&EXPIRED, format!("this suppression ended on {day}"))
            .at(span, "expired")
            .help("fix what it suppresses, or choose a later day")
    })
}

/// Suggests a check id for an unknown one.
fn suggest_check(id: &str) -> String {
    match known(id) {
        Err(error) => error.advice,
        Ok(()) => "list single checks; run `refinery-preflight checks` to see them all".to_owned(),
    }
}

fn suppress(deployment: &mut DeploymentReport, suppressions: &mut [Suppression]) {
    let mut kept = Vec::new();
    for reported in std::mem::take(&mut deployment.findings) {
        match find_reason(&reported, suppressions) {
            Some(reason) => deployment.suppressed.push(Suppressed { reported, reason }),
            None => kept.push(reported),
        }
    }
    deployment.findings = kept;
}

/// The reason for which a finding is suppressed, if it is.
fn find_reason(reported: &Reported, suppressions: &mut [Suppression]) -> Option<String> {
    let place = reported.finding.primary()?;
    let id = reported.finding.check.id;
    for suppression in suppressions {
        let Some(number) = suppression.index_of(id, place) else { continue };
        if !is_verdict(reported) {
            suppression.used.insert(number);
            return Some(suppression.comment.reason.clone());
        }
        suppression.refused.insert(number);
    }
    None
}

/// Reports the checks of a comment that suppress nothing.
fn find_ineffective<'a>(
    suppression: &'a Suppression,
    policy: &'a Policy,
) -> impl Iterator<Item = Finding> + use<'a> {
    let checks = suppression.comment.checks.iter().enumerate();
    checks.filter_map(move |(number, (id, span))| {
        if suppression.refused.contains(&number) {
            let message = format!("`{id}` is a verdict of Refinery and cannot be suppressed");
            return Some(Finding::new(&NOT_ALLOWED, message).at(*span, "has no effect"));
        }
        // Whether a check that was not selected would find something is unknown.
        let is_selected = |terms: &Arc<Terms>| terms.settings.selection.holds(id);
        let is_unused =
            !suppression.used.contains(&number) && policy.all_terms().iter().any(is_selected);
        is_unused.then(|| {
            Finding::new(&UNUSED, format!("unused suppression: no `{id}` finding here"))
                .at(*span, "suppresses nothing")
                .help("remove the comment")
        })
    })
}

/// Adds a finding about a comment to the first deployment that has the file. An unused comment is
/// only reported if the deployment was checked completely.
fn add_finding(report: &mut Report, files: &Files, finding: Finding) {
    let Some(file) = finding.primary().map(|span| span.file) else { return };
    let name = files.get(file).name.as_str();
    let has_it = |d: &&mut DeploymentReport| d.is_of(name);
    let Some(deployment) = report.deployments.iter_mut().find(has_it) else { return };
    let verdicts = &deployment.verdicts;
    let is_checked = verdicts.iter().any(|verdict| verdict.start_up != StartUp::Refused);
    if finding.check == &UNUSED && !is_checked {
        return;
    }
    let releases = verdicts.iter().map(|verdict| verdict.release.clone()).collect();
    deployment.findings.push(Reported::new(finding, releases));
}
