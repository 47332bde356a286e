//! The ways in which a sampler crashes Refinery, as data.

use std::fmt::{self, Display, Formatter};

/// A crash of the process, by its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Crash {
    /// The target has no sampler of a known type.
    UnknownSampler,
    /// A rule's `Sampler` is empty.
    UnknownRuleSampler,
    /// The target is null.
    NullTarget,
    NullRule,
    NullCondition,
    /// A sampler or condition has an empty field name.
    EmptyField,
    /// The lower 32 bits of a deterministic rate are zero.
    DivisionByZero,
    /// A negative interval, on which Go's ticker panics.
    NegativeInterval,
    /// A sampler failed to start and Refinery ignored the error; it crashes at the first trace.
    NotStarted,
    /// A negative rate, on which Go's random number generator panics.
    NegativeRate,
    /// `not-in` with an unknown type.
    NoComparison,
}

impl Crash {
    /// 1 if Refinery exits by itself, 2 if it panics.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::UnknownSampler | Self::UnknownRuleSampler => 1,
            _ => 2,
        }
    }

    /// Newer releases read the rules at ingest, before any sampler does.
    pub fn happens_at_ingest(self) -> bool {
        matches!(self, Self::EmptyField | Self::NullCondition | Self::NullTarget)
    }
}

impl Display for Crash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownSampler => "the target has no sampler",
            Self::UnknownRuleSampler => "a rule's sampler is empty",
            Self::NullTarget => "the target is null",
            Self::NullRule => "a rule is null",
            Self::NullCondition => "a condition is null",
            Self::EmptyField => "a field has an empty name",
            Self::DivisionByZero => "the lower 32 bits of the sample rate are zero",
            Self::NegativeInterval => "an interval is negative",
            Self::NotStarted => "the interval is too short for the sampler to start",
            Self::NegativeRate => "the sample rate is negative",
            Self::NoComparison => "the `Datatype` of `not-in` is unknown",
        })
    }
}
