//! What can be wrong with a YAML text, in words of our own.
//!
//! Holds the faults and their repair; must not decide when one has happened (`scanner`, `parser`).

use std::ops::Range;
use thiserror::Error;

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("the character U+{:04X} cannot stand in YAML", u32::from(*.0))]
    Forbidden(char),
    #[error("a tab cannot indent YAML")]
    Tab,
    #[error("no value can begin with {0:?}")]
    CannotStart(char),
    #[error("no list can begin here")]
    StrayEntry,
    #[error("no `?` key can begin here")]
    StrayKey,
    #[error("no `key: value` can stand here")]
    StrayValue,
    #[error("no `key: value` can stand in a text that continues from above")]
    Continues,
    #[error("the value has ended before this")]
    Trailing,
    #[error("no `:` follows this key")]
    NoColon,
    #[error("nested deeper than the engine's reader goes")]
    TooDeep,
    #[error("this is neither a `%YAML` nor a `%TAG` line")]
    Directive,
    #[error("the engine's reader knows YAML 1.1 alone")]
    Version,
    #[error("this `%TAG` line is malformed")]
    TagDirective,
    #[error("this line stands twice above one document")]
    TwiceDirected,
    #[error("no `---` follows the `%` lines")]
    NoDocumentStart,
    #[error("a name must follow `{0}`")]
    Name(char),
    #[error("this tag is malformed")]
    Tag,
    #[error("this tag's handle is not declared")]
    TagHandle,
    #[error("nothing but a comment may follow `{0}` on its line")]
    BlockHeader(char),
    #[error("a block cannot be indented by 0")]
    BlockIndent,
    #[error("this quote is never closed")]
    OpenQuote,
    #[error("`\\{0}` is no escape")]
    Escape(char),
    #[error("this escape is no character")]
    EscapeCode,
    #[error("a value is missing here")]
    NoValue,
    #[error("this is no item of the list around it")]
    NoEntry,
    #[error("this is no key of the mapping around it")]
    NoKey,
    #[error("`,` or `]` is missing")]
    OpenSequence,
    #[error("`,` or `}}` is missing")]
    OpenMapping,
}

impl Problem {
    /// What to do about it, where one advice fits all.
    pub fn repair(&self) -> Option<&'static str> {
        Some(match self {
            Self::Forbidden(_) => "remove it, or write it as an escape within double quotes",
            Self::Tab => "indent with blanks",
            Self::CannotStart(_) => "put quotes around the value",
            Self::StrayEntry => "begin the list on a line of its own",
            Self::StrayKey | Self::TooDeep => return None,
            Self::StrayValue => {
                "if the `:` belongs to the text, put quotes around it; otherwise check the \
                 indentation"
            }
            Self::Continues => {
                "write `key: value` where the text begins, with a blank behind the `:`, or check \
                 the indentation"
            }
            Self::Trailing => {
                "put quotes around the whole value; within single quotes a quote is written twice"
            }
            Self::NoColon => "write `key: value`, or indent the line if it continues the one above",
            Self::Directive | Self::TagDirective | Self::TwiceDirected => "remove the line",
            Self::Version => "remove the line, or write `%YAML 1.1`",
            Self::NoDocumentStart => "remove the `%` lines, or write `---` below them",
            Self::Name(_) => {
                "names are made of letters, digits, `-` and `_`; put quotes around what is text"
            }
            Self::Tag | Self::TagHandle => "put quotes around the value if the `!` belongs to it",
            Self::BlockHeader(_) => {
                "begin the text on the next line, or put quotes around the value"
            }
            Self::BlockIndent => "leave the number away",
            Self::OpenQuote => "close it",
            Self::Escape(_) => "use single quotes, or write `\\\\` for a backslash",
            Self::EscapeCode => "write two digits after `\\x`, four after `\\u`, eight after `\\U`",
            Self::NoValue => "put quotes around the character here if it is text",
            Self::NoEntry => "begin the line with `- `, indented like the items above",
            Self::NoKey => "check the indentation: keys of one mapping begin in one column",
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
    #[error("the list that begins here")]
    List,
    #[error("the mapping that begins here")]
    Mapping,
    #[error("the block that begins here")]
    Block,
    #[error("in the text that begins here")]
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
