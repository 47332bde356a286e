//! A file of Refinery's inside another file, such as an entry of a `ConfigMap`.

use super::Outer;
use super::launch::LaunchSpec;
use crate::schema::Kind;
use crate::sniff::recognise::{Generation, Recognised};
use crate::source_name::SourceName;
use crate::span::{FileId, Piece};
use crate::syntax::DataFormat;
use crate::vfs::decode::Fault;

/// A file of Refinery's inside another file.
pub struct EmbeddedFile {
    pub name: SourceName,
    pub recognised: Recognised,
    pub format: Option<DataFormat>,
    pub text: String,
    pub pieces: Vec<Piece>,
    /// Only files with the same bond can belong together.
    pub bond: String,
    pub launch: LaunchSpec,
    /// The outer file.
    pub file: FileId,
    /// Bytes that are not valid text.
    pub fault: Option<Fault>,
}

impl EmbeddedFile {
    /// A text with a syntax error. It is checked as a config, which reports the error.
    pub fn unreadable(outer: Outer<'_>, text: &str, pieces: Vec<Piece>) -> Self {
        let Outer { name, file, .. } = outer;
        let start = pieces.first().map_or(outer.start, |piece| piece.outer.range().start);
        Self {
            name: SourceName::of_file(name),
            recognised: Recognised { kind: Kind::Config, generation: Generation::Second },
            format: Some(DataFormat::Yaml),
            text: text.to_owned(),
            pieces,
            bond: format!("{name}#{start}"),
            launch: LaunchSpec::default(),
            file,
            fault: None,
        }
    }
}
