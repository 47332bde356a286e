//! One entry of a git tree.

use crate::vfs::path::text_of;
use git2::Oid;

/// A named entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub id: Oid,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    /// A symbolic link.
    Link,
    Folder,
    /// A submodule: a commit of another repository.
    Submodule,
}

impl Kind {
    pub fn of_mode(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o040_000 => Self::Folder,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            _ => Self::File,
        }
    }
}

impl Entry {
    pub fn new(name: &[u8], id: Oid, kind: Kind) -> Self {
        Self { name: text_of(name).into_owned(), id, kind }
    }

    /// What tree objects sort by: the names of folders end with a slash.
    pub fn order(&self) -> impl Iterator<Item = u8> {
        let end = (self.kind == Kind::Folder).then_some(b'/');
        self.name.bytes().chain(end)
    }
}
