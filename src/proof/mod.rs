//! Proves statements about sampling rules for all traces, based on the engine's semantics.
//!
//! Every "possible" comes with a trace that the engine has decided; every "impossible" is a proof.
//! A trace consists of at least one span, with or without a root span, as Refinery creates a trace
//! for the first span; a span of fields; a field of any value that the engine supports. Beyond a
//! limit the answer is "unknown".

mod analysis;
mod budget;
mod compare;
mod exercise;
mod formula;
mod sat;
mod search;
mod space;
mod string;
mod value;
mod witness;

pub use analysis::{
    Analysis, MAX_CONDITIONS, MAX_RULES, Rare, Reachability, Redundant, STEPS_OF_QUESTION,
    STEPS_OF_TARGET,
};
pub use compare::{
    About, Outcome, Verdict, all_are_decided, are_equal, find_differences, is_without_effect,
};
pub use exercise::Exerciser;
pub use search::Answer;
pub use space::Semantics;
pub use string::find_string;
