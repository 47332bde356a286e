//! Points in time, and the time between two of them.
//!
//! Must not read a clock.

use crate::counted::counted;
use jiff::Timestamp;
use jiff::civil::{Date, time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use std::fmt;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A second, and the time zone in which it was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GitTime {
    /// Unix time.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

impl GitTime {
    /// Parses `2026-03-16`, which is the end of that day, or `2026-03-16T14:00:00Z`. The default
    /// time zone is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text).ok()?;
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        let time = pieces.time().unwrap_or(time(23, 59, 59, 0));
        let timestamp = offset.to_timestamp(pieces.date().to_datetime(time)).ok()?;
        Some(Self { seconds: timestamp.as_second(), offset: offset.seconds() / 60 })
    }

    /// The beginning of a day, in UTC.
    pub fn beginning(day: Date) -> Self {
        let timestamp = Offset::UTC.to_timestamp(day.to_datetime(time(0, 0, 0, 0)));
        Self { seconds: timestamp.map_or(0, Timestamp::as_second), offset: 0 }
    }

    /// The day in UTC.
    pub fn day(self) -> Date {
        let timestamp = Timestamp::from_second(self.seconds).unwrap_or_default();
        Offset::UTC.to_datetime(timestamp).date()
    }
}

/// `2026-03-12 09:30 +0000`.
impl fmt::Display for GitTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = Offset::from_seconds(self.offset.saturating_mul(60)).unwrap_or(Offset::UTC);
        let timestamp = Timestamp::from_second(self.seconds).unwrap_or_default();
        let (sign, zone) = (if self.offset < 0 { '-' } else { '+' }, self.offset.unsigned_abs());
        let local = offset.to_datetime(timestamp).strftime("%Y-%m-%d %H:%M");
        write!(f, "{local} {sign}{:02}{:02}", zone / 60, zone % 60)
    }
}

/// `4 days`: the largest unit that fits, rounded down.
pub fn span(from: GitTime, to: GitTime) -> String {
    let seconds = to.seconds.saturating_sub(from.seconds).max(0);
    let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    let fitting = units.into_iter().find(|(length, _)| seconds >= *length);
    let (count, unit) = fitting.map_or((seconds, "second"), |(length, u)| (seconds / length, u));
    counted(count, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_parsed_and_displayed() {
        for (text, seconds, shown) in [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01 00:00 +0000"),
            ("2000-02-29T12:00:00Z", 951_825_600, "2000-02-29 12:00 +0000"),
            ("2000-03-01T00:00:00", 951_868_800, "2000-03-01 00:00 +0000"),
            ("2026-03-12T09:30:00+02:00", 1_773_300_600, "2026-03-12 09:30 +0200"),
            ("2026-03-11T23:30:00-05:30", 1_773_291_600, "2026-03-11 23:30 -0530"),
            ("2026-03-16", 1_773_705_599, "2026-03-16 23:59 +0000"),
            ("1969-12-31T23:59:59Z", -1, "1969-12-31 23:59 +0000"),
        ] {
            let timestamp = GitTime::parse(text).unwrap();
            assert_eq!((timestamp.seconds, &*timestamp.to_string()), (seconds, shown), "{text}");
            let beginning = GitTime::beginning(timestamp.day()).seconds;
            assert!((beginning..beginning + DAY).contains(&seconds), "{text}");
        }
        for text in ["", "yesterday", "12:00:00", "2026-13-01", "2026-02-30"] {
            assert_eq!(GitTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn spans_are_in_the_largest_unit() {
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (90, "1 minute"),
            (7200, "2 hours"),
            (86_399, "23 hours"),
            (4 * DAY + 5 * HOUR, "4 days"),
            (-5, "0 seconds"),
        ] {
            let to = GitTime { seconds, offset: 0 };
            assert_eq!(span(GitTime::default(), to), text);
        }
    }
}
