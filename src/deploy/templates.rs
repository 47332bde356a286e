//! Templates, which are not rendered here.
//!
//! Templates of a chart are checked once rendered. Any other template about Refinery is reported,
//! because it stays unchecked.

use super::CHART_FILE;
use super::loader::Loader;
use crate::diagnostic::Finding;
use crate::sniff::flaw::{Flaw, first_action};
use crate::span::Piece;
use crate::vfs::path::{join, split};
use std::path::Path;

/// Whether a file is a template of a chart, in the folder `templates` next to `Chart.yaml`.
pub fn is_of_chart(name: &str, loader: &Loader<'_>) -> bool {
    chart_of(name, loader).is_some()
}

/// The folder of the chart that a template belongs to.
pub fn chart_of(name: &str, loader: &Loader<'_>) -> Option<String> {
    let mut folder = split(name).0;
    while !folder.is_empty() {
        let (above, last) = split(folder);
        let is_there = || {
            let chart = join(above, CHART_FILE);
            loader.store.read(Path::new(&chart), &chart).is_ok()
        };
        if last == "templates" && is_there() {
            return Some(above.to_owned());
        }
        folder = above;
    }
    None
}

/// Reports a template; `pieces` map the text to its file. `None` without pieces.
pub fn find_template(
    name: &str,
    text: &str,
    pieces: &[Piece],
    loader: &Loader<'_>,
) -> Option<Finding> {
    let opening = || ["{{", "${", "%{"].iter().find_map(|opening| text.find(opening));
    let at = first_action(text).or_else(opening).unwrap_or_default();
    let piece = pieces.iter().find(|piece| piece.inner.contains(&at)).or(pieces.first())?;
    let range = piece.outer.range();
    let is_verbatim = piece.inner.len() == range.len();
    let place = if is_verbatim { range.start + at - piece.inner.start } else { range.start };
    let outer = loader.loaded.files.get(piece.outer.file);
    Some(Flaw::Template(place).finding(piece.outer.file, name, &outer.text))
}
