//! A sampler's decision about one trace.

/// The outcome, with everything that Refinery would add to each span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'s> {
    /// How many traces this one represents; Refinery's arithmetic can yield 0 or a number near 2⁶⁴.
    pub rate: u64,
    /// In Refinery's words, which it sends to Honeycomb.
    pub reason: &'s str,
    /// The key of a dynamic sampler, else empty.
    pub key: String,
    pub keep: Keep,
    /// The matching rule, counted from 0.
    pub rule: Option<usize>,
}

/// Whether the trace is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    Yes,
    No,
    /// With a probability of 1/rate.
    Chance,
}

impl Keep {
    /// Refinery draws a number below `rate` and keeps the trace if it is zero.
    pub(super) fn one_in(rate: u64) -> Self {
        match rate {
            0 => Self::No,
            1 => Self::Yes,
            _ => Self::Chance,
        }
    }
}
