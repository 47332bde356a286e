//! The decimal logarithm, to the last bit as Go computes it on x86-64.
//!
//! The last bit matters: a rate is rounded up, so that 10.000000000000002 becomes 11. The method is
//! FreeBSD's `e_log.c`, which Go uses: reduce to √½ … √2, then a polynomial in s = f / (2 + f).

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E, LOG10_2};

/// Of a number that is not below zero and not subnormal.
pub fn log10(x: f64) -> f64 {
    log2(x) * LOG10_2
}

fn log2(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if !x.is_finite() {
        return x;
    }
    let (fraction, exponent) = split(x);
    if fraction == 0.5 {
        return exponent - 1.0;
    }
    ln_of_fraction(fraction) * LOG2_E + exponent
}

/// A fraction from ½ up to 1 and the power of two it is multiplied by.
fn split(x: f64) -> (f64, f64) {
    const FRACTION: u64 = (1 << 52) - 1;
    const HALF: u64 = 0x3fe << 52;
    let bits = x.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0) - 0x3fe;
    (f64::from_bits(bits & FRACTION | HALF), f64::from(exponent))
}

#[expect(clippy::excessive_precision, reason = "the digits are those of the published method")]
fn ln_of_fraction(fraction: f64) -> f64 {
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
    let (k, f) =
        if fraction < FRAC_1_SQRT_2 { (-1.0, fraction * 2.0 - 1.0) } else { (0.0, fraction - 1.0) };
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * polynomial(s4, &ODD);
    let even = s4 * polynomial(s4, &EVEN);
    let half = 0.5 * f * f;
    k * LN2_HIGH - ((half - (s * (half + (odd + even)) + k * LN2_LOW)) - f)
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
        assert_eq!(log10(1.0), 0.0);
        assert_eq!(log10(0.0), f64::NEG_INFINITY);
        assert_eq!(log10(f64::INFINITY), f64::INFINITY);
    }

    /// Numbers with the bits of the logarithm that Go 1.26 gives for them.
    const LOGARITHMS: [(f64, u64); 0] = [];
}
