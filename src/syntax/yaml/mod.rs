//! YAML text → spanned tree, as the engine's reader builds it.
//!
//! The reader of events is our own, for no library refuses and accepts what the engine's does.
//! Holds characters → tokens → events → nodes; must not know what a scalar means (`scalar`).

mod cause;
mod compose;
mod cursor;
mod event;
mod fold;
mod parser;
mod parser_collections;
mod problem;
mod recover;
mod scan_block;
mod scan_comment;
mod scan_directive;
mod scan_plain;
mod scan_quoted;
mod scan_structure;
mod scan_tag;
mod scanner;
mod simple_key;
mod token;

pub use compose::{ComposeFault, Composed, MAX_DEPTH, compose};
pub use event::{Event, EventKind, Properties};
pub use parser::Parser;
pub use problem::{Context, Fault, Problem};
pub use recover::{TOO_DEEP, parse};
pub use token::ScalarStyle;
