//! All syntax faults of a text in one run, not only the first.
//!
//! After a fault the entry around it is blanked out and the rest is read again. What is left over
//! serves to find more faults only: a text with a fault has no tree.

use super::compose::{ComposeFault, MAX_DEPTH, compose};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use crate::syntax::Parsed;

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
    match compose(file, text.as_bytes()) {
        Ok(composed) => {
            let findings = composed.second.map(|at| second_document(file, at, text));
            Parsed { tree: Some(composed.tree), findings: findings.into_iter().collect() }
        }
        Err(fault) => Parsed { tree: None, findings: all_faults(file, text, fault) },
    }
}

fn all_faults(file: FileId, text: &str, first: ComposeFault) -> Vec<Finding> {
    let mut rest = text.as_bytes().to_vec();
    let mut findings: Vec<Finding> = Vec::new();
    let mut fault = Some(first);
    while let Some(current) = fault.take() {
        let at = place(&current).min(rest.len());
        let finding = describe(file, current, text.len());
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

/// Where the text goes wrong: an opening that is never closed counts, not the text's end.
fn place(fault: &ComposeFault) -> usize {
    match fault {
        ComposeFault::Syntax(fault) => match &fault.context {
            Some((context, at)) if context.is_opening() => *at,
            _ => fault.at,
        },
        ComposeFault::UnknownAnchor { span, .. } | ComposeFault::TooDeep(span) => {
            span.start as usize
        }
    }
}

fn describe(file: FileId, fault: ComposeFault, len: usize) -> Finding {
    match fault {
        ComposeFault::Syntax(fault) => {
            let at = fault.at.min(len);
            let finding = Finding::new(&INVALID_YAML, fault.problem.to_string())
                .at(Span::new(file, at, (at + 1).min(len)), "here");
            let finding = match fault.context {
                Some((context, start)) if start != at => {
                    let span = Span::new(file, start, (start + 1).min(len));
                    finding.at(span, context.to_string())
                }
                _ => finding,
            };
            match fault.problem.repair() {
                Some(repair) => finding.help(repair),
                None => finding,
            }
        }
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

fn second_document(file: FileId, at: usize, text: &str) -> Finding {
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    Finding::new(&SECOND_DOCUMENT, "a second YAML document begins here; it is never read")
        .at(Span::new(file, at, end), "ignored from here on")
        .help("remove the `---`, or move what follows to a file of its own")
}

/// Blanks the second-level entry around `at`, down to the next one. False where nothing is left.
fn blank_entry(text: &mut [u8], at: usize) -> bool {
    let lines = lines(text);
    let level = lines.iter().map(|l| indent(&text[l.clone()])).filter(|&n| n > 0 && n < usize::MAX);
    let level = level.min().unwrap_or(0);
    let here = lines.iter().position(|l| l.end >= at).unwrap_or(lines.len().saturating_sub(1));
    let is_start = |i: usize| indent(&text[lines[i].clone()]) <= level;
    let first = (0..=here).rev().find(|&i| is_start(i)).unwrap_or(0);
    let last = (here + 1..lines.len()).find(|&i| is_start(i)).unwrap_or(lines.len());
    let range = lines[first].start..lines[last - 1].end;
    let mut changed = false;
    for byte in &mut text[range] {
        if !matches!(byte, b' ' | b'\n' | b'\r') {
            *byte = b' ';
            changed = true;
        }
    }
    changed
}

fn lines(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    let mut result = Vec::new();
    for (i, &byte) in text.iter().enumerate() {
        if byte == b'\n' {
            result.push(start..i);
            start = i + 1;
        }
    }
    result.push(start..text.len());
    result
}

/// Leading blanks; a blank line has no indentation to speak of.
fn indent(line: &[u8]) -> usize {
    line.iter().position(|b| !matches!(b, b' ' | b'\r')).unwrap_or(usize::MAX)
}
