//! A Refinery binary → a release file with what it says about its own keys.
//!
//! Every release from 2.0 on embeds two YAML documents that describe its config and its rules. They
//! are looked for by their first bytes; the binary is never executed, and no description is kept.

mod binary;
mod build_info;
mod layers;
mod metadata;

pub use layers::MAX_BINARY;

use crate::release::Release;
use crate::release::facts::ReleaseFile;

/// What was learned.
#[derive(Debug)]
pub struct Learned {
    pub release: Release,
    pub file: ReleaseFile,
    /// What this program does not know how to check, in words.
    pub not_understood: Vec<String>,
}

/// What could not be found.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LearnError {
    #[error("it is not an ELF, Mach-O or PE file, nor a tar archive")]
    NotABinary,
    #[error("it is empty")]
    Empty,
    #[error("it is a Go program, but `{0}`, not Refinery")]
    OtherProgram(String),
    #[error("it is packed with UPX, which hides the metadata for config and rules")]
    Packed,
    #[error("the metadata for {0} is not in it")]
    NoMetadata(&'static str),
    #[error("the file ends within the metadata for {0}: it is truncated")]
    Truncated(&'static str),
    #[error("{0} is not in it: the file is truncated; according to its header, more should follow")]
    CutOff(String),
    #[error("the metadata for {kind} cannot be read: {reason}")]
    Unreadable { kind: &'static str, reason: String },
    #[error("its version is not in it")]
    NoVersion,
    #[error("unsupported version `{0}`; expected a release from 2.0 on")]
    OtherVersion(String),
    #[error("the archive contains no Refinery binary")]
    NotInArchive,
    #[error("it cannot be unpacked: {0}")]
    Archive(&'static str),
}

impl LearnError {
    pub fn help(&self) -> &'static str {
        match self {
            Self::Packed => "unpack it with `upx -d`, or use the binary as it was released",
            Self::NoVersion | Self::OtherVersion(_) => "pass it with `--version-is 3.5.0`",
            Self::Truncated(_) | Self::CutOff(_) | Self::Archive(_) => "download the file again",
            _ => {
                "pass the binary of a Refinery release, or the layer of its image that contains it"
            }
        }
    }
}

/// Learns from the bytes of a binary, or of an archive that holds one; `version` is used instead of
/// the version that the binary says.
///
/// # Errors
/// What is not in it.
#[allow(clippy::needless_pass_by_value, reason = "a program is large, and nobody needs it later")]
pub fn learn(bytes: Vec<u8>, version: Option<Release>) -> Result<Learned, LearnError> {
    layers::find(&bytes, &|bytes| binary::read(bytes, version))
}
