//! Findings that a comment suppresses, and comments that do not hold.

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
    "A malformed comment suppresses nothing. Without a reason nobody can tell later whether it still \
     holds.",
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
    "suppression comment whose last day is over",
    "The findings are reported again.",
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
    "What it was written for is gone, and it would hide the same fault if that came back.",
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

/// A comment of a file, and which of its checks have set something aside.
struct Agreement {
    comment: Comment,
    used: BTreeSet<usize>,
    /// Its checks that would have hidden a verdict.
    refused: BTreeSet<usize>,
}

impl Agreement {
    /// The number of the check of that name, where the comment covers the place.
    fn names(&self, id: &str, place: Span) -> Option<usize> {
        let is_covered = self.comment.span.file == place.file
            && self.comment.covers.contains(&(place.start as usize));
        is_covered.then(|| self.comment.checks.iter().position(|(name, _)| name == id))?
    }
}

/// Suppresses findings that comments are about, and reports comments that do not hold.
pub fn by_comments(report: &mut Report, files: &Files, policy: &Policy) {
    let mut void = Vec::new();
    let mut agreements = Vec::new();
    for file in files.ids() {
        for comment in read_comments(file, &files.get(file).text) {
            match comment {
                Ok(comment) => match flaw(&comment, policy) {
                    Some(finding) => void.push(finding),
                    None => agreements.push(Agreement {
                        comment,
                        used: BTreeSet::new(),
                        refused: BTreeSet::new(),
                    }),
                },
                Err(malformed) => {
                    let message = format!("invalid suppression: {}", malformed.why);
                    let finding = Finding::new(&INVALID, message);
                    void.push(finding.at(malformed.span, "suppresses nothing"));
                }
            }
        }
    }
    if agreements.is_empty() && void.is_empty() {
        return;
    }
    for deployment in &mut report.deployments {
        set_aside(deployment, &mut agreements);
    }
    let idle = agreements.iter().flat_map(|agreement| idle(agreement, policy));
    void.extend(idle);
    for finding in void {
        tell(report, files, finding);
    }
}

/// Why a comment does not hold at all.
fn flaw(comment: &Comment, policy: &Policy) -> Option<Finding> {
    let exists = |id: &str| checks().iter().any(|check| check.id == id);
    if let Some((id, span)) = comment.checks.iter().find(|(id, _)| !exists(id)) {
        let finding = Finding::new(&INVALID, format!("unknown check `{id}` in a suppression"))
            .help(near_check(id));
        return Some(finding.at(*span, "unknown check"));
    }
    let (day, span) = comment.until?;
    let over = policy.today.is_some_and(|today| today > day);
    over.then(|| {
        Finding::new(&EXPIRED, format!("this suppression ended on {day}"))
            .at(span, "this day is over")
            .help("fix what it suppresses, or choose a later day")
    })
}

/// The check that may be meant.
fn near_check(id: &str) -> String {
    match known(id) {
        Err(error) => error.advice,
        Ok(()) => "name single checks; `refinery-preflight checks` lists them".to_owned(),
    }
}

fn set_aside(deployment: &mut DeploymentReport, agreements: &mut [Agreement]) {
    let mut kept = Vec::new();
    for reported in std::mem::take(&mut deployment.findings) {
        match find(&reported, agreements) {
            Some(reason) => deployment.suppressed.push(Suppressed { reported, reason }),
            None => kept.push(reported),
        }
    }
    deployment.findings = kept;
}

/// The reason for which a finding is set aside.
fn find(reported: &Reported, agreements: &mut [Agreement]) -> Option<String> {
    let place = reported.finding.primary()?;
    let id = reported.finding.check.id;
    for agreement in agreements {
        let Some(number) = agreement.names(id, place) else { continue };
        if !is_verdict(reported) {
            agreement.used.insert(number);
            return Some(agreement.comment.reason.clone());
        }
        agreement.refused.insert(number);
    }
    None
}

/// What a comment names without effect.
fn idle<'a>(
    agreement: &'a Agreement,
    policy: &'a Policy,
) -> impl Iterator<Item = Finding> + use<'a> {
    let checks = agreement.comment.checks.iter().enumerate();
    checks.filter_map(move |(number, (id, span))| {
        if agreement.refused.contains(&number) {
            let message = format!("`{id}` is a verdict of Refinery and cannot be suppressed");
            return Some(Finding::new(&NOT_ALLOWED, message).at(*span, "has no effect"));
        }
        // Of a check that was not asked for nobody knows.
        let is_held = |terms: &Arc<Terms>| terms.settings.selection.holds(id);
        let is_unused = !agreement.used.contains(&number) && policy.all_terms().iter().any(is_held);
        is_unused.then(|| {
            Finding::new(&UNUSED, format!("unused suppression: no `{id}` finding here"))
                .at(*span, "suppresses nothing")
                .help("remove the comment")
        })
    })
}

/// Adds a finding on a comment to the first deployment that has the file, if its files were looked
/// at to the end.
fn tell(report: &mut Report, files: &Files, finding: Finding) {
    let Some(file) = finding.primary().map(|span| span.file) else { return };
    let name = &files.get(file).name;
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
