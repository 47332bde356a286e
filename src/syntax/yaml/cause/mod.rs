//! Why a text cannot be read: the mistake itself, where the reader only names where it gave up.
//!
//! Each recogniser proposes edits of what it takes for the mistake. A edit counts only if the
//! reader gets further with it: an explanation is tried out before it is given. Whether a text is
//! refused is never decided here.

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

pub use conflict::find_conflicts;
pub use trial::{BUDGET, Trial};

use std::ops::Range;

/// A part of the text, and what stands there instead.
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

/// What is wrong, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub message: String,
    /// The first is the place at fault.
    pub labels: Vec<(Range<usize>, String)>,
    pub help: String,
    /// With it the reader gets further.
    pub edit: Option<TextEdit>,
    pub applicability: Applicability,
}

/// What becomes of a edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// It is a safe fix if nothing else makes a valid file.
    Safe,
    /// Something else may have been meant, whatever is valid.
    Unsafe,
    /// It only serves to read on.
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

/// Looks for one kind of mistake.
type Recogniser = fn(&Trial<'_>) -> Option<Cause>;

/// The most telling ones first.
const RECOGNISERS: [Recogniser; 14] = [
    junk::find,
    whitespace::find,
    special::find_template,
    quote::find_open,
    colon::find_missing_space,
    item::find_missing_space,
    flow::find_stray_closing,
    quote::find_trailing,
    colon::find_in_value,
    special::find,
    flow::find,
    block::find,
    colon::find_missing,
    item::find_after_key,
];

/// Looks for what the lines may belong to, where several readings make sense.
type Layout = fn(&Trial<'_>) -> Vec<Cause>;

const LAYOUTS: [Layout; 3] = [item::find_mixed, indentation::find, indentation::find_below_value];

/// The mistake that makes the reader give up, if it is one of those that people make; the likeliest
/// first where several are as good.
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
