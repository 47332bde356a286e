//! Traces passed to the `trace` command: from text to what the sampler of a target decides.
//!
//! `rehearse` creates the targets; this module does not know rules files.

mod batch;
mod distinct_fields;
mod document;
mod grouped;
mod input;
mod intake;
mod json_number;
mod lines;
pub mod otlp;
mod plain;
mod route;
mod run;
mod scan;
mod thinned;
mod time;
mod why_not;

pub use grouped::{Grouped, MOST_KEPT};
pub use input::{BadInput, Input, Part};
pub use intake::{Arrivals, Intake};
pub use route::Route;
pub use run::{Decided, Matched, Run, TraceResult};
pub use thinned::{FieldRequirement, MissingData, Requirements, missing_text};
pub use time::write_time;
pub use why_not::{why_not, wording};
