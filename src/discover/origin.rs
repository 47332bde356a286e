//! How a file was found, and where its content is.

use std::path::PathBuf;

/// How a file was found, by precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Named,
    Walked,
    /// Next to a named file, and read to complete it.
    Beside,
}

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Bytes(Vec<u8>),
    At(PathBuf),
}
