//! Parses documents of deployment tools.

use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use crate::syntax::{DUPLICATE_KEY, DataFormat, Dialect, Item, parse, read_document_as};

/// Parses a document like Helm and Kubernetes' tools; spans are relative to its start.
///
/// # Errors
/// The span of the syntax error, if known.
pub fn read_item(file: FileId, document: &str) -> Result<Item, Option<Span>> {
    read_item_as(Dialect::Helm, file, document)
}

/// Parses a document in a dialect; spans are relative to its start.
///
/// # Errors
/// The span of the syntax error, if known.
pub fn read_item_as(dialect: Dialect, file: FileId, document: &str) -> Result<Item, Option<Span>> {
    read_or_fault(dialect, file, document).map_err(|fault| fault?.primary())
}

/// Like `read_item_as`, but returns the whole finding on an error.
///
/// # Errors
/// The finding on the syntax error, if there is one.
pub fn read_or_fault(
    dialect: Dialect,
    file: FileId,
    document: &str,
) -> Result<Item, Option<Box<Finding>>> {
    let parsed = parse(file, DataFormat::Yaml, document);
    let read = parsed.tree.map(|tree| read_document_as(dialect, &tree));
    let mut faults = read.iter().flat_map(|(_, findings)| findings).chain(&parsed.findings);
    // Kustomize rejects duplicate keys; the other tools use the last one.
    let may_repeat = dialect != Dialect::Kustomize;
    let fault =
        faults.find(|f| f.stops_start() && !(may_repeat && f.check == &DUPLICATE_KEY)).cloned();
    match (fault, read) {
        (None, Some((item, _))) => Ok(item),
        (fault, _) => Err(fault.map(Box::new)),
    }
}
