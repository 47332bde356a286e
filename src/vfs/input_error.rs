//! Errors that leave nothing to check.
//!
//! They end the run with status 2. Anything that Refinery itself would reject is a finding instead.

use std::ops::Range;

/// The kind of an input error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputProblem {
    Missing,
    Unreadable,
    /// A folder, a pipe or a device.
    NotAFile,
    TooLarge,
    /// A URL, which is never fetched.
    Remote,
    NotRecognised,
    NothingFound,
    BadEnvironmentFile,
    BadSettings,
    /// It is outside the folders that may be read.
    Outside,
    /// There is no git repository, or it does not have what was asked for.
    Repository,
}

impl InputProblem {
    /// Whether there is no such file, as far as can be seen from here.
    pub fn is_absence(self) -> bool {
        matches!(self, Self::Missing | Self::NotAFile | Self::Outside | Self::Repository)
    }

    /// Whether there is no file of that name.
    pub fn is_no_file(self) -> bool {
        matches!(self, Self::Missing | Self::NotAFile)
    }
}

/// A place in one of this program's own files, such as the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub name: String,
    /// The whole text, with secrets masked.
    pub text: String,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// The label at the place.
    pub label: String,
}

/// Input that cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    pub problem: InputProblem,
    /// The fault first.
    pub message: String,
    /// What to do about it.
    pub advice: String,
    /// The place, if it can be shown.
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

    /// The same error, with its place.
    #[must_use]
    pub fn showing(self, excerpt: Excerpt) -> Self {
        Self { excerpt: Some(Box::new(excerpt)), ..self }
    }
}
