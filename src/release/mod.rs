//! The releases of Refinery as data: which there are, since when, how they differ apart from their
//! keys, which chart installs them, and how sure this program is of each.
//!
//! The keys of a release are `schema`'s.

mod basis;
pub mod chart;
pub mod facts;
mod known;
pub mod learned;
mod number;
pub mod pin;
pub mod quirks;
mod range;
pub mod select;

pub use basis::Basis;
pub use known::{
    Evidence, Known, known, nearest_built_in, newest, newest_between, newest_on, releases,
};
pub use number::Release;
pub use pin::{Named, Pin};
pub use quirks::{Quirk, ReleaseQuirks};

/// A file of `schemas/`, which the build packs. It is part of the program and a test reads it, so it
/// always parses.
#[macro_export]
#[doc(hidden)]
macro_rules! packed {
    ($name:literal) => {
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/", $name))).unwrap_or_default()
    };
}
