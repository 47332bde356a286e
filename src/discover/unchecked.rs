//! Findings at files that are Refinery's and cannot be checked.

use super::candidate::{Candidate, State};
use crate::check;
use crate::diagnostic::Finding;
use crate::sniff::flaw::{Flaw, first_action};
use crate::sniff::unrecognised::Condition;
use crate::span::{FileId, Span};

check!(
    OUTSIDE,
    "intake/link-outside",
    Error,
    "a config or rules file is a link that leads out of what is checked",
    "what the link leads to is not part of the change and was not read; on another machine it may \
     be missing or another file"
);
check!(
    TOO_LARGE,
    "intake/too-large",
    Error,
    "a config or rules file is too large to be checked",
    "nothing is known of what Refinery does with it"
);
check!(
    UNREADABLE,
    "intake/unreadable-file",
    Error,
    "a file that held or described Refinery's files cannot be read any more",
    "what it describes was checked before this change, and cannot be checked now"
);

/// The finding at a candidate that cannot be checked; `why` says why it is taken for Refinery's.
pub fn finding(candidate: &Candidate, why: &str, file: FileId, text: &str) -> Finding {
    let name = &candidate.name;
    let top = Span::new(file, 0, text.lines().next().map_or(0, str::len));
    let (finding, label) = match candidate.state {
        State::Template { .. } => {
            let flaw = Flaw::Template(first_action(text).unwrap_or_default());
            return flaw.finding(file, name, text);
        }
        State::Read(Condition::Flawed(flaw)) => {
            return flaw.finding(file, name, text);
        }
        State::Outside => {
            let message =
                format!("`{name}` is a link that leads out of what is checked, or nowhere");
            let help = "put the file itself there, or name it with -c or -r";
            (Finding::new(&OUTSIDE, message).help(help), "not read")
        }
        State::TooLarge { .. } => {
            (Finding::new(&TOO_LARGE, format!("`{name}` is too large to be checked")), "not read")
        }
        State::Read(_) => {
            let message = format!("`{name}` cannot be read as YAML, though {why}");
            (Finding::new(&UNREADABLE, message), "not a document")
        }
    };
    finding.at(top, label)
}
