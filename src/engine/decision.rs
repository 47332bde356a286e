//! What a sampler decides of one trace.

/// The outcome, with what the engine would write into each span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'s> {
    /// How many traces this one stands for; the engine's arithmetic lets it be 0 or near 2⁶⁴.
    pub rate: u64,
    /// In the engine's own words: they are on the wire.
    pub reason: &'s str,
    /// What a dynamic sampler counted the trace under; else empty.
    pub key: String,
    pub keep: Keep,
    /// The rule that decided, counted from 0.
    pub rule: Option<usize>,
}

/// Whether the trace is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    Yes,
    No,
    /// With the chance of one in the rate.
    Chance,
}

impl Keep {
    /// The engine draws from the numbers below `rate` and keeps on zero.
    pub(super) fn one_in(rate: u64) -> Self {
        match rate {
            0 => Self::No,
            1 => Self::Yes,
            _ => Self::Chance,
        }
    }
}
