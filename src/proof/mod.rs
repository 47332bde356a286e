//! What holds of sampling rules for all traces, over the engine's own semantics.
//!
//! Every "can" comes with a trace that the engine has decided, every "cannot" is a proof: a trace is
//! some spans with or without a root, a span some fields, a field any value that the engine knows or
//! none. What exceeds a limit is said to be unknown. A trace has at least one span, as the engine makes
//! a trace of the first span that comes in. Must not make findings.

mod analysis;
mod budget;
mod compare;
mod formula;
mod sat;
mod search;
mod space;
mod value;
mod witness;

pub use analysis::{
    Analysis, Fate, MOST_CONDITIONS, MOST_RULES, Rare, Redundant, STEPS_OF_QUESTION,
    STEPS_OF_TARGET,
};
pub use compare::{Outcome, Verdict, all_are_decided, are_equal, is_without_effect};
pub use space::Semantics;
