//! The deterministic sampler, which decides by the trace ID, the same in every process.

use super::crash::Crash;
use super::decision::Keep;
use sha1::{Digest, Sha1};

/// Refinery appends this to the ID before hashing; it is the same in every release.
const SALT: &str = "5VQ8l2jE5aJLPVqk";

/// A rate and the largest hash that it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deterministic {
    rate: i64,
    bound: u32,
}

impl Deterministic {
    /// Prepares a rate, of which only the lower 32 bits determine the bound.
    ///
    /// # Errors
    /// Those bits are zero.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Refinery converts the same way"
    )]
    pub fn new(rate: i64) -> Result<Self, Crash> {
        let bound = u32::MAX.checked_div(rate as u32).ok_or(Crash::DivisionByZero)?;
        Ok(Self { rate, bound })
    }

    /// In Refinery's words.
    pub fn reason(self) -> &'static str {
        if self.rate <= 1 { "deterministic/always" } else { "deterministic/chance" }
    }

    /// The rate, and whether it keeps a trace with this ID.
    pub fn decide(self, id: &str) -> (u64, Keep) {
        let rate = u64::try_from(self.rate).unwrap_or(1).max(1);
        let is_kept = rate == 1 || hash(id) <= self.bound;
        (rate, if is_kept { Keep::Yes } else { Keep::No })
    }
}

/// The first 32 bits of the SHA-1 of the salted ID.
fn hash(id: &str) -> u32 {
    let digest = Sha1::new().chain_update(id).chain_update(SALT).finalize();
    digest.iter().take(4).fold(0, |hash, byte| hash << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(rate: i64) -> usize {
        let sampler = Deterministic::new(rate).unwrap();
        let ids = (0..10_000).map(|n| format!("trace-{n}"));
        ids.filter(|id| sampler.decide(id).1 == Keep::Yes).count()
    }

    #[test]
    fn keeps_one_in_the_rate() {
        assert!((900..1100).contains(&kept(10)), "{}", kept(10));
        assert_eq!(kept(1), 10_000);
    }

    #[test]
    fn a_rate_of_one_or_less_keeps_all() {
        for rate in [1, -1, -500, i64::MIN + 1] {
            let sampler = Deterministic::new(rate).unwrap();
            assert_eq!(sampler.decide("x"), (1, Keep::Yes));
            assert_eq!(sampler.reason(), "deterministic/always");
        }
    }

    #[test]
    fn a_rate_above_32_bits_keeps_all_but_reports_the_rate() {
        let rate = (1 << 32) + 1;
        let sampler = Deterministic::new(rate).unwrap();
        assert_eq!(sampler.decide("x"), (4_294_967_297, Keep::Yes));
        assert_eq!(sampler.reason(), "deterministic/chance");
    }

    #[test]
    fn a_rate_with_zero_lower_bits_crashes() {
        for rate in [0, 1 << 32, -(1 << 33)] {
            assert_eq!(Deterministic::new(rate), Err(Crash::DivisionByZero));
        }
    }
}
