//! The syntax errors of YAML, with their messages, labels and help.
//!
//! `scanner` and `parser` detect them.

use std::ops::Range;
use thiserror::Error;

/// The kinds of syntax errors.
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
    #[error("nested too deeply for Refinery's YAML reader")]
    TooDeep,
    #[error("unknown YAML directive")]
    Directive,
    #[error("unsupported YAML version")]
    Version,
    #[error("malformed `%TAG` directive")]
    TagDirective,
    #[error("duplicate YAML directive")]
    DuplicateDirective,
    #[error("missing `---` after a YAML directive")]
    NoDocumentStart,
    #[error("missing name after `{0}`")]
    Name(char),
    #[error("malformed tag")]
    Tag,
    #[error("undeclared tag handle")]
    TagHandle,
    #[error("unexpected text after `{0}`, which starts a multi-line string")]
    BlockHeader(char),
    #[error("a multi-line string cannot be indented by 0")]
    BlockIndent,
    #[error("unclosed quote")]
    OpenQuote,
    #[error("`\\{0}` is not an escape within double quotes")]
    Escape(char),
    #[error("this escape does not stand for a character")]
    EscapeCode,
    #[error("missing value")]
    NoValue,
    #[error("expected a list item")]
    NoEntry,
    #[error("expected a key")]
    NoKey,
    #[error("unclosed `[`")]
    OpenSequence,
    #[error("unclosed `{{`")]
    OpenMapping,
}

impl Problem {
    /// The label at the place of the error.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Forbidden(_) | Self::Directive | Self::DuplicateDirective => "not allowed",
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

    /// How to fix the error, if one answer fits all cases.
    pub fn help(&self) -> Option<&'static str> {
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
            Self::Directive | Self::TagDirective | Self::DuplicateDirective => "remove the line",
            Self::Version => "remove the line, or write `%YAML 1.1`",
            Self::NoDocumentStart => "remove the `%` lines, or write `---` below them",
            Self::Name(_) => {
                "a name consists of letters, digits, `-` and `_`; if this is a string, put it in quotes"
            }
            Self::Tag | Self::TagHandle => {
                "if the `!` belongs to the value, put the value in quotes"
            }
            Self::BlockHeader(_) => "start the text on the next line, or put the value in quotes",
            Self::BlockIndent => "remove the number",
            Self::OpenQuote => "close the quote",
            Self::Escape(_) => "use single quotes, or write `\\\\` for a backslash",
            Self::EscapeCode => "write two digits after `\\x`, four after `\\u`, eight after `\\U`",
            Self::NoValue => "if this character is part of a string, put the string in quotes",
            Self::NoEntry => "start the line with `- `, in the same column as the items above",
            Self::NoKey => "start all keys of a mapping in the same column",
            Self::OpenSequence => "close the list with `]`, or separate its items with `,`",
            Self::OpenMapping => "close the mapping with `}`, or separate its entries with `,`",
        })
    }
}

/// A second place that explains an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Context {
    #[error("opened here")]
    Opening,
    #[error("the list starts here")]
    List,
    #[error("the mapping starts here")]
    Mapping,
    #[error("the string starts here")]
    Block,
    #[error("the value starts here")]
    Text,
}

impl Context {
    /// Whether this is an unclosed opening, which is then the place to fix.
    pub fn is_opening(self) -> bool {
        self == Self::Opening
    }
}

/// A syntax error and its place, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub problem: Problem,
    pub at: Range<usize>,
    /// A second place, by its start.
    pub context: Option<(Context, usize)>,
}

impl SyntaxError {
    pub fn new(problem: Problem, at: Range<usize>) -> Self {
        Self { problem, at, context: None }
    }

    #[must_use]
    pub fn within(mut self, context: Context, start: usize) -> Self {
        self.context = Some((context, start));
        self
    }
}
