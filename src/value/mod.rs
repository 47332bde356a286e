//! Parsers for single values, which accept exactly what Refinery accepts.
//!
//! Each takes a text and returns a value or a [`ValueError`]. Refinery reads most values with Go's
//! standard library, so its corner cases are reproduced. Must not know keys, files or limits: `schema`
//! and the checks do.

pub mod byte_count;
pub mod duration;
mod duration_spelling;
mod duration_unit;
pub mod error;
mod float;
mod float_bits;
pub mod float_text;
pub mod go_string;
mod host;
pub mod host_port;
mod memory_grammar;
pub mod memory_size;
pub mod number;
pub mod patterns;
mod percent;
pub mod port;
pub mod replaced;
pub mod url;

pub use duration::Duration;
pub use error::ValueError;
pub use float::parse_float;
pub use memory_grammar::Grammar;
pub use memory_size::MemorySize;
