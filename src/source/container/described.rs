//! A deployment that a file describes by naming other files.

use super::Part;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::source::circumstances::Circumstances;
use crate::source::recognise::{Generation, Recognised};
use crate::source::shelf::Shelved;
use crate::span::{FileId, Piece};
use crate::syntax::DataFormat;

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

impl Half {
    /// A text that is such a file because a process reads it as one, whatever is in it.
    pub fn within(
        kind: Kind,
        format: Option<DataFormat>,
        name: String,
        text: String,
        pieces: Vec<Piece>,
        file: FileId,
    ) -> Self {
        Self::Within(Box::new(Part {
            name,
            recognised: Recognised { kind, generation: Generation::Second },
            format,
            text,
            pieces,
            bond: String::new(),
            given: Circumstances::default(),
            file,
        }))
    }
}
