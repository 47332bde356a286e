//! Durations, as Go's `time.ParseDuration` reads and `Duration.String` prints them.
//!
//! Must not know which keys are durations, or their limits.

use super::duration_spelling::respell;
use super::duration_unit::{
    HOUR, MICROSECOND, MILLISECOND, MINUTE, SECOND, split_unit, unit_named,
};
use super::error::ValueError;
use std::fmt;

/// A signed number of nanoseconds; at most about 292 years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// The largest magnitude in nanoseconds, which only a negative duration can have.
const LIMIT: u64 = 1 << 63;

const TOO_LONG: &str = "longer than 292 years";

impl Duration {
    /// Reads `[-+]?(digits[.digits]unit)+` or a lone `0`. Units are ns, us, µs, ms, s, m and h.
    ///
    /// # Errors
    /// The text has another form, or the value exceeds 2⁶³ ns.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let is_valid = |respelled: &String| read(respelled).is_ok();
        read(text).map_err(|error| error.with_suggestion(respell(text).filter(is_valid)))
    }

    /// Whole milliseconds, truncated towards zero: Refinery compares limits in this unit.
    pub const fn milliseconds(self) -> i64 {
        self.0 / MILLISECOND.cast_signed()
    }
}

/// [`Duration::parse`] without a suggestion.
fn read(text: &str) -> Result<Duration, ValueError> {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    if body == "0" {
        return Ok(Duration(0));
    }
    if body.is_empty() {
        return Err(ValueError::new("missing number and unit"));
    }
    let mut total: u64 = 0;
    let mut rest = body;
    while !rest.is_empty() {
        let (nanoseconds, next) = read_term(text, rest)?;
        // Go's sum wraps too: twice 2⁶³ ns is 0.
        total = total.wrapping_add(nanoseconds);
        if total > LIMIT {
            return Err(ValueError::new(TOO_LONG));
        }
        rest = next;
    }
    if text.starts_with('-') {
        return Ok(Duration(total.wrapping_neg().cast_signed()));
    }
    i64::try_from(total).map(Duration).map_err(|_| ValueError::new(TOO_LONG))
}

/// Reads a number and its unit from the start of `rest`; returns nanoseconds, at most 2⁶³, and the rest.
fn read_term<'a>(text: &str, rest: &'a str) -> Result<(u64, &'a str), ValueError> {
    let (whole, after_whole) = split_digits(rest);
    let (fraction, after) = match after_whole.strip_prefix('.') {
        Some(after_dot) => split_digits(after_dot),
        None => ("", after_whole),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(ValueError::at_start(text, rest, "expected a number"));
    }
    let number = rest.get(..rest.len() - after.len()).unwrap_or(rest);
    let (word, next) = split_unit(after);
    if word.is_empty() {
        return Err(ValueError::within(text, number, "missing unit"));
    }
    let unit = unit_named(word).ok_or_else(|| {
        ValueError::within(text, word, "expected one of the units ns, us, ms, s, m, h")
    })?;
    let nanoseconds = scale(whole, fraction, unit);
    nanoseconds.map(|n| (n, next)).ok_or_else(|| ValueError::within(text, number, TOO_LONG))
}

/// `whole.fraction` times `unit`; `None` beyond the limit.
fn scale(whole: &str, fraction: &str, unit: u64) -> Option<u64> {
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let nanoseconds = whole.checked_mul(unit)?.checked_add(part_of(fraction, unit))?;
    (nanoseconds <= LIMIT).then_some(nanoseconds)
}

/// `0.fraction` times `unit`, in the same floating-point steps as Go, which affect the result.
#[expect(clippy::cast_precision_loss, reason = "Go loses the same bits")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ it ≤ one hour")]
fn part_of(fraction: &str, unit: u64) -> u64 {
    let mut digits: u64 = 0;
    let mut scale = 1.0_f64;
    for digit in fraction.bytes().map(|b| u64::from(b - b'0')) {
        // Like Go, ignore digits that no longer fit 63 bits.
        let longer = if digits > (LIMIT - 1) / 10 { LIMIT + 1 } else { digits * 10 + digit };
        if longer > LIMIT {
            break;
        }
        digits = longer;
        scale *= 10.0;
    }
    (digits as f64 * (unit as f64 / scale)) as u64
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

impl fmt::Display for Duration {
    /// As Go prints it: `1h30m0s`, `1.5s`, `100ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match n {
            0 => f.write_str("0s"),
            1..MICROSECOND => write!(f, "{n}ns"),
            MICROSECOND..MILLISECOND => write!(f, "{}µs", decimal(n, MICROSECOND, 3)),
            MILLISECOND..SECOND => write!(f, "{}ms", decimal(n, MILLISECOND, 6)),
            SECOND..MINUTE => write!(f, "{}s", decimal(n, SECOND, 9)),
            _ => {
                if n >= HOUR {
                    write!(f, "{}h", n / HOUR)?;
                }
                write!(f, "{}m{}s", n / MINUTE % 60, decimal(n % MINUTE, SECOND, 9))
            }
        }
    }
}

/// `n / unit` with at most `places` decimals, without trailing zeros.
fn decimal(n: u64, unit: u64, places: usize) -> String {
    let text = format!("{}.{:0places$}", n / unit, n % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> &str {
        let error = Duration::parse(text).unwrap_err();
        error.at.map_or("", |range| &text[range])
    }

    #[test]
    fn reads_and_prints() {
        for (text, printed) in [
            ("90s", "1m30s"),
            ("2h", "2h0m0s"),
            ("-.25s", "-250ms"),
            ("1.5us", "1.5µs"),
            ("1.5µs", "1.5µs"),
            ("1.5\u{3bc}s", "1.5µs"),
            ("3.s", "3s"),
            ("+0", "0s"),
            ("59s1s", "1m0s"),
            ("1h1ns", "1h0m0.000000001s"),
            ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
            ("-2562047h47m16.854775808s", "-2562047h47m16.854775808s"),
            // Surplus digits are cut off, not rounded or rejected.
            ("0.3333333333333333333h", "20m0s"),
            ("0.9223372036854775807999999h", "55m20.413933267s"),
        ] {
            assert_eq!(Duration::parse(text).map(|d| d.to_string()), Ok(printed.into()), "{text}");
        }
    }

    #[test]
    fn rejects_other_forms_and_points_at_them() {
        for (text, at) in [
            ("", ""),
            ("-", ""),
            ("30", "30"),
            ("1h30", "30"),
            ("1d", "d"),
            ("1h 30m", "h "),
            (" 1s", " "),
            ("1s\n", "s\n"),
            (".s", "."),
            ("--1s", "-"),
            ("1S", "S"),
            ("2562048h", "2562048"),
            ("9223372036854775809ns", "9223372036854775809"),
        ] {
            assert_eq!(fault(text), at, "{text:?}");
        }
    }

    #[test]
    fn the_sum_wraps_as_in_go() {
        let half = "9223372036854775808ns";
        assert!(Duration::parse(half).is_err());
        assert_eq!(Duration::parse(&format!("-{half}")), Ok(Duration(i64::MIN)));
        assert_eq!(Duration::parse(&format!("{half}{half}5s")).map(|d| d.0), Ok(5_000_000_000));
    }

    #[test]
    fn milliseconds_are_truncated_towards_zero() {
        assert_eq!(Duration(-1_999_999).milliseconds(), -1);
        assert_eq!(Duration(999_999).milliseconds(), 0);
    }
}
