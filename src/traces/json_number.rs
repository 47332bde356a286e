//! The value of a number in JSON, as Refinery's parser computes it.
//!
//! A number with an exponent may differ slightly from the nearest float. One that is too large is infinite.

/// Numbers with more characters before the decimal point, or up to the end of the fraction, are parsed
/// exactly.
const MOST_WHOLE: usize = 18;
const MOST_MANTISSA: usize = 16;
/// The same for larger exponents.
const MAX_EXPONENT: u32 = 300;

/// The powers of ten up to 31.
const SMALL: [f64; 32] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31,
];
/// Every 32nd power of ten, and its inverse.
const LARGE: [f64; 10] = [1e0, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288];
const TINY: [f64; 10] = [1e0, 1e-32, 1e-64, 1e-96, 1e-128, 1e-160, 1e-192, 1e-224, 1e-256, 1e-288];

/// Parses a number of valid JSON.
pub fn parse_float(text: &str) -> f64 {
    let exactly = || text.parse().unwrap_or_default();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_negative = digits.len() < text.len();
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + usize::from(is_negative) > MOST_WHOLE
        || (!fraction.is_empty() && whole.len() + 1 + fraction.len() > MOST_MANTISSA)
    {
        return exactly();
    }
    let power = exponent.trim_start_matches(['+', '-']).parse().unwrap_or(u32::MAX);
    if power > MAX_EXPONENT {
        return exactly();
    }
    let all = whole.bytes().chain(fraction.bytes());
    let number = all.fold(0, |number: u64, digit| 10 * number + u64::from(digit - b'0'));
    #[expect(clippy::cast_precision_loss, reason = "like Refinery")]
    let scaled = number as f64 / at(&SMALL, fraction.len());
    let (large, small) = (power as usize / 32, power as usize % 32);
    let factor = if exponent.starts_with('-') {
        at(&TINY, large) / at(&SMALL, small)
    } else {
        at(&LARGE, large) * at(&SMALL, small)
    };
    let value = scaled * factor;
    if is_negative { -value } else { value }
}

fn at(powers: &[f64], position: usize) -> f64 {
    powers.get(position).copied().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from fastjson v1.6.10, the parser of Refinery v3.2.2.
    const RECORDED: [(&str, u64); 36] = [
        ("0", 0x0000_0000_0000_0000),
        ("-0", 0x8000_0000_0000_0000),
        ("1.0", 0x3ff0_0000_0000_0000),
        ("1e3", 0x408f_4000_0000_0000),
        ("1E3", 0x408f_4000_0000_0000),
        ("1e+3", 0x408f_4000_0000_0000),
        ("1e-3", 0x3f50_624d_d2f1_a9fc),
        ("1E400", 0x7ff0_0000_0000_0000),
        ("-1e400", 0xfff0_0000_0000_0000),
        ("1e999", 0x7ff0_0000_0000_0000),
        ("1e-400", 0x0000_0000_0000_0000),
        ("9007199254740993", 0x4340_0000_0000_0000),
        ("18446744073709551615", 0x43f0_0000_0000_0000),
        ("18446744073709551616", 0x43f0_0000_0000_0000),
        ("123456789012345678", 0x437b_69b4_ba63_0f35),
        ("1234567890123456789", 0x43b1_2210_f47d_e981),
        ("-123456789012345678", 0xc37b_69b4_ba63_0f35),
        ("-12345678901234567", 0xc345_ee2a_2eb5_a5c4),
        ("0.1", 0x3fb9_9999_9999_999a),
        ("0.9007199254740993", 0x3fec_d2b2_97d8_89bd),
        ("1.1e23", 0x44b7_4b1c_a8ab_05a9),
        ("1e23", 0x44b5_2d02_c7e1_4af6),
        ("2.2250738585072014e-308", 0x0010_0000_0000_0000),
        ("5e-324", 0x0000_0000_0000_0001),
        ("1e300", 0x7e37_e43c_8800_759c),
        ("1e301", 0x7e6d_dd4b_aa00_9303),
        ("1.7976931348623157e308", 0x7fef_ffff_ffff_ffff),
        ("123456.789e-5", 0x3ff3_c0ca_4283_de1c),
        ("1e00300", 0x7e37_e43c_8800_759c),
        ("1.5e-300", 0x01b0_1297_d23a_b683),
        ("0e5", 0x0000_0000_0000_0000),
        ("-0.0", 0x8000_0000_0000_0000),
        ("-0e1", 0x8000_0000_0000_0000),
        ("8.5e22", 0x44b1_ffdb_f6b2_b2eb),
        ("3e-5", 0x3eff_7510_4d55_1d6a),
        ("1.23e15", 0x4311_7ab6_c44b_8000),
    ];

    #[test]
    fn numbers_are_those_of_refinery() {
        for (text, bits) in RECORDED {
            assert_eq!(parse_float(text).to_bits(), bits, "{text}");
        }
    }
}
