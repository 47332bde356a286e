//! The spanned tree of a document: every key and value with its place, for YAML, TOML and JSON.
//!
//! Scalars are stored as written; `scalar` resolves them, and `schema` knows which are valid.

use crate::span::{FileId, Span};
use std::collections::BTreeMap;

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// The tag of an integer that Refinery reads as `int64` although its validator expects an `int`.
/// YAML texts cannot have it, because there the prefix is always shortened to `!!`.
pub const WIDE_INT: &str = "tag:yaml.org,2002:wide-int";

/// The tag of a number of JSON, which Refinery reads as a float of any size.
pub const FLOAT: &str = "tag:yaml.org,2002:any-float";

/// The tag of a date or time in a format that has them (TOML).
pub const TIME: &str = "tag:yaml.org,2002:time";

/// The tag of a value that is rejected where it is read; its text says why.
pub const MALFORMED: &str = "tag:yaml.org,2002:malformed";

/// The tag of a TOML table that is only a header, such as `[a]`, and not `a = {}`.
pub const EMPTY_HEADER: &str = "tag:yaml.org,2002:empty-header";

/// The tag of a TOML table in braces, which replaces an earlier one; others add to it.
pub const INLINE_TABLE: &str = "tag:yaml.org,2002:inline-table";

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: the text determines the type.
    Plain,
    /// Quoted: always a string.
    Text,
    /// A block scalar after `|`.
    Literal,
    /// A block scalar after `>`.
    Folded,
}

/// The content of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Scalar {
        text: String,
        style: Style,
    },
    Sequence(Vec<NodeId>),
    /// Keys and values in the order of the text, including duplicates.
    Mapping(Vec<(NodeId, NodeId)>),
    /// `*name`, and the node that it refers to.
    Alias {
        name: String,
        target: NodeId,
    },
}

/// A key or value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub body: Body,
    /// An explicit tag in its short form (`!!int`, `!x`).
    pub tag: Option<String>,
    pub span: Span,
}

/// All nodes of one document.
#[derive(Clone, Debug)]
pub struct Tree {
    pub file: FileId,
    /// Of duplicate keys the last one counts.
    pub allows_duplicates: bool,
    nodes: Vec<Node>,
    root: Option<NodeId>,
    /// Keys that are repeated, by the mapping in which a reader notices it.
    repeated: BTreeMap<NodeId, Vec<Span>>,
    /// Scalars as written, where their text is another.
    written: BTreeMap<NodeId, String>,
}

impl Tree {
    pub fn new(file: FileId) -> Self {
        Self {
            file,
            allows_duplicates: false,
            nodes: Vec::new(),
            root: None,
            repeated: BTreeMap::new(),
            written: BTreeMap::new(),
        }
    }

    /// Makes room for the nodes of a text. Room that is not used takes no memory.
    pub(super) fn reserve_for(&mut self, text: &str) {
        const BYTES_PER_NODE: usize = 6;
        self.nodes.reserve(text.len() / BYTES_PER_NODE);
    }

    pub fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    pub fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All nodes, in the order they were read.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    pub(super) fn get_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    pub(super) fn set_root(&mut self, id: NodeId) {
        self.root = Some(id);
    }

    pub(super) fn set_written(&mut self, scalar: NodeId, text: &str) {
        self.written.insert(scalar, text.to_owned());
    }

    /// A scalar as written, if its text is another.
    pub(super) fn written(&self, scalar: NodeId) -> Option<&str> {
        self.written.get(&scalar).map(String::as_str)
    }

    pub(super) fn set_repeated(&mut self, mapping: NodeId, keys: Vec<Span>) {
        self.repeated.insert(mapping, keys);
    }

    /// The repeated keys that are noticed where this mapping is read.
    pub(super) fn repeated(&self, mapping: NodeId) -> &[Span] {
        self.repeated.get(&mapping).map_or(&[], Vec::as_slice)
    }

    /// The root of the document; `None` if the text holds no document.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The node `id` with all aliases resolved.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        let mut id = id;
        while let Body::Alias { target, .. } = self.get(id).body {
            id = target;
        }
        id
    }

    /// The text of a scalar, with aliases resolved.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.get(self.resolve(id)).body {
            Body::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}
