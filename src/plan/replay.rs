//! Passes recorded traffic of a target through the samplers of both states, in one pass.

use super::side::Side;
use super::target_plan::TargetPlan;
use super::traffic::{Decision, Traffic};
use crate::engine::{Keep, KeyFields, ReadFields, Trace};
use crate::pipeline::parallel::map;
use crate::traces::{
    BadInput, Grouped, Input, Intake, MOST_KEPT, Matched, Route, Run, TraceResult,
};
use std::collections::HashMap;
use std::io::Read;

/// The number of traces that are matched at once.
const PIECE: usize = 4096;

/// Recorded traffic of a target on its way through the samplers before and after.
pub struct Replay<'t> {
    runs: [Run<'t>; 2],
    route: Route,
    /// What both samplers read.
    read: ReadFields,
    intakes: [Intake; 2],
    /// Whether events arrive differently before and after.
    differs_at_ingest: bool,
    /// Spans of exports and batches, whose traces are complete at the end.
    grouped: [Grouped; 2],
    clock: Clock,
    traffic: Traffic,
}

/// What is known of a trace before earlier traces matter.
struct Prepared {
    events: u64,
    time: Option<i64>,
    /// `None` if the trace does not exist in that state.
    matched: [Option<Matched>; 2],
}

impl<'t> Replay<'t> {
    /// `interval` is the time between two traces that have no times, in nanoseconds.
    pub fn new(target: &'t TargetPlan, sides: [&Side<'_>; 2], route: Route, interval: i64) -> Self {
        let [old, new] = &target.specs;
        let read = ReadFields::of_target(old).and(ReadFields::of_target(new));
        // If Refinery crashes while it looks for the fields, it crashes on the first trace as well.
        let keys = [old, new].map(|spec| KeyFields::of_target(spec).unwrap_or_default());
        let differs_at_ingest = keys[0] != keys[1] || sides[0].ids != sides[1].ids;
        let [old_keys, new_keys] = keys;
        let intakes = [(sides[0], old_keys), (sides[1], new_keys)]
            .map(|(side, keys)| Intake::new(side.ids.clone(), keys, read.clone()));
        let [old_name, new_name] = &target.decided_by;
        let runs = [Run::new(old_name, old, 0), Run::new(new_name, new, 0)];
        Self {
            runs,
            route,
            read,
            intakes,
            differs_at_ingest,
            grouped: [Grouped::default(), Grouped::default()],
            clock: Clock::new(interval),
            traffic: Traffic::default(),
        }
    }

    /// Reads a stream of traces.
    ///
    /// # Errors
    /// It cannot be read, has no valid traces, or needs too much memory.
    pub fn add(&mut self, stream: Box<dyn Read + '_>) -> Result<(), BadInput> {
        let mut input = Input::open(stream)?;
        if input.has_events() { self.add_events(&mut input) } else { self.add_lines(&mut input) }
    }

    /// Traces are read and matched by all processors, and decided in order.
    fn add_lines(&mut self, input: &mut Input<'_>) -> Result<(), BadInput> {
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                return Ok(());
            }
            let (runs, route) = (&self.runs, self.route);
            let prepared = map(&parts, |part| {
                let read = self.read.clone();
                let traces = part.traces(route, &read).into_iter();
                let prepare = |trace: Trace| prepare(runs, [Some(&trace), Some(&trace)]);
                traces.map(|trace| trace.map(prepare)).collect::<Vec<_>>()
            });
            for prepared in prepared.into_iter().flatten() {
                self.settle(prepared?);
            }
        }
    }

    /// Events of a trace may be anywhere, so that all are read before the first decision.
    fn add_events(&mut self, input: &mut Input<'_>) -> Result<(), BadInput> {
        let sides = if self.differs_at_ingest { 2 } else { 1 };
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                return Ok(());
            }
            for (grouped, intake) in self.grouped.iter_mut().zip(&self.intakes).take(sides) {
                for arrivals in map(&parts, |part| part.arrivals(&intake.clone())) {
                    arrivals?.into_iter().for_each(|arrival| grouped.add(arrival));
                }
            }
            if self.grouped.iter().map(Grouped::size).sum::<usize>() > MOST_KEPT {
                return Err(BadInput::TooMuch { most: MOST_KEPT });
            }
        }
    }

    /// Decides the traces of exports and batches, and returns the result.
    ///
    /// # Errors
    /// There is no trace.
    pub fn finish(mut self) -> Result<Traffic, BadInput> {
        let [old, new] = std::mem::take(&mut self.grouped).map(Grouped::into_traces);
        let mut pairs = self.pair(old, new);
        // Refinery decides a trace when it is complete.
        pairs.sort_by_key(|pair| pair.iter().flatten().filter_map(|trace| trace.time).max());
        for pairs in pairs.chunks(PIECE) {
            let (runs, differs) = (&self.runs, self.differs_at_ingest);
            let prepared = map(pairs, |[old, new]| {
                let new = if differs { new } else { old };
                prepare(runs, [old.as_ref(), new.as_ref()])
            });
            for prepared in prepared {
                self.settle(prepared);
            }
        }
        self.traffic.duration = self.clock.duration();
        if self.traffic.all.traces == 0 { Err(BadInput::Empty) } else { Ok(self.traffic) }
    }

    /// The traces of both states by their IDs. If events arrive the same, only the first is there.
    fn pair(&self, old: Vec<Trace>, new: Vec<Trace>) -> Vec<[Option<Trace>; 2]> {
        if !self.differs_at_ingest {
            return old.into_iter().map(|trace| [Some(trace), None]).collect();
        }
        let mut rest: HashMap<String, Trace> =
            new.into_iter().map(|trace| (trace.id.clone(), trace)).collect();
        let pair = |trace: Trace| [rest.remove(&trace.id), Some(trace)];
        let mut pairs: Vec<_> = old.into_iter().map(pair).map(|[new, old]| [old, new]).collect();
        let mut alone: Vec<Trace> = rest.into_values().collect();
        alone.sort_by(|one, other| one.id.cmp(&other.id));
        pairs.extend(alone.into_iter().map(|trace| [None, Some(trace)]));
        pairs
    }

    fn settle(&mut self, prepared: Prepared) {
        let now = self.clock.advance(prepared.time);
        let [old, new] = &prepared.matched;
        self.traffic.alone[0] += u64::from(new.is_none());
        self.traffic.alone[1] += u64::from(old.is_none());
        let [old, new] = prepared.matched;
        let [old_run, new_run] = &mut self.runs;
        // Events without a trace are not sampled.
        let unsampled = Decision { rule: None, kept: 1.0, is_crash: false };
        let decide = |run: &mut Run<'_>, matched: Option<Matched>| {
            matched.map_or(unsampled, |matched| decision(&run.settle_at(matched, now)))
        };
        let decisions = [decide(old_run, old), decide(new_run, new)];
        self.traffic.add(prepared.events, decisions);
    }
}

fn prepare(runs: &[Run<'_>; 2], traces: [Option<&Trace>; 2]) -> Prepared {
    let any = traces[1].or(traces[0]);
    let [old, new] = traces;
    Prepared {
        events: any.map_or(0, |trace| trace.spans().len() as u64),
        time: any.and_then(|trace| trace.time),
        matched: [
            old.map(|trace| runs[0].find_match(trace, false)),
            new.map(|trace| runs[1].find_match(trace, false)),
        ],
    }
}

#[expect(clippy::cast_precision_loss, reason = "rates are smaller")]
fn decision(result: &TraceResult) -> Decision {
    match &result.outcome {
        Ok(decided) => {
            let kept = match decided.keep {
                Keep::Yes => 1.0,
                Keep::No => 0.0,
                Keep::Chance => 1.0 / decided.rate as f64,
            };
            Decision { rule: decided.rule, kept, is_crash: false }
        }
        Err(_) => Decision { rule: None, kept: 0.0, is_crash: true },
    }
}

/// The time of the recording: that of its traces, or else a fixed interval between them.
struct Clock {
    interval: i64,
    now: i64,
    /// The first and the last time of traces.
    span: Option<(i64, i64)>,
    traces: i64,
    /// How many of them have a time.
    timed: i64,
}

impl Clock {
    fn new(interval: i64) -> Self {
        Self { interval, now: 0, span: None, traces: 0, timed: 0 }
    }

    /// The time since the start when the next trace is decided. It never goes back.
    fn advance(&mut self, time: Option<i64>) -> i64 {
        let first = self.traces == 0;
        self.traces += 1;
        match time {
            Some(time) => {
                self.timed += 1;
                let (from, to) = self.span.unwrap_or((time, time));
                self.span = Some((from.min(time), to.max(time)));
                self.now = self.now.max(time.saturating_sub(from));
            }
            None if first => {}
            None => self.now = self.now.saturating_add(self.interval),
        }
        self.now
    }

    /// How long the recording took, if all traces tell, or an interval was given.
    fn duration(&self) -> Option<i64> {
        let recorded = self.span.filter(|_| self.timed == self.traces).map(|(from, to)| to - from);
        let given = self.interval.saturating_mul(self.traces);
        recorded.or((self.timed == 0).then_some(given)).filter(|duration| *duration > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_follows_the_traces() {
        let mut clock = Clock::new(7);
        let times = [Some(100), Some(105), Some(103), Some(120)];
        let seen: Vec<i64> = times.into_iter().map(|time| clock.advance(time)).collect();
        assert_eq!((seen, clock.duration()), (vec![0, 5, 5, 20], Some(20)));
    }

    #[test]
    fn the_interval_counts_without_times() {
        let mut clock = Clock::new(7);
        let seen: Vec<i64> = (0..3).map(|_| clock.advance(None)).collect();
        assert_eq!((seen, clock.duration()), (vec![0, 7, 14], Some(21)));
        let mut clock = Clock::new(0);
        clock.advance(None);
        assert_eq!(clock.duration(), None);
        let mut mixed = Clock::new(7);
        mixed.advance(None);
        mixed.advance(Some(100));
        assert_eq!(mixed.duration(), None);
    }
}
