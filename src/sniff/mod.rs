//! Recognises texts by their keys: Refinery's files, and container files that may embed or describe
//! them.
//!
//! Must work for texts with syntax errors, and must not take other files of a repository for
//! Refinery's. Must not open files.

pub mod classify;
pub mod comment;
pub mod containers;
pub mod file_name;
pub mod flaw;
pub mod key_scan;
pub mod names;
pub mod recognise;
pub mod rule_test;
pub mod shebang;
pub mod unrecognised;
pub mod v1;
