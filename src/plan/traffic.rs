//! How recorded traces of a target are decided before and after.

use crate::traces::MissingData;
use std::collections::{BTreeMap, BTreeSet};

/// The decisions about the traffic of a target.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    pub all: Flow,
    /// By the rules that decide before and after; `None` if no rule matches.
    pub by_rules: BTreeMap<[Option<usize>; 2], Flow>,
    /// How many traces crash Refinery, before and after.
    pub crashes: [u64; 2],
    /// How many traces only exist before or after, because the ID fields changed.
    pub alone: [u64; 2],
    /// How many events arrive after the decision about their trace, before and after.
    pub late: [u64; 2],
    /// Data about fields that the samplers use, but that recordings thinned for others lack.
    pub missing: BTreeSet<MissingData>,
    /// How long the traffic took, in nanoseconds, if that is known.
    pub duration: Option<i64>,
}

/// Traces and events, and what is kept of them. A trace that is kept one in n counts as an n-th.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    pub traces: u64,
    /// Spans, span events and links.
    pub events: u64,
    /// Before and after.
    pub kept: [f64; 2],
    pub kept_events: [f64; 2],
    /// Traces that are kept and were dropped, and the reverse: the fewest for which the decision
    /// must change.
    pub gained: f64,
    pub lost: f64,
}

/// How a trace is decided in one state.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    pub rule: Option<usize>,
    /// The probability that it is kept.
    pub kept: f64,
    pub is_crash: bool,
}

impl Traffic {
    pub fn add(&mut self, events: u64, decisions: [Decision; 2]) {
        let flow = Flow::of(events, decisions.map(|decision| decision.kept));
        self.all.add(&flow);
        self.by_rules.entry(decisions.map(|decision| decision.rule)).or_default().add(&flow);
        for (count, decision) in self.crashes.iter_mut().zip(decisions) {
            *count += u64::from(decision.is_crash);
        }
    }

    /// The traces that a rule decides before (0) or after (1).
    pub fn of_rule(&self, side: usize, rule: Option<usize>) -> Flow {
        let mut sum = Flow::default();
        for (_, flow) in self.by_rules.iter().filter(|(rules, _)| rules[side] == rule) {
            sum.add(flow);
        }
        sum
    }

    /// The flips by the rules that decide, most first.
    pub fn flips(&self) -> Vec<([Option<usize>; 2], Flow)> {
        let flips = self.by_rules.iter().filter(|(_, flow)| flow.flips() > 0.0);
        let mut flips: Vec<_> = flips.map(|(rules, flow)| (*rules, *flow)).collect();
        flips.sort_by(|(_, one), (_, other)| other.flips().total_cmp(&one.flips()));
        flips
    }

    /// How many events are kept per day, before and after, if the duration is known.
    pub fn per_day(&self) -> Option<[f64; 2]> {
        const DAY: f64 = 86_400e9;
        let duration = self.duration.filter(|duration| *duration > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let days = duration as f64 / DAY;
        Some(self.all.kept_events.map(|kept| kept / days))
    }
}

impl Flow {
    #[expect(clippy::cast_precision_loss, reason = "a trace has fewer events")]
    fn of(events: u64, kept: [f64; 2]) -> Self {
        let [old, new] = kept;
        Self {
            traces: 1,
            events,
            kept,
            kept_events: kept.map(|kept| kept * events as f64),
            gained: (new - old).max(0.0),
            lost: (old - new).max(0.0),
        }
    }

    fn add(&mut self, other: &Self) {
        self.traces += other.traces;
        self.events += other.events;
        for side in 0..2 {
            self.kept[side] += other.kept[side];
            self.kept_events[side] += other.kept_events[side];
        }
        self.gained += other.gained;
        self.lost += other.lost;
    }

    pub fn flips(&self) -> f64 {
        self.gained + self.lost
    }

    /// A number of these traces as a share from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "shares are rounded")]
    pub fn share(&self, traces: f64) -> f64 {
        if self.traces == 0 { 0.0 } else { traces / self.traces as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(rule: usize, kept: f64) -> Decision {
        Decision { rule: Some(rule), kept, is_crash: false }
    }

    #[test]
    fn counts_by_rules_and_weights_by_events() {
        let mut traffic = Traffic::default();
        traffic.add(10, [decided(0, 1.0), decided(1, 0.0)]);
        traffic.add(2, [decided(1, 0.1), decided(1, 0.5)]);
        traffic.add(4, [decided(0, 1.0), decided(0, 1.0)]);
        let all = traffic.all;
        assert_eq!((all.traces, all.events), (3, 16));
        assert_eq!(format!("{:?} {:?}", all.kept, all.kept_events), "[2.1, 1.5] [14.2, 5.0]");
        assert_eq!(format!("{} {}", all.lost, all.gained), "1 0.4");
        let flips: Vec<_> = traffic.flips().into_iter().map(|(rules, _)| rules).collect();
        assert_eq!(flips, [[Some(0), Some(1)], [Some(1), Some(1)]]);
        assert_eq!(traffic.of_rule(0, Some(0)).traces, 2);
        assert_eq!(traffic.of_rule(1, Some(1)).traces, 2);
        assert_eq!(format!("{}", all.share(1.5)), "0.5");
    }

    #[test]
    fn events_per_day_need_a_duration() {
        let mut traffic = Traffic::default();
        traffic.add(3, [decided(0, 1.0), decided(0, 0.5)]);
        assert_eq!(traffic.per_day(), None);
        traffic.duration = Some(0);
        assert_eq!(traffic.per_day(), None);
        traffic.duration = Some(3_600_000_000_000);
        assert_eq!(traffic.per_day(), Some([72.0, 36.0]));
    }
}
