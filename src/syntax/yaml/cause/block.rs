//! Mistakes in multi-line strings (after `|` or `>`).

use super::{Cause, TextEdit, Trial};
use crate::syntax::yaml::problem::Problem;

pub fn find(trial: &Trial<'_>) -> Option<Cause> {
    if matches!(trial.fault.problem, Problem::BlockHeader(_)) {
        return find_text_after_header(trial);
    }
    find_unindented(trial)
}

/// `Key: | text`.
fn find_text_after_header(trial: &Trial<'_>) -> Option<Cause> {
    let line = trial.here();
    let value = line.value()?;
    let words = line.slice(value.clone());
    let mark = words.chars().next().filter(|c| matches!(c, '|' | '>'))?;
    let edit = super::quote::quoted(line, value.clone());
    trial.helps(&edit).then(|| {
        let what = if words.starts_with(">=") {
            "`>` starts a multi-line string, so the value must be quoted".to_owned()
        } else {
            format!("unexpected text after `{mark}`, which starts a multi-line string")
        };
        Cause::new(what, value.start..value.start + 1, "starts a multi-line string")
            .help(super::quote::advice(&edit))
            .with_edit(edit)
    })
}

/// A multi-line string that is not indented below its key.
fn find_unindented(trial: &Trial<'_>) -> Option<Cause> {
    let header = trial.above(trial.here)?;
    let line = &trial.lines[header];
    let value = line.value()?;
    let words = line.slice(value.clone());
    let is_header = words.starts_with(['|', '>'])
        && words[1..].chars().all(|c| matches!(c, '-' | '+' | '1'..='9'));
    if !is_header {
        return None;
    }
    let (name, base) = (line.title(), line.entry() - line.start);
    let mut last = trial.here;
    // Everything before the next key is taken as part of the string.
    while let Some(next) = trial.below(last) {
        let below = &trial.lines[next];
        if below.key().is_some() || below.is_item() {
            break;
        }
        last = next;
    }
    let here = trial.here();
    let by = (base + 2).saturating_sub(here.indent());
    if by == 0 {
        return None;
    }
    let start = here.start;
    let moved: Vec<String> = (trial.here..=last)
        .map(|at| {
            let whole = trial.lines[at].whole();
            if whole.is_empty() { String::new() } else { " ".repeat(by) + whole }
        })
        .collect();
    let edit = TextEdit { at: start..trial.lines[last].end, text: moved.join("\n") };
    trial.helps(&edit).then(|| {
        let at = here.first()
            ..here.first()
                + here.slice(here.first()..here.end).chars().next().map_or(0, char::len_utf8);
        Cause::new(
            format!("the multi-line string of `{name}` is not indented"),
            at,
            "the string starts here",
        )
        .and_at(value.start..value.start + 1, "must be indented after this line")
        .help(format!("indent the string by {by} spaces"))
        .with_edit(edit)
    })
}
