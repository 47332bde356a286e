//! A goal of events per second, distributed evenly among the keys of a moving window.

use super::blocks::Blocks;
use super::rates::Rates;
use super::ticker::{Ticker, seconds};
use super::total::share_evenly;
use super::{Nanos, key_limit, or_default};
use crate::engine::crash::Crash;
use crate::engine::spec::WindowedThroughputSpec;
use crate::value::Duration;

/// The sampler behind `WindowedThroughputSampler`.
#[derive(Clone, Debug)]
pub struct Windowed {
    goal: i64,
    update: Duration,
    /// A multiple of the update interval.
    lookback: Duration,
    blocks: Blocks,
    rates: Rates,
    ticker: Ticker,
}

impl Windowed {
    pub fn start(spec: &WindowedThroughputSpec, now: Nanos) -> Result<Self, Crash> {
        let update = or_default(spec.update_frequency, Duration(1_000_000_000));
        // Go's arithmetic wraps.
        let lookback = or_default(spec.lookback_frequency, Duration(update.0.wrapping_mul(30)));
        Ok(Self {
            goal: or_default(spec.throughput.goal_per_second, 100),
            ticker: Ticker::start(update, now)?,
            update,
            lookback: Duration(lookback.0 - lookback.0 % update.0),
            blocks: Blocks::new(key_limit(spec.key.max_keys)),
            rates: Rates::new(),
        })
    }

    pub fn set_goal(&mut self, per_second: i64, now: Nanos) {
        self.advance(now);
        self.goal = per_second;
    }

    /// Keys without a rate are kept.
    pub fn rate(&mut self, key: &str, events: i64, now: Nanos) -> i64 {
        self.advance(now);
        if !self.blocks.add(key, now / self.update.0, events) {
            return 0;
        }
        self.rates.get(key).copied().unwrap_or(0)
    }

    fn advance(&mut self, now: Nanos) {
        if let Some(ticks) = self.ticker.take(now) {
            // Only the result of the last tick matters.
            self.recompute(ticks.last);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
    fn recompute(&mut self, now: Nanos) {
        let window = self.lookback.0 / self.update.0;
        let counts = self.blocks.look_back(now / self.update.0, window);
        self.rates = share_evenly(self.goal as f64 * seconds(self.lookback), counts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::{KeySpec, ThroughputSpec};

    const SECOND: Nanos = 1_000_000_000;

    fn start(lookback: Nanos, max_keys: i64) -> Windowed {
        let spec = WindowedThroughputSpec {
            throughput: ThroughputSpec { goal_per_second: 10, use_cluster_size: false },
            update_frequency: Duration(SECOND),
            lookback_frequency: Duration(lookback),
            key: KeySpec { max_keys, ..KeySpec::default() },
        };
        Windowed::start(&spec, 0).unwrap()
    }

    #[test]
    fn the_window_is_a_multiple_of_the_update_interval() {
        let mut sampler = start(2_900_000_000, 0);
        assert_eq!(sampler.rate("a", 100, 0), 0);
        assert_eq!(sampler.rate("a", 100, SECOND), 5);
        assert_eq!(sampler.rate("a", 0, 2 * SECOND), 10);
        assert_eq!(sampler.rate("a", 0, 3 * SECOND), 5);
        assert_eq!(sampler.rate("a", 0, 4 * SECOND), 1);
    }

    #[test]
    fn a_window_shorter_than_an_update_keeps_all() {
        for lookback in [SECOND - 1, -3 * SECOND] {
            let mut sampler = start(lookback, 0);
            sampler.rate("a", 1000, 0);
            assert_eq!(sampler.rate("a", 1000, SECOND), 0, "{lookback}");
        }
    }

    #[test]
    fn sampling_is_off_when_the_keys_are_full() {
        let mut sampler = start(30 * SECOND, 2);
        sampler.rate("a", 100_000, 0);
        assert!(sampler.rate("a", 1, SECOND) > 1);
        sampler.rate("b", 1, SECOND);
        assert_eq!(sampler.rate("a", 1, 2 * SECOND), 0);
    }

    #[test]
    fn negative_intervals_crash() {
        let update_frequency = Duration(-1);
        let spec = WindowedThroughputSpec { update_frequency, ..WindowedThroughputSpec::default() };
        assert_eq!(Windowed::start(&spec, 0).unwrap_err(), Crash::NegativeInterval);
    }
}
