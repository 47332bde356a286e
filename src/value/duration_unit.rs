//! The units of Go's durations.

pub(super) const MICROSECOND: u64 = 1_000;
pub(super) const MILLISECOND: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1_000_000_000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;

/// The nanoseconds of a unit. Both micro signs, U+00B5 and U+03BC, are accepted.
pub(super) fn unit_named(word: &str) -> Option<u64> {
    Some(match word {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        _ => return None,
    })
}

/// Splits a unit from what follows it: the next number, or nothing.
pub(super) fn split_unit(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(text.len()))
}
