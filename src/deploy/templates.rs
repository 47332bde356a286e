//! Templates that nothing here renders.
//!
//! Those of a chart are checked when they are rendered; any other one that is about Refinery stays
//! unchecked, and that is a finding.

use super::loader::Loader;
use super::{CHART_FILE, HOW_TO_RENDER};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::Piece;
use crate::vfs::path::{join, split};
use std::path::Path;

check!(
    TEMPLATE,
    "intake/template",
    Error,
    "a template about Refinery that is not rendered, so it is not checked",
    "Refinery reads what a template is rendered to, and that may be anything; only the templates of \
     a chart, in the folder `templates` beside its `Chart.yaml`, are left to a check of what is \
     rendered"
);

/// Is a file one of a chart's own templates?
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

/// Says that a text is a template; `pieces` lead from places in it to those in its file.
pub fn find_template(name: &str, text: &str, pieces: &[Piece]) -> Finding {
    let at = ["{{", "%{"].iter().filter_map(|mark| text.find(mark)).min().unwrap_or_default();
    let piece = pieces.iter().find(|piece| piece.inner.contains(&at)).or(pieces.first());
    let place = piece.map(|piece| {
        let range = piece.outer.range();
        let is_verbatim = piece.inner.len() == range.len();
        let start = if is_verbatim { range.start + at - piece.inner.start } else { range.start };
        crate::span::Span::new(piece.outer.file, start, (start + 2).min(range.end))
    });
    Finding::new(&TEMPLATE, format!("`{name}` is a template, so it is not checked"))
        .at_some(place, "to be replaced")
        .help(HOW_TO_RENDER)
}
