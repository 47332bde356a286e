//! Parses YAML, TOML and JSON into a spanned tree, and reads the tree into generic values, exactly as
//! Refinery's readers do.
//!
//! Must not know any of Refinery's keys: `schema` does.

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
pub use read::{DUPLICATE_KEY, TOP_LEVEL, read_document, read_document_as};
pub use scalar::{Dialect, is_plain_text};
pub use tree::Tree;
pub use value::{Entry, Item, Value};

use crate::diagnostic::Finding;

/// The tree of a text, or the findings that explain why there is none.
#[derive(Debug)]
pub struct Parsed {
    pub tree: Option<Tree>,
    pub findings: Vec<Finding>,
}
