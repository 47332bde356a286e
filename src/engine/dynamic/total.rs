//! A goal of events per second, distributed evenly among the keys of the last interval.

use super::counts::Counts;
use super::rates::{Rates, at_least_one};
use super::ticker::{Ticker, seconds};
use super::{Nanos, key_limit, or_default};
use crate::engine::convert::truncate;
use crate::engine::crash::Crash;
use crate::engine::spec::TotalThroughputSpec;
use crate::value::Duration;

/// The sampler behind `TotalThroughputSampler`.
#[derive(Clone, Debug)]
pub struct Total {
    goal: i64,
    period: Duration,
    counts: Counts,
    rates: Rates,
    ticker: Ticker,
}

impl Total {
    pub fn start(spec: &TotalThroughputSpec, now: Nanos) -> Result<Self, Crash> {
        let period = or_default(spec.clear_frequency, Duration(30_000_000_000));
        Ok(Self {
            goal: or_default(spec.throughput.goal_per_second, 100),
            period,
            counts: Counts::new(key_limit(spec.key.max_keys)),
            rates: Rates::new(),
            ticker: Ticker::start(period, now)?,
        })
    }

    pub fn set_goal(&mut self, per_second: i64, now: Nanos) {
        self.advance(now);
        self.goal = per_second;
    }

    pub fn rate(&mut self, key: &str, events: i64, now: Nanos) -> i64 {
        self.advance(now);
        self.counts.add(key, events);
        self.rates.get(key).copied().unwrap_or(1)
    }

    fn advance(&mut self, now: Nanos) {
        if let Some(ticks) = self.ticker.take(now) {
            self.update();
            if ticks.count > 1 {
                self.update();
            }
        }
    }

    /// An interval without traffic resets all rates.
    #[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
    fn update(&mut self) {
        let goal = self.goal as f64 * seconds(self.period);
        self.rates = share_evenly(goal, self.counts.take());
    }
}

/// The rate at which each key stays within its even share of the goal.
#[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
pub fn share_evenly(goal: f64, counts: Vec<(Box<str>, i64)>) -> Rates {
    let share = goal / counts.len() as f64;
    counts
        .into_iter()
        .map(|(key, count)| (key, truncate(at_least_one(count as f64 / share))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::ThroughputSpec;

    fn start(goal_per_second: i64) -> Total {
        let throughput = ThroughputSpec { goal_per_second, use_cluster_size: false };
        let clear_frequency = Duration(1_000_000_000);
        let spec =
            TotalThroughputSpec { throughput, clear_frequency, ..TotalThroughputSpec::default() };
        Total::start(&spec, 0).unwrap()
    }

    #[test]
    fn shares_evenly_and_rounds_down() {
        let mut sampler = start(10);
        assert_eq!(sampler.rate("a", 99, 0), 1);
        assert_eq!(sampler.rate("b", 4, 0), 1);
        assert_eq!(sampler.rate("a", 1, 1_000_000_000), 19);
        assert_eq!(sampler.rate("b", 1, 1_000_000_000), 1);
        assert_eq!(sampler.rate("a", 1, 3_000_000_000), 1);
    }

    #[test]
    fn zero_means_100_and_a_negative_goal_keeps_all() {
        for (goal, rate) in [(0, 10), (-1, 1)] {
            let mut sampler = start(goal);
            sampler.rate("a", 1000, 0);
            assert_eq!(sampler.rate("a", 1, 1_000_000_000), rate, "{goal}");
        }
    }

    #[test]
    fn negative_intervals_crash() {
        let spec =
            TotalThroughputSpec { clear_frequency: Duration(-1), ..TotalThroughputSpec::default() };
        assert_eq!(Total::start(&spec, 0).unwrap_err(), Crash::NegativeInterval);
    }
}
