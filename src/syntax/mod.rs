//! Parses YAML, TOML and JSON into a spanned tree, and reads the tree into generic values, exactly as
//! Refinery's readers do.
//!
//! Must not know any of Refinery's keys: `schema` does.

mod binary;
mod budget;
pub mod document;
mod duplicates;
mod faults;
pub mod format;
pub mod json;
mod key;
mod malformed_toml;
mod mapping;
mod newer_toml;
pub mod read;
mod repeated_toml;
pub mod scalar;
mod shape;
pub mod time;
pub mod toml;
pub mod tree;
pub mod value;
pub mod yaml;

pub use document::{Document, prevents_checks};
pub use faults::{DUPLICATE_KEY, TOP_LEVEL};
pub use format::{DataFormat, parse};
pub use read::{read_document, read_document_as};
pub use scalar::{Dialect, is_plain_text};
pub use shape::Shape;
pub use tree::Tree;
pub use value::{Entry, Item, Value};

use crate::diagnostic::Finding;

/// The tree of a text, or the findings that explain why there is none.
#[derive(Debug)]
pub struct Parsed {
    pub tree: Option<Tree>,
    pub findings: Vec<Finding>,
    /// What follows the first value of a JSON text, of which the tree is.
    pub remainder: Option<Finding>,
}

impl Parsed {
    fn whole(tree: Tree, findings: Vec<Finding>) -> Self {
        Self { tree: Some(tree), findings, remainder: None }
    }

    fn refused(findings: Vec<Finding>) -> Self {
        Self { tree: None, findings, remainder: None }
    }
}
