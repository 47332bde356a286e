//! Mistakes with the `-` of list items: no space after it, inside a mapping, or missing.

use super::{Cause, TextEdit, Trial};
use crate::counted::counted;
use crate::syntax::yaml::problem::{Context, Problem};

/// `-Field: error`.
pub fn find_missing_space(trial: &Trial<'_>) -> Option<Cause> {
    let mut lines: Vec<usize> = trial.suspects().collect();
    lines.extend(trial.above(trial.here));
    lines.into_iter().find_map(|at| {
        let line = &trial.lines[at];
        let words = line.slice(line.entry()..line.last());
        let rest = words.strip_prefix('-')?;
        let is_word = rest.starts_with(|c: char| c.is_alphabetic() || "\"'[{".contains(c));
        let place = line.entry()..line.entry() + 1;
        let edit = TextEdit::insert(place.end, " ");
        (is_word && trial.helps(&edit)).then(|| {
            Cause::new("missing space after `-`", place, "expected a space after this")
                .help(format!("write `- {rest}`"))
                .with_edit(edit)
        })
    })
}

/// `– Field: error`: a dash or bullet from a word processor or from Markdown.
pub fn find_other_mark(trial: &Trial<'_>) -> Option<Cause> {
    const MARKS: [char; 10] = ['–', '—', '−', '‐', '‑', '‒', '•', '·', '*', '+'];
    let mut lines: Vec<usize> = trial.suspects().collect();
    lines.extend(trial.above(trial.here));
    lines.into_iter().find_map(|at| {
        let line = &trial.lines[at];
        let words = line.slice(line.first()..line.last());
        let mark = words.chars().next().filter(|mark| MARKS.contains(mark))?;
        let rest = words[mark.len_utf8()..].strip_prefix(' ')?.trim_start();
        let place = line.first()..line.first() + mark.len_utf8();
        let edit = TextEdit { at: place.clone(), text: "-".to_owned() };
        trial.helps(&edit).then(|| {
            let message =
                format!("`{mark}` (U+{:04X}) does not start a list item", u32::from(mark));
            Cause::new(message, place, "not a `-`")
                .help(format!("write `- {rest}`"))
                .with_edit(edit)
        })
    })
}

/// An item inside a mapping, or a key inside a list.
pub fn find_mixed(trial: &Trial<'_>) -> Vec<Cause> {
    match (&trial.fault.problem, trial.fault.context) {
        (Problem::NoKey, Some((Context::Mapping, start))) if trial.here().is_item() => {
            unexpected_item(trial, start).into_iter().collect()
        }
        (Problem::NoEntry, Some((Context::List, start))) if !trial.here().is_item() => {
            missing_item(trial, start)
        }
        _ => Vec::new(),
    }
}

/// `- b: 2` after `a: 1`.
fn unexpected_item(trial: &Trial<'_>, mapping: usize) -> Option<Cause> {
    let line = trial.here();
    let edit = TextEdit { at: line.first()..line.entry(), text: String::new() };
    let first = &trial.lines[trial.line_at(mapping)];
    let is_aligned = line.indent() == mapping - first.start;
    (is_aligned && line.name().is_some()).then(|| {
        let (name, title) = (line.title(), first.title());
        let dash = line.first()..line.first() + 1;
        Cause::new(format!("unexpected `-` before `{name}`"), dash, "starts a list")
            .and_at(mapping..mapping + title.len(), "the mapping starts here")
            .help("remove the `-`, or indent it below the key that the list belongs to")
            .with_edit(edit)
    })
}

/// `b: 2` after `- a: 1`: either the next key of that item or a new item.
fn missing_item(trial: &Trial<'_>, list: usize) -> Vec<Cause> {
    let line = trial.here();
    let first = trial.line_at(list);
    let is_aligned = line.indent() == list - trial.lines[first].start;
    let Some(above) = (first..trial.here)
        .rev()
        .find(|&at| trial.lines[at].is_item() && trial.lines[at].indent() == line.indent())
    else {
        return Vec::new();
    };
    if !is_aligned {
        return Vec::new();
    }
    let (name, item) = (line.title(), &trial.lines[above]);
    let at = line.first()..line.first() + name.len();
    let cause = |message: String| {
        Cause::new(message, at.clone(), "not part of the list")
            .and_at(item.first()..item.first() + 1, "the item above starts here")
    };
    let column = item.entry() - item.start;
    let spaces = counted(column, "space");
    let next_key = cause(format!("wrong indentation: `{name}` is not part of the item above"))
        .help(format!("indent `{name}` by {spaces}, like `{}`", item.title()))
        .with_edit(TextEdit { at: line.start..line.first(), text: " ".repeat(column) });
    let new_item = cause(format!("missing `-` before `{name}`"))
        .help(format!("write `- {name}`, and indent what belongs to the item below it"))
        .with_edit(new_item(trial));
    // A key that the item already has starts the next item.
    let mut keys = (above..trial.here).filter(|&at| {
        let other = &trial.lines[at];
        other.entry() - other.start == column && other.title() == name
    });
    if item.key().is_none() {
        vec![new_item]
    } else if keys.next().is_some() {
        vec![new_item, next_key]
    } else {
        vec![next_key, new_item]
    }
}

/// Turns the line into an item that includes the keys below it in the same column.
fn new_item(trial: &Trial<'_>) -> TextEdit {
    let line = trial.here();
    let mut last = trial.here;
    while let Some(next) = trial.below(last) {
        if trial.lines[next].indent() < line.indent().max(1) || trial.lines[next].is_item() {
            break;
        }
        last = next;
    }
    let moved: Vec<String> = (trial.here..=last)
        .map(|at| {
            let whole = trial.lines[at].whole();
            match whole.get(line.indent()..) {
                Some(rest) if at == trial.here => format!("{}- {rest}", &whole[..line.indent()]),
                Some(_) if !whole.trim().is_empty() => format!("  {whole}"),
                _ => whole.to_owned(),
            }
        })
        .collect();
    TextEdit { at: line.start..trial.lines[last].end, text: moved.join("\n") }
}

/// `Rules: - Name: a`.
pub fn find_after_key(trial: &Trial<'_>) -> Option<Cause> {
    if trial.fault.problem != Problem::StrayEntry {
        return None;
    }
    let line = trial.here();
    let at = trial.fault.at.start;
    let key = line.key()?;
    let below = " ".repeat(key.name.start - line.start + 2);
    let edit = TextEdit { at: key.colon + 1..at, text: format!("\n{below}") };
    let name = line.slice(key.name);
    // The edit ignores the indentation of the next lines: it only shows that nothing else is wrong.
    let is_value = line.value().is_some_and(|value| value.start == at);
    is_value.then(|| {
        let cause =
            Cause::new("a list cannot start on the line of its key", at..at + 1, "starts a list")
                .help(format!("start the list on the line after `{name}:`, as `- …`"));
        if trial.helps(&edit) { cause.with_edit(edit) } else { cause }
    })
}
