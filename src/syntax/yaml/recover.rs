//! All syntax faults of a text in one run, not only the first.
//!
//! After a fault its repair, or an empty line in place of the entry around it, is read again with
//! the rest. What is left over serves to find more faults only: a text with a fault has no tree.

use super::cause::{BUDGET, Cause, Offer, Repair, Trial, find_causes, find_conflicts};
use super::compose::{ComposeFault, MAX_DEPTH, compose};
use super::problem::{Fault, Problem};
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
    "the file is not valid YAML",
    "A new process exits before it opens a port. Running processes keep the old configuration and \
     only log an error, so nobody notices until the next restart."
);
check!(
    UNKNOWN_ANCHOR,
    "syntax/unknown-anchor",
    Error,
    "an alias refers to an anchor that is not defined above it",
    "Refinery's YAML reader rejects the whole file."
);
check!(
    TOO_DEEP,
    "syntax/too-deep",
    Error,
    "values are nested too deeply",
    "Refinery's YAML reader gives up on deeply nested values."
);
check!(
    SECOND_DOCUMENT,
    "syntax/second-document",
    Warning,
    "only the first YAML document is read",
    "Refinery reads up to the second `---` and ignores the rest without logging anything."
);

/// More faults than this in one file are not looked for.
const MAX_FAULTS: usize = 20;

/// Files beyond this are read, but their mistakes are not traced to a cause.
const MAX_TRACED: usize = 1 << 20;

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
    let mut rest = Rest { original: text, text: text.to_owned(), shifts: Vec::new() };
    let mut findings = resolve_conflicts(file, &mut rest);
    let mut fault = if findings.is_empty() { Some(first) } else { compose(file, &rest.text).err() };
    let budget = Cell::new(BUDGET);
    while let Some(current) = fault.take() {
        let (finding, repair) = explain(file, &current, &rest, &budget);
        if findings.iter().any(|f| f.primary() == finding.primary()) {
            break;
        }
        let at = finding.primary().map_or(0, |_| place(&current)).min(rest.text.len());
        findings.push(finding);
        let goes_on = match repair {
            Some(repair) => rest.apply(&repair),
            None => blank_entry(&mut rest.text, at),
        };
        if findings.len() == MAX_FAULTS || !goes_on {
            break;
        }
        fault = compose(file, &rest.text).err();
    }
    findings
}

/// A text on its way to being readable.
struct Rest<'t> {
    original: &'t str,
    text: String,
    /// Where repairs were made, in order, and how much they made the text longer or shorter.
    shifts: Vec<(Range<usize>, usize)>,
}

impl Rest<'_> {
    /// False where nothing has changed.
    fn apply(&mut self, repair: &Repair) -> bool {
        let is_change = self.text.get(repair.at.clone()).is_some_and(|old| old != repair.text);
        if is_change {
            self.text.replace_range(repair.at.clone(), &repair.text);
            self.shifts.push((repair.at.clone(), repair.text.len()));
        }
        is_change
    }

    /// A byte's place in the file as it is.
    fn original(&self, byte: usize) -> usize {
        self.shifts.iter().rev().fold(byte, |byte, (replaced, length)| {
            let end = replaced.start + length;
            if byte >= end { byte - length + replaced.len() } else { byte.min(replaced.end) }
        })
    }

    /// A span of whole characters of the file: one that a repair moved may end within one.
    fn span(&self, file: FileId, range: &Range<usize>) -> Span {
        let is_within = |at: &usize| !self.original.is_char_boundary(*at);
        let start = self.original(range.start).min(self.original.len());
        let start = (0..=start).rev().find(|at| !is_within(at)).unwrap_or(0);
        let end = self.original(range.end).clamp(start, self.original.len());
        let end = (end..=self.original.len()).find(|at| !is_within(at)).unwrap_or(end);
        Span::new(file, start, end)
    }
}

/// Each unresolved merge once; what goes on is its first side.
fn resolve_conflicts(file: FileId, rest: &mut Rest<'_>) -> Vec<Finding> {
    let conflicts = find_conflicts(&rest.text);
    for range in conflicts.iter().flat_map(|conflict| &conflict.removed) {
        let blanked: String = rest.text[range.clone()].chars().flat_map(blank).collect();
        rest.text.replace_range(range.clone(), &blanked);
    }
    let describe = |marks: &Vec<Range<usize>>| {
        let finding = Finding::new(&INVALID_YAML, "unresolved merge conflict")
            .help("keep one side and remove the lines with the conflict markers")
            .refuses();
        marks.iter().fold(finding, |finding, mark| {
            let text = if finding.labels.is_empty() { "conflict marker" } else { "" };
            finding.at(Span::new(file, mark.start, mark.end), text)
        })
    };
    conflicts.iter().take(MAX_FAULTS).map(|conflict| describe(&conflict.marks)).collect()
}

/// What is wrong, and how to read on.
fn explain(
    file: FileId,
    fault: &ComposeFault,
    rest: &Rest<'_>,
    budget: &Cell<usize>,
) -> (Finding, Option<Repair>) {
    let causes = match fault {
        ComposeFault::Syntax(fault) if rest.text.len() <= MAX_TRACED => {
            find_causes(&Trial::new(&rest.text, fault, budget))
        }
        _ => Vec::new(),
    };
    let Some((first, others)) = causes.split_first() else {
        return (describe(file, fault, rest), None);
    };
    let mut finding = describe_cause(file, first, rest);
    if let Some(fix) = &mut finding.fix {
        fix.alternatives = others.iter().map(|cause| describe_cause(file, cause, rest)).collect();
    }
    (finding, first.repair.clone())
}

fn describe_cause(file: FileId, cause: &Cause, rest: &Rest<'_>) -> Finding {
    let finding = Finding::new(&INVALID_YAML, cause.message.clone()).help(cause.help.clone());
    let finding = cause.labels.iter().fold(finding.refuses(), |finding, (range, text)| {
        finding.at(rest.span(file, range), text.clone())
    });
    let repair = cause.repair.as_ref().filter(|_| cause.offer != Offer::Nothing);
    let fix = repair.map(|repair| {
        let edit = Edit::Replace(rest.span(file, &repair.at), repair.text.clone());
        Fix { needs_proof: cause.offer == Offer::Fix, ..Fix::new(edit, false) }
    });
    Finding { fix, ..finding }
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

fn describe(file: FileId, fault: &ComposeFault, rest: &Rest<'_>) -> Finding {
    match fault {
        ComposeFault::Syntax(fault) => describe_syntax(file, fault, rest),
        ComposeFault::UnknownAnchor { name, span } => {
            let message =
                format!("`*{name}` is an alias, but no anchor `&{name}` is defined above it");
            let known = anchors(&rest.text[..(span.start as usize).min(rest.text.len())]);
            let near =
                known.into_iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
            let near = near.filter(|near| strsim::damerau_levenshtein(near, name) <= 2);
            let help = match near {
                Some(near) => format!("did you mean `*{near}`?"),
                None => format!("if this is text, put it in quotes: `\"*{name}\"`"),
            };
            Finding::new(&UNKNOWN_ANCHOR, message)
                .at(rest.span(file, &span.range()), "undefined anchor")
                .help(help)
        }
        ComposeFault::TooDeep(span) => {
            Finding::new(&TOO_DEEP, format!("nested deeper than {MAX_DEPTH} levels"))
                .at(rest.span(file, &span.range()), "too deep")
        }
    }
    .refuses()
}

/// The names of the anchors in a text.
fn anchors(text: &str) -> Vec<&str> {
    let starts = text.match_indices('&').filter(|(at, _)| text[..*at].ends_with(' '));
    starts.filter_map(|(at, _)| text[at + 1..].split_whitespace().next()).collect()
}

fn describe_syntax(file: FileId, fault: &Fault, rest: &Rest<'_>) -> Finding {
    let check = if fault.problem == Problem::TooDeep { &TOO_DEEP } else { &INVALID_YAML };
    let visible = |at: Range<usize>| rest.span(file, &visible(at, &rest.text));
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
    match fault.problem.repair() {
        Some(repair) => finding.help(repair),
        None => finding,
    }
}

/// A place that has something to point at: its first character, if it is empty itself.
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
            "remove the `---`, or move what follows to a file of its own",
        )
    } else {
        (
            "Refinery does not read what follows the end of the document",
            "start all groups in the same column: the first one is indented further than this",
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
