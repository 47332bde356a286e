//! Why a pattern is refused, and where.
//!
//! Must not know the files that a pattern stands in: a range here counts within the pattern.

use std::fmt;
use std::ops::Range;

/// What the engine's library holds against a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    #[error("this escape means nothing to the engine")]
    Escape,
    #[error("the pattern ends in the middle of an escape")]
    TrailingBackslash,
    #[error("this range runs backwards")]
    RangeOrder,
    #[error("there is no such class of characters")]
    ClassName,
    #[error("there is no such Unicode category or script")]
    UnicodeName,
    #[error("this class is not closed with `]`")]
    OpenClass,
    #[error("this group is not closed with `)`")]
    OpenGroup,
    #[error("this `)` closes nothing")]
    StrayClose,
    #[error("a group cannot begin like this")]
    GroupSyntax,
    #[error("a group's name is letters, digits and `_`, closed with `>`")]
    GroupName,
    #[error("there is nothing here to repeat")]
    NothingToRepeat,
    #[error("a repetition cannot be repeated without a group around it")]
    RepeatedRepeat,
    #[error("a repetition has 1000 rounds at most")]
    RepeatCount,
    #[error("the least number of rounds is above the greatest")]
    RepeatOrder,
    #[error("nested repetitions come to more than 1000 rounds")]
    RepeatProduct,
    #[error("groups are nested more than 1000 deep")]
    Depth,
    #[error("the pattern takes too much memory once repetitions are written out")]
    Size,
}

/// The refusal of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternFault {
    pub reason: Reason,
    /// The bytes at fault, on character boundaries and never empty.
    pub at: Range<usize>,
    /// Does it lie between `[` and `]`?
    pub(super) in_class: bool,
}

impl PatternFault {
    pub(super) const fn new(reason: Reason, at: Range<usize>) -> Self {
        Self { reason, at, in_class: false }
    }

    #[must_use]
    pub(super) fn within_class(mut self) -> Self {
        self.in_class = true;
        self
    }
}

impl fmt::Display for PatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl std::error::Error for PatternFault {}
