//! Reports all syntax errors of a text, not only the first.
//!
//! After an error the text is parsed again with the edit that fixes it, or with the entry around it
//! blanked out. The result only serves to find more errors: a text with an error has no tree.

use super::cause::{
    Applicability, BUDGET, Cause, Conflict, TextEdit, Trial, find_causes, find_conflicts,
};
use super::compose::{ComposeError, MAX_DEPTH, compose};
use super::problem::{Problem, SyntaxError};
use crate::check;
use crate::diagnostic::{Edit, Finding, Fix};
use crate::span::{FileId, Span};
use crate::syntax::Parsed;
use std::cell::Cell;
use std::ops::Range;

check!(
    INVALID_YAML,
    "syntax/invalid-yaml",
    Error,
    kind: Verdict,
    "the file is not valid YAML",
    "A new process exits before it opens a port. Running processes keep the old configuration and \
     only log an error, so nobody notices until the next restart."
);
check!(
    UNKNOWN_ANCHOR,
    "syntax/unknown-anchor",
    Error,
    kind: Verdict,
    "an alias refers to an anchor that is not defined above it",
    "Refinery's YAML reader rejects the whole file."
);
check!(
    TOO_DEEP,
    "syntax/too-deep",
    Error,
    kind: Verdict,
    "values are nested too deeply",
    "Refinery's YAML reader rejects deeply nested values."
);
check!(
    SECOND_DOCUMENT,
    "syntax/second-document",
    Warning,
    "only the first YAML document is read",
    "Refinery reads up to the second `---` and ignores the rest without logging anything."
);

/// At most this many errors are reported per file.
const MAX_ERRORS: usize = 20;

/// Anchors with longer names (in bytes) are not suggested.
const LONGEST_NAME: usize = 64;

/// In files larger than this (bytes) errors are reported without searching for their cause.
const MAX_EXPLAINED: usize = 1 << 20;

/// Parses a YAML text.
pub fn parse(file: FileId, text: &str) -> Parsed {
    match compose(file, text) {
        Ok(composed) => {
            let findings = composed.second.map(|at| second_document(file, at, text));
            Parsed::whole(composed.tree, findings.into_iter().collect())
        }
        Err(fault) => Parsed::refused(all_errors(file, text, fault)),
    }
}

fn all_errors(file: FileId, text: &str, first: ComposeError) -> Vec<Finding> {
    let mut patched = Patched { original: text, text: text.to_owned(), shifts: Vec::new() };
    let mut findings = resolve_conflicts(file, &mut patched);
    let mut fault =
        if findings.is_empty() { Some(first) } else { compose(file, &patched.text).err() };
    let budget = Cell::new(BUDGET);
    while let Some(current) = fault.take() {
        let (finding, edit) = explain(file, &current, &patched, &budget);
        if findings.iter().any(|f| f.primary() == finding.primary()) {
            break;
        }
        let at = finding.primary().map_or(0, |_| place(&current)).min(patched.text.len());
        findings.push(finding);
        let goes_on = match edit {
            Some(edit) => patched.apply(&edit),
            None => blank_entry(&mut patched.text, at),
        };
        if findings.len() == MAX_ERRORS || !goes_on {
            break;
        }
        fault = compose(file, &patched.text).err();
    }
    findings
}

/// A text with the edits made so far.
struct Patched<'t> {
    original: &'t str,
    text: String,
    /// The replaced ranges, in order, and the lengths of their replacements.
    shifts: Vec<(Range<usize>, usize)>,
}

impl Patched<'_> {
    /// Applies an edit; returns false if nothing has changed.
    fn apply(&mut self, edit: &TextEdit) -> bool {
        let is_change = self.text.get(edit.at.clone()).is_some_and(|old| old != edit.text);
        if is_change {
            self.text.replace_range(edit.at.clone(), &edit.text);
            self.shifts.push((edit.at.clone(), edit.text.len()));
        }
        is_change
    }

    /// The position of a byte in the original file.
    fn original(&self, byte: usize) -> usize {
        self.shifts.iter().rev().fold(byte, |byte, (replaced, length)| {
            let end = replaced.start + length;
            if byte >= end { byte - length + replaced.len() } else { byte.min(replaced.end) }
        })
    }

    /// The span of whole characters in the original file. After an edit a range may end within one.
    fn span(&self, file: FileId, range: &Range<usize>) -> Span {
        let is_within = |at: &usize| !self.original.is_char_boundary(*at);
        let start = self.original(range.start).min(self.original.len());
        let start = (0..=start).rev().find(|at| !is_within(at)).unwrap_or(0);
        let end = self.original(range.end).clamp(start, self.original.len());
        let end = (end..=self.original.len()).find(|at| !is_within(at)).unwrap_or(end);
        Span::new(file, start, end)
    }
}

/// Reports each unresolved merge conflict once, and continues with its first side.
fn resolve_conflicts(file: FileId, patched: &mut Patched<'_>) -> Vec<Finding> {
    let conflicts = find_conflicts(&patched.text);
    for range in conflicts.iter().flat_map(|conflict| &conflict.removed) {
        let blanked: String = patched.text[range.clone()].chars().flat_map(blank).collect();
        patched.text.replace_range(range.clone(), &blanked);
    }
    let describe = |conflict: &Conflict| conflict.finding(&INVALID_YAML, file).refuses();
    conflicts.iter().take(MAX_ERRORS).map(describe).collect()
}

/// Explains an error, and returns an edit to continue with.
fn explain(
    file: FileId,
    fault: &ComposeError,
    patched: &Patched<'_>,
    budget: &Cell<usize>,
) -> (Finding, Option<TextEdit>) {
    let causes = match fault {
        ComposeError::Syntax(fault) if patched.text.len() <= MAX_EXPLAINED => {
            find_causes(&Trial::new(&patched.text, fault, budget))
        }
        _ => Vec::new(),
    };
    let Some((first, others)) = causes.split_first() else {
        return (describe(file, fault, patched), None);
    };
    let mut finding = describe_cause(file, first, patched);
    if let Some(fix) = &mut finding.fix {
        fix.alternatives =
            others.iter().map(|cause| describe_cause(file, cause, patched)).collect();
    }
    (finding, first.edit.clone())
}

fn describe_cause(file: FileId, cause: &Cause, patched: &Patched<'_>) -> Finding {
    let finding = Finding::new(&INVALID_YAML, cause.message.clone()).help(cause.help.clone());
    let finding = cause.labels.iter().fold(finding.refuses(), |finding, (range, text)| {
        finding.at(patched.span(file, range), text.clone())
    });
    let edit = cause.edit.as_ref().filter(|_| cause.applicability != Applicability::NotOffered);
    let fix = edit.map(|edit| {
        let edit = Edit::Replace(patched.span(file, &edit.at), edit.text.clone());
        Fix { needs_proof: cause.applicability == Applicability::Safe, ..Fix::new(edit, false) }
    });
    Finding { fix, ..finding }
}

/// The place of an error. For an unclosed opening this is the opening, not where the parser stopped.
fn place(fault: &ComposeError) -> usize {
    match fault {
        ComposeError::Syntax(fault) => opening(fault).unwrap_or(fault.at.start),
        ComposeError::UnknownAnchor { span, .. } | ComposeError::TooDeep(span) => {
            span.start as usize
        }
    }
}

fn opening(fault: &SyntaxError) -> Option<usize> {
    fault.context.filter(|(context, _)| context.is_opening()).map(|(_, start)| start)
}

fn describe(file: FileId, fault: &ComposeError, patched: &Patched<'_>) -> Finding {
    match fault {
        ComposeError::Syntax(fault) => describe_syntax(file, fault, patched),
        ComposeError::UnknownAnchor { name, span } => {
            let message =
                format!("`*{name}` is an alias, but no anchor `&{name}` is defined above it");
            let known = anchors(&patched.text[..(span.start as usize).min(patched.text.len())]);
            // Distances take the product of the lengths to compute.
            let is_similar =
                |known: &&str| known.len() <= LONGEST_NAME && name.len() <= LONGEST_NAME;
            let known = known.into_iter().filter(is_similar);
            let distances = known.map(|known| (strsim::damerau_levenshtein(known, name), known));
            let near = distances.filter(|(distance, _)| *distance <= 2).min_by_key(|(d, _)| *d);
            let near = near.map(|(_, known)| known);
            let help = match near {
                Some(near) => format!("did you mean `*{near}`?"),
                None => format!("if this is a string, put it in quotes: `\"*{name}\"`"),
            };
            Finding::new(&UNKNOWN_ANCHOR, message)
                .at(patched.span(file, &span.range()), "undefined anchor")
                .help(help)
        }
        ComposeError::TooDeep(span) => {
            Finding::new(&TOO_DEEP, format!("nested deeper than {MAX_DEPTH} levels"))
                .at(patched.span(file, &span.range()), "too deep")
        }
    }
    .refuses()
}

/// The names of all anchors in a text.
fn anchors(text: &str) -> Vec<&str> {
    let starts = text.match_indices('&').filter(|(at, _)| text[..*at].ends_with(' '));
    starts.filter_map(|(at, _)| text[at + 1..].split_whitespace().next()).collect()
}

fn describe_syntax(file: FileId, fault: &SyntaxError, patched: &Patched<'_>) -> Finding {
    let check = if fault.problem == Problem::TooDeep { &TOO_DEEP } else { &INVALID_YAML };
    let visible = |at: Range<usize>| patched.span(file, &visible(at, &patched.text));
    let here = visible(fault.at.clone());
    let finding = Finding::new(check, fault.problem.to_string());
    let label = fault.problem.label();
    let finding = match fault.context {
        Some((context, start)) if context.is_opening() => {
            finding.at(visible(start..start), "opened here").at(here, label)
        }
        Some((context, start)) if start < fault.at.start => {
            finding.at(here, label).at(visible(start..start), context.to_string())
        }
        _ => finding.at(here, label),
    };
    match fault.problem.help() {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Extends an empty range to one character, so that there is something to point at.
fn visible(at: Range<usize>, text: &str) -> Range<usize> {
    let width = text.get(at.start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    at.start..at.end.max(at.start + width)
}

fn second_document(file: FileId, at: usize, text: &str) -> Finding {
    let rest = text.get(at..).unwrap_or_default();
    let end = at + rest.find('\n').unwrap_or(rest.len());
    let (message, help) = if rest.starts_with("---") || rest.starts_with('%') {
        (
            "Refinery does not read the second YAML document",
            "remove the `---`, or move what follows to another file",
        )
    } else {
        (
            "Refinery does not read what follows the end of the document",
            "start all groups in the same column; the first one is indented further than this",
        )
    };
    Finding::new(&SECOND_DOCUMENT, message)
        .at(Span::new(file, at, end), "ignored from here on")
        .help(help)
}

/// Blanks out the second-level entry around `at`. Returns false if nothing was left to blank.
fn blank_entry(text: &mut String, at: usize) -> bool {
    let lines = lines(text);
    let level = lines.iter().map(|l| indent(&text[l.clone()])).filter(|&n| n > 0 && n < usize::MAX);
    let level = level.min().unwrap_or(0);
    let here = lines.iter().position(|l| l.end >= at).unwrap_or(lines.len().saturating_sub(1));
    let is_start = |i: usize| indent(&text[lines[i].clone()]) <= level;
    let first = (0..=here).rev().find(|&i| is_start(i)).unwrap_or(0);
    let last = (here + 1..lines.len()).find(|&i| is_start(i)).unwrap_or(lines.len());
    let range = lines[first].start..lines[last - 1].end;
    let blanked: String = text[range.clone()].chars().flat_map(blank).collect();
    let changed = blanked != text[range.clone()];
    text.replace_range(range, &blanked);
    changed
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut result = Vec::new();
    for (i, byte) in text.bytes().enumerate() {
        if byte == b'\n' {
            result.push(start..i);
            start = i + 1;
        }
    }
    result.push(start..text.len());
    result
}

/// The number of leading spaces; `usize::MAX` for an empty line.
fn indent(line: &str) -> usize {
    line.bytes().position(|b| !matches!(b, b' ' | b'\r')).unwrap_or(usize::MAX)
}

/// Replaces a character by as many spaces as it has bytes; keeps line breaks.
fn blank(c: char) -> impl Iterator<Item = char> {
    let kept = if matches!(c, '\n' | '\r') { c } else { ' ' };
    std::iter::repeat_n(kept, c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Repairs move places, also into the middle of a character.
    #[test]
    fn findings_span_whole_characters() {
        for text in [
            "General: \n    ...\né🦀\r\n,General",
            "['\n---\na\u{feff}\n? %",
            "a: [\u{e9}\n b: \"🦀",
        ] {
            let parsed = parse(FileId(0), text);
            assert!(parsed.tree.is_none() && !parsed.findings.is_empty(), "{text:?}");
            for label in parsed.findings.iter().flat_map(|finding| &finding.labels) {
                assert!(text.get(label.span.range()).is_some(), "{label:?} in {text:?}");
            }
        }
    }
}
