//! The other files of a module of Terraform, which is a folder.

use super::read::{Given, read};
use crate::deploy::Outer;
use crate::deploy::chart::layers::Values;
use crate::deploy::loader::Loader;
use crate::sniff::file_name::is_terraform;
use crate::syntax::Item;
use crate::vfs::path::{join, split};

/// The other files of the module of a file that may have its local values or declare its inputs.
pub fn siblings(outer: Outer<'_>, loader: &mut Loader<'_>) -> Vec<Values> {
    let (folder, own) = split(outer.name);
    let words = [("local.", "locals"), ("var.", "variable ")];
    let words = words.iter().filter(|(used, _)| outer.text.contains(used));
    let words: Vec<&str> = words.map(|(_, declared)| *declared).collect();
    if words.is_empty() || !is_terraform(own) {
        return Vec::new();
    }
    let names = loader.names(folder).into_iter();
    let names: Vec<String> = names
        .filter(|name| is_terraform(name) && name != own)
        .map(|name| join(folder, &name))
        .collect();
    let is_used = |name: &String| {
        let text = loader.peek(name).ok().flatten();
        text.is_some_and(|text| words.iter().any(|word| text.contains(word)))
    };
    let names: Vec<String> = names.into_iter().filter(is_used).collect();
    let mut found = Vec::new();
    for name in names {
        if let Ok(Some((file, text))) = loader.text_in_sight(&name) {
            found.push(Values::unread(&name, file, &text));
        }
    }
    found
}

/// The documents of the other files of the module of a file that have a word.
pub fn documents_with(
    word: &str,
    outer: Outer<'_>,
    given: &Given,
    loader: &mut Loader<'_>,
) -> Vec<Item> {
    let (folder, own) = split(outer.name);
    let others = loader.names(folder).into_iter();
    let others = others.filter(|name| is_terraform(name) && name != own);
    let mut found = Vec::new();
    for name in others.map(|name| join(folder, &name)).collect::<Vec<_>>() {
        if !loader.peek(&name).ok().flatten().is_some_and(|text| text.contains(word)) {
            continue;
        }
        let Ok(Some((file, text))) = loader.text_in_sight(&name) else { continue };
        let other = Outer::of(&name, file, &text);
        let siblings = siblings(other, loader);
        found.extend(read(other, &siblings, given, loader).map(|reading| reading.document));
    }
    found
}
