//! The events of the parser.

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

/// The anchor and the tag of a value. The tag is in its long form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties<'a> {
    pub anchor: Option<&'a str>,
    pub tag: Option<Cow<'a, str>>,
}

/// An event and its bytes. Those of a value include its properties. A block collection ends with its
/// last token, and an empty value is placed after the previous token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    pub kind: EventKind<'a>,
    pub start: usize,
    pub end: usize,
}
