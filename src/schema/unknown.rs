//! The finding about a key that does not exist where it is written.

use super::key::Key;
use super::node::Node;
use super::phrases::some;
use super::place::Place;
use super::spelling::odd_space;
use super::suggest::{beginning_alike, containing, homes, nearest, nearest_of};
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
    if let Some(home) = misplaced(schema, place, entry) {
        let finding = finding.help(home.advice);
        return match home.fix {
            Some(edit) => finding.fixed_by(edit),
            None => finding,
        };
    }
    let finding = match misspelt(place, entry) {
        Some((edit, true)) => finding.fixed_by(edit),
        Some((edit, false)) => finding.perhaps_fixed_by(edit),
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

/// The right name in place of a wrong one, unless it is written too, and whether nothing else can
/// be meant.
fn misspelt(place: &Place<'_, '_>, entry: &Entry) -> Option<(Edit, bool)> {
    let (near, is_clear) = nearest_of(&entry.key, place.key.usable_children())?;
    let child = place.key.child(near);
    let fits = |inner: &Entry| child.is_none_or(|child| child.child(&inner.key).is_some());
    let is_safe = is_clear && entry.item.entries().iter().all(fits);
    let is_free = place.item.entry(near).is_none();
    is_free.then(|| Some((Edit::Replace(entry.key_span?, near.to_owned()), is_safe)))?
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
    if let Some(near) = beginning_alike(name, place.key.usable_children()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let homes = homes(schema.root(), name);
    let is_telling = place.is_whole_file() || has_words(name);
    if (1..=MOST_HOMES).contains(&homes.len()) && schema.kind == Kind::Config && is_telling {
        return Some(format!("`{name}` belongs under `{}`", homes.join("` or `")));
    }
    if let Some(inner) = taker(place, entry) {
        return Some(format!("`{name}` belongs under `{inner}`, one level deeper"));
    }
    let known: Vec<String> = place.key.usable_children().map(str::to_owned).collect();
    (!known.is_empty()).then(|| format!("expected {}", some(&known)))
}

/// Whether a name has more than one word. `Type` or `Endpoint` says little about its group.
fn has_words(name: &str) -> bool {
    name.chars().skip(1).any(char::is_uppercase)
}

/// Where a key belongs whose name is right.
struct Home {
    advice: String,
    fix: Option<Edit>,
}

/// Where a key belongs, if its name and its value say so.
fn misplaced(schema: &Schema, place: &Place<'_, '_>, entry: &Entry) -> Option<Home> {
    let name = &entry.key;
    let has = |key: Key<'_>, name: &str| key.children().any(|(child, _)| child == name);
    let alone = |advice: String| Some(Home { advice, fix: None });
    if let Some(home) = empty_home(schema, place, entry) {
        let advice = format!("indent `{name}` by 2 spaces: it belongs under `{home}`");
        let span = entry.key_span.map(|key| entry.item.span.map_or(key, |value| key.to(value)));
        return Some(Home { advice, fix: span.map(|span| Edit::Indent(span, 2)) });
    }
    if place.is_whole_file() {
        let is_other_file =
            entry.item.entries().iter().any(|inner| is_of_other_kind(schema.kind, &inner.key));
        let what = other(schema.kind);
        let advice = format!(
            "this is the content of a {what} file: move it one level up, or to the {what} file"
        );
        return is_other_file.then_some(Home { advice, fix: None });
    }
    // `Sampler: DynamicSampler`, as in Refinery 1.x.
    if let Some(named) = entry.item.text().filter(|text| has(place.key, text)) {
        return alone(format!("write `{named}:` instead, with its keys under it"));
    }
    let above = place.path.strip_prefix("Samplers.").unwrap_or(&place.path);
    let is_target = usable(place).any(|(child, _)| child == "RulesBasedSampler");
    let is_usable = |inner: &Entry| usable(place).any(|(child, _)| child == inner.key);
    if is_target && entry.item.entries().iter().any(is_usable) {
        return alone(format!("move `{name}` one level up, to the column of `{above}`"));
    }
    if !place.path.contains('.') && is_group(schema, entry) {
        return alone(format!("move `{name}` to the first column: it is a group, like `{above}`"));
    }
    let mut homes = usable(place).filter(|(_, child)| has(*child, name));
    let (inner, _) = homes.next().filter(|_| homes.next().is_none())?;
    let advice = match place.item.entry(inner) {
        Some(_) => format!("`{name}` belongs under `{inner}`, one level deeper"),
        None => format!("write `{inner}:` above `{name}`, and indent `{name}` by 2 more spaces"),
    };
    alone(advice)
}

/// The keys that may be written at a place.
fn usable<'s>(place: &Place<'s, '_>) -> impl Iterator<Item = (&'s str, Key<'s>)> {
    let key = place.key;
    key.usable_children().filter_map(move |name| Some((name, key.child(name)?)))
}

/// Whether this is a group of a config with keys of its own.
fn is_group(schema: &Schema, entry: &Entry) -> bool {
    let group = schema.root().children().find(|(name, _)| *name == entry.key);
    group.is_some_and(|_| matches!(entry.item.value, Value::Map(_) | Value::Null))
}

/// The nearest known key above, if it has nothing under it and this key belongs there.
fn empty_home<'s>(schema: &'s Schema, place: &Place<'s, '_>, entry: &Entry) -> Option<&'s str> {
    let entries = place.item.entries();
    let own = entries.iter().position(|other| std::ptr::eq(other, entry))?;
    let is_unknown = |other: &&Entry| place.key.child(&other.key).is_none();
    let above = entries[..own].iter().rev().find(|other| !is_unknown(other))?;
    let (home, key) = place.key.children().find(|(name, _)| *name == above.key)?;
    let has_it = key.children().any(|(child, _)| child == entry.key);
    let is_certain = !place.is_whole_file() || homes(schema.root(), &entry.key) == [home];
    (above.item.value == Value::Null && has_it && is_certain).then_some(home)
}

fn is_of_other_kind(kind: Kind, name: &str) -> bool {
    let other = if kind == Kind::Config { Kind::Rules } else { Kind::Config };
    other.root().children().any(|(child, _)| child == name)
}

fn other(kind: Kind) -> &'static str {
    if kind == Kind::Config { "rules" } else { "config" }
}

/// The sibling under which a key belongs: one that is there or named, or else the first, unless most
/// of them have such a key.
fn taker<'s>(place: &Place<'s, '_>, entry: &Entry) -> Option<&'s str> {
    let takers = usable(place).filter(|(_, child)| would_take(*child, entry));
    let takers: Vec<&str> = takers.map(|(name, _)| name).collect();
    let siblings = place.item.entries();
    let is_meant = |taker: &&&str| {
        siblings.iter().any(|other| other.key == **taker || other.item.text() == Some(**taker))
    };
    let first = takers.first().filter(|_| takers.len() <= MOST_HOMES);
    takers.iter().find(is_meant).or(first).copied()
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
