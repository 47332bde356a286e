//! A violation of a schema.

use crate::diagnostic::Finding;

/// A finding and the path of its key.
#[derive(Debug)]
pub struct Violation {
    /// `Traces.SendDelay`; empty for the whole file.
    pub path: String,
    pub finding: Finding,
}
