//! Quotes that are never closed, and what follows one that is.

use super::line::Line;
use super::{Cause, Offer, Repair, Trial};
use crate::syntax::yaml::problem::Problem;
use std::ops::Range;

/// Lines above the fault with a quote that may be open.
const MOST: usize = 8;

/// The value in quotes.
pub fn quoted(line: &Line<'_>, value: Range<usize>) -> Repair {
    let text = line.slice(value.clone());
    let text = if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    };
    Repair { at: value, text }
}

/// What to say of a value in quotes.
pub fn advice(repair: &Repair) -> String {
    format!("put the value in quotes: `{}`", repair.text)
}

/// A quote that is opened and not closed on its line.
pub fn find_open(trial: &Trial<'_>) -> Option<Cause> {
    let open: Vec<(usize, Range<usize>)> =
        (0..=trial.here).filter_map(|at| Some((at, open_quote(&trial.lines[at])?))).collect();
    let nearest = open.len().saturating_sub(MOST);
    open[nearest..].iter().find_map(|(at, place)| close(trial, &trial.lines[*at], place))
}

/// The scalar that begins with a quote and has no other of its kind on the line.
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
        // Three quotes: which of them is missing its partner shows only when one is added.
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
    let mut repairs = Vec::new();
    if words.len() > 1 && words.ends_with(other) {
        repairs.push(Repair { at: end - 1..end, text: mark.to_owned() });
    }
    if let Some(colon) = words.strip_suffix(':') {
        repairs.push(Repair::insert(open.start + colon.len(), mark));
    }
    if let Some(at) = words.find(": ") {
        repairs.push(Repair::insert(open.start + at, mark));
    }
    // Within brackets the text ends before the next mark of theirs.
    let marks = words.match_indices([',', ']', '}']).map(|(at, _)| at);
    repairs.extend(marks.map(|at| Repair::insert(open.start + at, mark)).take(4));
    repairs.push(Repair::insert(end, mark));
    let repair = best(trial, line, repairs)?;
    let closed = closed(words, open.start, &repair);
    let replaces = !repair.at.is_empty();
    let message = if replaces { "this quote is closed by another kind" } else { "unclosed quote" };
    let label = if replaces { "opened here" } else { "never closed" };
    let cause = Cause::new(message, open.start..open.start + 1, label);
    let cause = if replaces {
        cause.and_at(repair.at.clone(), format!("expected `{mark}`"))
    } else {
        cause
    };
    let has_comment = line.last() < line.end && words.starts_with(mark);
    let offer = if replaces || has_comment { Offer::Guess } else { Offer::Fix };
    Some(cause.help(format!("close it: `{closed}`")).repaired_by(repair).offer(offer))
}

/// The repair with which the reader gets furthest, the first of these.
fn best(trial: &Trial<'_>, line: &Line<'_>, repairs: Vec<Repair>) -> Option<Repair> {
    // Where the next line is a key of the same mapping, the quote has swallowed it and what follows,
    // and with them other mistakes.
    let own = trial.line_at(line.start);
    let below = trial.below(own).map(|below| &trial.lines[below]);
    let is_key = |below: &&Line<'_>| {
        below.key().is_some() && below.entry() - below.start <= line.entry() - line.start
    };
    let from = if below.is_some_and(|below| is_key(&below)) { own } else { trial.here };
    let tried = repairs.into_iter().filter_map(|repair| {
        Some((trial.progress_from(from, std::slice::from_ref(&repair))?, repair))
    });
    let mut best = None;
    for (progress, repair) in tried {
        if best.as_ref().is_none_or(|(known, _)| progress > *known) {
            best = Some((progress, repair));
        }
    }
    best.map(|(_, repair)| repair)
}

/// The words as far as the quote reaches, with the repair.
fn closed(words: &str, start: usize, repair: &Repair) -> String {
    let at = repair.at.start - start;
    format!("{}{}", &words[..at], repair.text)
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
        let repair = Repair { at: after.clone(), text: String::new() };
        return trial.helps(&repair).then(|| {
            let sign = rest.trim();
            Cause::new(format!("unexpected `{sign}` after the value"), after, "not part of YAML")
                .help(format!("remove the `{sign}`"))
                .repaired_by(repair)
        });
    }
    let whole = if mark == '\'' && words.len() > 1 && words.ends_with('\'') {
        Repair {
            at: value.clone(),
            text: format!("'{}'", words[1..words.len() - 1].replace('\'', "''")),
        }
    } else if mark == '"' && words.len() > 1 && words.ends_with('"') && !words.contains('\'') {
        Repair { at: value.clone(), text: format!("'{}'", &words[1..words.len() - 1]) }
    } else {
        Repair { at: value.clone(), text: format!("'{}'", words.replace('\'', "''")) }
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
            .repaired_by(whole)
            .offer(Offer::Guess)
    })
}

/// A backslash of a pattern or a path within double quotes.
fn escape(trial: &Trial<'_>, line: &Line<'_>, value: Range<usize>, c: char) -> Option<Cause> {
    let words = line.slice(value.clone());
    let inner = words.strip_prefix('"')?.strip_suffix('"')?;
    let text = format!("'{}'", inner.replace('\'', "''"));
    let repair = Repair { at: value, text };
    trial.helps(&repair).then(|| {
        let at = trial.fault.at.clone();
        Cause::new(format!("`\\{c}` is not an escape within double quotes"), at, "unknown escape")
            .help(format!("use single quotes, where `\\` is itself: `{}`", repair.text))
            .repaired_by(repair)
    })
}
