//! The tokens that the scanner passes to the parser.

use std::borrow::Cow;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind<'a> {
    StreamEnd,
    /// `%YAML 1.1`.
    Version {
        major: u8,
        minor: u8,
    },
    /// `%TAG !x! tag:example.org,2000:`.
    TagHandle {
        handle: &'a str,
        prefix: Cow<'a, str>,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag(Tag<'a>),
    Scalar {
        value: Cow<'a, str>,
        style: ScalarStyle,
    },
}

/// `!handle!suffix`. Without a handle the suffix is the whole tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    pub handle: &'a str,
    pub suffix: Cow<'a, str>,
}

/// A token and its bytes; the range is empty if the token comes from indentation only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: TokenKind<'a>,
    pub start: usize,
    pub end: usize,
}
