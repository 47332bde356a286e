//! Parses TOML into a spanned tree, with all faults that the parser can recover from.
//!
//! Refinery reads every TOML integer as `int64`, which its validator rejects.

use super::Parsed;
use super::malformed_toml::find_malformed;
use super::newer_toml::{find_newer, find_short_times};
use super::tree::{Body, EMPTY_HEADER, MALFORMED, Node, NodeId, Style, TIME, Tree, WIDE_INT};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

check!(
    INVALID_TOML,
    "syntax/invalid-toml",
    Error,
    kind: Verdict,
    "the file is not valid TOML",
    "A new process exits before it opens a port. Running processes keep the old configuration and \
     only log an error."
);

/// The values that are rejected where they are read, by the places at which they start.
type Malformed = BTreeMap<usize, String>;

/// Parses a TOML text.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut malformed = Malformed::new();
    let repaired = replace_malformed(text, &mut malformed);
    let (table, errors) = DeTable::parse_recoverable(&repaired);
    let newer = if errors.is_empty() { find_newer(text) } else { Vec::new() };
    if errors.is_empty() && newer.is_empty() {
        let short = find_short_times(text).map(|range| (range.start, SHORT_TIME.to_owned()));
        malformed.extend(short);
        let mut tree = Tree::new(file);
        let root = add_table(&mut tree, text, &malformed, table.get_ref(), table.span());
        tree.set_root(root);
        return Parsed::whole(tree, Vec::new());
    }
    let refuse = |range: Range<usize>, message: &str| {
        let place = Span::new(file, range.start, range.end);
        Finding::new(&INVALID_TOML, message).at(place, "here").refuses()
    };
    let values = malformed.iter().map(|(at, message)| refuse(*at..*at + 1, message));
    let errors = errors.iter().map(|error| refuse(error.span().unwrap_or(0..0), error.message()));
    let newer = newer.into_iter().map(|(range, message)| refuse(range, message));
    Parsed::refused(values.chain(errors).chain(newer).collect())
}

const SHORT_TIME: &str = "a time must have seconds";

/// The largest number of malformed values in a file; after more, the next one is a syntax error.
const MAX_MALFORMED: usize = 50;

/// Replaces malformed values by others of the same length, so that the rest can be parsed.
fn replace_malformed<'t>(text: &'t str, malformed: &mut Malformed) -> Cow<'t, str> {
    let mut repaired = Cow::Borrowed(text);
    while malformed.len() < MAX_MALFORMED {
        let Some((range, message)) = find_first_malformed(&repaired) else { break };
        let mut next = repaired.to_string();
        next.replace_range(range.clone(), &placeholder(range.len()));
        let rest = find_first_malformed(&next);
        if rest.is_some_and(|(other, _)| other.start == range.start) {
            // The parser stops there for another reason.
            break;
        }
        malformed.insert(range.start, message);
        repaired = Cow::Owned(next);
    }
    repaired
}

/// The first malformed value and what is wrong with it.
fn find_first_malformed(text: &str) -> Option<(Range<usize>, String)> {
    DeTable::parse_recoverable(text).1.iter().find_map(|error| {
        let range = find_malformed(text, error.span()?.start)?;
        Some((range, error.message().to_owned()))
    })
}

/// A value of this length that every parser accepts. Long numbers overflow.
fn placeholder(length: usize) -> String {
    match length.checked_sub(2) {
        Some(inner) => format!("'{}'", "x".repeat(inner)),
        None => "1".to_owned(),
    }
}

fn add(
    tree: &mut Tree,
    text: &str,
    malformed: &Malformed,
    value: &DeValue<'_>,
    range: Range<usize>,
) -> NodeId {
    if let Some(message) = malformed.get(&range.start) {
        return scalar(tree, message, Style::Plain, Some(MALFORMED), range);
    }
    match value {
        DeValue::String(s) => scalar(tree, s, Style::Text, None, range),
        DeValue::Integer(n) => scalar(tree, &n.to_string(), Style::Plain, Some(WIDE_INT), range),
        DeValue::Float(n) => scalar(tree, n.as_str(), Style::Plain, Some("!!float"), range),
        DeValue::Boolean(b) => scalar(tree, &b.to_string(), Style::Plain, None, range),
        DeValue::Datetime(d) => scalar(tree, &d.to_string(), Style::Plain, Some(TIME), range),
        DeValue::Array(items) => {
            let items =
                items.iter().map(|v| add(tree, text, malformed, v.get_ref(), v.span())).collect();
            node(tree, Body::Sequence(items), None, range)
        }
        DeValue::Table(table) => add_table(tree, text, malformed, table, range),
    }
}

fn add_table(
    tree: &mut Tree,
    text: &str,
    malformed: &Malformed,
    table: &DeTable<'_>,
    range: Range<usize>,
) -> NodeId {
    let mut entries: Vec<(NodeId, NodeId)> = table
        .iter()
        .map(|(key, value)| {
            let name = scalar(tree, key.get_ref(), Style::Text, None, key.span());
            (name, add(tree, text, malformed, value.get_ref(), value.span()))
        })
        .collect();
    entries.sort_by_key(|&(key, _)| tree.get(key).span);
    let tag = (entries.is_empty() && text[range.clone()].starts_with('[')).then_some(EMPTY_HEADER);
    node(tree, Body::Mapping(entries), tag, range)
}

fn scalar(
    tree: &mut Tree,
    text: &str,
    style: Style,
    tag: Option<&str>,
    range: Range<usize>,
) -> NodeId {
    node(tree, Body::Scalar { text: text.to_owned(), style }, tag, range)
}

fn node(tree: &mut Tree, body: Body, tag: Option<&str>, range: Range<usize>) -> NodeId {
    let span = Span::new(tree.file, range.start, range.end);
    tree.add(Node { body, tag: tag.map(str::to_owned), span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_malformed_numbers_are_replaced_once() {
        for value in
            ["0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "99999999999999999999999999", "1_", "1__2"]
        {
            let text = format!("a = {value}\nb = {value}\n");
            let mut malformed = Malformed::new();
            let repaired = replace_malformed(&text, &mut malformed);
            assert_eq!(repaired.len(), text.len(), "{value}");
            let errors = DeTable::parse_recoverable(&repaired).1.len();
            assert_eq!(errors, 0, "{value}: {repaired}");
        }
    }
}
