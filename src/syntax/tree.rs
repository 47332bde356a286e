//! The spanned tree: what a text says, with the place of every key and value.
//!
//! One shape for YAML, TOML and JSON. Holds texts as they are written, their tags and their places;
//! must not hold what a text means (`config` resolves scalars) nor what may be written (`schema`).

use crate::span::{FileId, Span};

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// The tag of a whole number that the engine holds in 64 bits where its validator wants an `int`.
/// No YAML text can carry it, for there the prefix is always shortened.
pub const WIDE_INT: &str = "tag:yaml.org,2002:wide-int";

/// The tag of a date or time in a language that has them.
pub const TIME: &str = "tag:yaml.org,2002:time";

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: its text decides its type.
    Plain,
    /// Quoted: text, whatever it looks like.
    Text,
    /// A text of several lines after `|`.
    Literal,
    /// A text of several lines after `>`.
    Folded,
}

/// What a node is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Scalar {
        text: String,
        style: Style,
    },
    Sequence(Vec<NodeId>),
    /// Keys and values in the order in which they are written, duplicates included.
    Mapping(Vec<(NodeId, NodeId)>),
    /// `*name`, and the node it stands for.
    Alias {
        name: String,
        target: NodeId,
    },
}

/// One value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub body: Body,
    /// An explicit tag in its short form (`!!int`, `!x`); `None` where the text decides.
    pub tag: Option<String>,
    pub span: Span,
}

/// All nodes of one document.
#[derive(Clone, Debug)]
pub struct Tree {
    pub file: FileId,
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

impl Tree {
    pub fn new(file: FileId) -> Self {
        Self { file, nodes: Vec::new(), root: None }
    }

    pub fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    pub fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All nodes, in the order in which they were read.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    pub(super) fn get_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    pub(super) fn set_root(&mut self, id: NodeId) {
        self.root = Some(id);
    }

    /// The document's value; `None` for a text that holds no document at all.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The node that `id` stands for, behind any aliases.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        let mut id = id;
        while let Body::Alias { target, .. } = self.get(id).body {
            id = target;
        }
        id
    }

    /// The text of a scalar, behind any aliases.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.get(self.resolve(id)).body {
            Body::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}
