//! What can be proved of rules, whatever the traces.
//!
//! A proof holds over the engine's own semantics: fields that are missing, values of any type, spans
//! that differ. Where there is none, nothing is claimed. Must not make findings.

mod grid;
mod prepared;
mod proof;
mod rule;

pub use rule::{Logic, Reason};
