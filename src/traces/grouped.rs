//! Spans grouped into traces, in the order in which the traces begin.

use crate::engine::ingest::Arrival;
use crate::engine::timing::Timing;
use crate::engine::{Fields, Trace};
use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// The most memory that the traces of exports and batches may need, in bytes.
pub const MOST_KEPT: usize = 128 << 20;

/// Spans by trace ID.
#[derive(Default)]
pub struct Grouped {
    traces: IndexMap<String, Vec<Waiting>, RandomState>,
    /// About how many bytes they need.
    size: usize,
}

/// A span whose trace is not decided yet.
struct Waiting {
    time: Option<i64>,
    is_root: bool,
    fields: Fields,
}

impl Grouped {
    /// About how many bytes the traces need.
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn add(&mut self, arrival: Arrival) {
        let Arrival { trace_id, is_root, fields, time } = arrival;
        self.size += trace_id.len() + fields.size();
        self.traces.entry(trace_id).or_default().push(Waiting { time, is_root, fields });
    }

    /// The traces when they are decided.
    pub fn into_traces(self, timing: Timing) -> Vec<Trace> {
        self.traces.into_iter().map(|(id, spans)| decided(id, spans, timing)).collect()
    }
}

/// If the time of a span is unknown, all spans of its trace are there.
fn decided(id: String, spans: Vec<Waiting>, timing: Timing) -> Trace {
    let mut trace = Trace::new(id);
    let times: Option<Vec<(i64, bool)>> =
        spans.iter().map(|span| Some((span.time?, span.is_root))).collect();
    let until = times.and_then(|times| timing.decided_at(times.into_iter()));
    trace.time = until.or_else(|| spans.iter().filter_map(|span| span.time).max());
    for Waiting { time, is_root, fields } in spans {
        if until.is_some_and(|until| time > Some(until)) {
            trace.late += 1;
        } else if is_root {
            trace.push_root(fields);
        } else {
            trace.push(fields);
        }
    }
    trace
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Duration;

    fn traces(spans: &[(&str, Option<i64>, bool)]) -> Vec<Trace> {
        let mut grouped = Grouped::default();
        for &(id, time, is_root) in spans {
            let (trace_id, fields) = (id.to_owned(), Fields::default());
            grouped.add(Arrival { trace_id, is_root, fields, time });
        }
        let (send_delay, trace_timeout) = (Duration(10), Duration(100));
        grouped.into_traces(Timing { send_delay, trace_timeout, span_limit: 0 })
    }

    #[test]
    fn late_spans_are_not_part_of_the_decision() {
        let spans = [
            ("b", Some(5), false),
            ("a", Some(1), true),
            ("b", Some(200), true),
            ("a", Some(11), false),
            ("a", Some(12), false),
        ];
        let seen: Vec<_> = traces(&spans)
            .into_iter()
            .map(|t| (t.id.clone(), t.time, t.descendants(), t.root().is_some(), t.late))
            .collect();
        assert_eq!(
            seen,
            [("b".to_owned(), Some(105), 1, false, 1), ("a".to_owned(), Some(11), 2, true, 1)]
        );
    }

    #[test]
    fn without_all_times_a_trace_is_complete() {
        let found = traces(&[("a", Some(1), true), ("a", None, false), ("a", Some(500), false)]);
        assert_eq!((found[0].time, found[0].descendants(), found[0].late), (Some(500), 3, 0));
    }
}
