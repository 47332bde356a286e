//! Mistakes in flow collections: missing or wrong brackets, missing commas.

use super::line::Line;
use super::{Cause, TextEdit, Trial};
use crate::syntax::yaml::problem::Problem;
use std::ops::Range;

pub fn find(trial: &Trial<'_>) -> Option<Cause> {
    match trial.fault.problem {
        Problem::OpenSequence | Problem::OpenMapping => {}
        _ => return None,
    }
    let open = trial.fault.context.map(|(_, start)| start)?;
    find_wrong_closing(trial, open)
        .or_else(|| find_missing_comma(trial))
        .or_else(|| find_unclosed(trial, open))
}

fn closing_of(opening: &str) -> &'static str {
    if opening == "[" { "]" } else { "}" }
}

/// `[a, b}`.
fn find_wrong_closing(trial: &Trial<'_>, open: usize) -> Option<Cause> {
    let opening = trial.text.get(open..open + 1)?;
    let wrong = trial.text.get(trial.fault.at.clone()).filter(|t| matches!(*t, "]" | "}" | ")"))?;
    let right = closing_of(opening);
    let edit = TextEdit { at: trial.fault.at.clone(), text: right.to_owned() };
    trial.helps(&edit).then(|| {
        let message = format!("`{opening}` is closed by `{wrong}`");
        Cause::new(message, trial.fault.at.clone(), format!("expected `{right}`"))
            .and_at(open..open + 1, "opened here")
            .help(format!("write `{right}` instead of `{wrong}`"))
            .with_edit(edit)
    })
}

/// `["a" "b"]`, `{a: 1 b: 2}`.
fn find_missing_comma(trial: &Trial<'_>) -> Option<Cause> {
    let line = trial.here();
    let at = trial.fault.at.start;
    let before = line.slice(line.start..at);
    let noun = if trial.fault.problem == Problem::OpenSequence { "items" } else { "entries" };
    // The parser stops at the `:`; the missing comma is before the key.
    let word = if trial.text.get(at..).is_some_and(|rest| rest.starts_with(':')) {
        before.rfind(' ').map(|space| line.start + space + 1)?
    } else {
        at
    };
    let before = trial.text.get(..word)?.trim_end();
    let is_at_line_start = word <= line.first();
    let edit = TextEdit::insert(before.len(), ",");
    let place = before.len() - before.chars().next_back().map_or(0, char::len_utf8)..before.len();
    (!is_at_line_start || trial.here > trial.context())
        .then(|| trial.helps(&edit))
        .filter(|helps| *helps)
        .map(|_| {
            Cause::new(format!("missing `,` between {noun}"), place, "expected `,` after this")
                .help("separate them with a `,`")
                .with_edit(edit)
        })
}

fn find_unclosed(trial: &Trial<'_>, open: usize) -> Option<Cause> {
    let opening = trial.text.get(open..open + 1)?;
    let closing = closing_of(opening);
    let line = &trial.lines[trial.line_at(open)];
    let end = line.last();
    let words = line.slice(open..end).trim_end_matches(',');
    let at = open + words.len();
    let edit = TextEdit { at: at..end, text: closing.to_owned() };
    let cause = Cause::new(format!("unclosed `{opening}`"), open..open + 1, "never closed");
    if trial.helps(&edit) {
        return Some(cause.help(format!("close it: `{words}{closing}`")).with_edit(edit));
    }
    // A collection of several lines ends before the line where the parser stopped.
    let last =
        trial.above(trial.here).map(|at| &trial.lines[at]).filter(|l| l.start > line.start)?;
    let edit = TextEdit::insert(last.last(), closing);
    trial.helps(&edit).then(|| {
        let at = last.last();
        cause
            .and_at(at - 1..at, format!("expected `{closing}` after this"))
            .help(format!("close it with `{closing}`"))
            .with_edit(edit)
    })
}

/// `a, b]`, or an extra bracket.
pub fn find_stray_closing(trial: &Trial<'_>) -> Option<Cause> {
    use Problem::{NoColon, NoKey, NoValue, Trailing};
    if !matches!(trial.fault.problem, NoValue | Trailing | NoKey | NoColon) {
        return None;
    }
    let line = trial.here();
    let (at, opening) = stray(trial, line)?;
    let value = line.value();
    let closing = line.slice(at.clone());
    let removed = TextEdit { at: at.clone(), text: String::new() };
    let opened = value.map(|value| TextEdit::insert(value.start, opening));
    let opened = opened.filter(|edit| {
        let is_open = trial.text.get(edit.at.start..).is_some_and(|rest| rest.starts_with(opening));
        !is_open && trial.helps(edit)
    });
    let is_extra = opened.is_none() && trial.helps(&removed);
    if !is_extra && opened.is_none() {
        return None;
    }
    let cause =
        Cause::new(format!("unexpected `{closing}`"), at, format!("no `{opening}` is open"));
    Some(match opened {
        Some(opened) => {
            cause.help(format!("write `{opening}` before the first item")).with_edit(opened)
        }
        None => cause.help(format!("remove the `{closing}`")).with_edit(removed),
    })
}

fn stray(trial: &Trial<'_>, line: &Line<'_>) -> Option<(Range<usize>, &'static str)> {
    let at = trial.fault.at.start..trial.fault.at.start + 1;
    let at = match line.slice(at.clone()) {
        "]" | "}" => at,
        _ => line.last().checked_sub(1)?..line.last(),
    };
    match line.slice(at.clone()) {
        "]" => Some((at, "[")),
        "}" => Some((at, "{")),
        _ => None,
    }
}
