//! Tries edits on a text with a syntax error.

use super::TextEdit;
use super::line::Line;
use crate::span::FileId;
use crate::syntax::yaml::compose::{ComposeError, compose};
use crate::syntax::yaml::problem::{Problem, SyntaxError};
use std::cell::Cell;
use std::cmp::Reverse;
use std::ops::Range;

/// How much text may be parsed to explain the errors of one file, in bytes.
pub const BUDGET: usize = 4 << 20;

/// A text with its first error.
pub struct Trial<'t> {
    pub text: &'t str,
    pub fault: &'t SyntaxError,
    pub lines: Vec<Line<'t>>,
    /// The line where the parser stopped.
    pub here: usize,
    budget: &'t Cell<usize>,
}

impl<'t> Trial<'t> {
    pub fn new(text: &'t str, fault: &'t SyntaxError, budget: &'t Cell<usize>) -> Self {
        let lines = Line::all(text);
        let here = line_at(&lines, position(fault));
        Self { text, fault, lines, here, budget }
    }

    /// The index of the line that contains a byte.
    pub fn line_at(&self, byte: usize) -> usize {
        line_at(&self.lines, byte)
    }

    /// The line where the parser stopped, or the last line with content before it.
    pub fn here(&self) -> &Line<'t> {
        &self.lines[self.here]
    }

    /// The line where the collection or scalar that contains the error starts.
    pub fn context(&self) -> usize {
        self.fault.context.map_or(self.here, |(_, start)| self.line_at(start)).min(self.here)
    }

    /// The lines that may contain the mistake, nearest first: the line of the error, the start of what
    /// contains it, and the lines between.
    pub fn suspects(&self) -> impl Iterator<Item = usize> + use<'_, 't> {
        const MAX_LINES: usize = 12;
        let own = std::iter::once(self.here);
        let context = std::iter::once(self.context());
        let between = (self.context() + 1..self.here).rev();
        own.chain(context).chain(between).filter(|&at| !self.lines[at].is_blank()).take(MAX_LINES)
    }

    /// The nearest line above that has content.
    pub fn above(&self, line: usize) -> Option<usize> {
        (0..line).rev().find(|&at| !self.lines[at].is_blank())
    }

    /// The nearest line below that has content.
    pub fn below(&self, line: usize) -> Option<usize> {
        (line + 1..self.lines.len()).find(|&at| !self.lines[at].is_blank())
    }

    /// Whether any edit can still be tried.
    pub fn is_open(&self) -> bool {
        self.budget.get() >= self.text.len()
    }

    /// How far the parser gets with an edit; `None` if not further than without.
    pub fn progress(&self, edit: &TextEdit) -> Option<Progress> {
        self.progress_of(std::slice::from_ref(edit))
    }

    /// The same for several edits, sorted by place.
    pub fn progress_of(&self, edits: &[TextEdit]) -> Option<Progress> {
        self.progress_from(self.here, edits)
    }

    /// The same if the mistake is known to be on an earlier line: getting past that line counts.
    pub fn progress_from(&self, from: usize, edits: &[TextEdit]) -> Option<Progress> {
        self.budget.set(self.budget.get().checked_sub(self.text.len())?);
        let text = self.edited(0..self.text.len(), edits)?;
        let at = match compose(FileId(0), &text) {
            // Text after the document is not parsed.
            Ok(composed) => match composed.second.filter(|at| !text[*at..].starts_with("---")) {
                Some(at) => at,
                None => return Some(Progress::ToTheEnd),
            },
            Err(ComposeError::Syntax(fault)) => position(&fault),
            Err(ComposeError::UnknownAnchor { span, .. } | ComposeError::TooDeep(span)) => {
                span.range().start
            }
        };
        let line = line_at(&Line::all(&text), at);
        // The text after the error has the same length with and without the edits.
        let left = text.len().saturating_sub(at);
        let longer: usize = edits.iter().map(|edit| edit.text.len()).sum();
        let shorter: usize = edits.iter().map(|edit| edit.at.len()).sum();
        let end = edits.last().map_or(0, |edit| edit.at.end);
        let is_after = (at + shorter).checked_sub(longer).is_some_and(|before| before >= end)
            && left < self.text.len() - position(self.fault).min(self.text.len());
        (line > from || is_after).then_some(Progress::To(Reverse(left)))
    }

    /// Joins several edits to one.
    pub fn joined(&self, edits: &[TextEdit]) -> Option<TextEdit> {
        let at = edits.first()?.at.start..edits.last()?.at.end;
        let text = self.edited(at.clone(), edits)?;
        Some(TextEdit { at, text })
    }

    /// A range of the text with edits inside of it, sorted by place.
    fn edited(&self, range: Range<usize>, edits: &[TextEdit]) -> Option<String> {
        let mut edited = String::with_capacity(range.len());
        let mut at = range.start;
        for edit in edits {
            edited.push_str(self.text.get(at..edit.at.start)?);
            edited.push_str(&edit.text);
            at = edit.at.end;
        }
        edited.push_str(self.text.get(at..range.end)?);
        Some(edited)
    }

    pub fn helps(&self, edit: &TextEdit) -> bool {
        self.progress(edit).is_some()
    }
}

/// How far the parser gets; more is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// An error with this many bytes left.
    To(Reverse<usize>),
    ToTheEnd,
}

/// The place of an error. For an unclosed quote this is its start, because the quote includes all the
/// rest of the text.
fn position(fault: &SyntaxError) -> usize {
    let opening = fault.context.filter(|_| fault.problem == Problem::OpenQuote);
    opening.map_or(fault.at.start, |(_, start)| start)
}

fn line_at(lines: &[Line<'_>], byte: usize) -> usize {
    lines.partition_point(|line| line.start <= byte).saturating_sub(1)
}
