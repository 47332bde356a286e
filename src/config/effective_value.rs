//! Typed values as Refinery stores them, each with its origin.

use crate::diagnostic::{Finding, Subject};
use crate::span::Span;
use crate::syntax::Item;
use crate::value::duration::Duration;
use crate::value::memory_size::MemorySize;
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::fmt;

/// The origin of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Refinery's default.
    Default,
    File(Span),
    /// An environment variable that overrides the key.
    Variable(String),
    /// A flag on Refinery's command line.
    Flag(String),
}

impl Origin {
    /// Notes that a finding is about a value from here.
    pub fn attribute(&self, finding: Finding) -> Finding {
        match self {
            Self::Variable(name) => finding.about(Subject::Variable(name.clone())),
            Self::Flag(_) => finding.about(Subject::Command),
            Self::Default | Self::File(_) => finding,
        }
    }
}

impl fmt::Display for Origin {
    /// For messages; `report` adds positions in files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(_) => f.write_str("file"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(name) => write!(f, "flag --{name}"),
        }
    }
}

/// A value in the type that Refinery uses.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// No value in a file, and no default.
    Nil,
    Bool(bool),
    /// A boolean whose default is true; Refinery writes it as a string.
    DefaultTrue(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(String),
    Duration(Duration),
    MemorySize(MemorySize),
    Texts(Vec<String>),
    Attributes(BTreeMap<String, String>),
    /// A condition's value, of any type.
    Any(Item),
    Record(Record),
    Records(Vec<EffectiveValue>),
}

/// A value, its origin, and the variables that it depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveValue {
    pub typed: Typed,
    pub origin: Origin,
    /// Position of its key, even if a default or override has replaced the value.
    pub key_span: Option<Span>,
    /// Unknown environment variables in it.
    pub unknown: Vec<String>,
}

/// A mapping of declared keys, or of targets, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record(IndexMap<String, EffectiveValue, RandomState>);

impl EffectiveValue {
    pub fn new(typed: Typed, origin: Origin) -> Self {
        Self { typed, origin, key_span: None, unknown: Vec::new() }
    }

    pub fn nil() -> Self {
        Self::new(Typed::Nil, Origin::Default)
    }

    pub fn span(&self) -> Option<Span> {
        match self.origin {
            Origin::File(span) => Some(span),
            _ => None,
        }
    }

    pub fn record(&self) -> Option<&Record> {
        match &self.typed {
            Typed::Record(record) => Some(record),
            _ => None,
        }
    }
}

impl Record {
    pub fn get(&self, name: &str) -> Option<&EffectiveValue> {
        self.0.get(name)
    }

    /// Removes the value of a key and returns it; the order of the others may change.
    pub fn take(&mut self, name: &str) -> Option<EffectiveValue> {
        self.0.swap_remove(name)
    }

    /// The value of a key, which is added if it is missing.
    pub fn get_mut(&mut self, name: &str) -> &mut EffectiveValue {
        self.0.entry(name.to_owned()).or_insert_with(EffectiveValue::nil)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &EffectiveValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut EffectiveValue> {
        self.0.values_mut()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, EffectiveValue)> for Record {
    fn from_iter<I: IntoIterator<Item = (String, EffectiveValue)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl Typed {
    /// Whether Refinery cannot distinguish the value from a missing one.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::Bool(b) => !b,
            Self::Int(n) => *n == 0,
            Self::Uint(n) => *n == 0,
            Self::Float(n) => *n == 0.0,
            Self::Text(text) => text.is_empty(),
            Self::Duration(d) => d.0 == 0,
            Self::MemorySize(m) => m.0 == 0,
            Self::DefaultTrue(_)
            | Self::Texts(_)
            | Self::Attributes(_)
            | Self::Any(_)
            | Self::Record(_)
            | Self::Records(_) => false,
        }
    }

    /// Whether Refinery may omit the value when it writes it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Texts(texts) => texts.is_empty(),
            Self::Attributes(map) => map.is_empty(),
            Self::Records(settings) => settings.is_empty(),
            _ => self.is_zero(),
        }
    }
}
