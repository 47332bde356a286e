//! Spans grouped into traces, in the order in which the traces begin.

use crate::engine::Trace;
use crate::engine::ingest::Arrival;
use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// Traces by ID.
#[derive(Default)]
pub struct Grouped(IndexMap<String, Trace, RandomState>);

impl Grouped {
    pub fn add(&mut self, arrival: Arrival) {
        let Arrival { trace_id, is_root, fields } = arrival;
        let trace = self.0.entry(trace_id).or_insert_with_key(|id| Trace::new(id.as_str()));
        if is_root { trace.push_root(fields) } else { trace.push(fields) }
    }

    pub fn into_traces(self) -> Vec<Trace> {
        self.0.into_values().collect()
    }
}
