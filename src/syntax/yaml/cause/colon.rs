//! Mistakes with the `:` between key and value: missing, no space after it, or one too many.

use super::line::{Line, is_key_character};
use super::{Applicability, Cause, TextEdit, Trial};
use crate::syntax::yaml::problem::Problem;
use std::ops::Range;

/// `TraceTimeout:90s`.
pub fn find_missing_space(trial: &Trial<'_>) -> Option<Cause> {
    if let Some(cause) = trial.suspects().find_map(|at| find_one_missing_space(trial, at)) {
        return Some(cause);
    }
    // YAML reads several such lines as one multi-line scalar.
    let glued: Vec<(TextEdit, Range<usize>)> =
        (trial.context()..=trial.here).filter_map(|at| find_glued(&trial.lines[at])).collect();
    let edits: Vec<TextEdit> = glued.iter().map(|(edit, _)| edit.clone()).collect();
    if glued.len() < 2 || trial.progress_of(&edits).is_none() {
        return None;
    }
    let mut places = glued.iter().map(|(_, colon)| colon.clone());
    let cause =
        Cause::new("missing space after `:`", places.next()?, "expected a space after this");
    let cause = places.fold(cause, |cause, place| cause.and_at(place, "and after this"));
    let whole = trial.joined(&edits)?;
    Some(cause.help("write `key: value` with a space after the `:`").with_edit(whole))
}

fn find_one_missing_space(trial: &Trial<'_>, at: usize) -> Option<Cause> {
    let line = &trial.lines[at];
    let (edit, colon) = find_glued(line)?;
    trial.helps(&edit).then(|| {
        let name = line.slice(line.entry()..colon.start).trim_end();
        let value = line.slice(colon.end..line.last());
        Cause::new(format!("missing space after `{name}:`"), colon, "expected a space after this")
            .help(format!("write `{name}: {value}`"))
            .with_edit(edit)
    })
}

/// Inserts a space after a `:` without one; also returns the place of the `:`.
fn find_glued(line: &Line<'_>) -> Option<(TextEdit, Range<usize>)> {
    let key = line.name()?;
    let after = line.slice(key.colon + 1..line.last());
    let is_glued = !after.is_empty() && !after.starts_with([' ', '\t']) && !after.starts_with("//");
    is_glued.then(|| (TextEdit::insert(key.colon + 1, " "), key.colon..key.colon + 1))
}

/// `TraceTimeout 90s`, `TraceTimeout = 90s`, or a group without its `:`.
pub fn find_missing(trial: &Trial<'_>) -> Option<Cause> {
    let mut lines: Vec<usize> = trial.suspects().collect();
    lines.extend(trial.above(trial.here));
    lines.into_iter().find_map(|at| {
        let line = &trial.lines[at];
        if line.key().is_some() {
            return None;
        }
        find_other_sign(trial, line).or_else(|| find_no_sign(trial, line))
    })
}

/// `=`, `=>`, `:=`, `;` or a full-width colon instead of `:`.
fn find_other_sign(trial: &Trial<'_>, line: &Line<'_>) -> Option<Cause> {
    const SIGNS: [&str; 8] = [":=", "=>", "->", "=", ";", "：", "﹕", "∶"];
    let (name, rest) = split_name(line)?;
    let text = line.slice(rest.clone());
    let spaces = text.len() - text.trim_start().len();
    let sign = SIGNS.into_iter().find(|sign| text.trim_start().starts_with(sign))?;
    let place = rest.start + spaces..rest.start + spaces + sign.len();
    let after = line.slice(place.end..line.end);
    let value_start = place.end + after.len() - after.trim_start().len();
    let text = if value_start < line.last() { ": " } else { ":" };
    let edit = TextEdit { at: rest.start..value_start, text: text.to_owned() };
    trial.helps(&edit).then(|| {
        let name = line.slice(name);
        let value = line.slice(value_start..line.last().max(value_start));
        let written = format!("{name}: {value}");
        Cause::new(format!("expected `:` after `{name}`, found `{sign}`"), place, "expected `:`")
            .help(format!("write `{}`", written.trim_end()))
            .with_edit(edit)
    })
}

fn find_no_sign(trial: &Trial<'_>, line: &Line<'_>) -> Option<Cause> {
    let (name, rest) = split_name(line)?;
    let after = line.slice(rest.start..line.last().max(rest.start));
    let value = after.trim_start();
    let edit = if value.is_empty() {
        TextEdit::insert(name.end, ":")
    } else {
        let start = rest.start + after.len() - value.len();
        TextEdit { at: rest.start..start, text: ": ".to_owned() }
    };
    let is_apart = value.is_empty() || after.starts_with([' ', '\t']);
    (is_apart && trial.helps(&edit)).then(|| {
        let end = name.end;
        let name = line.slice(name);
        let written = format!("{name}: {value}");
        Cause::new(format!("missing `:` after `{name}`"), end - 1..end, "expected `:` after this")
            .help(format!("write `{}`", written.trim_end()))
            .with_edit(edit)
    })
}

/// The first word of the entry, and what follows it.
fn split_name(line: &Line<'_>) -> Option<(Range<usize>, Range<usize>)> {
    let start = line.entry();
    let words = line.slice(start..line.end);
    let length = words.find(|c: char| !is_key_character(c)).unwrap_or(words.len());
    let is_name = words.starts_with(|c: char| c.is_alphabetic() || c == '_');
    (length > 0 && is_name).then(|| (start..start + length, start + length..line.end))
}

/// `Name: keep errors: always`.
pub fn find_in_value(trial: &Trial<'_>) -> Option<Cause> {
    if !matches!(trial.fault.problem, Problem::StrayValue) {
        return None;
    }
    let line = trial.here();
    let colon = trial.fault.at.start;
    let value = line.value().filter(|value| value.contains(&colon))?;
    let quoted = super::quote::quoted(line, value.clone());
    if !trial.helps(&quoted) {
        return None;
    }
    let words = line.slice(value.start..colon);
    let cause = if words.is_empty() {
        let removed = TextEdit { at: line.key()?.colon + 1..colon + 1, text: String::new() };
        let name = line.title();
        let cause = Cause::new(
            format!("unexpected second `:` after `{name}`"),
            colon..colon + 1,
            "extra `:`",
        );
        return Some(cause.help("remove one `:`").with_edit(removed));
    } else {
        Cause::new("`: ` is not allowed in a value without quotes", colon..colon + 1, "second `:`")
            .and_at(value.start..value.start, "the value starts here")
    };
    let rest = line.slice(colon + 1..value.end);
    let port = rest.trim_start();
    if !words.contains(' ') && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) {
        let start = colon + 1 + rest.len() - port.len();
        let tight = TextEdit { at: colon + 1..start, text: String::new() };
        return Some(
            cause
                .help(format!("remove the space after the second `:`: `{words}:{port}`"))
                .with_edit(tight)
                .applicability(Applicability::Unsafe),
        );
    }
    let (first, before) = words.rsplit_once(' ').unwrap_or_default();
    if before.starts_with(char::is_uppercase) && !first.contains(' ') {
        let at = value.start + first.len();
        let below = " ".repeat(line.entry() - line.start);
        let broken = TextEdit { at: at..at + 1, text: format!("\n{below}") };
        return Some(
            cause
                .help(format!("write `{before}` on a line of its own"))
                .with_edit(broken)
                .applicability(Applicability::Unsafe),
        );
    }
    Some(cause.help(super::quote::advice(&quoted)).with_edit(quoted))
}
