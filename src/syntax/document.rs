//! A file's text → its value and every fault on the way.

use super::{DataFormat, Item, parse, read_document};
use crate::diagnostic::Finding;
use crate::span::FileId;

/// What a file says, as far as it can be read.
#[derive(Debug)]
pub struct Document {
    pub file: FileId,
    pub format: DataFormat,
    /// There is nothing in it at all, not even a null.
    pub is_empty: bool,
    /// None where the text is not of its language at all.
    pub item: Option<Item>,
    pub findings: Vec<Finding>,
}

impl Document {
    pub fn read(file: FileId, format: DataFormat, text: &str) -> Self {
        let mut parsed = parse(file, format, text);
        let is_empty = parsed.tree.as_ref().is_some_and(|tree| tree.root().is_none());
        let item = parsed.tree.map(|tree| {
            let (item, findings) = read_document(&tree);
            parsed.findings.extend(findings);
            item
        });
        Self { file, format, is_empty, item, findings: parsed.findings }
    }
}
