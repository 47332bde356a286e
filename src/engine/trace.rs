//! A trace as a sampler sees it: its id, its spans, and which span is its root.
//!
//! A span is its fields. Span events and span links are spans here: they stand in the trace and
//! count as descendants. Must not know rules or keys.

use super::fields::Fields;

/// One trace at the moment of its decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    pub id: String,
    spans: Vec<Fields>,
    root: Option<usize>,
}

impl Trace {
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), spans: Vec::new(), root: None }
    }

    pub fn push(&mut self, span: Fields) {
        self.spans.push(span);
    }

    /// Of several roots the last counts.
    pub fn push_root(&mut self, span: Fields) {
        self.root = Some(self.spans.len());
        self.spans.push(span);
    }

    /// All spans in the order of their arrival, the root among them.
    pub fn spans(&self) -> &[Fields] {
        &self.spans
    }

    pub fn root(&self) -> Option<&Fields> {
        self.spans.get(self.root?)
    }

    /// How many spans there are: the engine counts the root as its own descendant.
    pub fn descendants(&self) -> i64 {
        i64::try_from(self.spans.len()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fields::Name;
    use crate::engine::value::Value;

    #[test]
    fn the_last_root_counts() {
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
