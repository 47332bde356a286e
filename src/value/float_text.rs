//! Prints floating-point numbers as Go's `%v` does.
//!
//! `float` reads them.

/// The shortest digits that read back as the same number, such as `0.5` or `+Inf`. Numbers from 10⁶ and
/// below 10⁻⁴ get an exponent of at least two digits, such as `1e+06`.
pub fn format_float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let shortest = format!("{number:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let places = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    // Of two equally near shortest texts Rust prints the larger, Go the one with an even last digit.
    // With a given number of digits Rust does the same as Go.
    let even = format!("{number:.places$e}");
    let is_same = even.parse() == Ok(number);
    if (-4..6).contains(&exponent) {
        let places = i32::try_from(places).unwrap_or(0) - exponent;
        let places = usize::try_from(places).unwrap_or(0);
        return if is_same { format!("{number:.places$}") } else { format!("{number}") };
    }
    let text = if is_same { &even } else { &shortest };
    let digits = text.split_once('e').map_or(text.as_str(), |(digits, _)| digits);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// The 64-bit float whose shortest digits are those of a 32-bit float.
pub fn with_digits_of(number: f32) -> f64 {
    let shortest = format!("{number:e}");
    let digits = shortest.split_once('e').map_or(shortest.as_str(), |(digits, _)| digits);
    let places = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let even = format!("{number:.places$e}");
    let text = if even.parse() == Ok(number) { even } else { shortest };
    text.parse().unwrap_or_else(|_| f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_32_bit_floats_as_go_does() {
        for (number, text) in [
            (5.5, "5.5"),
            (1e6, "1e+06"),
            (123_456.79, "123456.79"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0"),
            (16_777_216.0, "1.6777216e+07"),
            (33_554_432.0, "3.3554432e+07"),
            (f32::MAX, "3.4028235e+38"),
            (1e-45, "1e-45"),
            (9.8e-45, "1e-44"),
            // Ties between two shortest texts.
            (4.656_613e-10, "4.656613e-10"),
            (8.589_973e9, "8.589974e+09"),
            (f32::NAN, "NaN"),
            (f32::INFINITY, "+Inf"),
            (f32::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(format_float(with_digits_of(number)), text);
        }
    }

    #[test]
    #[expect(clippy::excessive_precision, reason = "the extra digits must vanish")]
    fn prints_as_go_does() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (2.50, "2.5"),
            (999_999.5, "999999.5"),
            (1_000_000.0, "1e+06"),
            (-12_345_678.9, "-1.23456789e+07"),
            (0.000_1, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (0.300_000_000_000_000_044, "0.30000000000000004"),
            // Ties between two shortest texts: 2⁻²⁵, and one without an exponent.
            (2.980_232_238_769_531_25e-8, "2.9802322387695312e-08"),
            (0.000_133_991_241_455_078_125, "0.00013399124145507812"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(format_float(number), text);
        }
        assert_eq!(format_float(f64::NAN), "NaN");
        assert_eq!(format_float(f64::INFINITY), "+Inf");
    }
}
