//! Exponential moving averages of counts, for a goal of the average rate or of events per second.

use super::counts::Counts;
use super::log10::log10;
use super::rates::{Rates, at_least_one, share_out};
use super::ticker::{Ticker, seconds};
use super::{Nanos, key_limit, or_default};
use crate::engine::crash::Crash;
use crate::engine::spec::{EmaDynamicSpec, EmaSpec, EmaThroughputSpec};
use crate::value::Duration;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The throughput sampler rejects shorter intervals.
const SHORTEST: Duration = Duration(1_000_000);

/// The sampler behind `EMADynamicSampler` and `EMAThroughputSampler`.
#[derive(Clone, Debug)]
pub struct Ema {
    goal: Goal,
    settings: EmaSpec,
    /// The rate of every key until there is an average.
    initial: i64,
    counts: Counts,
    averages: BTreeMap<Box<str>, f64>,
    rates: Rates,
    has_data: bool,
    burst: Burst,
    ticker: Ticker,
}

#[derive(Clone, Copy, Debug)]
enum Goal {
    Rate(i64),
    /// Events per second, and the length of an interval in seconds.
    Throughput(i64, f64),
}

/// Detects a burst of traffic.
#[derive(Clone, Debug, Default)]
struct Burst {
    sum: f64,
    threshold: f64,
    /// Complete intervals since the start, including those without traffic.
    intervals: u64,
}

impl Ema {
    pub fn start_dynamic(spec: &EmaDynamicSpec, now: Nanos) -> Result<Self, Crash> {
        let goal = or_default(spec.goal_sample_rate, 10);
        let settings = with_defaults(&spec.ema);
        Self::start(Goal::Rate(goal), settings, goal, spec.key.max_keys, now)
    }

    /// `None` if it fails to start.
    pub fn start_throughput(spec: &EmaThroughputSpec, now: Nanos) -> Option<Self> {
        let settings = with_defaults(&spec.ema);
        if settings.adjustment_interval < SHORTEST {
            return None;
        }
        let per_second = or_default(spec.throughput.goal_per_second, 100);
        let goal = Goal::Throughput(per_second, seconds(settings.adjustment_interval));
        let initial = or_default(spec.initial_sample_rate, 10);
        Self::start(goal, settings, initial, spec.key.max_keys, now).ok()
    }

    fn start(
        goal: Goal,
        settings: EmaSpec,
        initial: i64,
        max_keys: i64,
        now: Nanos,
    ) -> Result<Self, Crash> {
        Ok(Self {
            goal,
            ticker: Ticker::start(settings.adjustment_interval, now)?,
            settings,
            initial,
            counts: Counts::new(key_limit(max_keys)),
            averages: BTreeMap::new(),
            rates: Rates::new(),
            has_data: false,
            burst: Burst::default(),
        })
    }

    pub fn set_goal(&mut self, per_second: i64, now: Nanos) {
        self.advance(now);
        if let Goal::Throughput(goal, _) = &mut self.goal {
            *goal = per_second;
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "Refinery counts in floating point")]
    pub fn rate(&mut self, key: &str, events: i64, now: Nanos) -> i64 {
        self.advance(now);
        if self.counts.add(key, events) {
            self.burst.sum += events as f64;
        }
        let rate =
            if self.has_data { self.rates.get(key).copied().unwrap_or(1) } else { self.initial };
        // The update happens after this answer, which still has the old rates.
        if self.is_burst() {
            self.ticker.restart(now);
            self.update();
        }
        rate
    }

    fn advance(&mut self, now: Nanos) {
        if let Some(ticks) = self.ticker.take(now) {
            self.update();
            self.burst.intervals += ticks.count;
        }
    }

    fn is_burst(&self) -> bool {
        self.burst.threshold > 0.0
            && self.burst.sum >= self.burst.threshold
            && self.burst.intervals >= self.settings.burst_detection_delay
    }

    /// An interval without traffic changes nothing.
    fn update(&mut self) {
        let counts = self.counts.take();
        if counts.is_empty() {
            return;
        }
        self.burst.sum = 0.0;
        self.move_averages(counts);
        let averages: Vec<_> = self.averages.iter().map(|(key, n)| (key.clone(), *n)).collect();
        let sum: f64 = averages.iter().map(|(_, n)| at_least_one(*n)).sum();
        let logarithms: f64 = averages.iter().map(|(_, n)| log10(at_least_one(*n))).sum();
        self.burst.threshold = sum * self.settings.burst_multiple;
        self.rates = share_out(self.goal_count(sum) / logarithms, &averages);
        self.has_data = true;
    }

    #[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
    fn goal_count(&self, sum: f64) -> f64 {
        match self.goal {
            Goal::Rate(rate) => sum / rate as f64,
            Goal::Throughput(per_second, seconds) => per_second as f64 * seconds,
        }
    }

    /// Known keys are updated first; keys below the age-out value are removed, or never added.
    #[expect(clippy::cast_precision_loss, reason = "Refinery counts in floating point")]
    fn move_averages(&mut self, counts: Vec<(Box<str>, i64)>) {
        let EmaSpec { weight, age_out_value, .. } = self.settings;
        let mut counts: BTreeMap<_, _> = counts.into_iter().collect();
        self.averages.retain(|key, average| {
            let count = counts.remove(key).unwrap_or(0);
            *average = count as f64 * weight + (1.0 - weight) * *average;
            // Like in Refinery, NaN stays.
            f64::partial_cmp(average, &age_out_value) != Some(Ordering::Less)
        });
        for (key, count) in counts {
            let average = count as f64 * weight + (1.0 - weight) * 0.0;
            if average >= age_out_value {
                self.averages.insert(key, average);
            }
        }
    }
}

fn with_defaults(spec: &EmaSpec) -> EmaSpec {
    let weight = or_default(spec.weight, 0.5);
    EmaSpec {
        adjustment_interval: or_default(spec.adjustment_interval, Duration(15_000_000_000)),
        weight,
        age_out_value: or_default(spec.age_out_value, weight),
        burst_multiple: or_default(spec.burst_multiple, 2.0),
        burst_detection_delay: or_default(spec.burst_detection_delay, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Nanos = 15_000_000_000;

    fn dynamic(goal_sample_rate: i64, ema: EmaSpec) -> Ema {
        let spec = EmaDynamicSpec { goal_sample_rate, ema, ..EmaDynamicSpec::default() };
        Ema::start_dynamic(&spec, 0).unwrap()
    }

    #[test]
    fn zero_means_the_default() {
        let mut sampler = dynamic(0, EmaSpec::default());
        assert_eq!(sampler.rate("a", 1000, INTERVAL - 1), 10);
        assert_eq!(sampler.rate("a", 1000, INTERVAL), 10);
        assert_eq!(sampler.rate("b", 1, INTERVAL), 1);
        assert_eq!(
            with_defaults(&EmaSpec { weight: 0.25, ..EmaSpec::default() }),
            EmaSpec {
                adjustment_interval: Duration(INTERVAL),
                weight: 0.25,
                age_out_value: 0.25,
                burst_multiple: 2.0,
                burst_detection_delay: 3,
            }
        );
    }

    #[test]
    fn rare_keys_never_enter_above_the_age_out_value() {
        let ema = EmaSpec { weight: 0.5, age_out_value: 0.9, ..EmaSpec::default() };
        let mut sampler = dynamic(5, ema);
        sampler.rate("rare", 1, 0);
        sampler.rate("often", 1000, 0);
        sampler.rate("rare", 1, INTERVAL);
        assert_eq!(sampler.averages.keys().map(AsRef::as_ref).collect::<Vec<_>>(), ["often"]);
    }

    #[test]
    fn intervals_without_traffic_only_advance_time() {
        let mut sampler = dynamic(5, EmaSpec::default());
        sampler.rate("a", 1000, 0);
        assert_eq!(sampler.rate("a", 1, 9 * INTERVAL), 5);
        assert_eq!(sampler.burst.intervals, 9);
    }

    #[test]
    fn a_burst_updates_immediately_and_restarts_the_ticker() {
        let mut sampler = dynamic(5, EmaSpec::default());
        for n in 0..4 {
            sampler.rate("a", 100, n * INTERVAL);
        }
        let now = 3 * INTERVAL + 7;
        assert_eq!(sampler.averages.len(), 1);
        assert_eq!(sampler.rate("b", 400, now), 1);
        assert_eq!(sampler.averages.len(), 2);
        assert_eq!(sampler.rate("a", 1, 4 * INTERVAL), sampler.rates["a"]);
        assert_eq!(sampler.burst.intervals, 3);
        sampler.rate("a", 1, now + INTERVAL);
        assert_eq!(sampler.burst.intervals, 4);
    }

    #[test]
    fn throughput_samplers_reject_short_intervals() {
        for (interval, starts) in [(999_999, false), (-5, false), (1_000_000, true), (0, true)] {
            let adjustment_interval = Duration(interval);
            let ema = EmaSpec { adjustment_interval, ..EmaSpec::default() };
            let spec = EmaThroughputSpec { ema, ..EmaThroughputSpec::default() };
            assert_eq!(Ema::start_throughput(&spec, 0).is_some(), starts, "{interval}");
        }
        let ema = EmaSpec { adjustment_interval: Duration(-5), ..EmaSpec::default() };
        let spec = EmaDynamicSpec { ema, ..EmaDynamicSpec::default() };
        assert_eq!(Ema::start_dynamic(&spec, 0).unwrap_err(), Crash::NegativeInterval);
    }
}
