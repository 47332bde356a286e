//! The hot reload: does a running process take the files, or freeze on the old ones?
//!
//! A reload reads and validates as a start does, but without knowing its own release, and takes
//! every warning for a fault.

use crate::check;
use crate::diagnostic::{Finding, Severity};
use crate::span::FileId;
use crate::verdict::{Boot, FreshStart, HotReload, Verdict};

check!(
    DORMANT,
    "reload/dormant",
    Warning,
    "running processes take the files, and the next one to start dies of them",
    "nothing is seen when the change is rolled out; the first restart, scale-out or crash after it \
     finds files that no process can start with"
);

/// What a running process makes of files with these findings.
pub fn judge(findings: &[Finding], start: FreshStart) -> HotReload {
    if findings.iter().any(Finding::stops_reload) {
        HotReload::Refused
    } else if start == FreshStart::Depends {
        HotReload::Depends
    } else {
        HotReload::Accepted
    }
}

/// A change that is taken now and kills later, pointed at where it does so. In files whose change
/// restarts the nodes nothing lies dormant.
pub fn find_dormant(
    verdict: &Verdict,
    findings: &[Finding],
    restarting: &[FileId],
) -> Option<Finding> {
    let taken = verdict.hot_reload == HotReload::Accepted;
    let later = match (verdict.fresh_start, verdict.boot) {
        (FreshStart::No, _) => "refused at the next start",
        (_, Boot::Fails) => "fatal at the next start",
        _ => return None,
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
