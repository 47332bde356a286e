//! Git repositories: revisions, the index, hook files, what is ignored.
//!
//! Must not know Refinery.

pub mod hook_file;
pub mod ignored;
pub mod index;
pub mod moment;
pub mod repository;
