//! The events of a YAML text: what a reader of trees is told.

use super::token::ScalarStyle;
use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind<'a> {
    DocumentStart,
    DocumentEnd,
    Alias { name: &'a str },
    Scalar { value: Cow<'a, str>, style: ScalarStyle, properties: Properties<'a> },
    SequenceStart { flow: bool, properties: Properties<'a> },
    SequenceEnd,
    MappingStart { flow: bool, properties: Properties<'a> },
    MappingEnd,
}

/// What stands before a value: `&name` and `!tag`, the tag in its long form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties<'a> {
    pub anchor: Option<&'a str>,
    pub tag: Option<Cow<'a, str>>,
}

/// An event and its bytes. A value's begin with its properties. A block collection ends where its
/// last word does, and an empty value stands behind the word before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    pub kind: EventKind<'a>,
    pub start: usize,
    pub end: usize,
}
