//! A deployment that a file describes by naming other files.

use super::Part;
use crate::diagnostic::Finding;
use crate::source::circumstances::Circumstances;
use crate::source::shelf::Shelved;

/// A process, the files that it is started with in their order, and how it is run.
pub struct Described {
    /// The file that says so and, behind `#`, the place in it: `compose.yaml#refinery`.
    pub name: String,
    pub config: Vec<Half>,
    pub rules: Vec<Half>,
    pub given: Circumstances,
    /// What can be said before any of its files is parsed.
    pub findings: Vec<Finding>,
}

/// One of its files.
pub enum Half {
    /// A file that lies open, and may be found there too.
    Open(Shelved),
    /// A text that stands in the description itself.
    Within(Box<Part>),
}
