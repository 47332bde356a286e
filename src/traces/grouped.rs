//! Spans grouped into traces, in the order in which the traces begin.

use super::distinct_fields::DistinctFields;
use crate::engine::Trace;
use crate::engine::ingest::Arrival;
use crate::engine::timing::Timing;
use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// The most memory that the traces of exports and batches may need, in bytes.
pub const MOST_KEPT: usize = 128 << 20;

/// Spans by trace ID.
#[derive(Default)]
pub struct Grouped {
    traces: IndexMap<String, Vec<Waiting>, RandomState>,
    fields: DistinctFields,
    /// About how many bytes they need.
    size: usize,
}

/// A span whose trace is not decided yet.
struct Waiting {
    time: Option<i64>,
    is_root: bool,
    /// The number of its fields.
    fields: u32,
}

impl Grouped {
    /// About how many bytes the traces need.
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn is_empty(&self) -> bool {
        self.traces.is_empty()
    }

    pub fn add(&mut self, arrival: Arrival) {
        let Arrival { trace_id, is_root, fields, time } = arrival;
        let (fields, is_new) = self.fields.add(fields);
        let own = is_new.then(|| self.fields.get(fields).size());
        self.size += size_of::<Waiting>() + own.unwrap_or_default();
        let waiting = Waiting { time, is_root, fields };
        if let Some(spans) = self.traces.get_mut(&trace_id) {
            spans.push(waiting);
        } else {
            self.size += trace_id.len() + size_of::<(String, Vec<Waiting>)>();
            self.traces.insert(trace_id, vec![waiting]);
        }
    }

    /// The traces when they are decided, in the order in which they begin.
    pub fn into_traces(self, timing: Timing) -> impl Iterator<Item = Trace> {
        let Self { traces, fields, .. } = self;
        traces.into_iter().map(move |(id, spans)| {
            let until = decided_at(&spans, timing);
            decided(id, &spans, until, &fields)
        })
    }

    /// The same in the order in which they are decided, as far as that is known.
    pub fn into_decided(self, timing: Timing) -> impl Iterator<Item = Trace> {
        let Self { traces, fields, .. } = self;
        let mut all: Vec<(Decision, String, Vec<Waiting>)> =
            traces.into_iter().map(|(id, spans)| (decided_at(&spans, timing), id, spans)).collect();
        all.sort_by_key(|(decision, ..)| decision.time);
        all.into_iter().map(move |(decision, id, spans)| decided(id, &spans, decision, &fields))
    }
}

/// When a trace is decided.
#[derive(Clone, Copy)]
struct Decision {
    time: Option<i64>,
    /// Whether spans may come after that. If the time of a span is unknown, all spans of its trace
    /// are there.
    has_late: bool,
}

fn decided_at(spans: &[Waiting], timing: Timing) -> Decision {
    let times: Option<Vec<(i64, bool)>> =
        spans.iter().map(|span| Some((span.time?, span.is_root))).collect();
    match times.and_then(|times| timing.decided_at(times.into_iter())) {
        Some(until) => Decision { time: Some(until), has_late: true },
        None => Decision { time: spans.iter().filter_map(|span| span.time).max(), has_late: false },
    }
}

fn decided(id: String, spans: &[Waiting], decision: Decision, all: &DistinctFields) -> Trace {
    let mut trace = Trace::new(id);
    trace.time = decision.time;
    for &Waiting { time, is_root, fields } in spans {
        if decision.has_late && time > decision.time {
            trace.late += 1;
        } else if is_root {
            trace.push_root(all.get(fields));
        } else {
            trace.push(all.get(fields));
        }
    }
    trace
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Fields;
    use crate::value::Duration;

    fn traces(spans: &[(&str, Option<i64>, bool)]) -> Vec<Trace> {
        let mut grouped = Grouped::default();
        for &(id, time, is_root) in spans {
            let (trace_id, fields) = (id.to_owned(), Fields::default());
            grouped.add(Arrival { trace_id, is_root, fields, time });
        }
        let (send_delay, trace_timeout) = (Duration(10), Duration(100));
        grouped.into_traces(Timing { send_delay, trace_timeout, span_limit: 0 }).collect()
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
