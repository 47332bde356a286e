//! Events → tree: the first document, its anchors and aliases.
//!
//! The engine's reader stops after the first document, so this does too; what lies behind it is
//! reported by the caller.

use super::events::{Event, EventKind, Fault, Parser, ScalarStyle};
use crate::span::{FileId, Span};
use crate::syntax::tree::{Body, Node, NodeId, Style, Tree};
use std::collections::HashMap;

/// Nesting beyond this is refused here; the engine's own limit is 10,000, which no person reaches.
pub const MAX_DEPTH: usize = 1_000;

/// A first document that could be read.
pub struct Composed {
    pub tree: Tree,
    /// Where a second document begins, if one does.
    pub second: Option<usize>,
}

/// Why no tree could be built.
pub enum ComposeFault {
    Syntax(Fault),
    UnknownAnchor { name: String, span: Span },
    TooDeep(Span),
}

struct Open {
    id: NodeId,
    pending_key: Option<NodeId>,
}

struct Composer {
    tree: Tree,
    anchors: HashMap<String, NodeId>,
    open: Vec<Open>,
}

/// Builds the first document's tree.
///
/// # Errors
/// The first fault of the text, as the engine's reader would meet it.
pub fn compose(file: FileId, text: &[u8]) -> Result<Composed, ComposeFault> {
    let mut parser = Parser::new(text);
    let mut composer =
        Composer { tree: Tree::new(file), anchors: HashMap::new(), open: Vec::new() };
    while let Some(event) = parser.next() {
        let event = event.map_err(ComposeFault::Syntax)?;
        if matches!(event.kind, EventKind::DocumentEnd { .. }) {
            break;
        }
        composer.take(event)?;
    }
    let second = second_document(&mut parser);
    Ok(Composed { tree: composer.tree, second })
}

/// The engine never asks for the event after the first document: a fault there is not its fault.
fn second_document(parser: &mut Parser<'_>) -> Option<usize> {
    match parser.next()? {
        Ok(event) if matches!(event.kind, EventKind::DocumentStart { .. }) => Some(event.start),
        Ok(_) => None,
        Err(fault) => Some(fault.at),
    }
}

impl Composer {
    fn take(&mut self, event: Event) -> Result<(), ComposeFault> {
        let span = Span::new(self.tree.file, event.start, event.end);
        match event.kind {
            EventKind::Scalar { value, style, anchor, tag } => {
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Text };
                self.add(Body::Scalar { text: value, style }, tag, span, anchor);
            }
            EventKind::SequenceStart { anchor, tag, .. } => {
                self.enter(Body::Sequence(Vec::new()), tag, span, anchor)?;
            }
            EventKind::MappingStart { anchor, tag, .. } => {
                self.enter(Body::Mapping(Vec::new()), tag, span, anchor)?;
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.leave(event.end),
            EventKind::Alias { name } => match self.anchors.get(&name) {
                Some(&target) => {
                    self.add(Body::Alias(target), None, span, None);
                }
                None => return Err(ComposeFault::UnknownAnchor { name, span }),
            },
            _ => {}
        }
        Ok(())
    }

    fn add(
        &mut self,
        body: Body,
        tag: Option<String>,
        span: Span,
        anchor: Option<String>,
    ) -> NodeId {
        let tag = tag.filter(|t| t != "!").map(short_tag);
        let id = self.tree.add(Node { body, tag, span });
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        self.attach(id);
        id
    }

    fn attach(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.tree.set_root(id);
            return;
        };
        match &mut self.tree.get_mut(open.id).body {
            Body::Sequence(items) => items.push(id),
            Body::Mapping(entries) => match open.pending_key.take() {
                Some(key) => entries.push((key, id)),
                None => open.pending_key = Some(id),
            },
            _ => {}
        }
    }

    fn enter(
        &mut self,
        body: Body,
        tag: Option<String>,
        span: Span,
        anchor: Option<String>,
    ) -> Result<(), ComposeFault> {
        if self.open.len() >= MAX_DEPTH {
            return Err(ComposeFault::TooDeep(span));
        }
        let id = self.add(body, tag, span, anchor);
        self.open.push(Open { id, pending_key: None });
        Ok(())
    }

    /// Closes a collection; a block collection ends where its last child does.
    fn leave(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let start = self.tree.get(open.id).span;
        let end = Span::new(start.file, end, end);
        self.tree.get_mut(open.id).span = start.to(end);
    }
}

/// `tag:yaml.org,2002:int` → `!!int`.
fn short_tag(tag: String) -> String {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(rest) => format!("!!{rest}"),
        None => tag,
    }
}
