//! The decimal logarithm, bit for bit as Go computes it on x86-64.
//!
//! The last bit matters: a rate is rounded up, so 10.000000000000002 becomes 11. The method is that
//! of FreeBSD's `e_log.c`, which Go uses: reduce to √½ … √2, then evaluate a polynomial in s = f /
//! (2 + f).

use std::f64::consts::{FRAC_1_SQRT_2, LOG10_E};

/// For a number that is neither negative nor subnormal.
pub fn log10(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if !x.is_finite() {
        return x;
    }
    ln(x) * LOG10_E
}

#[expect(clippy::excessive_precision, reason = "the digits are those of the published method")]
fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    const EVEN: [f64; 3] =
        [3.999_999_999_940_941_908e-1, 2.222_219_843_214_978_396e-1, 1.531_383_769_920_937_332e-1];
    const ODD: [f64; 4] = [
        6.666_666_666_666_735_130e-1,
        2.857_142_874_366_239_149e-1,
        1.818_357_216_161_805_012e-1,
        1.479_819_860_511_658_591e-1,
    ];
    let (f, k) = reduce(x);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * polynomial(s4, &ODD);
    let even = s4 * polynomial(s4, &EVEN);
    let half = 0.5 * f * f;
    k * LN2_HIGH - ((half - (s * (half + (odd + even)) + k * LN2_LOW)) - f)
}

/// `f` and `k` so that x is (1 + f) · 2ᵏ, with 1 + f between √½ and √2.
fn reduce(x: f64) -> (f64, f64) {
    const FRACTION: u64 = (1 << 52) - 1;
    const HALF: u64 = 0x3fe << 52;
    let bits = x.to_bits();
    let exponent = f64::from(i32::try_from(bits >> 52).unwrap_or(0) - 0x3fe);
    let fraction = f64::from_bits(bits & FRACTION | HALF);
    if fraction < FRAC_1_SQRT_2 {
        (fraction * 2.0 - 1.0, exponent - 1.0)
    } else {
        (fraction - 1.0, exponent)
    }
}

/// By Horner's rule, lowest coefficient first.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_exact_to_the_last_bit() {
        for (x, bits) in LOGARITHMS {
            assert_eq!(log10(x).to_bits(), bits, "{x}");
        }
    }

    /// Numbers with the bits of the logarithm as computed by Go 1.25 and 1.26.
    const LOGARITHMS: [(f64, u64); 23] = [
        (0.0, f64::NEG_INFINITY.to_bits()),
        (f64::INFINITY, f64::INFINITY.to_bits()),
        (1.0, 0),
        (0.5, 0xbfd3_4413_509f_79ff),
        (FRAC_1_SQRT_2.next_down(), 0xbfc3_4413_509f_7a00),
        (FRAC_1_SQRT_2, 0xbfc3_4413_509f_79fe),
        (2.0, 0x3fd3_4413_509f_79ff),
        (3.0, 0x3fde_8927_964f_d5fc),
        (7.0, 0x3feb_0b0b_0b78_cc3f),
        (9.5, 0x3fef_4983_03a7_c522),
        (10.0, 0x3ff0_0000_0000_0000),
        (42.25, 0x3ffa_0362_df28_679e),
        (99.0, 0x3fff_ee1f_2b78_b06d),
        (100.0, 0x4000_0000_0000_0000),
        (101.0, 0x4000_08d9_a4f8_8fdb),
        (1000.0, 0x4008_0000_0000_0000),
        (1234.5, 0x4008_bb5f_aece_0c80),
        (65_535.0, 0x4013_4411_93e6_ea50),
        (100_000.0, 0x4014_0000_0000_0000),
        (999_999.0, 0x4017_ffff_e2da_dfb6),
        (1e9, 0x4022_0000_0000_0000),
        (123_456_789.125, 0x4020_2edb_0d17_d97f),
        (1e15, 0x402d_ffff_ffff_ffff),
    ];
}
