//! Findings about parts of a kustomization that are not followed or cannot be read.

use super::concern::{concerns, is_marked, recognise_file};
use super::kustomization::Kustomization;
use crate::check;
use crate::deploy::loader::Loader;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use crate::syntax::{Item, Value};
use crate::vfs::path::{join, split};

check!(
    UNREADABLE,
    "intake/unreadable-kustomization",
    Error,
    kind: Verdict,
    "a kustomization about Refinery, or one of its files, cannot be read",
    "Kustomize stops there, so nothing is rolled out and the output is not checked."
);
check!(
    UNFOLLOWED,
    "intake/unfollowed-kustomization",
    Error,
    kind: Verdict,
    "a part of a kustomization about Refinery cannot be followed",
    "Refinery gets what Kustomize builds from all parts, so its files are not fully checked. Check \
     the output instead: `kustomize build … | refinery-preflight check -`."
);

/// The maximum number of words of an unreadable file that are followed.
const MOST_WORDS: usize = 1000;

/// A part that is not followed and may be Refinery's.
pub struct Doubt {
    /// The object that it changes; `None` if unknown.
    pub about: Option<String>,
    pub finding: Finding,
}

/// Reports a file that cannot be read.
pub fn find_unreadable(name: &str, file: FileId, fault: Option<Span>) -> Finding {
    Finding::new(&UNREADABLE, format!("cannot read `{name}`, so its output is not checked"))
        .at(fault.unwrap_or(Span::new(file, 0, 0)), "Kustomize stops here")
        .help("fix the YAML syntax")
}

/// Reports a part of a kustomization that is not followed.
pub fn find_unfollowed(here: &Kustomization, named: &str, what: &str) -> Finding {
    let span = span_of(&here.item, named).unwrap_or(Span::new(here.file, 0, 0));
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

/// Whether an unreadable kustomization is about Refinery, by its text or by the files that its
/// words may name.
pub fn is_about_refinery(name: &str, text: &str, loader: &Loader<'_>) -> bool {
    let folder = split(name).0;
    let leads = |word: &str| {
        let place = join(folder, word);
        let file = |name: &str| loader.peek(name).ok().flatten();
        if loader.is_folder(&place) {
            return super::kustomization::names_in(&place)
                .find_map(|name| Some((file(&name)?, name)))
                .is_some_and(|(text, name)| concerns(&name, &text, loader));
        }
        recognise_file(&place, word, loader).is_some()
            || file(&place).is_some_and(|text| is_marked(&text))
    };
    let is_end = |c: char| c.is_whitespace() || "[]{}\"',=".contains(c);
    let is_path = |word: &&str| !word.is_empty() && !word.starts_with(['/', '#', '-']);
    is_marked(text) || text.split(is_end).filter(is_path).take(MOST_WORDS).any(leads)
}
