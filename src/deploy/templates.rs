//! Templates that nothing here renders.
//!
//! Those of a chart are checked when they are rendered; any other one that is about Refinery stays
//! unchecked, and that is a finding.

use super::CHART_FILE;
use super::loader::Loader;
use crate::diagnostic::Finding;
use crate::sniff::flaw::{Flaw, first_action};
use crate::span::Piece;
use crate::vfs::path::{join, split};
use std::path::Path;

/// Is a file one of a chart's own templates: somewhere in the folder `templates` beside its
/// description?
pub fn is_of_chart(name: &str, around: &Loader<'_>) -> bool {
    let mut folder = split(name).0;
    while !folder.is_empty() {
        let (above, last) = split(folder);
        let is_there = || {
            let chart = join(above, CHART_FILE);
            around.store.read(Path::new(&chart), &chart).is_ok()
        };
        if last == "templates" && is_there() {
            return true;
        }
        folder = above;
    }
    false
}

/// Says that a text is a template; `pieces` lead from places in it to those in its file. None where
/// there are none.
pub fn find_template(
    name: &str,
    text: &str,
    pieces: &[Piece],
    around: &Loader<'_>,
) -> Option<Finding> {
    let at = first_action(text).or_else(|| text.find("{{")).unwrap_or_default();
    let piece = pieces.iter().find(|piece| piece.inner.contains(&at)).or(pieces.first())?;
    let range = piece.outer.range();
    let is_verbatim = piece.inner.len() == range.len();
    let place = if is_verbatim { range.start + at - piece.inner.start } else { range.start };
    let outer = around.shelf.files.get(piece.outer.file);
    Some(Flaw::Template(place).finding(piece.outer.file, name, &outer.text))
}
