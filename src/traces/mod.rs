//! Traces that people pass to the `trace` command: from text to what the sampler of a target
//! decides.
//!
//! `rehearse` creates the targets; this module does not know rules files.

mod input;
mod lines;
pub mod otlp;
mod run;

pub use input::{BadInput, read};
pub use run::{Decided, TraceResult, run};
