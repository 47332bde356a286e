//! Git repositories: revisions, the index, hook files, ignore rules.
//!
//! Must not know Refinery.

mod cache_tree;
pub mod commits;
pub mod entry;
mod filters;
pub mod hook_file;
mod ignore_rules;
pub mod ignored;
pub mod index;
pub mod push;
pub mod remotes;
pub mod repository;
pub mod snapshot;
pub mod status;
mod submodules;
pub mod time;
pub mod trees;
mod wildmatch;
mod work_state;
pub mod work_tree;
