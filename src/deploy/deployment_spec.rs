//! A deployment that a file describes by naming other files.

use super::EmbeddedFile;
use super::launch::LaunchSpec;
use super::loaded::LoadedFile;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::recognise::{Generation, Recognised};
use crate::span::{FileId, Piece};
use crate::syntax::DataFormat;
use crate::vfs::decode::Fault;

/// A process, the files that it is started with in their order, and how it is run.
pub struct DeploymentSpec {
    /// The file that says so and, behind `#`, the place in it: `compose.yaml#refinery`.
    pub name: String,
    pub config: Vec<FileRef>,
    pub rules: Vec<FileRef>,
    pub given: LaunchSpec,
    /// What can be said before any of its files is parsed.
    pub findings: Vec<Finding>,
}

impl DeploymentSpec {
    /// Is nothing known of its files?
    pub fn names_no_file(&self) -> bool {
        self.config.is_empty() && self.rules.is_empty()
    }
}

/// One of its files.
pub enum FileRef {
    /// A file that lies open, and may be found there too.
    OnDisk(LoadedFile),
    /// A text that stands in the description itself.
    Embedded(Box<EmbeddedFile>),
}

impl FileRef {
    /// A text that is such a file because a process reads it as one, whatever is in it.
    pub fn within(
        kind: Kind,
        format: Option<DataFormat>,
        name: String,
        text: String,
        pieces: Vec<Piece>,
        file: FileId,
    ) -> Self {
        Self::Embedded(Box::new(EmbeddedFile {
            name,
            recognised: Recognised { kind, generation: Generation::Second },
            format,
            text,
            pieces,
            bond: String::new(),
            given: LaunchSpec::default(),
            file,
            fault: None,
        }))
    }

    /// The same, of which some bytes were no text.
    #[must_use]
    pub fn faulty(self, fault: Option<Fault>) -> Self {
        match self {
            Self::Embedded(part) => Self::Embedded(Box::new(EmbeddedFile { fault, ..*part })),
            on_disk @ Self::OnDisk(_) => on_disk,
        }
    }
}
