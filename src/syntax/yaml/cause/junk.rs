//! Lines that are not YAML: Markdown fences, comments of other languages, wrong separators.

use super::line::Line;
use super::{Applicability, Cause, TextEdit, Trial};

pub fn find(trial: &Trial<'_>) -> Option<Cause> {
    let mut lines: Vec<usize> = trial.suspects().collect();
    lines.extend(trial.above(trial.here));
    lines.into_iter().find_map(|at| {
        let line = &trial.lines[at];
        find_fence(trial, line)
            .or_else(|| find_comment(trial, line))
            .or_else(|| find_separator(trial, line))
    })
}

/// Blanks out a line.
fn blank_out(line: &Line<'_>) -> TextEdit {
    TextEdit { at: line.first()..line.end, text: String::new() }
}

/// A code block that was copied from Markdown with its fence.
fn find_fence(trial: &Trial<'_>, line: &Line<'_>) -> Option<Cause> {
    let words = line.slice(line.first()..line.last());
    let fence = line.first()..line.first() + 3;
    let ends: Vec<TextEdit> = trial
        .lines
        .iter()
        .filter(|other| other.whole().trim_start().starts_with("```"))
        .map(blank_out)
        .collect();
    if !words.starts_with("```") || trial.progress_of(&ends).is_none() {
        return None;
    }
    let cause = Cause::new("a Markdown code fence is not YAML", fence, "not YAML")
        .help("remove the lines with ``` and keep what is between them")
        .with_edit(trial.joined(&ends)?);
    Some(cause.applicability(Applicability::Unsafe))
}

/// A comment in the syntax of another language.
fn find_comment(trial: &Trial<'_>, line: &Line<'_>) -> Option<Cause> {
    const OPENINGS: [&str; 5] = ["//", "/*", "--", ";", "<!--"];
    let words = line.slice(line.first()..line.end);
    let opening = OPENINGS.into_iter().find(|opening| words.starts_with(opening))?;
    let place = line.first()..line.first() + opening.len();
    let is_words = words[opening.len()..].starts_with(|c: char| c == ' ' || c.is_alphabetic());
    let edit = TextEdit { at: place.clone(), text: "#".to_owned() };
    (is_words && trial.helps(&edit)).then(|| {
        Cause::new(format!("`{opening}` does not start a comment"), place, "not a comment in YAML")
            .help("write `#` instead")
            .with_edit(edit)
    })
}

/// A line similar to the document separator `---`.
fn find_separator(trial: &Trial<'_>, line: &Line<'_>) -> Option<Cause> {
    let words = line.slice(line.first()..line.last());
    let is_rule = |c: char| matches!(c, '-' | '=' | '_' | '*' | '~' | '.' | ' ');
    let place = line.first()..line.last();
    // `- *` is an item.
    let is_item = words.starts_with("- ");
    let is_dashes = words.len() >= 2 && words.chars().all(is_rule) && !is_item;
    let edit = blank_out(line);
    (is_dashes && trial.helps(&edit)).then(|| {
        Cause::new(format!("`{words}` is not a document separator"), place, "not `---`")
            .help("remove this line: Refinery reads only the first document of a file")
            .with_edit(edit)
    })
}
