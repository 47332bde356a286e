//! What we say about each fault of shape: the place, the reason, the repair.

use super::formats::{on_variables, repair_host_port};
use super::key::Key;
use super::place::Place;
use super::suggest::{homes, nearest};
use super::{Kind, Release, Schema};
use crate::check;
use crate::diagnostic::{Edit, Finding};
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use serde_json::Value as Json;

check!(
    UNKNOWN_GROUP,
    "schema/unknown-group",
    Error,
    "no such group of keys exists in this release",
    "the engine's validator refuses names that it does not know, and the process exits"
);
check!(
    UNKNOWN_KEY,
    "schema/unknown-key",
    Error,
    "no such key exists here in this release",
    "the engine's validator refuses names that it does not know, and the process exits"
);
check!(
    MISSING_KEY,
    "schema/missing-key",
    Error,
    "a key that must be written is not",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    EMPTY_VALUE,
    "schema/empty-value",
    Error,
    "a key stands without a value",
    "the engine's validator takes an empty value for a mistake, not for the default, and the \
     process exits"
);
check!(
    WRONG_TYPE,
    "schema/wrong-type",
    Error,
    "the value is not of the key's type",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    NOT_A_CHOICE,
    "schema/not-a-choice",
    Error,
    "the value is none of the allowed ones",
    "the engine compares letter by letter and refuses anything else, and the process exits"
);
check!(
    CONFLICTING_KEYS,
    "schema/conflicting-keys",
    Error,
    "two keys that exclude each other are both written",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    MIXED_LIST,
    "schema/mixed-list",
    Error,
    "a list of values holds more than one type",
    "the engine's validator wants all elements of one type, and the process exits"
);
check!(
    RESERVED_HEADER,
    "schema/reserved-header",
    Error,
    "a header is set that belongs to Honeycomb",
    "the engine's validator refuses headers that begin with x-honeycomb- or x-hny-"
);

pub fn unknown_key(schema: &Schema, place: &Place<'_, '_>, entry: &Entry) -> Finding {
    let name = &entry.key;
    let top = place.is_whole_file();
    let check = if top { &UNKNOWN_GROUP } else { &UNKNOWN_KEY };
    let noun = if top && schema.kind == Kind::Config { "group" } else { "key" };
    let message = if top {
        format!("`{name}` is no {noun} of a Refinery {} file", schema.kind.word())
    } else {
        format!("{} has no key `{name}`", place.name())
    };
    let finding = Finding::new(check, message).refuses();
    let finding = match entry.key_span {
        Some(span) => finding.at(span, "unknown"),
        None => finding,
    };
    let finding = match misspelt(place, entry) {
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
    let lives = |key: Key<'_>| !key.is("misplaced") && key.fact("last-version").is_none();
    let siblings = place.key.children().filter(|(_, key)| lives(*key)).map(|(name, _)| name);
    nearest(name, siblings)
}

/// The right name in place of a wrong one, unless it is written too.
fn misspelt(place: &Place<'_, '_>, entry: &Entry) -> Option<Edit> {
    let near = near_sibling(place, &entry.key)?;
    let is_free = place.item.entry(near).is_none();
    is_free.then(|| Some(Edit::Replace(entry.key_span?, near.to_owned())))?
}

/// A name that is at home in more groups says nothing about where it belongs.
const MOST_HOMES: usize = 3;

/// Where the name exists, when it came, or what was probably meant.
fn advice(schema: &Schema, place: &Place<'_, '_>, entry: &Entry) -> Option<String> {
    let name = &entry.key;
    if let Some(later) = later_key(schema, place, name) {
        return Some(format!("`{name}` exists since {later}; remove it, or run that release"));
    }
    if let Some(elsewhere) = place.key.fact("elsewhere").and_then(|e| e.get(name)) {
        return elsewhere.as_str().map(str::to_owned);
    }
    if place.is_whole_file() && is_of_other_kind(schema.kind, name) {
        return Some(format!(
            "`{name}` belongs in the other file, that of the {}",
            other(schema.kind)
        ));
    }
    if let Some(near) = near_sibling(place, name) {
        return Some(format!("did you mean `{near}`?"));
    }
    let homes = homes(schema.root(), name);
    if (1..=MOST_HOMES).contains(&homes.len()) && schema.kind == Kind::Config {
        return Some(format!("`{name}` belongs under `{}`", homes.join("` or `")));
    }
    let inner = place.key.children().find(|(_, child)| would_take(*child, entry))?.0;
    Some(format!("`{name}` belongs under `{inner}`, one level deeper"))
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

/// The release that brought a key which this one lacks.
fn later_key(schema: &Schema, place: &Place<'_, '_>, name: &str) -> Option<String> {
    let child = in_all_releases(schema, &place.path)?.children().find(|&(n, _)| n == name)?.1;
    child.fact_text("since").map(str::to_owned)
}

/// The key at a path, as the schema of all releases has it.
fn in_all_releases(schema: &Schema, path: &str) -> Option<Key<'static>> {
    let mut key = schema.all_releases();
    for part in path.split('.').filter(|p| !p.is_empty()) {
        let (part, indexed) = match part.split_once('[') {
            Some((part, _)) => (part, true),
            None => (part, false),
        };
        key = key.child(part)?;
        key = if indexed { key.element()? } else { key };
    }
    Some(key)
}

pub fn missing_key(place: &Place<'_, '_>, name: &str) -> Finding {
    let finding = Finding::new(&MISSING_KEY, format!("{} lacks `{name}`", place.name()));
    let where_to = if place.is_whole_file() { "in this file" } else { "under this" };
    place
        .at_key(finding, format!("`{name}` must stand {where_to}"))
        .help(format!("write {}", written_out(place.key, name)))
}

/// A child with what it takes.
fn written_out(key: Key<'_>, name: &str) -> String {
    let Some(child) = key.child(name) else { return format!("`{name}:`") };
    if let Some(sample) = child.sample() {
        return format!("`{name}: {}`", plain(sample));
    }
    if !child.go_type().contains("struct") {
        return format!("`{name}:` with {}", child.wanted());
    }
    let inner = required(child).and_then(|inner| Some((inner, child.child(inner)?.sample()?)));
    match inner {
        Some((inner, sample)) => format!("`{name}:` with `{inner}: {}` under it", plain(sample)),
        None => format!("`{name}:` with what belongs under it"),
    }
}

/// The first key that must stand under a key.
fn required(key: Key<'_>) -> Option<&str> {
    key.keyword("required")?.get(0)?.as_str()
}

pub fn empty(place: &Place<'_, '_>) -> Finding {
    let finding = Finding::new(&EMPTY_VALUE, format!("{} has no value", place.name()));
    let help = match (place.key.keyword("default"), required(place.key)) {
        (Some(default), _) => format!("delete the key to get its default, {}", plain(default)),
        (_, Some(name)) => format!("write {} under it", written_out(place.key, name)),
        _ if place.key.keyword("properties").is_some() => {
            "write what belongs under it, or delete the key".to_owned()
        }
        _ => "write a value or delete the key".to_owned(),
    };
    place.at_key(finding, format!("wants {}", place.key.wanted())).help(help)
}

pub fn wrong_type(schema: &Schema, place: &Place<'_, '_>) -> Finding {
    if let Value::Mixed(pairs) = &place.item.value {
        return odd_key(place, pairs);
    }
    let wanted = place.key.wanted();
    let found = place.item.value.noun();
    let message = format!("{} wants {wanted}, and this is {found}", place.name());
    let finding = place.at_value(Finding::new(&WRONG_TYPE, message), format!("this is {found}"));
    match repair(place) {
        Some(repair) => repair.offer(finding, place.item.span),
        None => match later_list(schema, place) {
            Some(advice) => finding.help(advice),
            None => finding,
        },
    }
}

/// What to do about a value.
pub enum Repair {
    /// In words alone.
    Advice(String),
    /// In words, and what to write instead: nothing else can be meant.
    Certain(String, String),
    /// The same, where something else may have been meant.
    Likely(String, String),
}

impl Repair {
    /// The value as it ought to be written.
    pub fn write(value: impl Into<String>) -> Self {
        let value = value.into();
        Self::Certain(format!("write `{value}`"), value)
    }

    /// Puts the repair into a finding on a value that stands there.
    pub fn offer(self, finding: Finding, place: Option<Span>) -> Finding {
        match (self, place) {
            (Self::Certain(help, text), Some(span)) => {
                finding.help(help).fixed_by(Edit::Replace(span, text))
            }
            (Self::Likely(help, text), Some(span)) => {
                finding.help(help).perhaps_fixed_by(Edit::Replace(span, text))
            }
            (Self::Advice(help) | Self::Certain(help, _) | Self::Likely(help, _), _) => {
                finding.help(help)
            }
        }
    }
}

/// One key that is not text makes the engine take the whole mapping for something else.
fn odd_key(place: &Place<'_, '_>, pairs: &[(Item, Item)]) -> Finding {
    let odd = pairs.iter().map(|(key, _)| key).find(|key| !matches!(key.value, Value::Text(_)));
    let Some((key, span)) = odd.and_then(|key| Some((key, key.span?))) else {
        return other_rule(place, "type");
    };
    let noun = key.value.noun();
    let message = format!("{} has {noun} for a key, and wants text", place.name());
    Finding::new(&WRONG_TYPE, message)
        .at(span, format!("this is {noun}"))
        .help(format!("put it in quotes: `\"{}\"`", key.raw))
        .refuses()
}

/// A list where only later releases take one.
fn later_list(schema: &Schema, place: &Place<'_, '_>) -> Option<String> {
    let types = in_all_releases(schema, &place.path)?.keyword("type")?.as_array()?;
    let is_taken = matches!(place.item.value, Value::List(_)) && types.iter().any(|t| t == "array");
    is_taken
        .then(|| "later releases take lists here; write one value, or run one of them".to_owned())
}

/// What to write instead, where the value's own text says it.
fn repair(place: &Place<'_, '_>) -> Option<Repair> {
    let raw = if place.key.is_secret() { "…" } else { &place.item.raw };
    let name = place.key.type_name().or_else(|| place.key.text("type"))?;
    match (name, &place.item.value) {
        (_, Value::Text(text)) if text.contains("${") => Some(Repair::Advice(
            "environment variables are replaced in text values alone, never in numbers, booleans, \
             durations or sizes"
                .to_owned(),
        )),
        ("duration", Value::Int(_) | Value::Float(_)) => Some(Repair::Likely(
            format!("add a unit: `{raw}s`, or `{raw}ms` if milliseconds are meant"),
            format!("{raw}s"),
        )),
        ("int" | "percentage", Value::Float(n)) if n.fract() == 0.0 && n.abs() < 1e15 => {
            let help = format!("write it without fraction or exponent: `{n:.0}`");
            Some(Repair::Certain(help, format!("{n:.0}")))
        }
        ("int" | "percentage" | "float", Value::Text(text)) if text.parse::<f64>().is_ok() => {
            Some(Repair::Certain(format!("remove the quotes: `{text}`"), text.clone()))
        }
        ("bool", Value::Text(text)) => Some(Repair::write(bool_of_word(text)?.to_string())),
        ("bool" | "default-true", Value::Int(n @ (0 | 1))) => {
            Some(Repair::write((*n == 1).to_string()))
        }
        ("string-list", Value::Text(text)) => Some(one_element(text)),
        ("string" | "host-port" | "url", Value::Map(_) | Value::List(_)) => None,
        ("host-port", _) => Some(repair_host_port(place, raw)),
        ("scalar-or-list" | "any-scalar", Value::Time) | ("string" | "url", _) => {
            let quoted = format!("\"{raw}\"");
            let help = format!("put it in quotes: `{quoted}`");
            // What is not shown is not written either, and no number is an address in quotes.
            Some(if place.key.is_secret() || name == "url" {
                Repair::Advice(help)
            } else {
                Repair::Certain(help, quoted)
            })
        }
        _ => None,
    }
}

/// A text as a list of itself; one that holds a mark of lists may have been meant as several.
fn one_element(text: &str) -> Repair {
    let help = format!("write a list: `[{text}]`");
    if text.contains([',', '[', ']', '{', '}', '#', '"', '\'', ':', ' ']) {
        Repair::Advice(help)
    } else {
        Repair::Certain(help, format!("[{text}]"))
    }
}

/// What a word of YAML 1.1, or one like it, means.
pub fn bool_of_word(text: &str) -> Option<bool> {
    match &*text.to_lowercase() {
        "yes" | "y" | "on" | "t" | "1" | "true" => Some(true),
        "no" | "n" | "off" | "f" | "0" | "false" => Some(false),
        _ => None,
    }
}

pub fn not_a_choice(schema: &Schema, place: &Place<'_, '_>) -> Finding {
    let choices: Vec<String> = match (place.key.keyword("enum"), place.key.keyword("const")) {
        (Some(Json::Array(choices)), _) => choices.iter().map(plain).collect(),
        (_, Some(only)) => vec![plain(only)],
        _ => Vec::new(),
    };
    let written = written(place.item);
    let shown = if written.is_empty() { "empty".to_owned() } else { format!("`{written}`") };
    let finding = Finding::new(&NOT_A_CHOICE, format!("{} cannot be {shown}", place.name()));
    let finding = place.at_value(finding, "none of the allowed values");
    let near = nearest(&written, choices.iter().map(String::as_str));
    finding.help(match (later_choice(schema, place, &written), near) {
        _ if written.contains("${") => on_variables(schema).to_owned(),
        (Some(later), _) => {
            format!("`{written}` exists since {later}; write another, or run that release")
        }
        (None, Some(near)) if choices.len() > 1 => format!("did you mean `{near}`?"),
        _ => format!("write {}", list(&choices, "or")),
    })
}

/// The release that brought a choice which this one lacks.
fn later_choice(schema: &Schema, place: &Place<'_, '_>, written: &str) -> Option<Release> {
    let key = in_all_releases(schema, &place.path)?;
    let has = |choices: Option<&Json>| {
        choices.and_then(Json::as_array).is_some_and(|all| all.iter().any(|c| c == written))
    };
    if !has(key.keyword("enum")) {
        return None;
    }
    let changes = key.fact("before").and_then(Json::as_object)?;
    let lacking =
        changes.iter().filter(|(_, patch)| patch.get("enum").is_some_and(|e| !has(Some(e))));
    lacking.filter_map(|(release, _)| Release::parse(release)).max()
}

pub fn reserved_headers(place: &Place<'_, '_>) -> Vec<Finding> {
    place
        .item
        .entries()
        .iter()
        .filter(|e| crate::value::patterns::is_reserved_header(&e.key))
        .map(|entry| {
            let finding = Finding::new(
                &RESERVED_HEADER,
                format!("`{}` is a header of Honeycomb's", entry.key),
            )
            .help("remove it: the engine sets these headers itself")
            .refuses();
            match entry.key_span {
                Some(span) => finding.at(span, "reserved"),
                None => finding,
            }
        })
        .collect()
}

pub fn mixed_list(place: &Place<'_, '_>) -> Finding {
    let finding = Finding::new(&MIXED_LIST, format!("{} mixes types", place.name()));
    let odd = match &place.item.value {
        Value::List(items) => items.windows(2).find(|pair| {
            std::mem::discriminant(&pair[0].value) != std::mem::discriminant(&pair[1].value)
        }),
        _ => None,
    };
    let finding = match odd.and_then(|pair| Some((pair, pair[0].span?, pair[1].span?))) {
        Some((pair, before, after)) => finding
            .at(after, format!("this is {}", pair[1].value.noun()))
            .at(before, format!("and this is {}", pair[0].value.noun()))
            .refuses(),
        None => place.at_value(finding, "all elements must be of one type"),
    };
    finding.help("quote all of them, or none")
}

pub fn conflicting(place: &Place<'_, '_>) -> Finding {
    let names = place.key.keyword("conflicting").and_then(Json::as_array);
    let entries: Vec<&Entry> =
        names.into_iter().flatten().filter_map(|n| place.item.entry(n.as_str()?)).collect();
    let names: Vec<String> = entries.iter().map(|e| e.key.clone()).collect();
    let finding =
        Finding::new(&CONFLICTING_KEYS, format!("{} exclude each other", list(&names, "and")));
    let finding = entries.iter().rev().filter_map(|e| e.key_span).fold(finding, |finding, span| {
        let text = if finding.labels.is_empty() { "excludes the other" } else { "the other" };
        finding.at(span, text)
    });
    finding.help(format!("keep one of {}", list(&names, "and"))).refuses()
}

/// A keyword of the schema that has no wording yet still makes a finding.
pub fn other_rule(place: &Place<'_, '_>, keyword: &str) -> Finding {
    let message = format!("{} breaks the schema's rule `{keyword}`", place.name());
    place.at_value(Finding::new(&WRONG_TYPE, message), "here")
}

/// A fault that leads to no key that the schema knows still stops the file.
pub fn lost(item: &Item, path: &str, keyword: &str) -> Finding {
    let message = format!("the value at `{path}` breaks the schema's rule `{keyword}`");
    let finding = Finding::new(&WRONG_TYPE, message).refuses();
    match item.beginning() {
        Some(span) => finding.at(span, "somewhere in this file"),
        None => finding,
    }
}

/// A value as it is written, shortened.
pub fn written(item: &Item) -> String {
    let text = match &item.value {
        Value::Text(text) => text.as_str(),
        _ => item.raw.as_str(),
    };
    if text.chars().count() > 60 {
        format!("{}…", text.chars().take(57).collect::<String>())
    } else {
        text.to_owned()
    }
}

pub fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list(names: &[String], joint: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {joint} {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
