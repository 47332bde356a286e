//! 64-bit floating-point numbers, as Go's `strconv.ParseFloat` reads them.
//!
//! `float_text` prints them.

use super::error::ValueError;
use super::float_bits::round;
use super::number::underscores_fit;

const NOT_A_NUMBER: &str = "not part of a number";

/// Reads a decimal number, a hexadecimal number with a `p` exponent, or a word for infinity or NaN.
/// Underscores are allowed between digits.
///
/// # Errors
/// The text has another form, or the magnitude exceeds `f64`. A number that is too small becomes 0.
pub fn parse_float(text: &str) -> Result<f64, ValueError> {
    if let Some(special) = named(text) {
        return Ok(special);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeral = Numeral::split(unsigned).map_err(|rest| match rest {
        "" => ValueError::new("incomplete number"),
        _ => ValueError::at_start(text, rest, NOT_A_NUMBER),
    })?;
    if text.contains('_') && !underscores_fit(text) {
        return Err(ValueError::new("underscores are only allowed between digits"));
    }
    let magnitude = numeral.magnitude();
    if magnitude.is_infinite() {
        return Err(ValueError::new("too large for a 64-bit float"));
    }
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// Infinity with an optional sign, or NaN without a sign.
fn named(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    let word = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_infinite = word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("infinity");
    let infinity = if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    is_infinite.then_some(infinity)
}

/// The parts of a number without its sign; they may contain underscores.
struct Numeral<'a> {
    hex: bool,
    whole: &'a str,
    fraction: &'a str,
    /// With its sign; empty if there is none.
    exponent: &'a str,
}

impl<'a> Numeral<'a> {
    /// The parts, or the rest of the text from the first invalid character.
    fn split(text: &'a str) -> Result<Self, &'a str> {
        let prefixed = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let hex = prefixed.is_some();
        let body = prefixed.unwrap_or(text);
        let (whole, after_whole) = split_digits(body, hex);
        let (fraction, after) = match after_whole.strip_prefix('.') {
            Some(after_dot) => split_digits(after_dot, hex),
            None => ("", after_whole),
        };
        let has_digits = |part: &str| part.contains(|c| c != '_');
        if !has_digits(whole) && !has_digits(fraction) {
            return Err(after);
        }
        let letters = if hex { ['p', 'P'] } else { ['e', 'E'] };
        let exponent = match after.strip_prefix(letters) {
            Some(exponent) => check_exponent(exponent)?,
            // A hexadecimal number must have an exponent.
            None if hex || !after.is_empty() => return Err(after),
            None => "",
        };
        Ok(Self { hex, whole, fraction, exponent })
    }

    /// The nearest `f64`, ties to even; infinite if too large.
    fn magnitude(&self) -> f64 {
        if self.hex { self.hex_magnitude() } else { self.decimal_magnitude() }
    }

    fn decimal_magnitude(&self) -> f64 {
        let exponent = if self.exponent.is_empty() { "0" } else { self.exponent };
        let text = format!("{}.{}e{exponent}", self.whole, self.fraction).replace('_', "");
        // Rust accepts every such text and rounds it exactly as Go does.
        text.parse().unwrap_or(f64::INFINITY)
    }

    fn hex_magnitude(&self) -> f64 {
        let mut bits: u64 = 0;
        let mut exponent = clamped(self.exponent);
        let mut inexact = false;
        let digits = |part: &'a str| part.chars().filter_map(|c| c.to_digit(16)).map(u64::from);
        let whole = digits(self.whole).map(|digit| (digit, 0));
        for (digit, behind_point) in whole.chain(digits(self.fraction).map(|digit| (digit, 4))) {
            exponent -= behind_point;
            if bits >> 60 == 0 {
                bits = bits << 4 | digit;
            } else {
                inexact |= digit != 0;
                exponent += 4;
            }
        }
        round(bits, inexact, exponent)
    }
}

fn split_digits(text: &str, hex: bool) -> (&str, &str) {
    let is_digit = |c: char| c == '_' || c.is_ascii_digit() || hex && c.is_ascii_hexdigit();
    text.split_at(text.find(|c| !is_digit(c)).unwrap_or(text.len()))
}

/// An exponent is decimal, may have a sign, and must start with a digit.
fn check_exponent(exponent: &str) -> Result<&str, &str> {
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (number, rest) = split_digits(digits, false);
    if number.starts_with('_') {
        return Err(digits);
    }
    if number.is_empty() || !rest.is_empty() { Err(rest) } else { Ok(exponent) }
}

/// The exponent as a number, clamped to a value that no text of realistic length can compensate.
fn clamped(exponent: &str) -> i64 {
    let digits = exponent.trim_start_matches(['-', '+']);
    let magnitude = digits
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0_i64, |sum, byte| (sum * 10 + i64::from(byte - b'0')).min(1_000_000_000));
    if exponent.starts_with('-') { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals() {
        for (text, number) in [
            ("7", 7.0),
            ("-.5", -0.5),
            ("+5.", 5.0),
            ("1_0.2_5e1_0", 10.25e10),
            ("1E-3", 0.001),
            ("0_1", 1.0),
            ("0e99999999999999999999", 0.0),
            ("1e-99999999999999999999", 0.0),
            ("0.1", 0.1),
            ("1.7976931348623157e308", f64::MAX),
        ] {
            assert_eq!(parse_float(text), Ok(number), "{text}");
        }
        assert!(parse_float("-0").is_ok_and(f64::is_sign_negative));
    }

    #[test]
    fn reads_hexadecimals() {
        for (text, number) in [
            ("0x1p4", 16.0),
            ("0X.8P+1", 1.0),
            ("-0x_fFp0", -255.0),
            ("0x1.8p-1_0", 1.5 / 1024.0),
            ("0x0p99999", 0.0),
            ("0x1.fffffffffffffp1023", f64::MAX),
            ("0x1p-1074", f64::from_bits(1)),
            ("0x1.000000000000080000000001p0", 1.000_000_000_000_000_2),
            ("0x10000000000000000000p0", 75_557_863_725_914_323_419_136.0),
        ] {
            assert_eq!(parse_float(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn reads_words() {
        assert_eq!(parse_float("-InF"), Ok(f64::NEG_INFINITY));
        assert_eq!(parse_float("+infinity"), Ok(f64::INFINITY));
        assert!(parse_float("nAn").is_ok_and(f64::is_nan));
        for text in ["+nan", "infin", "infinity1", ".inf"] {
            assert!(parse_float(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rejects_other_forms_and_points_at_them() {
        for (text, at) in [
            ("", None),
            ("-", None),
            (".", None),
            ("1e", None),
            ("1e+", None),
            ("1_", None),
            ("1_.5", None),
            ("1e400", None),
            ("0x1", None),
            ("0x1.fffffffffffff8p1023", None),
            ("1e_5", Some(2..3)),
            (" 1", Some(0..1)),
            ("1.2.3", Some(3..4)),
            ("0b1", Some(1..2)),
            ("0x1e5g", Some(5..6)),
            ("12٣", Some(2..4)),
        ] {
            assert_eq!(parse_float(text).unwrap_err().at, at, "{text:?}");
        }
    }
}
