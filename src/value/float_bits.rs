//! Rounds a binary fraction to a 64-bit float.
//!
//! `float` parses the text.

/// `bits` × 2^`exponent` as the nearest `f64`, ties to even. `inexact` says that lower bits
/// were cut off, which only happens if the topmost hexadecimal digit of `bits` is not zero.
pub(super) fn round(bits: u64, inexact: bool, exponent: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let shift = i64::from(bits.leading_zeros());
    // The leading 1 is 2^`top`, followed by 52 bits, or fewer for a subnormal number.
    let top = exponent + 63 - shift;
    if top > 1023 {
        return f64::INFINITY;
    }
    let kept = (top + 1075).min(53);
    if kept < 0 {
        return 0.0;
    }
    // One more bit represents what was cut off.
    let wide = u128::from(bits << shift) << 1 | u128::from(inexact);
    let cut = 65 - kept;
    let (mantissa, rest, half) = (wide >> cut, wide & ((1 << cut) - 1), 1_u128 << (cut - 1));
    let rounds_up = rest > half || rest == half && mantissa & 1 == 1;
    let mantissa = u64::try_from(mantissa).unwrap_or(0) + u64::from(rounds_up);
    // The leading 1 of a normal number increments the exponent field, and so does a carry.
    let biased = u64::try_from(top + 1022).unwrap_or(0);
    f64::from_bits((biased << 52) + mantissa)
}

#[cfg(test)]
mod tests {
    use super::round;

    fn assert_rounds(bits: u64, inexact: bool, exponent: i64, expected: f64) {
        let rounded = round(bits, inexact, exponent);
        assert_eq!(rounded.to_bits(), expected.to_bits(), "{rounded:e} for {bits:#x}p{exponent}");
    }

    #[test]
    fn keeps_what_fits() {
        assert_rounds(0, false, 5_000, 0.0);
        assert_rounds(3, false, -1, 1.5);
        assert_rounds(0x1f_ffff_ffff_ffff, false, 971, f64::MAX);
        assert_rounds(1, false, -1074, f64::from_bits(1));
    }

    #[test]
    fn ties_round_to_even_unless_bits_were_cut_off() {
        let tie = (1 << 63) | (1 << 10);
        assert_rounds(tie, false, -63, 1.0);
        assert_rounds(tie, true, -63, 1.0 + f64::EPSILON);
        assert_rounds(tie | (1 << 11), false, -63, 1.0 + 2.0 * f64::EPSILON);
        assert_rounds(1 << 60, false, -1135, 0.0);
        assert_rounds(1 << 60, true, -1135, f64::from_bits(1));
        assert_rounds(1 << 60, true, -1136, 0.0);
    }

    #[test]
    fn carries_into_the_next_power() {
        assert_rounds(u64::MAX, false, -64, 1.0);
        assert_rounds(u64::MAX, false, -64 - 1022, f64::MIN_POSITIVE);
        assert_rounds(u64::MAX, false, 1023 - 63, f64::INFINITY);
        assert_rounds(1, false, i64::from(u32::MAX), f64::INFINITY);
    }
}
