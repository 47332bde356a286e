//! All syntax faults of a text in one run, not only the first.
//!
//! After a fault the entry around it is blanked out and the rest is read again. What is left over
//! serves to find more faults only: a text with a fault has no tree.

use super::compose::{ComposeFault, MAX_DEPTH, compose};
use super::problem::{Fault, Problem};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use crate::syntax::Parsed;
use std::ops::Range;

check!(
    INVALID_YAML,
    "syntax/invalid-yaml",
    Error,
    "the text is not YAML that the engine can read",
    "a new process exits before it opens a port; running ones keep the old file and only log it, \
     so the fault lies dormant until the next restart"
);
check!(
    UNKNOWN_ANCHOR,
    "syntax/unknown-anchor",
    Error,
    "an alias names an anchor that is not defined above it",
    "the engine's YAML reader refuses the whole file"
);
check!(
    TOO_DEEP,
    "syntax/too-deep",
    Error,
    "values are nested beyond any sensible depth",
    "the engine's YAML reader gives up on deeply nested text"
);
check!(
    SECOND_DOCUMENT,
    "syntax/second-document",
    Warning,
    "only the first YAML document is read",
    "the engine reads up to the second `---` and ignores the rest without a word"
);

/// More faults than this in one file are not looked for.
const MAX_FAULTS: usize = 20;

/// Reads a YAML text.
pub fn parse(file: FileId, text: &str) -> Parsed {
    match compose(file, text) {
        Ok(composed) => {
            let findings = composed.second.map(|at| second_document(file, at, text));
            Parsed { tree: Some(composed.tree), findings: findings.into_iter().collect() }
        }
        Err(fault) => Parsed { tree: None, findings: all_faults(file, text, fault) },
    }
}

fn all_faults(file: FileId, text: &str, first: ComposeFault) -> Vec<Finding> {
    let mut rest = text.to_owned();
    let mut findings: Vec<Finding> = Vec::new();
    let mut fault = Some(first);
    while let Some(current) = fault.take() {
        let at = place(&current).min(rest.len());
        let finding = describe(file, current, text);
        if findings.iter().any(|f| f.primary() == finding.primary()) {
            break;
        }
        findings.push(finding);
        if findings.len() == MAX_FAULTS || !blank_entry(&mut rest, at) {
            break;
        }
        fault = compose(file, &rest).err();
    }
    findings
}

/// Where the text goes wrong: an opening that is never closed counts, not where that shows.
fn place(fault: &ComposeFault) -> usize {
    match fault {
        ComposeFault::Syntax(fault) => opening(fault).unwrap_or(fault.at.start),
        ComposeFault::UnknownAnchor { span, .. } | ComposeFault::TooDeep(span) => {
            span.start as usize
        }
    }
}

fn opening(fault: &Fault) -> Option<usize> {
    fault.context.filter(|(context, _)| context.is_opening()).map(|(_, start)| start)
}

fn describe(file: FileId, fault: ComposeFault, text: &str) -> Finding {
    match fault {
        ComposeFault::Syntax(fault) => match conflict_mark(&fault, text) {
            Some(mark) => describe_conflict(Span::new(file, mark.start, mark.end)),
            None => describe_syntax(file, &fault, text),
        },
        ComposeFault::UnknownAnchor { name, span } => {
            Finding::new(&UNKNOWN_ANCHOR, format!("no `&{name}` stands before this alias"))
                .at(span, "not defined above")
                .help(format!("define `&{name}` earlier in the file, or quote the text"))
        }
        ComposeFault::TooDeep(span) => {
            Finding::new(&TOO_DEEP, format!("nested deeper than {MAX_DEPTH} levels"))
                .at(span, "too deep")
        }
    }
    .refuses()
}

/// The mark of an unresolved merge on the line at fault.
fn conflict_mark(fault: &Fault, text: &str) -> Option<Range<usize>> {
    const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let start = text.get(..fault.at.start)?.rfind('\n').map_or(0, |at| at + 1);
    let mark = MARKS.iter().find(|mark| text[start..].starts_with(**mark))?;
    Some(start..start + mark.len())
}

fn describe_conflict(mark: Span) -> Finding {
    Finding::new(&INVALID_YAML, "a merge conflict was left unresolved")
        .at(mark, "its mark")
        .help("choose one side, and remove the lines with the marks")
}

fn describe_syntax(file: FileId, fault: &Fault, text: &str) -> Finding {
    let check = if fault.problem == Problem::TooDeep { &TOO_DEEP } else { &INVALID_YAML };
    let here = visible(file, fault.at.clone(), text);
    let finding = Finding::new(check, fault.problem.to_string());
    let finding = match fault.context {
        Some((context, start)) if context.is_opening() => {
            finding.at(visible(file, start..start, text), "opened here").at(here, "missing here")
        }
        Some((context, start)) if start < fault.at.start => {
            finding.at(here, "here").at(visible(file, start..start, text), context.to_string())
        }
        _ => finding.at(here, "here"),
    };
    match fault.problem.repair() {
        Some(repair) => finding.help(repair),
        None => finding,
    }
}

/// A place that has something to point at: its first character, if it is empty itself.
fn visible(file: FileId, at: Range<usize>, text: &str) -> Span {
    let width = text.get(at.start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::new(file, at.start, at.end.max(at.start + width))
}

fn second_document(file: FileId, at: usize, text: &str) -> Finding {
    let rest = text.get(at..).unwrap_or_default();
    let end = at + rest.find('\n').unwrap_or(rest.len());
    let (message, help) = if rest.starts_with("---") || rest.starts_with('%') {
        (
            "a second YAML document begins here; it is never read",
            "remove the `---`, or move what follows to a file of its own",
        )
    } else {
        (
            "the document's value has ended above; what follows is never read",
            "remove it, or make it part of the value",
        )
    };
    Finding::new(&SECOND_DOCUMENT, message)
        .at(Span::new(file, at, end), "ignored from here on")
        .help(help)
}

/// Blanks the second-level entry around `at`, down to the next one. False where nothing is left.
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

/// Leading blanks; a blank line has no indentation to speak of.
fn indent(line: &str) -> usize {
    line.bytes().position(|b| !matches!(b, b' ' | b'\r')).unwrap_or(usize::MAX)
}

/// As many blanks as the character has bytes; line breaks stay.
fn blank(c: char) -> impl Iterator<Item = char> {
    let kept = if matches!(c, '\n' | '\r') { c } else { ' ' };
    std::iter::repeat_n(kept, c.len_utf8())
}
