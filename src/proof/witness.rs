//! Builds a trace from the values that a search has found.

use super::formula::{Shape, Source};
use super::space::{NameId, Space};
use crate::engine::{Fields, Trace, Value};
use std::collections::BTreeMap;

/// The most spans of a trace: more than Refinery collects by default (`SpanLimit`).
const MAX_SPANS: usize = 40_000;

/// The trace in which each source has its value; `None` if values conflict or it would be too long.
pub fn build(
    space: &Space,
    shape: Shape,
    values: &BTreeMap<Source, Value>,
    without_json: impl IntoIterator<Item = usize>,
) -> Option<Trace> {
    let mut spans = vec![BTreeMap::new(); shape.spans];
    let (mut count, mut id) = (shape.spans, "witness");
    for (source, value) in values {
        match (*source, value) {
            (Source::Count, Value::Int(n)) => count = usize::try_from(*n).ok()?,
            (Source::TraceId, Value::Text(text)) => id = text,
            (Source::Field(span, name), _) => {
                spans.get_mut(span)?.insert(space.name(name).to_owned(), value.clone());
            }
            _ => {}
        }
    }
    let is_nested = |(source, _): &(&Source, &Value)| matches!(source, Source::Nested(..));
    let mut nested: Vec<_> = values.iter().filter(is_nested).collect();
    // What contains others comes first.
    nested.sort_by_key(|(source, _)| match source {
        Source::Nested(_, path) => space.name(*path).len(),
        _ => 0,
    });
    for (source, value) in nested {
        if let Source::Nested(span, path) = source {
            insert_nested(spans.get_mut(*span)?, space, *path, value)?;
        }
    }
    for span in without_json {
        let span = spans.get_mut(span)?;
        if span.values().all(Value::is_finite) {
            span.insert(unused_name(space), Value::Float(f64::NAN));
        }
    }
    if count > MAX_SPANS {
        return None;
    }
    let spans: Vec<_> = spans.into_iter().map(Fields::new).collect();
    // An additional copy of a span only changes their number.
    let copies = spans.last().cloned().into_iter().cycle().take(count.saturating_sub(shape.spans));
    let mut trace = Trace::new(id);
    for (number, span) in spans.iter().cloned().chain(copies).enumerate() {
        if number == 0 && shape.has_root {
            trace.push_root(span);
        } else {
            trace.push(span);
        }
    }
    Some(if space.metadata.is_some() { trace.with_metadata() } else { trace })
}

/// A name that no rule contains.
fn unused_name(space: &Space) -> String {
    let mut name = String::from("nan");
    while space.name_id_of(&name).is_some() {
        name.push('_');
    }
    name
}

/// Inserts a value at a path; `None` if a key of it already has a value.
fn insert_nested(
    span: &mut BTreeMap<String, Value>,
    space: &Space,
    path: NameId,
    value: &Value,
) -> Option<()> {
    let keys = keys(space.name(path));
    let (first, rest) = keys.split_first()?;
    let value = match (span.get(first), rest) {
        (None, []) => value.clone(),
        (None, _) => Value::Map(with(&Fields::default(), rest, value)?),
        (Some(Value::Map(inner)), [_, ..]) => Value::Map(with(inner, rest, value)?),
        _ => return None,
    };
    span.insert(first.clone(), value);
    Some(())
}

/// The keys of a path, with a letter for each wildcard. `#` and numbers are keys as well, in a mapping.
/// If a path means something else, the trace is not confirmed.
fn keys(path: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        let part = match c {
            '.' | '|' => {
                keys.push(String::new());
                continue;
            }
            '*' | '?' => Some('q'),
            '\\' => chars.next(),
            c => Some(c),
        };
        if let Some(key) = keys.last_mut() {
            key.extend(part);
        }
    }
    keys
}

fn with(fields: &Fields, path: &[String], value: &Value) -> Option<Fields> {
    let (key, rest) = path.split_first()?;
    let present = fields.iter().find(|(name, _)| name == key).map(|(_, value)| value);
    let inner = match (rest, present) {
        ([], None) => value.clone(),
        ([_, ..], None) => Value::Map(with(&Fields::default(), rest, value)?),
        ([_, ..], Some(Value::Map(inner))) => Value::Map(with(inner, rest, value)?),
        _ => return None,
    };
    let others = fields.iter().map(|(name, value)| (name.to_owned(), value.clone()));
    Some(Fields::new(others.chain([(key.clone(), inner)])))
}
