//! Dynamic samplers: rates by key, worked out anew at intervals from what was counted.
//!
//! Holds the five algorithms and the clockwork that the engine's goroutines are. Time is passed in,
//! in nanoseconds since the Unix epoch, and must not run backwards. Must not know traces.

mod average;
mod blocks;
mod counts;
mod ema;
mod log10;
mod rates;
mod ticker;
mod total;
mod windowed;

use super::death::Death;
use super::spec::SamplerSpec;
use average::Average;
use ema::Ema;
use total::Total;
use windowed::Windowed;

/// A point in time or a length of it, in nanoseconds.
pub type Nanos = i64;

/// One running dynamic sampler.
#[derive(Clone, Debug)]
pub enum Dynamic {
    Average(Average),
    Ema(Ema),
    Total(Total),
    Windowed(Windowed),
    /// It refused to start, and the engine did not look.
    NotStarted,
}

impl Dynamic {
    /// Starts a sampler; `None` for one that counts nothing.
    ///
    /// # Errors
    /// Starting it ends the process.
    pub fn start(spec: &SamplerSpec, now: Nanos) -> Option<Result<Self, Death>> {
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

    /// Counts `events` under a key and says at which rate to sample it now.
    ///
    /// # Errors
    /// The sampler never started.
    pub fn rate(&mut self, key: &str, events: i64, now: Nanos) -> Result<i64, Death> {
        match self {
            Self::Average(sampler) => Ok(sampler.rate(key, events, now)),
            Self::Ema(sampler) => Ok(sampler.rate(key, events, now)),
            Self::Total(sampler) => Ok(sampler.rate(key, events, now)),
            Self::Windowed(sampler) => Ok(sampler.rate(key, events, now)),
            Self::NotStarted => Err(Death::NotStarted),
        }
    }

    /// Sets the events per second to aim at from now on; those that have no such goal ignore it.
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

/// The engine's default where a key is zero, which is also "not written".
fn or_default<T: Default + PartialEq>(written: T, default: T) -> T {
    if written == T::default() { default } else { written }
}

/// The most keys that a sampler tells apart; a negative limit is none.
fn key_limit(written: i64) -> usize {
    usize::try_from(or_default(written, 500)).unwrap_or(usize::MAX)
}
