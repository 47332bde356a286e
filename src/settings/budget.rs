//! `[plan] budget`: how many events may be kept.

use serde::Deserialize;
use std::fmt;

/// The most events that may be kept in some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    pub events: u64,
    pub per: Period,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    Day,
    /// 30 days.
    Month,
}

impl Budget {
    pub fn per_day(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "an estimate is compared with it")]
        let events = self.events as f64;
        events / self.per.days()
    }

    /// The smaller of two budgets: no budget is larger than any.
    pub fn stricter(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let both = one.into_iter().chain(other);
        both.min_by(|one, other| one.per_day().total_cmp(&other.per_day()))
    }
}

impl Period {
    pub fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Month => 30.0,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events per {}", self.events, self.per.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_budget_counts() {
        let day = Budget { events: 100, per: Period::Day };
        let month = Budget { events: 2999, per: Period::Month };
        for (one, other, stricter) in [
            (Some(day), Some(month), Some(month)),
            (Some(month), Some(day), Some(month)),
            (Some(day), None, Some(day)),
            (None, Some(day), Some(day)),
            (None, None, None),
        ] {
            assert_eq!(Budget::stricter(one, other), stricter);
        }
    }
}
