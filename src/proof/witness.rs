//! Builds a trace from the values that a search has found.

use super::formula::{Shape, Source};
use super::space::{NameId, Space};
use crate::engine::{Fields, Trace, Value};
use std::collections::BTreeMap;

/// The most spans of a trace: more than Refinery collects by default (`SpanLimit`).
const MAX_SPANS: usize = 40_000;

/// The trace in which each source has its value; `None` if values conflict or it would be too long.
pub fn build(space: &Space, shape: Shape, values: &BTreeMap<Source, Value>) -> Option<Trace> {
    let mut spans = vec![BTreeMap::new(); shape.spans];
    let mut count = shape.spans;
    for (source, value) in values {
        match (*source, value) {
            (Source::Count, Value::Int(n)) => count = usize::try_from(*n).ok()?,
            (Source::Field(span, name), _) => {
                spans.get_mut(span)?.insert(space.name(name).to_owned(), value.clone());
            }
            _ => {}
        }
    }
    for (source, value) in values {
        if let Source::Nested(span, path) = source {
            insert_nested(spans.get_mut(*span)?, space, *path, value)?;
        }
    }
    if count > MAX_SPANS {
        return None;
    }
    let spans: Vec<_> = spans.into_iter().map(Fields::new).collect();
    // An additional copy of a span only changes their number.
    let copies = spans.last().cloned().into_iter().cycle().take(count.saturating_sub(shape.spans));
    let mut trace = Trace::new("witness");
    for (number, span) in spans.iter().cloned().chain(copies).enumerate() {
        if number == 0 && shape.has_root {
            trace.push_root(span);
        } else {
            trace.push(span);
        }
    }
    Some(trace)
}

/// Inserts a value at a path of plain keys; `None` if the path has other syntax, or its first key
/// already has a value.
fn insert_nested(
    span: &mut BTreeMap<String, Value>,
    space: &Space,
    path: NameId,
    value: &Value,
) -> Option<()> {
    let path = space.name(path);
    let Some((first, rest)) = path.split_once('.') else {
        span.insert(path.to_owned(), value.clone());
        return Some(());
    };
    if rest.contains(['*', '?', '\\', '|', '#', '@', '!', '[', '{'])
        || first.contains(['*', '?', '\\', '|', '#', '@', '!', '[', '{'])
    {
        return None;
    }
    let inner = match span.get(first) {
        None => Fields::default(),
        Some(Value::Map(inner)) => inner.clone(),
        Some(_) => return None,
    };
    span.insert(first.to_owned(), Value::Map(with(&inner, rest, value)?));
    Some(())
}

fn with(fields: &Fields, path: &str, value: &Value) -> Option<Fields> {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    let present = fields.iter().find(|(name, _)| *name == key).map(|(_, value)| value);
    let inner = match (rest, present) {
        (None, None) => value.clone(),
        (Some(rest), None) => Value::Map(with(&Fields::default(), rest, value)?),
        (Some(rest), Some(Value::Map(inner))) => Value::Map(with(inner, rest, value)?),
        _ => return None,
    };
    let others = fields.iter().map(|(name, value)| (name.to_owned(), value.clone()));
    Some(Fields::new(others.chain([(key.to_owned(), inner)])))
}
