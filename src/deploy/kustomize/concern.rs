//! Quickly decides whether a kustomization or one of its bases is about Refinery.
//!
//! A repository may have hundreds that are not, so this mostly looks for certain words in their
//! files and does not load them.

use super::kustomization::{GENERATORS, Kustomization, is_remote, key_and_path, names_in};
use crate::deploy::loader::Loader;
use crate::sniff::classify::is_empty_overlay;
use crate::sniff::recognise::{Recognised, recognise};
use crate::span::FileId;
use crate::syntax::Item;
use crate::vfs::path::{format_of, join, split};
use std::collections::HashSet;

/// The maximum number of kustomizations that are visited.
pub const MOST: usize = 2000;

/// The maximum number of words of an unreadable file that are followed.
const MOST_WORDS: usize = 1000;

/// Words in files of Refinery's, or about it.
const MARKS: [&str; 4] = ["refinery", "Refinery", "ConfigurationVersion", "RulesVersion"];

/// Whether the kustomization is worth building.
pub fn concerns(name: &str, text: &str, loader: &Loader<'_>) -> bool {
    leads_to_refinery(name, text, loader, true)
}

/// Whether a kustomization or one of its bases is about Refinery. If `is_near_enough`, what is beside a
/// missing base counts as well.
fn leads_to_refinery(name: &str, text: &str, loader: &Loader<'_>, is_near_enough: bool) -> bool {
    let mut seen = HashSet::from([name.to_owned()]);
    let mut next = vec![(name.to_owned(), text.to_owned())];
    while let Some((name, text)) = next.pop() {
        if is_marked(&text) {
            return true;
        }
        let Ok(here) = Kustomization::parse(&name, FileId(0), text.clone()) else {
            if is_about_refinery(&name, &text, loader) {
                return true;
            }
            continue;
        };
        if GENERATORS.iter().any(|(key, _)| takes_ours(&here, key, loader)) {
            return true;
        }
        let is_mistyped =
            |key| here.item.get(key).is_some_and(|generators| generators.list().is_none());
        if GENERATORS.iter().any(|(key, _)| is_mistyped(key))
            && is_beside_refinery(split(&name).0, loader)
        {
            return true;
        }
        let others = ["components", "generators"].into_iter().flat_map(|key| here.words(key));
        for path in here.resources().chain(others).chain(here.patches()) {
            let place = here.path(path);
            if is_remote(path) || seen.len() >= MOST {
                continue;
            }
            let is_missing = !loader.is_folder(&place) && matches!(loader.peek(&place), Ok(None));
            if is_near_enough && is_missing && is_near_refinery(&name, &place, loader) {
                return true;
            }
            if loader.is_folder(&place) {
                let found = names_in(&place).find_map(|name| Some((peek(&name, loader)?, name)));
                let new = found.filter(|(_, name)| seen.insert(name.clone()));
                next.extend(new.map(|(text, name)| (name, text)));
            } else if peek(&place, loader).is_some_and(|text| is_marked(&text)) {
                return true;
            }
        }
    }
    false
}

fn peek(name: &str, loader: &Loader<'_>) -> Option<String> {
    loader.peek(name).ok().flatten()
}

pub fn is_marked(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether a generator reads a file of Refinery's.
fn takes_ours(here: &Kustomization, generators: &str, loader: &Loader<'_>) -> bool {
    let files = here.list(generators).iter().filter_map(|generator| generator.get("files"));
    let files = files.filter_map(Item::list).flatten().filter_map(Item::text);
    let is_ours = |(key, path): (&str, &str)| {
        let given = if format_of(key).is_some() { key } else { path };
        recognise_file(&here.path(path), given, loader).is_some()
    };
    files.filter_map(key_and_path).any(is_ours)
}

/// Recognises a file by its content, under the given name.
pub fn recognise_file(name: &str, given: &str, loader: &Loader<'_>) -> Option<Recognised> {
    let format = format_of(given)?;
    let text = peek(name, loader)?;
    recognise(Some(format), &text)
}

/// Whether an unreadable kustomization is about Refinery, by its text or by the files that its
/// words may name.
pub fn is_about_refinery(name: &str, text: &str, loader: &Loader<'_>) -> bool {
    let folder = split(name).0;
    let leads = |word: &str| {
        let place = join(folder, word);
        if loader.is_folder(&place) {
            return names_in(&place)
                .find_map(|name| Some((peek(&name, loader)?, name)))
                .is_some_and(|(text, name)| concerns(&name, &text, loader));
        }
        recognise_file(&place, word, loader).is_some()
            || peek(&place, loader).is_some_and(|text| is_marked(&text))
    };
    let is_end = |c: char| c.is_whitespace() || "[]{}\"',=".contains(c);
    let is_path = |word: &&str| !word.is_empty() && !word.starts_with(['/', '#', '-']);
    is_marked(text)
        || text.split(is_end).filter(is_path).take(MOST_WORDS).any(leads)
        || is_beside_refinery(folder, loader)
        || is_empty_overlay(name, text) && is_beside_overlay(folder, loader)
}

/// Whether a folder has files of Refinery's or about it, which a kustomization in it most likely uses.
fn is_beside_refinery(folder: &str, loader: &Loader<'_>) -> bool {
    let names = loader.names(folder);
    let is_about = |name: &String| {
        let place = join(folder, name);
        recognise_file(&place, name, loader).is_some()
            || format_of(name).is_some()
                && peek(&place, loader).is_some_and(|text| is_marked(&text))
    };
    names.iter().any(is_about)
}

/// Whether what a kustomization lacks may have been about Refinery, by what is beside both.
fn is_near_refinery(name: &str, missing: &str, loader: &Loader<'_>) -> bool {
    is_beside_refinery(split(name).0, loader)
        || format_of(missing).is_none() && is_beside_overlay(missing, loader)
}

/// Whether a kustomization in a folder beside this one is about Refinery.
fn is_beside_overlay(folder: &str, loader: &Loader<'_>) -> bool {
    let (parent, own) = split(folder);
    let others = loader.names(parent).into_iter().filter(|name| name != own);
    let mut kustomizations = others.filter_map(|other| {
        let name = names_in(&join(parent, &other)).find(|name| peek(name, loader).is_some())?;
        Some((peek(&name, loader)?, name))
    });
    !own.is_empty()
        && kustomizations.any(|(text, name)| leads_to_refinery(&name, &text, loader, false))
}
