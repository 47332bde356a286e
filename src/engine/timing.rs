//! When Refinery decides a trace, and which of its spans have arrived by then.

use crate::value::Duration;

/// How long Refinery waits for the spans of a trace: `Traces` of a config.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// After a root span.
    pub send_delay: Duration,
    /// After the first span.
    pub trace_timeout: Duration,
    /// A trace with more spans is decided at once; 0 means no limit.
    pub span_limit: i64,
}

impl Timing {
    /// When a trace is decided whose spans arrive at these times, which may be in any order. `None`
    /// without spans.
    pub fn decided_at(self, spans: impl Iterator<Item = (i64, bool)>) -> Option<i64> {
        let mut spans: Vec<(i64, bool)> = spans.collect();
        spans.sort_by_key(|(time, _)| *time);
        let (first, _) = *spans.first()?;
        let mut decided = first.saturating_add(self.trace_timeout());
        for (number, (time, is_root)) in (1..).zip(spans) {
            if time > decided {
                break;
            }
            if is_root {
                decided = decided.min(time.saturating_add(self.send_delay()));
            }
            if self.span_limit > 0 && number > self.span_limit {
                decided = decided.min(time);
            }
        }
        Some(decided)
    }

    fn send_delay(self) -> i64 {
        const IF_ZERO: i64 = 2_000_000_000;
        if self.send_delay.0 == 0 { IF_ZERO } else { self.send_delay.0 }
    }

    fn trace_timeout(self) -> i64 {
        const IF_ZERO: i64 = 60_000_000_000;
        if self.trace_timeout.0 == 0 { IF_ZERO } else { self.trace_timeout.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(span_limit: i64, spans: &[(i64, bool)]) -> Option<i64> {
        let timing = Timing { send_delay: Duration(10), trace_timeout: Duration(100), span_limit };
        timing.decided_at(spans.iter().copied())
    }

    #[test]
    fn waits_after_the_root_span_or_the_first() {
        assert_eq!(decided(0, &[]), None);
        assert_eq!(decided(0, &[(5, false), (7, false)]), Some(105));
        assert_eq!(decided(0, &[(5, false), (7, true), (9, false)]), Some(17));
        assert_eq!(decided(0, &[(7, true), (5, false)]), Some(17));
        assert_eq!(decided(0, &[(5, false), (103, true)]), Some(105));
        // A root span after the decision changes nothing, and neither does a second one.
        assert_eq!(decided(0, &[(5, false), (106, true)]), Some(105));
        assert_eq!(decided(0, &[(5, true), (6, true)]), Some(15));
    }

    #[test]
    fn a_trace_above_the_span_limit_is_decided_at_once() {
        let spans = [(5, false), (6, false), (7, false), (8, true)];
        assert_eq!(decided(2, &spans), Some(7));
        assert_eq!(decided(4, &spans), Some(18));
    }

    #[test]
    fn zero_means_the_default() {
        let second = 1_000_000_000;
        let timing = Timing::default();
        assert_eq!(timing.decided_at([(0, false)].into_iter()), Some(60 * second));
        assert_eq!(timing.decided_at([(0, true)].into_iter()), Some(2 * second));
    }
}
