//! The deterministic sampler: a trace's id decides, alike in every process.

use super::death::Death;
use super::decision::Keep;
use sha1::{Digest, Sha1};

/// What the engine appends to an id before it hashes it; every process of every release does.
const SALT: &str = "5VQ8l2jE5aJLPVqk";

/// A rate and the greatest hash that it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deterministic {
    rate: i64,
    bound: u32,
}

impl Deterministic {
    /// Prepares a rate, of which the bound takes the lower 32 bits alone.
    ///
    /// # Errors
    /// Those bits are zero.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the engine converts the same way"
    )]
    pub fn new(rate: i64) -> Result<Self, Death> {
        let bound = u32::MAX.checked_div(rate as u32).ok_or(Death::DivisionByZero)?;
        Ok(Self { rate, bound })
    }

    /// In the engine's words.
    pub fn reason(self) -> &'static str {
        if self.rate <= 1 { "deterministic/always" } else { "deterministic/chance" }
    }

    /// The rate, and whether a trace with this id is kept.
    pub fn decide(self, id: &str) -> (u64, Keep) {
        let rate = u64::try_from(self.rate).unwrap_or(1).max(1);
        let is_kept = rate == 1 || hash(id) <= self.bound;
        (rate, if is_kept { Keep::Yes } else { Keep::No })
    }
}

/// The first 32 bits of the salted id's SHA-1.
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
    fn a_rate_beyond_32_bits_keeps_all_and_says_otherwise() {
        let rate = (1 << 32) + 1;
        let sampler = Deterministic::new(rate).unwrap();
        assert_eq!(sampler.decide("x"), (4_294_967_297, Keep::Yes));
        assert_eq!(sampler.reason(), "deterministic/chance");
    }

    #[test]
    fn a_rate_of_zero_in_32_bits_is_the_end() {
        for rate in [0, 1 << 32, -(1 << 33)] {
            assert_eq!(Deterministic::new(rate), Err(Death::DivisionByZero));
        }
    }
}
