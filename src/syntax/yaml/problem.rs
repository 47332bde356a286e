//! What can be wrong with a YAML text, in words of our own.
//!
//! Holds the faults and their repair; must not decide when one has happened (`scanner`, `parser`).

use std::ops::Range;
use thiserror::Error;

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("the character U+{:04X} is not allowed in YAML", u32::from(*.0))]
    Forbidden(char),
    #[error("YAML cannot be indented with tabs")]
    Tab,
    #[error("a value cannot start with `{0}`")]
    CannotStart(char),
    #[error("a list cannot start here")]
    StrayEntry,
    #[error("a `?` key cannot start here")]
    StrayKey,
    #[error("unexpected `:`")]
    StrayValue,
    #[error("this line is indented as part of the value above, so `:` is not allowed here")]
    Continues,
    #[error("unexpected text after the value")]
    Trailing,
    #[error("missing `:` after this key")]
    NoColon,
    #[error("nested deeper than Refinery's YAML reader goes")]
    TooDeep,
    #[error("unknown YAML directive")]
    Directive,
    #[error("unsupported YAML version")]
    Version,
    #[error("malformed `%TAG` directive")]
    TagDirective,
    #[error("duplicate YAML directive")]
    TwiceDirected,
    #[error("missing `---` after a YAML directive")]
    NoDocumentStart,
    #[error("missing name after `{0}`")]
    Name(char),
    #[error("malformed tag")]
    Tag,
    #[error("undeclared tag handle")]
    TagHandle,
    #[error("unexpected text after `{0}`, which starts a text of several lines")]
    BlockHeader(char),
    #[error("a text of several lines cannot be indented by 0")]
    BlockIndent,
    #[error("unclosed quote")]
    OpenQuote,
    #[error("`\\{0}` is not an escape within double quotes")]
    Escape(char),
    #[error("this escape is not a character")]
    EscapeCode,
    #[error("missing value")]
    NoValue,
    #[error("expected an item of the list")]
    NoEntry,
    #[error("expected a key of the mapping")]
    NoKey,
    #[error("unclosed `[`")]
    OpenSequence,
    #[error("unclosed `{{`")]
    OpenMapping,
}

impl Problem {
    /// What is at the place of the fault.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Forbidden(_) | Self::Directive | Self::TwiceDirected => "not allowed",
            Self::Tab => "tab",
            Self::CannotStart(_) => "must be quoted",
            Self::StrayEntry => "starts a list",
            Self::StrayKey => "starts a key",
            Self::StrayValue | Self::Continues => "unexpected `:`",
            Self::Trailing => "not part of the value",
            Self::NoColon => "expected `:` after this",
            Self::TooDeep => "too deep",
            Self::Version => "Refinery reads YAML 1.1",
            Self::TagDirective | Self::Tag => "malformed",
            Self::NoDocumentStart => "expected `---` before this",
            Self::Name(_) => "expected a name",
            Self::TagHandle => "not declared",
            Self::BlockHeader(_) => "must start on the next line",
            Self::BlockIndent => "must not be 0",
            Self::OpenQuote => "the file ends here",
            Self::Escape(_) | Self::EscapeCode => "unknown escape",
            Self::NoValue => "expected a value",
            Self::NoEntry => "expected `- `",
            Self::NoKey => "expected a key",
            Self::OpenSequence => "expected `,` or `]`",
            Self::OpenMapping => "expected `,` or `}`",
        }
    }

    /// What to do about it, where one advice fits all.
    pub fn repair(&self) -> Option<&'static str> {
        Some(match self {
            Self::Forbidden(_) => "remove it, or write it as an escape within double quotes",
            Self::Tab => "indent with spaces",
            Self::CannotStart(_) => "put the value in quotes",
            Self::StrayEntry => "start the list on the next line",
            Self::StrayKey | Self::TooDeep => return None,
            Self::StrayValue => {
                "if the `:` belongs to the value, put the value in quotes; otherwise check the \
                 indentation"
            }
            Self::Continues => {
                "check the indentation, and write `key: value` with a space after the `:`"
            }
            Self::Trailing => {
                "put the whole value in quotes; within single quotes write a quote twice"
            }
            Self::NoColon => {
                "write `key: value`, or indent the line if it belongs to the value above"
            }
            Self::Directive | Self::TagDirective | Self::TwiceDirected => "remove the line",
            Self::Version => "remove the line, or write `%YAML 1.1`",
            Self::NoDocumentStart => "remove the `%` lines, or write `---` below them",
            Self::Name(_) => {
                "a name consists of letters, digits, `-` and `_`; if this is text, put it in quotes"
            }
            Self::Tag | Self::TagHandle => {
                "if the `!` belongs to the value, put the value in quotes"
            }
            Self::BlockHeader(_) => "start the text on the next line, or put the value in quotes",
            Self::BlockIndent => "remove the number",
            Self::OpenQuote => "close the quote",
            Self::Escape(_) => "use single quotes, or write `\\\\` for a backslash",
            Self::EscapeCode => "write two digits after `\\x`, four after `\\u`, eight after `\\U`",
            Self::NoValue => "if the character here is text, put it in quotes",
            Self::NoEntry => "start the line with `- `, in the same column as the items above",
            Self::NoKey => "start all keys of a mapping in the same column",
            Self::OpenSequence => "close the list with `]`, or separate its items with `,`",
            Self::OpenMapping => "close the mapping with `}`, or separate its entries with `,`",
        })
    }
}

/// What else a person should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Context {
    #[error("opened here")]
    Opening,
    #[error("the list starts here")]
    List,
    #[error("the mapping starts here")]
    Mapping,
    #[error("the text starts here")]
    Block,
    #[error("the value starts here")]
    Text,
}

impl Context {
    /// Is it an opening that is never closed, and so rather the place to repair?
    pub fn is_opening(self) -> bool {
        self == Self::Opening
    }
}

/// A problem and its place, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub problem: Problem,
    pub at: Range<usize>,
    /// A second place, by where it begins.
    pub context: Option<(Context, usize)>,
}

impl Fault {
    pub fn new(problem: Problem, at: Range<usize>) -> Self {
        Self { problem, at, context: None }
    }

    #[must_use]
    pub fn within(mut self, context: Context, start: usize) -> Self {
        self.context = Some((context, start));
        self
    }
}
