//! Findings about Refinery's files that cannot be checked.

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
    kind: Verdict,
    "a config or rules file is a link to a file outside of what is checked",
    "The target of the link is not part of the change and was not read. On another machine it may \
     be missing or different."
);
check!(
    OTHER_FORM,
    "intake/other-form",
    Error,
    kind: Verdict,
    "a config or rules file in a form that Refinery does not read",
    "Refinery reads YAML, TOML and JSON files. What it will be started with was not checked."
);
check!(
    TOO_LARGE,
    "intake/too-large",
    Error,
    kind: Verdict,
    "a config or rules file is too large to check",
    "The file was not read, so it is unknown what Refinery does with it."
);
check!(
    UNREADABLE,
    "intake/unreadable-file",
    Error,
    kind: Verdict,
    "a file that contained or described Refinery's files can no longer be read",
    "Its deployments were checked before this change and cannot be checked now."
);

/// The finding for a candidate that cannot be checked; `why` is the reason why it is Refinery's.
pub fn finding(candidate: &Candidate, why: &str, file: FileId, text: &str) -> Finding {
    let name = &candidate.name;
    let top = Span::new(file, 0, text.lines().next().map_or(0, str::len));
    let (finding, label) = match candidate.state {
        State::Template { .. } => {
            let place = first_action(text).or_else(|| text.find("${"));
            let flaw = Flaw::Template(place.unwrap_or_default());
            return flaw.finding(file, name, text);
        }
        State::Read(Condition::Flawed(flaw))
        | State::Renamed { condition: Condition::Flawed(flaw), .. } => {
            return flaw.finding(file, name, text);
        }
        State::Compressed(format) => {
            let message = format!("`{name}` is compressed with {format}");
            let help = "check the uncompressed file";
            (Finding::new(&OTHER_FORM, message).help(help), "not read")
        }
        State::Encrypted(tool) => return Flaw::Encrypted(tool).finding(file, name, text),
        State::Source { language, .. } => {
            let message =
                format!("`{name}` is written in {language}, which Refinery does not read");
            let help = "generate the YAML, TOML or JSON file and check that";
            (Finding::new(&OTHER_FORM, message).help(help), "not checked")
        }
        State::Folder => {
            let message = format!("`{name}` is a folder, not a file ({why})");
            let help = "replace it with the file";
            (Finding::new(&OTHER_FORM, message).help(help), "not read")
        }
        State::Outside => {
            let message = format!(
                "`{name}` is a link to a missing file, or to one outside of what is checked"
            );
            let help = "replace the link with the file, or pass the file with `-c` or `-r`";
            (Finding::new(&OUTSIDE, message).help(help), "not read")
        }
        State::TooLarge { .. } => {
            (Finding::new(&TOO_LARGE, format!("`{name}` is too large to check")), "not read")
        }
        State::Read(_) | State::Renamed { .. } => {
            let message = format!("cannot read `{name}` as YAML, although {why}");
            (Finding::new(&UNREADABLE, message), "not valid YAML")
        }
    };
    finding.at(top, label)
}
