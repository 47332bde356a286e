//! What a text is, by its keys alone: a file of Refinery's, or one in which such files may be kept.
//!
//! Must hold for texts with syntax errors, and must not take the many other files of a repository
//! for Refinery's. Must not open anything.

pub mod classify;
pub mod containers;
pub mod file_name;
pub mod flaw;
pub mod key_scan;
pub mod names;
pub mod recognise;
pub mod unrecognised;
pub mod v1;
