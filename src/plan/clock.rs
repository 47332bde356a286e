//! The time at which recorded traces are decided.

/// The time of the recording: that of its traces, or else a fixed interval between them.
#[derive(Clone, Debug)]
pub struct Clock {
    interval: i64,
    now: i64,
    /// How much later the traces are than the clock.
    ahead: i64,
    /// The first and the last time of traces.
    span: Option<(i64, i64)>,
    traces: i64,
    /// How many of them have a time.
    timed: i64,
}

impl Clock {
    pub fn new(interval: i64) -> Self {
        Self { interval, now: 0, ahead: 0, span: None, traces: 0, timed: 0 }
    }

    /// The time when the next trace is decided. It never goes back. If all traces have times, it is
    /// theirs, because some samplers count in blocks of the time of day.
    pub fn advance(&mut self, time: Option<i64>) -> i64 {
        let first = self.traces == 0;
        self.traces += 1;
        match time {
            Some(time) => {
                self.timed += 1;
                if self.span.is_none() && !first {
                    self.ahead = time.saturating_sub(self.now);
                }
                let (from, to) = self.span.unwrap_or((time, time));
                self.span = Some((from.min(time), to.max(time)));
                self.now = self.now.max(time.saturating_sub(self.ahead));
            }
            None if first => {}
            None => self.now = self.now.saturating_add(self.interval),
        }
        self.now
    }

    /// How long the recording took, if all traces have times, or an interval was given.
    pub fn duration(&self) -> Option<i64> {
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
        assert_eq!((seen, clock.duration()), (vec![100, 105, 105, 120], Some(20)));
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
        let times = [None, None, Some(100), Some(103), None];
        let seen: Vec<i64> = times.into_iter().map(|time| mixed.advance(time)).collect();
        assert_eq!((seen, mixed.duration()), (vec![0, 7, 7, 10, 17], None));
    }
}
