//! Builds the tree of the first document from events, and resolves anchors and aliases.
//!
//! Stops after the first document, as Refinery does; the caller reports what follows.

use super::event::{Event, EventKind, Properties};
use super::parser::Parser;
use super::problem::SyntaxError;
use super::token::ScalarStyle;
use crate::span::{FileId, Span};
use crate::syntax::tree::{Body, Node, NodeId, Style, Tree};
use foldhash::HashMap;
use std::borrow::Cow;

/// The maximum nesting depth. go-yaml's own limit is 10,000, which no configuration reaches. Code that
/// walks the tree recurses, and this depth fits the smallest stack it may run on.
pub const MAX_DEPTH: usize = 500;

/// The first document.
pub struct Composed {
    pub tree: Tree,
    /// Where a second document starts, if there is one.
    pub second: Option<usize>,
}

/// Why no tree could be built.
pub enum ComposeError {
    Syntax(SyntaxError),
    UnknownAnchor { name: String, span: Span },
    TooDeep(Span),
}

struct Open {
    id: NodeId,
    pending_key: Option<NodeId>,
}

struct Composer<'a> {
    tree: Tree,
    anchors: HashMap<&'a str, NodeId>,
    open: Vec<Open>,
}

/// Builds the first document's tree.
///
/// # Errors
/// The first error of the text, as go-yaml would report it.
pub fn compose(file: FileId, text: &str) -> Result<Composed, ComposeError> {
    let mut parser = Parser::new(text);
    let mut tree = Tree::new(file);
    tree.reserve_for(text);
    let mut composer = Composer { tree, anchors: HashMap::default(), open: Vec::new() };
    for event in parser.by_ref() {
        let event = event.map_err(ComposeError::Syntax)?;
        if matches!(event.kind, EventKind::DocumentEnd) {
            break;
        }
        composer.take(event)?;
    }
    let second = second_document(&mut parser);
    Ok(Composed { tree: composer.tree, second })
}

/// Where text after the first document starts. Refinery never reads it, so errors there do not count.
fn second_document(parser: &mut Parser<'_>) -> Option<usize> {
    match parser.next()? {
        Ok(event) if matches!(event.kind, EventKind::DocumentStart) => Some(event.start),
        Ok(_) => None,
        Err(fault) => Some(fault.at.start),
    }
}

impl<'a> Composer<'a> {
    fn take(&mut self, event: Event<'a>) -> Result<(), ComposeError> {
        let span = Span::new(self.tree.file, event.start, event.end);
        match event.kind {
            EventKind::Scalar { value, style, properties } => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                    _ => Style::Text,
                };
                let text = value.into_owned();
                self.add(Body::Scalar { text, style }, properties, span);
            }
            EventKind::SequenceStart { properties, .. } => {
                self.enter(Body::Sequence(Vec::new()), properties, span)?;
            }
            EventKind::MappingStart { properties, .. } => {
                self.enter(Body::Mapping(Vec::new()), properties, span)?;
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.leave(event.end),
            EventKind::Alias { name } => match self.anchors.get(name) {
                Some(&target) => {
                    let name = name.to_owned();
                    self.add(Body::Alias { name, target }, Properties::default(), span);
                }
                None => {
                    return Err(ComposeError::UnknownAnchor { name: name.to_owned(), span });
                }
            },
            EventKind::DocumentStart | EventKind::DocumentEnd => {}
        }
        Ok(())
    }

    fn add(&mut self, body: Body, properties: Properties<'a>, span: Span) -> NodeId {
        let Properties { anchor, tag } = properties;
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
        properties: Properties<'a>,
        span: Span,
    ) -> Result<(), ComposeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(ComposeError::TooDeep(span));
        }
        let id = self.add(body, properties, span);
        self.open.push(Open { id, pending_key: None });
        Ok(())
    }

    /// Closes a collection at the end of its last token.
    fn leave(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let start = self.tree.get(open.id).span;
        let end = Span::new(start.file, end, end);
        self.tree.get_mut(open.id).span = start.to(end);
    }
}

/// `tag:yaml.org,2002:int` → `!!int`.
fn short_tag(tag: Cow<'_, str>) -> String {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(rest) => format!("!!{rest}"),
        None => tag.into_owned(),
    }
}
