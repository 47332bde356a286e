//! Traces that people hand in: from text to what a target's sampler decides of each.
//!
//! Must not open files nor print, and must not know rules files: `rehearse` makes targets of them.

mod input;
mod lines;
pub mod otlp;
mod run;

pub use input::{BadInput, read};
pub use run::{Decided, Told, run};
