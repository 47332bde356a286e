//! Parses JSON into a spanned tree.
//!
//! `serde_json` decides whether the text is valid; `jsonc-parser`, in its strictest mode, provides the
//! places. Refinery reads every JSON number as a float, so the tree does too.

use super::Parsed;
use super::tree::{Body, FLOAT, Node, NodeId, Style, Tree};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::borrow::Cow;

check!(
    INVALID_JSON,
    "syntax/invalid-json",
    Error,
    kind: Verdict,
    "the file is not valid JSON",
    "A new process exits before it opens a port. Running processes keep the old configuration and \
     only log an error."
);

/// Parses a JSON text.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let first = values.next();
    let end = match first {
        Some(Err(error)) => return Parsed::refused(vec![describe(file, text, &error)]),
        Some(Ok(_)) => values.byte_offset(),
        None => text.len(),
    };
    // An empty text has no value.
    let whole = serde_json::from_str::<serde::de::IgnoredAny>(text).err();
    let fault = whole.map(|error| describe(file, text, &error));
    match parse_to_ast(
        &replace_lone_surrogates(&text[..end]),
        &CollectOptions::default(),
        &strict(),
    ) {
        Ok(ast) => {
            let mut tree = Tree::new(file);
            tree.allows_duplicates = true;
            let Some(value) = ast.value else {
                return Parsed::refused(fault.into_iter().collect());
            };
            let root = add(&mut tree, &value);
            tree.set_root(root);
            Parsed { remainder: fault, ..Parsed::whole(tree, Vec::new()) }
        }
        Err(error) => {
            let range = error.range();
            Parsed::refused(vec![refuse(file, range.start..range.end, &error.kind().to_string())])
        }
    }
}

fn describe(file: FileId, text: &str, error: &serde_json::Error) -> Finding {
    let at = offset(text, error.line(), error.column());
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let len = text[at..].chars().next().map_or(0, char::len_utf8);
    refuse(file, at..at + len, message)
}

/// Go reads half of a surrogate pair as U+FFFD. Every place stays the same.
fn replace_lone_surrogates(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut replaced = Cow::Borrowed(text);
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += next;
        match (unit(at), unit(at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(0xD800..=0xDFFF), _) => {
                replaced.to_mut().replace_range(at + 2..at + 6, "fffd");
                at += 6;
            }
            _ => at += 2,
        }
    }
    replaced
}

fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn refuse(file: FileId, at: std::ops::Range<usize>, message: &str) -> Finding {
    Finding::new(&INVALID_JSON, message).at(Span::new(file, at.start, at.end), "here").refuses()
}

/// The offset of a one-based line and byte column, as `serde_json` counts them.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(text.len());
    // The column counts bytes and may be within a character.
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
}

fn add(tree: &mut Tree, value: &Value<'_>) -> NodeId {
    let (body, tag) = match value {
        Value::StringLit(lit) => (text(&lit.value, Style::Text), None),
        Value::NumberLit(lit) => (text(lit.value, Style::Plain), Some(FLOAT)),
        Value::BooleanLit(lit) => {
            (text(if lit.value { "true" } else { "false" }, Style::Plain), None)
        }
        Value::NullKeyword(_) => (text("null", Style::Plain), None),
        Value::Array(array) => {
            (Body::Sequence(array.elements.iter().map(|v| add(tree, v)).collect()), None)
        }
        Value::Object(object) => {
            let pair = |property: &ObjectProp<'_>| {
                let key = leaf(tree, property.name.as_str(), property.name.range());
                (key, add(tree, &property.value))
            };
            (Body::Mapping(object.properties.iter().map(pair).collect()), None)
        }
    };
    let span = span(tree, value.range());
    tree.add(Node { body, tag: tag.map(str::to_owned), span })
}

fn leaf(tree: &mut Tree, name: &str, range: Range) -> NodeId {
    let span = span(tree, range);
    tree.add(Node { body: text(name, Style::Text), tag: None, span })
}

fn text(text: &str, style: Style) -> Body {
    Body::Scalar { text: text.to_owned(), style }
}

fn span(tree: &Tree, range: Range) -> Span {
    Span::new(tree.file, range.start, range.end)
}

#[cfg(test)]
mod tests {
    use super::replace_lone_surrogates;

    #[test]
    fn halves_of_surrogate_pairs_are_replaced() {
        for (text, replaced) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83dx""#, r#""\ufffdx""#),
            (r#""\ud83d\n\ude00""#, r#""\ufffd\n\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\ud83d é""#, r#""\\ud83d é""#),
        ] {
            assert_eq!(replace_lone_surrogates(text), replaced, "{text}");
        }
    }
}
