//! Dynamic samplers: rates by key, recomputed at intervals from the counts.
//!
//! Contains the five algorithms and their timers. The caller supplies the time, in nanoseconds
//! since the Unix epoch; it must not go backwards.

mod average;
mod blocks;
mod counts;
mod ema;
mod log10;
mod rates;
mod ticker;
mod total;
mod windowed;

use super::crash::Crash;
use super::spec::SamplerSpec;
use average::Average;
use ema::Ema;
use total::Total;
use windowed::Windowed;

/// A point in time or a duration, in nanoseconds.
pub type Nanos = i64;

/// One running dynamic sampler.
#[derive(Clone, Debug)]
pub enum Dynamic {
    Average(Average),
    Ema(Ema),
    Total(Total),
    Windowed(Windowed),
    /// It failed to start, and Refinery ignored the error.
    NotStarted,
}

impl Dynamic {
    /// Starts a sampler; `None` if it counts nothing.
    ///
    /// # Errors
    /// Starting it crashes the process.
    pub fn start(spec: &SamplerSpec, now: Nanos) -> Option<Result<Self, Crash>> {
        Some(match spec {
            SamplerSpec::Deterministic { .. } => return None,
            SamplerSpec::Dynamic(spec) => Average::start(spec, now).map(Self::Average),
            SamplerSpec::EmaDynamic(spec) => Ema::start_dynamic(spec, now).map(Self::Ema),
            SamplerSpec::EmaThroughput(spec) => {
                Ok(Ema::start_throughput(spec, now).map_or(Self::NotStarted, Self::Ema))
            }
            SamplerSpec::TotalThroughput(spec) => Total::start(spec, now).map(Self::Total),
            SamplerSpec::WindowedThroughput(spec) => Windowed::start(spec, now).map(Self::Windowed),
        })
    }

    /// Counts `events` for a key and returns its current rate.
    ///
    /// # Errors
    /// The sampler never started.
    pub fn rate(&mut self, key: &str, events: i64, now: Nanos) -> Result<i64, Crash> {
        match self {
            Self::Average(sampler) => Ok(sampler.rate(key, events, now)),
            Self::Ema(sampler) => Ok(sampler.rate(key, events, now)),
            Self::Total(sampler) => Ok(sampler.rate(key, events, now)),
            Self::Windowed(sampler) => Ok(sampler.rate(key, events, now)),
            Self::NotStarted => Err(Crash::NotStarted),
        }
    }

    /// Sets the goal in events per second; samplers without such a goal ignore it.
    pub fn set_goal(&mut self, per_second: i64, now: Nanos) {
        if per_second <= 0 {
            return;
        }
        match self {
            Self::Ema(sampler) => sampler.set_goal(per_second, now),
            Self::Total(sampler) => sampler.set_goal(per_second, now),
            Self::Windowed(sampler) => sampler.set_goal(per_second, now),
            Self::Average(_) | Self::NotStarted => {}
        }
    }
}

/// Refinery's default if a key is zero or missing.
fn or_default<T: Default + PartialEq>(written: T, default: T) -> T {
    if written == T::default() { default } else { written }
}

/// The limit of keys; a negative limit is none.
fn key_limit(written: i64) -> usize {
    usize::try_from(or_default(written, 500)).unwrap_or(usize::MAX)
}
