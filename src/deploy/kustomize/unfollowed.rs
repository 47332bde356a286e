//! Findings about parts of a kustomization that are not followed or cannot be read.

use super::kustomization::Kustomization;
use crate::check;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use crate::syntax::{DUPLICATE_KEY, Item, Value};

check!(
    UNREADABLE,
    "intake/unreadable-kustomization",
    Error,
    kind: Verdict,
    "Kustomize rejects a kustomization about Refinery, or one of its files",
    "Kustomize fails on it, so nothing is rolled out and the output is not checked."
);
check!(
    UNFOLLOWED,
    "intake/unfollowed-kustomization",
    Error,
    kind: Verdict,
    "a part of a kustomization about Refinery cannot be followed",
    "Refinery gets the output of the whole build, so its files are not fully checked. Check the \
     output instead: `kustomize build … | refinery-preflight check -`."
);

/// A part that is not followed and may be Refinery's.
pub struct Doubt {
    /// The object that it changes; `None` if unknown.
    pub about: Option<String>,
    pub finding: Finding,
}

/// Reports a file that cannot be read.
pub fn find_unreadable(name: &str, file: FileId, fault: Option<Span>) -> Finding {
    Finding::new(&UNREADABLE, format!("cannot read `{name}`, so its output is not checked"))
        .at(fault.unwrap_or(Span::new(file, 0, 0)), "Kustomize fails here")
        .help("fix the YAML syntax")
}

/// Reports a file that cannot be parsed, or has a key twice, which only Kustomize rejects.
pub fn find_unparsable(name: &str, file: FileId, fault: Option<Finding>) -> Finding {
    match fault {
        Some(Finding { check, message, help, labels, .. }) if check == &DUPLICATE_KEY => {
            let message = format!("{name}: {message}, which Kustomize rejects");
            Finding { help, labels, ..Finding::new(&UNREADABLE, message) }
        }
        fault => find_unreadable(name, file, fault.and_then(|fault| fault.primary())),
    }
}

/// Reports a part of a kustomization that Kustomize rejects.
pub fn find_rejected(here: &Kustomization, place: Option<Span>, what: &str) -> Finding {
    let finding = Finding::new(&UNREADABLE, format!("{}: {what}", here.name));
    finding.at(place.unwrap_or(start_of(here)), "Kustomize fails here")
}

/// The place of a string in a kustomization.
pub fn place_of(here: &Kustomization, named: &str) -> Option<Span> {
    if named.is_empty() { None } else { span_of(&here.item, named) }
}

fn start_of(here: &Kustomization) -> Span {
    Span::new(here.file, 0, 0)
}

/// Reports a part of a kustomization that is not followed.
pub fn find_unfollowed(
    here: &Kustomization,
    named: &str,
    place: Option<Span>,
    what: &str,
) -> Finding {
    let span = place.or_else(|| place_of(here, named)).unwrap_or(start_of(here));
    Finding::new(&UNFOLLOWED, format!("{}: {what}", here.name)).at(span, "not followed")
}

/// The span of a string value.
fn span_of(item: &Item, text: &str) -> Option<Span> {
    match &item.value {
        Value::Text(written) if written == text => item.span,
        Value::List(items) => items.iter().find_map(|item| span_of(item, text)),
        Value::Map(entries) => entries.iter().find_map(|entry| span_of(&entry.item, text)),
        _ => None,
    }
}
