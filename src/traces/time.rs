//! Times of recorded traces and events.

use jiff::Timestamp;

/// Nanoseconds since 1970 of a time such as `2026-03-01T10:00:00Z`.
pub fn read_time(text: &str) -> Option<i64> {
    i64::try_from(text.parse::<Timestamp>().ok()?.as_nanosecond()).ok()
}

/// The text of a time in nanoseconds since 1970.
pub fn write_time(time: i64) -> Option<String> {
    Some(Timestamp::from_nanosecond(time.into()).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_with_offsets_and_fractions() {
        for (text, nanoseconds) in [
            ("1970-01-01T00:00:01Z", Some(1_000_000_000)),
            ("1970-01-01T01:00:00.5+01:00", Some(500_000_000)),
            ("1970-01-01", None),
            ("1", None),
        ] {
            assert_eq!(read_time(text), nanoseconds, "{text}");
            let written = nanoseconds.and_then(write_time);
            assert_eq!(written.as_deref().and_then(read_time), nanoseconds, "{written:?}");
        }
    }
}
