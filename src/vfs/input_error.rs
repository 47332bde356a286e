//! Why there is nothing to judge.
//!
//! These end the run with status 2. What the engine itself would refuse is a finding instead.

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
}

impl InputError {
    pub fn new(
        problem: InputProblem,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { problem, message: message.into(), advice: advice.into() }
    }
}
