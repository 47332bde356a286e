//! Why a pattern is invalid, and where.
//!
//! Ranges are positions within the pattern.

use std::fmt;
use std::ops::Range;

/// The error in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    #[error("unknown escape")]
    Escape,
    #[error("incomplete escape at the end of the pattern")]
    TrailingBackslash,
    #[error("the range is out of order")]
    RangeOrder,
    #[error("unknown character class")]
    ClassName,
    #[error("unknown Unicode category or script")]
    UnicodeName,
    #[error("missing `]` for this class")]
    OpenClass,
    #[error("missing `)` for this group")]
    OpenGroup,
    #[error("unexpected `)`")]
    StrayClose,
    #[error("invalid group syntax")]
    GroupSyntax,
    #[error("a group name consists of letters, digits and `_`, followed by `>`")]
    GroupName,
    #[error("nothing to repeat")]
    NothingToRepeat,
    #[error("a repetition can only be repeated in a group")]
    RepeatedRepeat,
    #[error("more than 1000 repetitions")]
    RepeatCount,
    #[error("the minimum is greater than the maximum")]
    RepeatOrder,
    #[error("nested repetitions amount to more than 1000")]
    RepeatProduct,
    #[error("groups are nested more than 1000 levels deep")]
    Depth,
    #[error("the pattern needs too much memory once repetitions are expanded")]
    Size,
}

/// The error of an invalid pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternFault {
    pub reason: Reason,
    /// The bytes with the error, on character boundaries and never empty.
    pub at: Range<usize>,
    /// Whether it is between `[` and `]`.
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
