//! Unclosed quotes, and text after a closing quote.

use super::line::Line;
use super::{Applicability, Cause, TextEdit, Trial};
use crate::syntax::yaml::problem::Problem;
use std::ops::Range;

/// How many lines above the error are searched for an unclosed quote.
const MAX_LINES: usize = 8;

/// Puts a value in quotes.
pub fn quoted(line: &Line<'_>, value: Range<usize>) -> TextEdit {
    let text = line.slice(value.clone());
    let text = if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    };
    TextEdit { at: value, text }
}

/// The help for a value that must be quoted.
pub fn advice(edit: &TextEdit) -> String {
    format!("put the value in quotes: `{}`", edit.text)
}

/// A quote that is not closed on its line.
pub fn find_open(trial: &Trial<'_>) -> Option<Cause> {
    let open: Vec<(usize, Range<usize>)> =
        (0..=trial.here).filter_map(|at| Some((at, open_quote(&trial.lines[at])?))).collect();
    let nearest = open.len().saturating_sub(MAX_LINES);
    open[nearest..].iter().find_map(|(at, place)| close(trial, &trial.lines[*at], place))
}

/// The scalar that starts with a quote but has no second one on the line.
fn open_quote(line: &Line<'_>) -> Option<Range<usize>> {
    if line.is_blank() {
        return None;
    }
    let words = line.slice(line.start..line.end);
    let mut quote: Option<(u8, usize)> = None;
    let mut before = b' ';
    let mut escaped = false;
    for (at, byte) in words.bytes().enumerate() {
        match (quote, byte) {
            (None, b'#') if before == b' ' => break,
            (None, b'"' | b'\'') if matches!(before, b' ' | b'[' | b'{' | b',') => {
                quote = Some((byte, at));
            }
            (Some((b'"', _)), b'\\') if !escaped => {
                escaped = true;
                before = byte;
                continue;
            }
            (Some((open, _)), _) if open == byte && !escaped => quote = None,
            _ => {}
        }
        escaped = false;
        before = byte;
    }
    let odd = || {
        // With three quotes only a trial shows which of them is unclosed.
        let marks = words.matches('"').count();
        (marks % 2 == 1).then(|| words.find('"'))?
    };
    let at = quote.map(|(_, at)| at).or_else(odd)?;
    Some(line.start + at..line.end)
}

fn close(trial: &Trial<'_>, line: &Line<'_>, open: &Range<usize>) -> Option<Cause> {
    let mark = line.slice(open.start..open.start + 1);
    let words = line.slice(open.start..line.last().max(open.start + 1));
    let end = open.start + words.len();
    let other = if mark == "\"" { '\'' } else { '"' };
    let mut edits = Vec::new();
    if words.len() > 1 && words.ends_with(other) {
        edits.push(TextEdit { at: end - 1..end, text: mark.to_owned() });
    }
    if let Some(colon) = words.strip_suffix(':') {
        edits.push(TextEdit::insert(open.start + colon.len(), mark));
    }
    if let Some(at) = words.find(": ") {
        edits.push(TextEdit::insert(open.start + at, mark));
    }
    // In a flow collection the string ends before the next indicator.
    let marks = words.match_indices([',', ']', '}']).map(|(at, _)| at);
    edits.extend(marks.map(|at| TextEdit::insert(open.start + at, mark)).take(4));
    edits.push(TextEdit::insert(end, mark));
    let edit = best(trial, line, edits)?;
    let closed = closed(words, open.start, &edit);
    let replaces = !edit.at.is_empty();
    let message = if replaces { "mismatched quotes" } else { "unclosed quote" };
    let label = if replaces { "opened here" } else { "never closed" };
    let cause = Cause::new(message, open.start..open.start + 1, label);
    let cause =
        if replaces { cause.and_at(edit.at.clone(), format!("expected `{mark}`")) } else { cause };
    let has_comment = line.last() < line.end && words.starts_with(mark);
    let applicability =
        if replaces || has_comment { Applicability::Unsafe } else { Applicability::Safe };
    Some(cause.help(format!("close it: `{closed}`")).with_edit(edit).applicability(applicability))
}

/// The first of the edits with which the parser gets furthest.
fn best(trial: &Trial<'_>, line: &Line<'_>, edits: Vec<TextEdit>) -> Option<TextEdit> {
    // If the next line is a key of the same mapping, the quote includes it and what follows, which
    // hides other mistakes.
    let own = trial.line_at(line.start);
    let below = trial.below(own).map(|below| &trial.lines[below]);
    let is_key = |below: &&Line<'_>| {
        below.key().is_some() && below.entry() - below.start <= line.entry() - line.start
    };
    let from = if below.is_some_and(|below| is_key(&below)) { own } else { trial.here };
    let tried = edits
        .into_iter()
        .filter_map(|edit| Some((trial.progress_from(from, std::slice::from_ref(&edit))?, edit)));
    let mut best = None;
    for (progress, edit) in tried {
        if best.as_ref().is_none_or(|(known, _)| progress > *known) {
            best = Some((progress, edit));
        }
    }
    best.map(|(_, edit)| edit)
}

/// The quoted text after the edit.
fn closed(words: &str, start: usize, edit: &TextEdit) -> String {
    let at = edit.at.start - start;
    format!("{}{}", &words[..at], edit.text)
}

/// Text after the quote that ends a value.
pub fn find_trailing(trial: &Trial<'_>) -> Option<Cause> {
    if !matches!(
        trial.fault.problem,
        Problem::Trailing
            | Problem::NoColon
            | Problem::OpenSequence
            | Problem::OpenMapping
            | Problem::OpenQuote
            | Problem::Escape(_)
    ) {
        return None;
    }
    let line = trial.here();
    let value = line.value()?;
    let words = line.slice(value.clone());
    let mark = words.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if let Problem::Escape(c) = trial.fault.problem {
        return escape(trial, line, value, c);
    }
    let inner = words.get(1..)?;
    let closing = inner.find(mark)? + 1;
    let rest = &words[closing + 1..];
    if rest.trim().is_empty() {
        return None;
    }
    let (place, after) = (value.start + closing, value.start + closing + 1..value.end);
    let end = format!("the value ends at this `{mark}`");
    if matches!(rest.trim(), "," | ";") {
        let edit = TextEdit { at: after.clone(), text: String::new() };
        return trial.helps(&edit).then(|| {
            let sign = rest.trim();
            Cause::new(format!("unexpected `{sign}` after the value"), after, "not part of YAML")
                .help(format!("remove the `{sign}`"))
                .with_edit(edit)
        });
    }
    let whole = if mark == '\'' && words.len() > 1 && words.ends_with('\'') {
        TextEdit {
            at: value.clone(),
            text: format!("'{}'", words[1..words.len() - 1].replace('\'', "''")),
        }
    } else if mark == '"' && words.len() > 1 && words.ends_with('"') && !words.contains('\'') {
        TextEdit { at: value.clone(), text: format!("'{}'", &words[1..words.len() - 1]) }
    } else {
        TextEdit { at: value.clone(), text: format!("'{}'", words.replace('\'', "''")) }
    };
    trial.helps(&whole).then(|| {
        let help = if mark == '\'' && words.ends_with('\'') {
            format!("write a quote within single quotes twice: `{}`", whole.text)
        } else {
            format!("put the whole value in one pair of quotes: `{}`", whole.text)
        };
        Cause::new("unexpected text after a quoted value", after, "not part of the value")
            .and_at(place..place + 1, end)
            .help(help)
            .with_edit(whole)
            .applicability(Applicability::Unsafe)
    })
}

/// A backslash of a pattern or path in double quotes.
fn escape(trial: &Trial<'_>, line: &Line<'_>, value: Range<usize>, c: char) -> Option<Cause> {
    let words = line.slice(value.clone());
    let inner = words.strip_prefix('"')?.strip_suffix('"')?;
    let text = format!("'{}'", inner.replace('\'', "''"));
    let edit = TextEdit { at: value, text };
    trial.helps(&edit).then(|| {
        let at = trial.fault.at.clone();
        Cause::new(format!("`\\{c}` is not an escape within double quotes"), at, "unknown escape")
            .help(format!("use single quotes, which have no escapes: `{}`", edit.text))
            .with_edit(edit)
    })
}
