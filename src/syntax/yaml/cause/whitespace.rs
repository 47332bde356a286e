//! Tabs, and characters that look like spaces.

use super::line::Line;
use super::trial::Progress;
use super::{Cause, TextEdit, Trial};
use crate::syntax::yaml::problem::Problem;

pub fn find(trial: &Trial<'_>) -> Option<Cause> {
    if trial.fault.problem == Problem::Tab {
        return find_tabs(trial).or_else(|| find_tab(trial));
    }
    trial.suspects().find_map(|at| find_odd_space(trial, &trial.lines[at]))
}

/// The leading white space of a line.
fn lead<'t>(line: &Line<'t>) -> &'t str {
    let words = line.whole();
    &words[..words.len() - words.trim_start().len()]
}

/// A file that is indented with tabs throughout.
fn find_tabs(trial: &Trial<'_>) -> Option<Cause> {
    const WIDTHS: [usize; 3] = [2, 4, 8];
    let tabbed: Vec<&Line> = trial.lines.iter().filter(|line| lead(line).contains('\t')).collect();
    let expand = |width: usize| -> Vec<TextEdit> {
        let edit = |line: &&Line| TextEdit {
            at: line.start..line.start + lead(line).len(),
            text: lead(line).replace('\t', &" ".repeat(width)),
        };
        tabbed.iter().map(edit).collect()
    };
    let reads = |width: &usize| trial.progress_of(&expand(*width)) == Some(Progress::ToTheEnd);
    let width = WIDTHS.into_iter().filter(|_| tabbed.len() > 1).find(reads)?;
    let first = tabbed.first()?;
    let at = first.start + first.whole().find('\t')?;
    Some(
        Cause::new("YAML cannot be indented with tabs", at..at + 1, "tab")
            .help(format!(
                "replace each tab with {width} spaces; {} lines are indented with tabs",
                tabbed.len()
            ))
            .with_edit(trial.joined(&expand(width))?),
    )
}

fn find_tab(trial: &Trial<'_>) -> Option<Cause> {
    let line = trial.here();
    let lead = lead(line);
    let at = line.start + line.whole().find('\t')?;
    if at >= line.start + lead.len() {
        return find_inner_tab(trial, at);
    }
    let tabs = lead.bytes().filter(|b| *b == b'\t').count();
    let width = widths(trial).into_iter().find(|&width| trial.helps(&spaces(line, width)));
    let noun = if tabs == 1 { "this tab" } else { "these tabs" };
    let end = line.start + lead.rfind('\t')? + 1;
    let cause = Cause::new("YAML cannot be indented with tabs", at..end, "tab");
    Some(match width {
        Some(width) => {
            cause.help(format!("replace {noun} with {width} spaces")).with_edit(spaces(line, width))
        }
        None => cause.help(format!("replace {noun} with spaces")),
    })
}

/// A tab inside a line, where YAML requires spaces.
fn find_inner_tab(trial: &Trial<'_>, at: usize) -> Option<Cause> {
    let edit = TextEdit { at: at..at + 1, text: " ".to_owned() };
    trial.helps(&edit).then(|| {
        Cause::new("a tab is not allowed here", at..at + 1, "tab")
            .help("replace it with a space")
            .with_edit(edit)
    })
}

/// The possible indentations of a line: like the lines around it, or below the one above.
fn widths(trial: &Trial<'_>) -> Vec<usize> {
    let mut widths = Vec::new();
    if let Some(above) = trial.above(trial.here) {
        let line = &trial.lines[above];
        let indent = line.indent();
        let opens = line.key().is_some() && line.value().is_none();
        widths.push(if opens { indent + 2 } else { line.entry() - line.start });
        widths.push(indent);
    }
    if let Some(below) = trial.below(trial.here).map(|at| &trial.lines[at]) {
        let is_plain = !lead(below).contains('\t');
        widths.extend(is_plain.then(|| below.indent()));
    }
    widths.retain(|&width| width > 0);
    widths
}

fn spaces(line: &Line<'_>, width: usize) -> TextEdit {
    TextEdit { at: line.start..line.start + lead(line).len(), text: " ".repeat(width) }
}

/// A no-break space or similar, copied from a web page or chat.
fn find_odd_space(trial: &Trial<'_>, line: &Line<'_>) -> Option<Cause> {
    let is_odd = |c: char| c.is_whitespace() && !matches!(c, ' ' | '\t' | '\r') || c == '\u{200b}';
    let (at, odd) = line.whole().char_indices().find(|(_, c)| is_odd(*c))?;
    let place = line.start + at..line.start + at + odd.len_utf8();
    let clean: String = line.whole().chars().map(|c| if is_odd(c) { ' ' } else { c }).collect();
    let edit = TextEdit { at: line.start..line.end, text: clean };
    trial.helps(&edit).then(|| {
        let name =
            if odd == '\u{a0}' { "no-break space" } else { "character that looks like a space" };
        let message = format!("a {name} (U+{:04X}) is not a space in YAML", u32::from(odd));
        Cause::new(message, place, "not a space").help("replace it with a space").with_edit(edit)
    })
}
