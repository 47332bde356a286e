//! A model of Refinery v3.2.2's sampling: specs in, decisions out.
//!
//! Contains traces, conditions, rules, and all samplers with their algorithms. A crash of Refinery
//! is a [`Crash`] here, and a random decision is [`Keep::Chance`]. Knows neither files nor schemas
//! nor releases (`rehearse` translates) nor wire formats (`ingest` receives events with typed
//! values).

pub mod condition;
pub mod convert;
pub mod crash;
pub mod decision;
mod deterministic;
pub mod dynamic;
pub mod ingest;
pub mod json_text;
pub mod key;
pub mod key_fields;
pub mod name;
mod number_text;
pub mod path;
pub mod predicate;
pub mod process;
pub mod read_fields;
pub mod regexp;
pub mod rules;
pub mod sampler;
mod single;
pub mod spec;
pub mod special_path;
pub mod timing;
pub mod trace;
pub mod value;

pub use crash::Crash;
pub use decision::{Decision, Keep};
pub use deterministic::Deterministic;
pub use key_fields::KeyFields;
pub use process::Process;
pub use read_fields::ReadFields;
pub use rules::MismatchReason;
pub use sampler::{Prepared, Sampler};
pub use trace::Trace;
pub use value::{Fields, Value};
