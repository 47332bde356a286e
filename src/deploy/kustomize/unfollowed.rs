//! What of a kustomization is not followed, where that leaves a file of Refinery's unchecked.

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
    "a kustomization about Refinery, or a file that it builds on, that cannot be read",
    "Kustomize stops there, so nothing of it is rolled out, and what it would make is not checked"
);
check!(
    UNFOLLOWED,
    "intake/unfollowed-kustomization",
    Error,
    "a part of a kustomization about Refinery that cannot be followed, so its files are not checked",
    "what Refinery gets is what Kustomize makes of all parts; check that where a part cannot be \
     followed here: `kustomize build … | refinery-preflight check -`"
);

/// Of a text that cannot be read no more words are followed.
const MOST_WORDS: usize = 1000;

/// Something that is not followed and may be Refinery's.
pub struct Doubt {
    /// The object that it is about; none where nobody knows which ones it makes.
    pub about: Option<String>,
    pub finding: Finding,
}

/// Says that a file cannot be read.
pub fn find_unreadable(name: &str, file: FileId, fault: Option<Span>) -> Finding {
    Finding::new(&UNREADABLE, format!("`{name}` cannot be read, so what it makes is not checked"))
        .at(fault.unwrap_or(Span::new(file, 0, 0)), "Kustomize stops here")
        .help("fix the YAML")
}

/// Says that something that a kustomization names is not followed.
pub fn find_unfollowed(here: &Kustomization, named: &str, what: &str) -> Finding {
    let span = span_of(&here.item, named).unwrap_or(Span::new(here.file, 0, 0));
    Finding::new(&UNFOLLOWED, format!("{}: {what}", here.name)).at(span, "not followed")
}

/// Where a text stands as a value.
fn span_of(item: &Item, text: &str) -> Option<Span> {
    match &item.value {
        Value::Text(written) if written == text => item.span,
        Value::List(items) => items.iter().find_map(|item| span_of(item, text)),
        Value::Map(entries) => entries.iter().find_map(|entry| span_of(&entry.item, text)),
        _ => None,
    }
}

/// Is a kustomization that cannot be read about Refinery, by its own text or by what its words may
/// lead to?
pub fn is_about_refinery(name: &str, text: &str, around: &Loader<'_>) -> bool {
    let folder = split(name).0;
    let leads = |word: &str| {
        let place = join(folder, word);
        let file = |name: &str| around.peek(name).ok().flatten();
        if around.is_folder(&place) {
            return super::kustomization::names_in(&place)
                .find_map(|name| Some((file(&name)?, name)))
                .is_some_and(|(text, name)| concerns(&name, &text, around));
        }
        recognise_file(&place, word, around).is_some()
            || file(&place).is_some_and(|text| is_marked(&text))
    };
    let is_end = |c: char| c.is_whitespace() || "[]{}\"',=".contains(c);
    let is_path = |word: &&str| !word.is_empty() && !word.starts_with(['/', '#', '-']);
    is_marked(text) || text.split(is_end).filter(is_path).take(MOST_WORDS).any(leads)
}
