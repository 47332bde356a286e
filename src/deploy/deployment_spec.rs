//! A deployment that a file describes, such as a compose service.

use super::EmbeddedFile;
use super::launch::LaunchSpec;
use super::loaded::LoadedFile;
use super::map_use::MapUse;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::recognise::{Generation, Recognised};
use crate::source_name::SourceName;
use crate::span::{FileId, Piece};
use crate::syntax::DataFormat;
use crate::vfs::decode::Fault;

/// A described process: its files, in order, and how it is launched.
pub struct DeploymentSpec {
    /// Where it is described: `compose.yaml#refinery`.
    pub name: SourceName,
    pub config: Vec<FileRef>,
    pub rules: Vec<FileRef>,
    pub launch: LaunchSpec,
    /// Findings before any of its files is parsed.
    pub findings: Vec<Finding>,
    /// The maps that its pods need.
    pub maps: Vec<MapUse>,
}

impl DeploymentSpec {
    /// A process with no files yet.
    pub fn new(name: SourceName, launch: LaunchSpec) -> Self {
        let (config, rules) = (Vec::new(), Vec::new());
        Self { name, config, rules, launch, findings: Vec::new(), maps: Vec::new() }
    }

    pub fn push(&mut self, kind: Kind, file: FileRef) {
        match kind {
            Kind::Config => self.config.push(file),
            Kind::Rules => self.rules.push(file),
        }
    }

    /// Whether none of its files is known.
    pub fn names_no_file(&self) -> bool {
        self.config.is_empty() && self.rules.is_empty()
    }
}

/// A file of a described deployment.
pub enum FileRef {
    /// A file of its own, which a search may find too.
    OnDisk(LoadedFile),
    /// A file inside another file.
    Embedded(Box<EmbeddedFile>),
}

impl FileRef {
    /// The file that the user edits.
    pub fn id(&self) -> FileId {
        match self {
            Self::OnDisk(loaded) => loaded.source.file,
            Self::Embedded(part) => part.file,
        }
    }

    /// An embedded file that a process reads as this kind, whatever is in it.
    pub fn within(
        kind: Kind,
        format: Option<DataFormat>,
        name: SourceName,
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
            launch: LaunchSpec::default(),
            file,
            fault: None,
        }))
    }

    /// The same, with the bytes that are not valid text.
    #[must_use]
    pub fn faulty(self, fault: Option<Fault>) -> Self {
        match self {
            Self::Embedded(part) => Self::Embedded(Box::new(EmbeddedFile { fault, ..*part })),
            on_disk @ Self::OnDisk(_) => on_disk,
        }
    }
}
