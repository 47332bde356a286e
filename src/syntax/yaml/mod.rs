//! YAML text → spanned tree, as the engine's reader builds it.
//!
//! Holds the composing of events into nodes, anchors and the first document's end; must not know
//! how characters make events (`events`) nor what a scalar means (`config`).

mod compose;
pub mod events;
mod recover;

pub use compose::{Composed, compose};
pub use recover::parse;
