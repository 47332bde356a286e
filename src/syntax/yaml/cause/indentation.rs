//! Lines with wrong indentation.

use super::line::Line;
use super::trial::Progress;
use super::{Cause, TextEdit, Trial};
use crate::counted::counted;
use crate::syntax::yaml::problem::Problem;
use std::cmp::Reverse;

/// Moves lines to another column.
struct Move {
    line: usize,
    column: usize,
    /// A line that already starts in that column.
    like: usize,
    /// How many lines are moved.
    count: usize,
    progress: Progress,
    edit: TextEdit,
}

/// The moves with which the parser gets furthest.
pub fn find(trial: &Trial<'_>) -> Vec<Cause> {
    let mut lines = vec![trial.here];
    lines.extend(trial.above(trial.here));
    lines.extend(trial.suspects());
    let mut seen = Vec::new();
    lines.retain(|line| !seen.contains(line) && (seen.push(*line), true).1);
    let mut moves: Vec<Move> = lines.iter().flat_map(|&line| moves(trial, line)).collect();
    // Then prefer few lines, the line of the error to lines above it, and short distances.
    moves.sort_by_key(|m| {
        let way = m.column.abs_diff(trial.lines[m.line].indent());
        (Reverse(m.progress), m.count, trial.here - m.line, way, Reverse(m.column))
    });
    moves.iter().map(|m| explain(trial, m)).collect()
}

fn explain(trial: &Trial<'_>, found: &Move) -> Cause {
    let (moved, like) = (&trial.lines[found.line], &trial.lines[found.like]);
    let (from, to) = (moved.indent(), found.column);
    let (name, sibling) = (moved.title(), like.title());
    let spaces = |n: usize| counted(n, "space");
    let is_item = moved.is_item();
    let what = if is_item { "the item".to_owned() } else { format!("`{name}`") };
    let like_what = if is_item { "the items above".to_owned() } else { format!("`{sibling}`") };
    let mut help = match (from, to) {
        (1, 0) => format!("remove the space before {what}"),
        (_, 0) => format!("remove the {from} spaces before {what}"),
        (0, _) => format!("indent {what} by {}, like {like_what}", spaces(to)),
        _ => format!("indent {what} by {} instead of {from}, like {like_what}", spaces(to)),
    };
    if found.count > 1 {
        help.push_str(", and move the lines below with it");
    }
    let at = moved.first()..moved.first() + if is_item { 1 } else { name.len() };
    let message = if is_item {
        "wrong indentation: this item does not line up with the list".to_owned()
    } else {
        format!("wrong indentation: `{name}` does not line up with its siblings")
    };
    // Keys of an item are siblings of its first key, which is after the `-`.
    let like_at = if like.indent() == to { like.first() } else { like.entry() };
    let width = if is_item { 1 } else { sibling.len() };
    let siblings = if is_item { "its siblings start" } else { "siblings start" };
    Cause::new(message, at, format!("starts in column {}", from + 1))
        .and_at(like_at..like_at + width, format!("{siblings} in column {}", to + 1))
        .help(help)
        .with_edit(found.edit.clone())
}

/// The moves of a line with which the parser gets further.
fn moves(trial: &Trial<'_>, line: usize) -> Vec<Move> {
    let own = trial.lines[line].indent();
    let mut columns: Vec<(usize, usize)> = Vec::new();
    // The open parents: lines above that are indented less than all lines after them.
    let mut least = usize::MAX;
    for at in (0..line).rev().filter(|&at| !trial.lines[at].is_blank()) {
        let other = &trial.lines[at];
        for column in columns_of(other) {
            if column < least && columns.iter().all(|(known, _)| *known != column) {
                columns.push((column, at));
            }
        }
        least = least.min(other.indent());
        if least == 0 {
            break;
        }
    }
    if let Some(below) = trial.below(line).filter(|_| line < trial.here) {
        columns.push((trial.lines[below].indent(), below));
    }
    columns.retain(|(column, _)| *column != own);
    let mut moves: Vec<Move> = Vec::new();
    for (column, like) in columns {
        for last in ends(trial, line, column) {
            // An edit may be as long as the text.
            if !trial.is_open() {
                return moves;
            }
            let edit = shift(trial, line, last, column);
            if moves.iter().any(|known| known.edit == edit) {
                continue;
            }
            if let Some(progress) = trial.progress(&edit) {
                let count = last - line + 1;
                moves.push(Move { line, column, like, count, progress, edit });
            }
        }
    }
    moves
}

/// The candidates for the last line to move: the line, its last child, its last sibling.
fn ends(trial: &Trial<'_>, line: usize, column: usize) -> Vec<usize> {
    let own = trial.lines[line].indent();
    let until = |stays: &dyn Fn(usize) -> bool| {
        let mut last = line;
        while let Some(next) = trial.below(last).filter(|&next| !stays(trial.lines[next].indent()))
        {
            last = next;
        }
        last
    };
    let inner = until(&|indent| indent <= own);
    let beside = until(&|indent| indent < own.max(1));
    // The children of a line are moved with it.
    let keeps = inner == line
        || trial.lines[line].value().is_some()
        || trial.below(line).is_some_and(|below| trial.lines[below].indent() > column);
    let alone = keeps.then_some(line);
    let mut ends: Vec<usize> = alone.into_iter().chain([inner, beside]).collect();
    ends.dedup();
    ends
}

/// The columns where a line and, for a list item, its entry start.
fn columns_of(line: &Line<'_>) -> Vec<usize> {
    let (indent, entry) = (line.indent(), line.entry() - line.start);
    if indent == entry { vec![indent] } else { vec![entry, indent] }
}

/// Moves lines so that the first one starts in `column`.
fn shift(trial: &Trial<'_>, first: usize, last: usize, column: usize) -> TextEdit {
    let own = trial.lines[first].indent();
    let moved: Vec<String> = (first..=last)
        .map(|at| {
            let (text, indent) = (trial.lines[at].whole(), trial.lines[at].indent());
            let to = (indent + column).saturating_sub(own);
            if text.trim().is_empty() { text.to_owned() } else { " ".repeat(to) + &text[indent..] }
        })
        .collect();
    TextEdit { at: trial.lines[first].start..trial.lines[last].end, text: moved.join("\n") }
}

/// `Traces: default` with keys below it.
pub fn find_below_value(trial: &Trial<'_>) -> Vec<Cause> {
    if !matches!(trial.fault.problem, Problem::Continues | Problem::StrayValue) {
        return Vec::new();
    }
    let (above, line) = (&trial.lines[trial.context()], trial.here());
    let Some((key, value)) = above.key().zip(above.value()) else { return Vec::new() };
    if line.indent() <= above.indent() || trial.context() == trial.here {
        return Vec::new();
    }
    let (name, words) = (above.title(), above.slice(value.clone()));
    let at = line.first()..line.first() + line.title().len();
    let message = format!("`{name}` has a value, so `{}` cannot be below it", line.title());
    let cause = Cause::new(message, at, "part of the value above")
        .and_at(value.clone(), "the value")
        .help(format!("remove `{words}`, or move `{}` out of `{name}`", line.title()))
        .with_edit(TextEdit { at: key.colon + 1..value.end, text: String::new() });
    vec![cause]
}
