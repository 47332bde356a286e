//! Text → spanned tree → values, as the engine's readers do it.
//!
//! Holds YAML, TOML and JSON behind one tree, the resolution of scalars, and the reading of a tree
//! into generic values. Must not know any key of the engine: `schema` does.

mod binary;
mod budget;
pub mod document;
pub mod format;
pub mod json;
mod key;
mod mapping;
pub mod read;
pub mod scalar;
pub mod time;
pub mod toml;
pub mod tree;
pub mod value;
pub mod yaml;

pub use document::Document;
pub use format::{DataFormat, parse};
pub use read::{DUPLICATE_KEY, read_document, read_document_as};
pub use scalar::{Dialect, is_plain_text};
pub use tree::Tree;
pub use value::{Entry, Item, Value};

use crate::diagnostic::Finding;

/// A text's tree, or why there is none.
#[derive(Debug)]
pub struct Parsed {
    pub tree: Option<Tree>,
    pub findings: Vec<Finding>,
}
