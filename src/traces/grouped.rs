//! Spans grouped into traces, in the order in which the traces begin.

use crate::engine::Trace;
use crate::engine::ingest::Arrival;
use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// The most memory that the traces of exports and batches may need, in bytes.
pub const MOST_KEPT: usize = 128 << 20;

/// Traces by ID.
#[derive(Default)]
pub struct Grouped {
    traces: IndexMap<String, Trace, RandomState>,
    /// About how many bytes they need.
    size: usize,
}

impl Grouped {
    /// About how many bytes the traces need.
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn add(&mut self, arrival: Arrival) {
        let Arrival { trace_id, is_root, fields, time } = arrival;
        self.size += trace_id.len() + fields.size();
        let trace = self.traces.entry(trace_id).or_insert_with_key(|id| Trace::new(id.as_str()));
        trace.time = trace.time.max(time);
        if is_root { trace.push_root(fields) } else { trace.push(fields) }
    }

    pub fn into_traces(self) -> Vec<Trace> {
        self.traces.into_values().collect()
    }
}
