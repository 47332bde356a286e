//! Formats floats where Refinery does not use `%v`.

use crate::value::float_text::format_float;

/// Without an exponent, with the fewest digits that parse to the same number: `1000000`, `0.00001`.
pub fn plain_float(number: f64) -> String {
    let text = format_float(number);
    match text.split_once('e') {
        Some((digits, exponent)) => shifted(digits, exponent.parse().unwrap_or(0)),
        None => text,
    }
}

/// Like Go's JSON encoder: plain from 10⁻⁶ to 10²¹, otherwise with a short exponent.
pub fn json_float(number: f64) -> String {
    wide_json_float(number).replacen("e-0", "e-", 1)
}

/// The same with at least two digits in the exponent.
pub fn wide_json_float(number: f64) -> String {
    if number == 0.0 || (1e-6..1e21).contains(&number.abs()) {
        return plain_float(number);
    }
    format_float(number)
}

/// Digits with one before the decimal point, multiplied by ten to the power of the exponent.
fn shifted(digits: &str, exponent: i32) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let figures: String = digits.chars().filter(|c| *c != '.').collect();
    let zeros = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if exponent < 0 {
        return format!("{sign}0.{}{figures}", "0".repeat(zeros.saturating_sub(1)));
    }
    match figures.split_at_checked(zeros + 1) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{figures}{}", "0".repeat(zeros + 1 - figures.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_without_an_exponent() {
        for (number, text) in [
            (1_000_000.0, "1000000"),
            (-12_345_678.9, "-12345678.9"),
            (1e21, "1000000000000000000000"),
            (1.25e-5, "0.0000125"),
            (-0.0, "-0"),
            (2.5, "2.5"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(plain_float(number), text);
        }
    }

    #[test]
    fn formats_like_json() {
        for (number, text) in [
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (-1e-10, "-1e-10"),
            (0.0, "0"),
        ] {
            assert_eq!(json_float(number), text);
        }
    }
}
