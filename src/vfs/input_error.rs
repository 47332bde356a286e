//! Why there is nothing to judge.
//!
//! These end the run with status 2. What the engine itself would refuse is a finding instead.

use std::ops::Range;

/// What was wrong with the input, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputProblem {
    Missing,
    Unreadable,
    /// A folder, a pipe or a device.
    NotAFile,
    TooLarge,
    /// An address on the network, which is never fetched.
    Remote,
    NotRecognised,
    NothingFound,
    BadEnvironmentFile,
    BadSettings,
    /// It lies outside of what may be read.
    Outside,
    /// There is no git repository, or it has not got what is asked for.
    Repository,
}

impl InputProblem {
    /// Is there no such file, for all that can be seen from here?
    pub fn is_absence(self) -> bool {
        matches!(self, Self::Missing | Self::NotAFile | Self::Outside | Self::Repository)
    }

    /// Is there no file of that name?
    pub fn is_no_file(self) -> bool {
        matches!(self, Self::Missing | Self::NotAFile)
    }
}

/// A place in a file of ours that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub name: String,
    /// The whole text, without secrets.
    pub text: String,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What to say there.
    pub label: String,
}

/// Input that cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    pub problem: InputProblem,
    /// What and why.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// Where, if that can be shown.
    pub excerpt: Option<Box<Excerpt>>,
}

impl InputError {
    pub fn new(
        problem: InputProblem,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { problem, message: message.into(), advice: advice.into(), excerpt: None }
    }

    /// The same with its place.
    #[must_use]
    pub fn showing(self, excerpt: Excerpt) -> Self {
        Self { excerpt: Some(Box::new(excerpt)), ..self }
    }
}
