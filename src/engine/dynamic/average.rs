//! A goal for the average rate, computed from the counts of the last interval.

use super::counts::Counts;
use super::log10::log10;
use super::rates::{Rates, share_out};
use super::ticker::Ticker;
use super::{Nanos, key_limit, or_default};
use crate::engine::crash::Crash;
use crate::engine::spec::DynamicSpec;
use crate::value::Duration;

/// The sampler behind `DynamicSampler`.
#[derive(Clone, Debug)]
pub struct Average {
    goal: i64,
    counts: Counts,
    rates: Rates,
    /// Until the end of the first interval with traffic, every key has the goal as its rate.
    has_data: bool,
    ticker: Ticker,
}

impl Average {
    pub fn start(spec: &DynamicSpec, now: Nanos) -> Result<Self, Crash> {
        let period = or_default(spec.clear_frequency, Duration(30_000_000_000));
        Ok(Self {
            goal: or_default(spec.sample_rate, 10),
            counts: Counts::new(key_limit(spec.key.max_keys)),
            rates: Rates::new(),
            has_data: false,
            ticker: Ticker::start(period, now)?,
        })
    }

    pub fn rate(&mut self, key: &str, events: i64, now: Nanos) -> i64 {
        if let Some(ticks) = self.ticker.take(now) {
            self.update();
            if ticks.count > 1 {
                self.update();
            }
        }
        self.counts.add(key, events);
        if !self.has_data {
            return self.goal;
        }
        self.rates.get(key).copied().unwrap_or(1)
    }

    /// An interval without traffic resets all rates.
    #[expect(clippy::cast_precision_loss, reason = "Refinery counts in floating point")]
    fn update(&mut self) {
        let counts = self.counts.take();
        let counts: Vec<_> = counts.into_iter().map(|(key, n)| (key, n as f64)).collect();
        if counts.is_empty() {
            self.rates.clear();
            return;
        }
        let sum: f64 = counts.iter().map(|(_, n)| n).sum();
        let logarithms: f64 = counts.iter().map(|(_, n)| log10(*n)).sum();
        self.rates = share_out(sum / self.goal as f64 / logarithms, &counts);
        self.has_data = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    fn start(sample_rate: i64) -> Average {
        let spec = DynamicSpec { sample_rate, ..DynamicSpec::default() };
        Average::start(&spec, 0).unwrap()
    }

    #[test]
    fn zeros_mean_a_rate_of_ten_and_30_seconds() {
        let mut sampler = start(0);
        assert_eq!(sampler.rate("a", 1000, 30 * SECOND - 1), 10);
        assert_eq!(sampler.rate("b", 1, 30 * SECOND), 1);
        assert_eq!(sampler.rate("a", 1, 30 * SECOND), 10);
    }

    #[test]
    fn an_interval_without_traffic_resets_rates() {
        let mut sampler = start(4);
        sampler.rate("a", 1000, 0);
        assert_eq!(sampler.rate("a", 1000, 30 * SECOND), 4);
        assert_eq!(sampler.rate("a", 1000, 90 * SECOND), 1);
    }

    #[test]
    fn negative_intervals_crash() {
        let spec = DynamicSpec { clear_frequency: Duration(-1), ..DynamicSpec::default() };
        assert_eq!(Average::start(&spec, 0).unwrap_err(), Crash::NegativeInterval);
    }
}
