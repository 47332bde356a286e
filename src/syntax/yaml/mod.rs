//! Parses YAML into a spanned tree, exactly as Refinery's reader (go-yaml v3) does.
//!
//! This is a parser of its own because no library accepts and rejects the same texts as go-yaml. It
//! turns characters into tokens, events and nodes. Must not resolve scalars (`scalar` does).

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

pub use cause::find_conflicts;
pub use compose::{ComposeError, MAX_DEPTH, compose};
pub use event::{EventKind, Properties};
pub use parser::Parser;
pub use problem::Problem;
pub use recover::{TOO_DEEP, parse};
pub use token::ScalarStyle;
