//! A file's text → its value and every fault on the way.

use super::read::DUPLICATE_KEY;
use super::tree::Body;
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
    /// It is a null, which reads as an empty mapping.
    pub is_null: bool,
    /// None where the engine's reader stops, so that it is in vain to look at keys and values.
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
            let stops = findings.iter().any(leaves_nothing);
            parsed.findings.extend(findings);
            (!stops).then_some(item)
        });
        Self { file, format, is_empty, is_null, item, findings: parsed.findings }
    }
}

/// Of a key that is written twice the first value can still be looked at.
fn leaves_nothing(finding: &Finding) -> bool {
    finding.stops_start() && finding.check != &DUPLICATE_KEY
}
