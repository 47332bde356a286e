//! The live reload: does a running process accept the files, or keep the old ones?
//!
//! A reload reads and validates as a start does, but without knowing its own release, and takes
//! every warning for a fault.

use super::start::Acceptance;
use crate::check;
use crate::diagnostic::{Finding, Severity};
use crate::span::FileId;
use crate::verdict::{LiveReload, StartUp, Verdict};

check!(
    DORMANT,
    "reload/dormant",
    Warning,
    "running processes take the files, and the next one to start dies of them",
    "nothing is seen when the change is rolled out; the first restart, scale-out or crash after it \
     finds files that no process can start with"
);

/// What a running process makes of files with these findings.
pub fn judge(findings: &[Finding], acceptance: Acceptance) -> LiveReload {
    if findings.iter().any(Finding::stops_reload) {
        LiveReload::Rejected
    } else if acceptance == Acceptance::Depends {
        LiveReload::Depends
    } else {
        LiveReload::Accepted
    }
}

/// A change that is taken now and kills later, pointed at where it does so. In files whose change
/// restarts the nodes nothing lies dormant.
pub fn find_dormant(
    verdict: &Verdict,
    findings: &[Finding],
    restarting: &[FileId],
) -> Option<Finding> {
    let taken = verdict.live_reload == LiveReload::Accepted;
    let later = match verdict.start_up {
        StartUp::Refused => "refused at the next start",
        StartUp::NeverReady => "fatal at the next start",
        StartUp::Ready | StartUp::Depends => return None,
    };
    let is_seen = |f: &Finding| f.primary().is_some_and(|span| restarting.contains(&span.file));
    let cause = findings.iter().find(|f| f.check.severity == Severity::Error && !is_seen(f))?;
    taken.then(|| {
        let message = format!("a hot reload takes these files, and they are {later}");
        let finding = Finding::new(&DORMANT, message)
            .help("repair it before it is merged: nothing will tell of it until a process starts");
        match cause.primary() {
            Some(span) => finding.at(span, "lies dormant until then"),
            None => finding,
        }
    })
}
