//! Refinery's tickers, without goroutines.

use super::Nanos;
use crate::engine::crash::Crash;
use crate::value::Duration;

/// Ticks every `period` from its creation.
#[derive(Clone, Debug)]
pub struct Ticker {
    period: Nanos,
    next: Nanos,
}

/// The ticks since the last check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    pub count: u64,
    /// The time of the last tick.
    pub last: Nanos,
}

impl Ticker {
    /// Starts at `now`.
    ///
    /// # Errors
    /// Go's ticker panics on a period that is not positive.
    pub fn start(period: Duration, now: Nanos) -> Result<Self, Crash> {
        if period.0 <= 0 {
            return Err(Crash::NegativeInterval);
        }
        Ok(Self { period: period.0, next: now.saturating_add(period.0) })
    }

    /// Restarts at `now`.
    pub fn restart(&mut self, now: Nanos) {
        self.next = now.saturating_add(self.period);
    }

    /// Removes and returns the ticks up to and including `now`, if any.
    pub fn take(&mut self, now: Nanos) -> Option<Ticks> {
        let late = now.checked_sub(self.next).filter(|late| *late >= 0)?;
        let more = late / self.period;
        let last = self.next + more * self.period;
        self.next = last.saturating_add(self.period);
        Some(Ticks { count: more.unsigned_abs() + 1, last })
    }
}

/// A duration in seconds, rounded like in Go.
#[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
pub fn seconds(duration: Duration) -> f64 {
    const SECOND: i64 = 1_000_000_000;
    (duration.0 / SECOND) as f64 + (duration.0 % SECOND) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_from_its_start() {
        let mut ticker = Ticker::start(Duration(10), 5).unwrap();
        assert_eq!(ticker.take(14), None);
        assert_eq!(ticker.take(15), Some(Ticks { count: 1, last: 15 }));
        assert_eq!(ticker.take(15), None);
        assert_eq!(ticker.take(49), Some(Ticks { count: 3, last: 45 }));
        ticker.restart(50);
        assert_eq!(ticker.take(59), None);
        assert_eq!(ticker.take(60), Some(Ticks { count: 1, last: 60 }));
    }

    #[test]
    fn non_positive_periods_crash() {
        assert_eq!(Ticker::start(Duration(-1), 0).unwrap_err(), Crash::NegativeInterval);
        assert!(Ticker::start(Duration(i64::MAX), i64::MAX).is_ok());
    }

    #[test]
    fn converts_to_seconds_like_go() {
        for (nanoseconds, wanted) in [(1_500_000_000, 1.5_f64), (-250_000_000, -0.25)] {
            assert_eq!(seconds(Duration(nanoseconds)).to_bits(), wanted.to_bits());
        }
    }
}
