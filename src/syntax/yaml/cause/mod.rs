//! Finds the mistake that causes a syntax error; the parser only knows where it had to stop.
//!
//! Each recogniser proposes an edit for a kind of mistake. An edit is only used if the parser gets
//! further with it, so every explanation is tested before it is printed. Whether a text is valid is
//! not decided here.

mod block;
mod colon;
mod conflict;
mod flow;
mod indentation;
mod item;
mod junk;
mod line;
mod quote;
mod special;
mod trial;
mod whitespace;

pub use conflict::{Conflict, find_conflicts};
pub use trial::{BUDGET, Trial};

use std::ops::Range;

/// A replacement of a part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    pub at: Range<usize>,
    pub text: String,
}

impl TextEdit {
    pub fn insert(at: usize, text: &str) -> Self {
        Self { at: at..at, text: text.to_owned() }
    }
}

/// An explanation of a syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub message: String,
    /// The first label is the primary one.
    pub labels: Vec<(Range<usize>, String)>,
    pub help: String,
    /// An edit with which the parser gets further.
    pub edit: Option<TextEdit>,
    pub applicability: Applicability,
}

/// How an edit may be offered as a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// A safe fix, unless another edit also results in a valid file.
    Safe,
    /// An unsafe fix: something else may have been meant.
    Unsafe,
    /// Not a fix; the edit only allows the parser to continue.
    NotOffered,
}

impl Cause {
    pub fn new(message: impl Into<String>, at: Range<usize>, label: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            labels: vec![(at, label.into())],
            help: String::new(),
            edit: None,
            applicability: Applicability::Safe,
        }
    }

    #[must_use]
    pub fn and_at(mut self, at: Range<usize>, label: impl Into<String>) -> Self {
        self.labels.push((at, label.into()));
        self
    }

    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    #[must_use]
    pub fn with_edit(self, edit: TextEdit) -> Self {
        Self { edit: Some(edit), ..self }
    }

    #[must_use]
    pub fn applicability(self, applicability: Applicability) -> Self {
        Self { applicability, ..self }
    }
}

/// Recognises one kind of mistake.
type Recogniser = fn(&Trial<'_>) -> Option<Cause>;

/// The most specific ones first.
const RECOGNISERS: [Recogniser; 15] = [
    junk::find,
    whitespace::find,
    special::find_template,
    quote::find_open,
    colon::find_missing_space,
    item::find_missing_space,
    item::find_other_mark,
    flow::find_stray_closing,
    quote::find_trailing,
    colon::find_in_value,
    special::find,
    flow::find,
    block::find,
    colon::find_missing,
    item::find_after_key,
];

/// Proposes what misplaced lines may belong to, if there are several possibilities.
type Layout = fn(&Trial<'_>) -> Vec<Cause>;

const LAYOUTS: [Layout; 3] = [item::find_mixed, indentation::find, indentation::find_below_value];

/// The mistakes that may have caused the error, most likely first; empty if none is recognised.
pub fn find_causes(trial: &Trial<'_>) -> Vec<Cause> {
    if let Some(cause) = RECOGNISERS.iter().find_map(|find| find(trial)) {
        return vec![cause];
    }
    let causes = LAYOUTS.iter().flat_map(|find| find(trial));
    let reach = |cause: &Cause| trial.progress(cause.edit.as_ref()?);
    let mut tried: Vec<_> = causes.filter_map(|cause| Some((reach(&cause)?, cause))).collect();
    let furthest = tried.iter().map(|(reach, _)| *reach).max();
    tried.retain(|(reach, _)| Some(*reach) == furthest);
    tried.into_iter().map(|(_, cause)| cause).collect()
}
