//! Live reload: does a running process accept the files, keep the old ones, or crash?
//!
//! A reload reads and validates like start-up, but does not know its own release and treats
//! warnings as errors.

use super::start_up::Acceptance;
use crate::check;
use crate::diagnostic::{Effect, Finding, Severity};
use crate::span::FileId;
use crate::verdict::{LiveReload, StartUp, Verdict};

check!(
    FAILS_AT_RESTART,
    "reload/fails-at-restart",
    Warning,
    "running processes accept the files, but the next start fails",
    "Nobody notices when the change is rolled out. The first restart, scale-out or crash \
     afterwards finds a configuration with which Refinery cannot start."
);

/// Whether a running process accepts files with these findings.
pub fn check_reload(findings: &[Finding], acceptance: Acceptance) -> LiveReload {
    // Nothing is read after the first of them.
    if let Some(first) = findings.iter().find(|finding| finding.stops_reload()) {
        if first.effect == Effect::Crashes { LiveReload::Crashes } else { LiveReload::Rejected }
    } else if acceptance == Acceptance::Depends {
        LiveReload::Depends
    } else {
        LiveReload::Accepted
    }
}

/// A finding if running processes accept the files but the next start fails, at the cause. If a
/// change of a file restarts the nodes, nothing stays unnoticed.
pub fn find_dormant(
    verdict: &Verdict,
    findings: &[Finding],
    restarting: &[FileId],
) -> Option<Finding> {
    let taken = verdict.live_reload == LiveReload::Accepted;
    let later = match verdict.start_up {
        StartUp::Refused => "rejected at the next start",
        StartUp::NeverReady => "fatal at the next start",
        StartUp::Ready | StartUp::Depends => return None,
    };
    let is_seen = |f: &Finding| f.primary().is_some_and(|span| restarting.contains(&span.file));
    let cause = findings.iter().find(|f| f.check.severity == Severity::Error && !is_seen(f))?;
    taken.then(|| {
        let message = format!("a live reload accepts these files, but they are {later}");
        let finding = Finding::new(&FAILS_AT_RESTART, message)
            .help("fix it before merging: nobody will notice until a process restarts");
        match cause.primary() {
            Some(span) => finding.at(span, "unnoticed until the next start"),
            None => finding,
        }
    })
}
