//! A quick look at a kustomization and all that it builds on: is anything of it Refinery's?
//!
//! A repository may have hundreds that are not. Of what they name hardly more is asked here than
//! whether certain words are in it; nothing is put on the shelf.

use super::kustomization::{Kustomization, is_remote, key_and_path, names_in};
use super::unfollowed::is_about_refinery;
use crate::deploy::loader::Loader;
use crate::sniff::recognise::{Recognised, recognise};
use crate::span::FileId;
use crate::syntax::Item;
use crate::vfs::path::format_of;
use std::collections::HashSet;

/// A kustomization never builds on more others than this, as far as is looked.
pub const MOST: usize = 2000;

/// What a text of ours, or one about Refinery, has in it.
const MARKS: [&str; 4] = ["refinery", "Refinery", "ConfigurationVersion", "RulesVersion"];

/// The keys of generators.
pub const GENERATORS: [(&str, &str); 2] =
    [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")];

/// Is it worth building?
pub fn concerns(name: &str, text: &str, around: &Loader<'_>) -> bool {
    let mut seen = HashSet::from([name.to_owned()]);
    let mut next = vec![(name.to_owned(), text.to_owned())];
    while let Some((name, text)) = next.pop() {
        if is_marked(&text) {
            return true;
        }
        let Ok(here) = Kustomization::parse(&name, FileId(0), text.clone()) else {
            if is_about_refinery(&name, &text, around) {
                return true;
            }
            continue;
        };
        if GENERATORS.iter().any(|(key, _)| takes_ours(&here, key, around)) {
            return true;
        }
        for path in here.resources().chain(here.words("components")).chain(here.patches()) {
            let place = here.path(path);
            if is_remote(path) || seen.len() >= MOST {
                continue;
            }
            if around.is_folder(&place) {
                let found = names_in(&place).find_map(|name| Some((peek(&name, around)?, name)));
                let new = found.filter(|(_, name)| seen.insert(name.clone()));
                next.extend(new.map(|(text, name)| (name, text)));
            } else if peek(&place, around).is_some_and(|text| is_marked(&text)) {
                return true;
            }
        }
    }
    false
}

fn peek(name: &str, around: &Loader<'_>) -> Option<String> {
    around.peek(name).ok().flatten()
}

pub fn is_marked(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Does a generator take in a file of ours?
fn takes_ours(here: &Kustomization, generators: &str, around: &Loader<'_>) -> bool {
    let files = here.list(generators).iter().filter_map(|generator| generator.get("files"));
    let files = files.filter_map(Item::list).flatten().filter_map(Item::text);
    let is_ours = |(key, path): (&str, &str)| {
        let given = if format_of(key).is_some() { key } else { path };
        recognise_file(&here.path(path), given, around).is_some()
    };
    files.filter_map(key_and_path).any(is_ours)
}

/// What a file that lies there is, under the name that it is given.
pub fn recognise_file(name: &str, given: &str, around: &Loader<'_>) -> Option<Recognised> {
    let format = format_of(given)?;
    let text = peek(name, around)?;
    recognise(Some(format), &text)
}
