//! Reads the text of a file into values, and collects all faults.

use super::read::DUPLICATE_KEY;
use super::tree::Body;
use super::{DataFormat, Item, parse, read_document};
use crate::diagnostic::Finding;
use crate::span::FileId;

/// The content of a file, as far as it can be read.
#[derive(Debug)]
pub struct Document {
    pub file: FileId,
    pub format: DataFormat,
    /// The text holds no document, not even a null.
    pub is_empty: bool,
    /// The document is null, which reads as an empty mapping.
    pub is_null: bool,
    /// `None` if the reader stops, so that keys and values cannot be checked.
    pub item: Option<Item>,
    pub findings: Vec<Finding>,
}

impl Document {
    pub fn read(file: FileId, format: DataFormat, text: &str) -> Self {
        let mut parsed = parse(file, format, text);
        let is_empty = parsed.tree.as_ref().is_some_and(|tree| tree.root().is_none());
        let is_null = parsed.tree.as_ref().is_some_and(|tree| {
            let root = tree.root().map(|root| &tree.get(root).body);
            root.is_some_and(|body| !matches!(body, Body::Mapping(_)))
        });
        let item = parsed.tree.and_then(|tree| {
            let (item, findings) = read_document(&tree);
            let stops = findings.iter().any(prevents_checks);
            parsed.findings.extend(findings);
            (!stops).then_some(item)
        });
        Self { file, format, is_empty, is_null, item, findings: parsed.findings }
    }
}

/// Whether a fault leaves nothing to check. After a duplicate key the first value can be checked.
fn prevents_checks(finding: &Finding) -> bool {
    finding.stops_start() && finding.check != &DUPLICATE_KEY
}
