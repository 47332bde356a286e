//! A trace as a sampler sees it: its ID, its spans, and its root span.
//!
//! Span events and span links are spans here and count as descendants.

use super::ingest::with_metadata;
use super::value::Fields;

/// A trace when it is decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    pub id: String,
    /// When it is decided, in nanoseconds since 1970, if that is known.
    pub time: Option<i64>,
    /// How many spans arrive after that.
    pub late: u64,
    spans: Vec<Fields>,
    root: Option<usize>,
}

impl Trace {
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), time: None, late: 0, spans: Vec::new(), root: None }
    }

    pub fn push(&mut self, span: Fields) {
        self.spans.push(span);
    }

    /// The last of several root spans is used.
    pub fn push_root(&mut self, span: Fields) {
        self.root = Some(self.spans.len());
        self.spans.push(span);
    }

    /// Removes all data, and returns the spans.
    pub fn clear(&mut self) -> impl Iterator<Item = Fields> {
        self.id.clear();
        (self.time, self.late, self.root) = (None, 0, None);
        self.spans.drain(..)
    }

    /// The same trace with changed spans.
    #[must_use]
    pub fn map(self, change: impl FnMut(Fields) -> Fields) -> Self {
        Self { spans: self.spans.into_iter().map(change).collect(), ..self }
    }

    /// The same trace with the metadata that a sampler sees.
    #[must_use]
    pub fn with_metadata(self) -> Self {
        let (root, id) = (self.root, self.id.clone());
        let mut number = 0;
        self.map(|span| {
            let is_root = root == Some(number);
            number += 1;
            with_metadata(&span, &id, is_root)
        })
    }

    /// All spans in the order of arrival, including the root span.
    pub fn spans(&self) -> &[Fields] {
        &self.spans
    }

    pub fn root(&self) -> Option<&Fields> {
        self.spans.get(self.root?)
    }

    /// The number of spans: Refinery counts the root span as its own descendant.
    pub fn descendants(&self) -> i64 {
        i64::try_from(self.spans.len()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::name::Name;
    use crate::engine::value::Value;

    #[test]
    fn the_last_root_is_used() {
        let mut trace = Trace::new("t");
        assert_eq!((trace.root(), trace.descendants()), (None, 0));
        for n in 0..2 {
            trace.push_root(Fields::new([("n".to_owned(), Value::Int(n))]));
        }
        trace.push(Fields::default());
        assert_eq!(trace.root().and_then(|root| root.get(&Name::new("n"))), Some(&Value::Int(1)));
        assert_eq!(trace.descendants(), 3);
    }
}
