//! Parses TOML into a spanned tree, with all faults that the parser can recover from.
//!
//! Refinery reads every TOML integer as `int64`, which its validator rejects.

use super::Parsed;
use super::malformed_toml::find_malformed;
use super::newer_toml::{find_newer, find_short_times};
use super::repeated_toml::{find_headers, header_above, header_around, without_keys_after};
use super::tree::{
    Body, EMPTY_HEADER, FLOAT, INLINE_TABLE, MALFORMED, Node, NodeId, Style, TIME, Tree, WIDE_INT,
};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue, Error};

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

/// The parser's message about a repeated key.
pub const REPEATED: &str = "duplicate key";

/// Parses a TOML text.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut malformed = Malformed::new();
    let repaired = replace_malformed(text, &mut malformed);
    let (table, mut errors) = DeTable::parse_recoverable(&repaired);
    let repeated = take_repeated(text, &mut errors);
    let newer = if errors.is_empty() { find_newer(text) } else { Vec::new() };
    if errors.is_empty() && newer.is_empty() {
        let short = find_short_times(text).map(|range| (range.start, SHORT_TIME.to_owned()));
        malformed.extend(short);
        let mut builder = Builder { tree: Tree::new(file), text, malformed, repeated };
        let root = builder.table(table.get_ref(), table.span());
        builder.tree.set_root(root);
        return Parsed::whole(builder.tree, Vec::new());
    }
    let refuse = |range: Range<usize>, message: &str| {
        let place = Span::new(file, range.start, range.end);
        Finding::new(&INVALID_TOML, message).at(place, "here").refuses()
    };
    let values = malformed.iter().map(|(at, message)| refuse(*at..*at + 1, message));
    let repeated = repeated.into_values().flatten().map(|range| refuse(range, REPEATED));
    let errors = errors.iter().map(|error| refuse(error.span().unwrap_or(0..0), error.message()));
    let newer = newer.into_iter().map(|(range, message)| refuse(range, message));
    Parsed::refused(values.chain(repeated).chain(errors).chain(newer).collect())
}

/// The repeated keys below a header, by its place.
type Repeated = BTreeMap<usize, Vec<Range<usize>>>;

/// Takes the errors that a reader only notices if it reads the table of the header above.
fn take_repeated(text: &str, errors: &mut Vec<Error>) -> Repeated {
    let mut repeated = Repeated::new();
    let is_repeated = |error: &Error| {
        error.message() == REPEATED || error.message().starts_with("cannot extend value")
    };
    if !errors.iter().any(is_repeated) {
        return repeated;
    }
    let headers = find_headers(text);
    errors.retain(|error| {
        let Some(key) = error.span().filter(|_| is_repeated(error)) else { return true };
        let header = match header_around(&headers, key.start) {
            None => header_above(&headers, key.start),
            Some(at) => conflicting_header(text, &headers, at).map(|at| headers[at].start),
        };
        let Some(header) = header else { return true };
        repeated.entry(header).or_default().push(key);
        false
    });
    repeated
}

/// The header below which a key has the same name as a part of a later header.
fn conflicting_header(text: &str, headers: &[Range<usize>], at: usize) -> Option<usize> {
    let conflicts = |last: usize| {
        let keys = without_keys_after(text, headers, last);
        let errors = DeTable::parse_recoverable(&keys).1;
        errors.iter().filter_map(Error::span).any(|span| headers[at].contains(&span.start))
    };
    // The keys above all headers are always read, and so are the headers.
    if conflicts(0) {
        return None;
    }
    // Each further table can only add conflicts.
    let (mut without, mut with) = (0, at);
    while with - without > 1 {
        let middle = usize::midpoint(without, with);
        *(if conflicts(middle) { &mut with } else { &mut without }) = middle;
    }
    conflicts(with).then(|| with - 1)
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

/// Turns the parser's values into a tree.
struct Builder<'t> {
    tree: Tree,
    text: &'t str,
    malformed: Malformed,
    repeated: Repeated,
}

impl Builder<'_> {
    fn value(&mut self, value: &DeValue<'_>, range: Range<usize>) -> NodeId {
        if let Some(message) = self.malformed.get(&range.start) {
            let message = message.clone();
            return self.plain(&message, MALFORMED, range);
        }
        match value {
            DeValue::String(s) => self.scalar(s, Style::Text, None, range),
            DeValue::Integer(n) => self.plain(&n.to_string(), WIDE_INT, range),
            DeValue::Float(n) => self.plain(float_text(n.as_str()), FLOAT, range),
            DeValue::Boolean(b) => self.scalar(&b.to_string(), Style::Plain, None, range),
            DeValue::Datetime(d) => self.plain(&d.to_string(), TIME, range),
            DeValue::Array(items) => {
                let items = items.iter().map(|v| self.value(v.get_ref(), v.span())).collect();
                self.node(Body::Sequence(items), None, range)
            }
            DeValue::Table(table) => self.table(table, range),
        }
    }

    fn table(&mut self, table: &DeTable<'_>, range: Range<usize>) -> NodeId {
        let mut entries: Vec<(NodeId, NodeId)> = table
            .iter()
            .map(|(key, value)| {
                let name = self.scalar(key.get_ref(), Style::Text, None, key.span());
                (name, self.value(value.get_ref(), value.span()))
            })
            .collect();
        entries.sort_by_key(|&(key, _)| self.tree.get(key).span);
        let tag = match self.text[range.clone()].chars().next() {
            Some('[') if entries.is_empty() => Some(EMPTY_HEADER),
            Some('{') => Some(INLINE_TABLE),
            _ => None,
        };
        // Of tables with the same header, the innermost is built first.
        let repeated = self.repeated.remove(&range.start);
        let id = self.node(Body::Mapping(entries), tag, range);
        if let Some(keys) = repeated {
            let span = |key: Range<usize>| Span::new(self.tree.file, key.start, key.end);
            let keys = keys.into_iter().map(span).collect();
            self.tree.set_repeated(id, keys);
        }
        id
    }

    /// A value without quotes, which some types parse as it is written.
    fn plain(&mut self, text: &str, tag: &str, range: Range<usize>) -> NodeId {
        let written = &self.text[range.clone()];
        let id = self.scalar(text, Style::Plain, Some(tag), range);
        if written != text {
            self.tree.set_written(id, written);
        }
        id
    }

    fn scalar(
        &mut self,
        text: &str,
        style: Style,
        tag: Option<&str>,
        range: Range<usize>,
    ) -> NodeId {
        self.node(Body::Scalar { text: text.to_owned(), style }, tag, range)
    }

    fn node(&mut self, body: Body, tag: Option<&str>, range: Range<usize>) -> NodeId {
        let span = Span::new(self.tree.file, range.start, range.end);
        self.tree.add(Node { body, tag: tag.map(str::to_owned), span })
    }
}

/// `nan` may have a sign, which Go does not accept.
fn float_text(text: &str) -> &str {
    if text.ends_with("nan") { "nan" } else { text }
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
