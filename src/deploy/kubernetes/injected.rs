//! The annotations of pods for Vault's agent injector, which adds files to their containers.
//!
//! Vault documentation: "Vault Agent Injector annotations".

use super::identity::Identity;
use super::template_of;
use crate::deploy::content::{DataEntry, Group};
use crate::deploy::{Outer, at, word};
use crate::span::Piece;
use crate::syntax::{Entry, Item};
use crate::value::replaced::without_actions;

pub const TEMPLATE: &str = "agent-inject-template-";
/// A template in the image of the agent or in a volume.
pub const ELSEWHERE: &str = "file-";

/// Actions that write nothing themselves.
const SILENT: [&str; 4] = ["with", "end", "/*", "$"];

/// An annotation of the injector, without its prefix.
pub fn annotation<'i>(object: &'i Item, name: &str) -> Option<&'i Item> {
    annotations(object).find(|(known, _)| *known == name).map(|(_, entry)| &entry.item)
}

pub fn annotations(object: &Item) -> impl Iterator<Item = (&str, &Entry)> {
    let all = template_of(object).and_then(|it| at(it, &["metadata", "annotations"]));
    let entries = all.map(Item::entries).unwrap_or_default().iter();
    entries.filter_map(|entry| Some((entry.key.strip_prefix("vault.hashicorp.com/")?, entry)))
}

pub fn is_injected(object: &Item) -> bool {
    annotation(object, "agent-inject").and_then(word).is_some_and(|it| it == "true")
}

/// The templates of files by name.
fn templates(object: &Item) -> impl Iterator<Item = (&str, &Entry)> {
    annotations(object).filter_map(|(name, entry)| {
        let name = name.strip_prefix(TEMPLATE)?;
        (!name.starts_with(ELSEWHERE)).then_some((name, entry))
    })
}

/// The name under which the templates of the pods of an object are kept.
pub fn map_name(object: &Item) -> String {
    let name = at(object, &["metadata", "name"]).and_then(Item::text);
    format!("vault.hashicorp.com/{}", name.unwrap_or_default())
}

/// The templates in the annotations of pods, as entries of a Secret.
pub fn entries_of(outer: Outer<'_>, object: &Item) -> Option<(Identity, Vec<DataEntry>)> {
    if !is_injected(object) {
        return None;
    }
    let name = map_name(object);
    let entry = |(key, template): (&str, &Entry)| {
        let text = template.item.text().filter(|text| is_followed(text))?;
        let entry = Entry { key: key.to_owned(), ..template.clone() };
        let mut entry =
            DataEntry::of(outer, &name, Group::Text, &entry, &|pieces: Vec<Piece>| pieces);
        if text.contains("{{") {
            entry.replace_actions(&|rest| rest.split_inclusive('\n').map(filled).collect());
        }
        Some(entry)
    };
    let data: Vec<DataEntry> = templates(object).filter_map(entry).collect();
    let of = Identity::of(outer.name, object);
    let identity = Identity { kind: "Secret".to_owned(), names: vec![name.clone()], ..of };
    (!data.is_empty()).then_some((identity, data))
}

/// Whether the lines of a template are those of the file, with single values from Vault.
fn is_followed(text: &str) -> bool {
    text.lines().all(|line| {
        let mut actions = line.split("{{").skip(1).map(|rest| rest.trim_start_matches(['-', ' ']));
        let is_whole = line.trim_start().starts_with("{{");
        actions.all(|action| {
            let word = action.split([' ', '-', '}']).next().unwrap_or_default();
            let is_silent = SILENT.iter().any(|start| action.starts_with(start));
            !["if", "range", "else", "define", "template"].contains(&word)
                && (is_silent || !is_whole)
        })
    })
}

/// A part of a line from its first action on, with placeholders for values.
fn filled(rest: &str) -> String {
    let inner = rest.trim_start_matches(['{', '-', ' ']);
    if SILENT.iter().any(|start| inner.starts_with(start)) {
        return if rest.ends_with('\n') { "\n".to_owned() } else { String::new() };
    }
    without_actions(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_templates_with_single_values() {
        for (text, expected) in [
            ("{{- with secret \"a\" -}}\nA: {{ .Data.b }}\n{{- end }}\n", true),
            ("A: b\n", true),
            ("{{ with secret \"a\" }}{{ .Data.b }}{{ end }}", false),
            ("{{ range $k, $v := .Data }}\n{{ $k }}: 1\n{{ end }}", false),
            ("A: {{ if .b }}1{{ end }}", false),
            ("{{ .Data.b }}\n", false),
        ] {
            assert_eq!(is_followed(text), expected, "{text}");
        }
    }
}
