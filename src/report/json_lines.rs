//! JSON Lines: one finding per line, as in the JSON report, with its file.
//!
//! Only findings: verdicts, releases and the list of files are in the JSON report.

use super::escape;
use super::json::JsonFinding;
use super::view::View;
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    #[serde(flatten)]
    finding: JsonFinding<'a>,
}

pub fn render(view: &View<'_>) -> String {
    let lines = view.findings().into_iter().map(|located| {
        let (file, start) = (located.file(), located.start());
        let line = Line { file, line: start.line, column: start.column, finding: located.into() };
        // Every key is a string, so this cannot fail.
        escape::json(&serde_json::to_string(&line).unwrap_or_default()) + "\n"
    });
    lines.collect()
}
