//! How a sampler ends the whole process, as data.

use std::fmt::{self, Display, Formatter};

/// The end of the process, by its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Death {
    /// The target has no sampler of a known type.
    UnknownSampler,
    /// A rule's `Sampler` is there and has no sampler in it.
    UnknownRuleSampler,
    /// The target itself is null.
    NullTarget,
    NullRule,
    NullCondition,
    /// A sampler or a condition names a field with no letter in it.
    EmptyField,
    /// A deterministic rate that is zero in 32 bits.
    DivisionByZero,
    /// An interval below zero, for which no ticker can be made.
    NegativeInterval,
    /// A sampler that could not start, and nobody looked; it counts its first trace.
    NotStarted,
    /// A rate below zero, for which no random number can be drawn.
    NegativeRate,
    /// `not-in` with a type that does not exist.
    NoComparison,
}

impl Death {
    /// 1 where the engine gives up by itself, 2 where it panics.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::UnknownSampler | Self::UnknownRuleSampler => 1,
            _ => 2,
        }
    }

    /// Newer releases look at the rules while spans come in, before any sampler does.
    pub fn is_met_at_ingest(self) -> bool {
        matches!(self, Self::EmptyField | Self::NullCondition | Self::NullTarget)
    }
}

impl Display for Death {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownSampler => "the target has no sampler",
            Self::UnknownRuleSampler => "a rule's sampler is empty",
            Self::NullTarget => "the target is null",
            Self::NullRule => "a rule is null",
            Self::NullCondition => "a condition is null",
            Self::EmptyField => "a field has an empty name",
            Self::DivisionByZero => "the sample rate is zero in 32 bits",
            Self::NegativeInterval => "an interval is negative",
            Self::NotStarted => "the interval is too short for the sampler to start",
            Self::NegativeRate => "the sample rate is negative",
            Self::NoComparison => "the type of `not-in` does not exist",
        })
    }
}
