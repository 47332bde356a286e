//! States of Salt, which are YAML after Jinja.

use super::{Managed, What};
use crate::deploy::Outer;
use crate::deploy::chart_templates::around::read_around;
use crate::syntax::{Entry, Item, Value};

/// Functions that put a file in its place.
const FUNCTIONS: [&str; 4] = ["managed", "recurse", "copy", "symlink"];

/// The text with spaces in place of the statements and comments of Jinja.
pub fn without_statements(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(start) = rest.find("{%").into_iter().chain(rest.find("{#")).min() {
        let end = if rest[start..].starts_with("{%") { "%}" } else { "#}" };
        let Some(length) = rest[start..].find(end) else { break };
        let end = start + length + 2;
        plain.push_str(&rest[..start]);
        plain.extend(rest[start..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    plain + rest
}

/// Reads the document around the expressions.
pub fn read(outer: Outer<'_>, plain: &str) -> Option<Item> {
    read_around(Outer { text: plain, ..outer }, plain)
}

/// The files that states put on a machine.
pub fn states(document: &Item) -> Vec<Managed> {
    let of_state = |entry: &Entry| {
        let own = entry.item.entries().iter().filter_map(|state| managed(&entry.key, state));
        own.flatten().collect::<Vec<_>>()
    };
    document.entries().iter().flat_map(of_state).collect()
}

/// The files of a state such as `file.managed: [{source: …}]`, or `file: [managed, {source: …}]`.
fn managed(id: &str, state: &Entry) -> Option<Vec<Managed>> {
    let arguments = state.item.list()?;
    let (module, function) = state.key.split_once('.').unwrap_or((&state.key, ""));
    let is_function = |name: &str| FUNCTIONS.contains(&name);
    let is_written = |item: &Item| item.text().is_some_and(is_function);
    let is_ours = module == "file" && (is_function(function) || arguments.iter().any(is_written));
    is_ours.then_some(())?;
    let argument = |name: &str| arguments.iter().find_map(|item| item.entry(name));
    let text = |name: &str| argument(name).and_then(|entry| entry.item.text());
    let names = argument("names").and_then(|entry| entry.item.list()).unwrap_or_default();
    let mut paths: Vec<&str> = names.iter().filter_map(Item::text).collect();
    if paths.is_empty() {
        paths.push(text("name").unwrap_or(id));
    }
    let written = |path: &&str| {
        let (what, span) = if let Some(entry) = argument("contents") {
            (What::Text(joined(&entry.item)), entry.item.span.or(entry.key_span))
        } else if let Some(entry) = argument("contents_pillar") {
            let keys = entry.item.text()?.split(':').map(str::to_owned).collect();
            (What::Data(keys), entry.item.span)
        } else {
            let source = &argument("source").or(argument("target"))?.item;
            let first = source.list().and_then(<[Item]>::first).unwrap_or(source);
            let path = first.text()?;
            let path = path.strip_prefix("salt://").unwrap_or(path);
            let path = path.split('?').next().unwrap_or_default();
            (What::Source(path.to_owned()), first.span)
        };
        Some(Managed { path: (*path).to_owned(), what, span: span? })
    };
    Some(paths.iter().filter_map(written).collect())
}

/// Lines in a list, as Salt joins them.
fn joined(item: &Item) -> Item {
    let Some(lines) = item.list() else { return item.clone() };
    let lines: Vec<&str> = lines.iter().filter_map(Item::text).collect();
    Item { value: Value::Text(lines.join("\n")), ..item.clone() }
}
