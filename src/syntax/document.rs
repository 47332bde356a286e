//! Reads the text of a file into values, and collects all faults.

use super::faults::DUPLICATE_KEY;
use super::read::read_into;
use super::tree::Body;
use super::{DataFormat, Item, Parsed, Shape, Tree, parse, read_document};
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
    /// What the parser finds, then what is found in the values.
    pub findings: Vec<Finding>,
    /// How many of the findings are the parser's.
    parser_findings: usize,
    /// What follows the first value of a JSON file, which not every release reads.
    pub remainder: Option<Finding>,
    /// `None` if the text cannot be parsed.
    tree: Option<Tree>,
}

impl Document {
    pub fn read(file: FileId, format: DataFormat, text: &str) -> Self {
        let mut parsed = parse(file, format, text);
        let is_empty = parsed.tree.as_ref().is_some_and(|tree| tree.root().is_none());
        let is_null = parsed.tree.as_ref().is_some_and(|tree| {
            let root = tree.root().map(|root| &tree.get(root).body);
            root.is_some_and(|body| !matches!(body, Body::Mapping(_)))
        });
        let parser_findings = parsed.findings.len();
        let item = parsed.tree.as_ref().and_then(|tree| {
            let (item, findings) = read_document(tree);
            let stops = findings.iter().any(prevents_checks);
            parsed.findings.extend(findings);
            (!stops).then_some(item)
        });
        let Parsed { tree, findings, remainder } = parsed;
        Self { file, format, is_empty, is_null, item, findings, parser_findings, remainder, tree }
    }

    /// Reads only what fits into a shape, with the faults of the parser and those in it. `None` if
    /// the text cannot be parsed.
    pub fn read_into<S: Shape>(&self, shape: S) -> Option<(Item, Vec<Finding>)> {
        let (item, findings) = read_into(shape, self.tree.as_ref()?);
        let parser = self.findings.iter().take(self.parser_findings).cloned();
        Some((item, parser.chain(findings).collect()))
    }

    /// Whether a mapping may define a key twice.
    pub fn allows_duplicates(&self) -> bool {
        self.tree.as_ref().is_some_and(|tree| tree.allows_duplicates)
    }
}

/// Whether a fault leaves nothing to check. After a duplicate key the first value can be checked.
pub fn prevents_checks(finding: &Finding) -> bool {
    finding.stops_start() && finding.check != &DUPLICATE_KEY
}
