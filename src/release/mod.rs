//! Releases of Refinery as data: their dates, their differences other than keys, the charts that
//! install them, and how well each is known.
//!
//! The keys of releases are in `schema`.

mod basis;
mod built_in;
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
pub use built_in::{Evidence, go_line, nearest_built_in};
pub use known::{known, newest, newest_between, newest_on, releases};
pub use number::Release;
pub use pin::{Named, Pin};
pub use quirks::{Quirk, ReleaseQuirks};

/// Parses a file of `schemas/` that the build packs. It is part of the program and covered by
/// tests, so it always parses.
#[macro_export]
#[doc(hidden)]
macro_rules! packed {
    ($name:literal) => {
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/", $name))).unwrap_or_default()
    };
}
