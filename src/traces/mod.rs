//! Traces that people pass to the `trace` command: from text to what the sampler of a target
//! decides.
//!
//! `rehearse` creates the targets; this module does not know rules files.

mod batch;
mod document;
mod grouped;
mod input;
mod lines;
pub mod otlp;
mod route;
mod run;
mod typed;
mod why_not;

pub use document::Json;
pub use grouped::Grouped;
pub use input::{BadInput, Input};
pub use route::Route;
pub use run::{Decided, Run, TraceResult};
pub use why_not::{why_not, wording};
