//! Integers and booleans, as Go's `strconv` reads them.
//!
//! Must not resolve YAML scalars (`syntax` does) or know limits of keys.

use super::error::ValueError;

const TOO_LARGE: &str = "does not fit 64 bits";
const NO_DIGITS: &str = "missing digits";

/// Reads a signed integer in `base` 2 to 36. In base 0 a prefix `0b`, `0o`, `0` or `0x` selects the
/// base, and underscores are allowed between digits.
///
/// # Errors
/// The text has another form, or the number does not fit 64 bits.
pub fn parse_int(text: &str, base: u32) -> Result<i64, ValueError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = parse_magnitude(text, digits, base)?;
    let signed = if negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    };
    signed.ok_or(ValueError::new(TOO_LARGE))
}

/// Reads an unsigned integer without a sign; for `base` see [`parse_int`].
///
/// # Errors
/// The text has another form, or the number does not fit 64 bits.
pub fn parse_uint(text: &str, base: u32) -> Result<u64, ValueError> {
    parse_magnitude(text, text, base)
}

/// Reads a signed decimal number, which may have leading zeros but no underscores.
///
/// # Errors
/// The text has another form, or the number does not fit 64 bits.
pub fn atoi(text: &str) -> Result<i64, ValueError> {
    parse_int(text, 10)
}

/// Reads the twelve words that Go accepts as booleans.
///
/// # Errors
/// Any other word, including `yes` and `tRUE`.
pub fn parse_bool(text: &str) -> Result<bool, ValueError> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(ValueError::new("not a boolean").with_suggestion(meant_bool(text))),
    }
}

fn meant_bool(text: &str) -> Option<String> {
    let word = match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "enabled" => "true",
        "false" | "no" | "n" | "off" | "disabled" => "false",
        _ => return None,
    };
    Some(word.to_owned())
}

/// Errors point into `text`; `digits` is its part after the sign.
fn parse_magnitude(text: &str, digits: &str, base: u32) -> Result<u64, ValueError> {
    if digits.is_empty() {
        return Err(ValueError::new(NO_DIGITS));
    }
    let (base, body, lenient) = match base {
        0 => split_prefix(digits),
        2..=36 => (base, digits, false),
        _ => return Err(ValueError::new("invalid base")),
    };
    let mut number: u64 = 0;
    for (start, c) in body.char_indices() {
        if lenient && c == '_' {
            continue;
        }
        let digit = c.to_digit(base).ok_or_else(|| {
            let rest = body.get(start..).unwrap_or(body);
            ValueError::at_start(text, rest, "not a digit")
        })?;
        let longer = number.checked_mul(base.into()).and_then(|n| n.checked_add(digit.into()));
        number = longer.ok_or(ValueError::new(TOO_LARGE))?;
    }
    if body.contains('_') && !underscores_fit(digits) {
        return Err(ValueError::new("underscores are only allowed between digits"));
    }
    Ok(number)
}

/// The base, the digits, and whether underscores are allowed. A prefix without digits does not count.
fn split_prefix(digits: &str) -> (u32, &str, bool) {
    let Some(after_zero) = digits.strip_prefix('0') else {
        return (10, digits, true);
    };
    for (letters, base) in [(['b', 'B'], 2), (['o', 'O'], 8), (['x', 'X'], 16)] {
        match after_zero.strip_prefix(letters) {
            Some(body) if !body.is_empty() => return (base, body, true),
            _ => {}
        }
    }
    (8, after_zero, true)
}

/// Whether every underscore is between two digits, or between a base prefix and a digit.
pub(super) fn underscores_fit(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (hex, body, mut digit_before) = match body.as_bytes() {
        [b'0', letter @ (b'b' | b'B' | b'o' | b'O' | b'x' | b'X'), rest @ ..] => {
            (letter.eq_ignore_ascii_case(&b'x'), rest, true)
        }
        all => (false, all, false),
    };
    let mut underscore_before = false;
    for byte in body {
        let is_digit = byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit();
        let misplaced = if *byte == b'_' { !digit_before } else { underscore_before && !is_digit };
        if misplaced {
            return false;
        }
        underscore_before = *byte == b'_';
        digit_before = is_digit;
    }
    !underscore_before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_prefixes_only_in_base_0() {
        for (text, number) in [
            ("0", 0),
            ("-0", 0),
            ("0b101", 5),
            ("-0o17", -15),
            ("017", 15),
            ("+0XfF", 255),
            ("0x_f_f", 255),
            ("0_7", 7),
            ("1_000", 1000),
            ("-0x8000000000000000", i64::MIN),
        ] {
            assert_eq!(parse_int(text, 0), Ok(number), "{text}");
        }
        for text in
            ["", "+", "0x", "0b", "08", "0b2", "_1", "1_", "1__0", "0x_", "1.0", " 1", "+-1"]
        {
            assert!(parse_int(text, 0).is_err(), "{text:?}");
        }
        assert!(parse_int("0x10", 10).is_err());
        assert!(parse_int("1_0", 10).is_err());
        assert_eq!(parse_int("z", 36), Ok(35));
        assert!(parse_int("1", 1).is_err() && parse_int("1", 37).is_err());
    }

    #[test]
    fn rejects_numbers_beyond_64_bits() {
        assert_eq!(parse_uint("18446744073709551615", 10), Ok(u64::MAX));
        assert!(parse_uint("18446744073709551616", 10).is_err());
        assert!(parse_uint("+1", 10).is_err());
        assert_eq!(atoi("-9223372036854775808"), Ok(i64::MIN));
        assert!(atoi("9223372036854775808").is_err());
        assert!(atoi("-9223372036854775809").is_err());
        assert_eq!(atoi("+007"), Ok(7));
    }

    #[test]
    fn points_at_the_invalid_character() {
        assert_eq!(atoi("-12a").unwrap_err().at, Some(3..4));
        assert_eq!(atoi("1٣").unwrap_err().at, Some(1..3));
    }

    #[test]
    fn reads_booleans_as_go_does() {
        assert_eq!(parse_bool("T"), Ok(true));
        assert_eq!(parse_bool("False"), Ok(false));
        assert_eq!(parse_bool("tRUE").unwrap_err().suggestion.as_deref(), Some("true"));
        assert_eq!(parse_bool("off").unwrap_err().suggestion.as_deref(), Some("false"));
        assert_eq!(parse_bool("2").unwrap_err().suggestion, None);
    }
}
