//! Tests of the rules of a deployment.

use crate::span::FileId;
use crate::vfs::input_error::InputError;
use std::sync::Arc;

/// A file with recorded traces as a file with tests names it, and its content.
pub type Recording = (String, Result<Arc<[u8]>, InputError>);

/// A file with tests of rules, and what it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSource {
    pub file: FileId,
    /// Why it is not known which rules it is for, if it is not.
    pub fault: Option<String>,
    /// The files with recorded traces that it names, with their contents.
    pub recordings: Vec<Recording>,
}

impl TestSource {
    /// The content of a file with recorded traces.
    pub fn recording(&self, path: &str) -> Option<&Result<Arc<[u8]>, InputError>> {
        self.recordings.iter().find(|(known, _)| known == path).map(|(_, content)| content)
    }
}
