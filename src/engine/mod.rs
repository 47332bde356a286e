//! The sampling engine of Refinery v3.2.2 on its own feet: specs in, decisions out.
//!
//! Holds traces, conditions, rules, every sampler with its algorithm, and what they share. A panic of
//! the engine is a [`Death`] here, a roll of its dice is [`Keep::Chance`]. Must not know files, spans
//! of text, schemas or releases; `rehearse` translates. Wire formats are not known here either:
//! `ingest` takes events whose values have their types.

pub mod condition;
pub mod convert;
pub mod death;
pub mod decision;
mod deterministic;
pub mod dynamic;
pub mod fields;
pub mod ingest;
pub mod json_text;
mod key;
pub mod key_fields;
mod number_text;
mod path;
pub mod predicate;
pub mod process;
pub mod regexp;
pub mod rules;
pub mod sampler;
pub mod spec;
pub mod trace;
pub mod value;

pub use death::Death;
pub use decision::{Decision, Keep};
pub use fields::Fields;
pub use key_fields::KeyFields;
pub use process::Process;
pub use rules::Unmet;
pub use sampler::Sampler;
pub use trace::Trace;
pub use value::Value;
