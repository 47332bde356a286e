//! The finding about a key that does not exist where it is written.

use super::key::Key;
use super::node::Node;
use super::phrases::some;
use super::place::Place;
use super::spelling::odd_space;
use super::suggest::{containing, homes, nearest};
use super::{Kind, Schema};
use crate::check;
use crate::diagnostic::{Edit, Finding};
use crate::syntax::{Entry, Value};

check!(
    UNKNOWN_GROUP,
    "schema/unknown-group",
    Error,
    kind: Verdict,
    "unknown group of keys",
    "Refinery's validator rejects names that it does not know, and the process exits."
);
check!(
    UNKNOWN_KEY,
    "schema/unknown-key",
    Error,
    kind: Verdict,
    "unknown key",
    "Refinery's validator rejects names that it does not know, and the process exits."
);
pub fn unknown_key(schema: &Schema, place: &Place<'_, '_>, entry: &Entry) -> Finding {
    let name = &entry.key;
    let top = place.is_whole_file();
    let check = if top { &UNKNOWN_GROUP } else { &UNKNOWN_KEY };
    let noun = if top && schema.kind == Kind::Config { "group" } else { "key" };
    let message = if top {
        format!("unknown {noun} `{name}` in a Refinery {} file", schema.kind.word())
    } else {
        format!("unknown key `{name}` in {}", place.name())
    };
    let finding =
        Finding::new(check, message).refuses().at_some(entry.key_span, format!("unknown {noun}"));
    let finding = match misspelt(place, entry).or_else(|| indented(schema, place, entry)) {
        Some(edit) => finding.fixed_by(edit),
        None => finding,
    };
    match advice(schema, place, entry) {
        Some(advice) => finding.help(advice),
        None => finding,
    }
}

/// The key that is most like an unknown one and may still be written.
fn near_sibling<'s>(place: &Place<'s, '_>, name: &str) -> Option<&'s str> {
    nearest(name, place.key.usable_children())
}

/// The required key that an unknown one stands for: to name it as missing too says nothing more.
pub fn misspelt_required<'s>(place: &Place<'s, '_>, entry: &Entry) -> Option<&'s str> {
    let required = place.key.keyword("required")?.as_array()?.iter().filter_map(Node::as_str);
    let missing: Vec<&str> = required.filter(|name| place.item.entry(name).is_none()).collect();
    if missing.is_empty() {
        return None;
    }
    near_sibling(place, &entry.key).filter(|near| missing.contains(near))
}

/// The right name in place of a wrong one, unless it is written too.
fn misspelt(place: &Place<'_, '_>, entry: &Entry) -> Option<Edit> {
    let near = near_sibling(place, &entry.key)?;
    let is_free = place.item.entry(near).is_none();
    is_free.then(|| Some(Edit::Replace(entry.key_span?, near.to_owned())))?
}

/// A name that is at home in more groups says nothing about where it belongs.
const MOST_HOMES: usize = 3;

/// A name that is in more names says nothing about which one is meant.
const MOST_LONGER: usize = 3;

/// Where the name exists, when it came, or what was probably meant.
fn advice(schema: &Schema, place: &Place<'_, '_>, entry: &Entry) -> Option<String> {
    let name = &entry.key;
    if let Some(later) = later_key(schema, place, name) {
        return Some(format!("`{name}` was added in {later}: remove it, or run that release"));
    }
    if let Some(elsewhere) = place.key.fact("elsewhere").and_then(|e| e.get(name)) {
        return elsewhere.as_str().map(str::to_owned);
    }
    if place.is_whole_file() && is_of_other_kind(schema.kind, name) {
        return Some(format!("`{name}` belongs in the {} file", other(schema.kind)));
    }
    if let Some(near) = near_sibling(place, name) {
        let is_case = near.eq_ignore_ascii_case(name);
        let why = if is_case { " Keys are case-sensitive" } else { "" };
        return Some(format!("did you mean `{near}`?{why}"));
    }
    if let Some(odd) = odd_space(name) {
        return Some(format!(
            "it contains the character U+{:04X}, which is not a space in YAML: replace it with one",
            u32::from(odd)
        ));
    }
    let longer = containing(name, place.key.usable_children());
    if (2..=MOST_LONGER).contains(&longer.len()) {
        return Some(format!("did you mean `{}`?", longer.join("` or `")));
    }
    let homes = homes(schema.root(), name);
    if let Some(home) = empty_home(place, entry, &homes) {
        return Some(format!("indent `{name}` by 2 spaces: it belongs under `{home}`"));
    }
    if (1..=MOST_HOMES).contains(&homes.len()) && schema.kind == Kind::Config {
        return Some(format!("`{name}` belongs under `{}`", homes.join("` or `")));
    }
    if let Some((inner, _)) = place.key.children().find(|(_, child)| would_take(*child, entry)) {
        return Some(format!("`{name}` belongs under `{inner}`, one level deeper"));
    }
    let known: Vec<String> = place.key.usable_children().map(str::to_owned).collect();
    (!known.is_empty()).then(|| format!("expected {}", some(&known)))
}

/// The key moved under the empty group above it.
fn indented(schema: &Schema, place: &Place<'_, '_>, entry: &Entry) -> Option<Edit> {
    empty_home(place, entry, &homes(schema.root(), &entry.key))?;
    let key = entry.key_span?;
    Some(Edit::Indent(entry.item.span.map_or(key, |value| key.to(value)), 2))
}

/// The group above that has nothing under it, where all that follows it belongs.
fn empty_home<'s>(place: &Place<'_, '_>, entry: &Entry, homes: &[&'s str]) -> Option<&'s str> {
    let entries = place.item.entries();
    let own = entries.iter().position(|other| std::ptr::eq(other, entry))?;
    let &[home] = homes else { return None };
    let above = entries[..own].iter().rposition(|other| other.key == home)?;
    let is_unknown = |other: &Entry| place.key.child(&other.key).is_none();
    let is_empty = entries[above].item.value == Value::Null;
    (is_empty && entries[above + 1..own].iter().all(is_unknown)).then_some(home)
}

fn is_of_other_kind(kind: Kind, name: &str) -> bool {
    let other = if kind == Kind::Config { Kind::Rules } else { Kind::Config };
    other.root().children().any(|(child, _)| child == name)
}

fn other(kind: Kind) -> &'static str {
    if kind == Kind::Config { "rules" } else { "config" }
}

/// The key, or its elements, have the entry's key; or they take any, and this value looks right.
fn would_take(key: Key<'_>, entry: &Entry) -> bool {
    let has = |key: Key<'_>, name: &str| key.children().any(|(child, _)| child == name);
    let fits = |free: Key<'_>| entry.item.entries().iter().any(|inner| has(free, &inner.key));
    has(key, &entry.key)
        || key.element().is_some_and(|element| has(element, &entry.key))
        || key.child(&entry.key).is_some_and(fits)
}

/// The release that added a key which this one does not have.
fn later_key(schema: &Schema, place: &Place<'_, '_>, name: &str) -> Option<String> {
    let child = schema.key_of_all_releases(&place.path)?.children().find(|&(n, _)| n == name)?.1;
    child.fact_text("since").map(str::to_owned)
}
