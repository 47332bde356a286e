//! HCL → a document in the shape of HCL's own JSON syntax.
//!
//! Literals, `file`, `jsonencode`, `yamlencode` and `local` values are evaluated. Any other expression
//! becomes the string `${expression}`. Must not know what the blocks mean.

use crate::deploy::Outer;
use crate::deploy::loader::Loader;
use crate::sniff::classify::may_be_used;
use crate::sniff::file_name::kind_of_name;
use crate::sniff::flaw::find_flaw;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::path::{join, split};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};
use hcl_edit::template::{Element, Template};
use std::collections::HashMap;
use std::ops::Range;

/// The maximum nesting depth of expressions, including local values.
const DEEPEST: usize = 32;

/// The maximum number of expressions that local values add to a document.
const MOST_LOCAL: usize = 100_000;

/// Functions that encode their argument, which is used as it is.
const ENCODERS: [&str; 5] = ["jsonencode", "yamlencode", "tostring", "trimspace", "chomp"];

/// Functions whose result is the content of a file.
const READERS: [&str; 2] = ["file", "templatefile"];

/// Where paths start that are relative to the folder of the file.
const HERE: [&str; 4] = ["${path.module}/", "${path.root}/", "${path.cwd}/", "./"];

/// Reads a file. Strings from other files have spans in them.
///
/// # Errors
/// The place of the syntax error.
pub fn read(outer: Outer<'_>, loader: &mut Loader<'_>) -> Result<Item, Span> {
    let body = parse_body(&without_empty_heredocs(outer.text)).map_err(|error| {
        let at = error.location().offset().min(outer.text.len());
        Span::new(outer.file, at, at)
    })?;
    let locals = body.iter().filter_map(Structure::as_block).filter(|block| is(block, "locals"));
    let locals = locals.flat_map(|block| block.body.attributes());
    let locals = locals.map(|attribute| (attribute.key.as_str(), &attribute.value)).collect();
    Ok(Reader { outer, locals, loader, local: 0, locality: 0 }.body(&body, 0))
}

/// The text with empty strings in place of empty here-documents, which the parser does not end. All
/// other bytes keep their places.
fn without_empty_heredocs(text: &str) -> String {
    let mut out = text.to_owned();
    for (at, _) in text.match_indices("<<") {
        let rest = text[at + 2..].trim_start_matches('-');
        let Some((delimiter, after)) = rest.split_once('\n') else { continue };
        let line = after.split('\n').next().unwrap_or_default();
        let delimiter = delimiter.trim_end();
        if !delimiter.is_empty() && line.trim() == delimiter {
            let length = text.len() - after.len() + line.trim_end().len() - at;
            out.replace_range(at..at + length, &format!("\"\"{}", " ".repeat(length - 2)));
        }
    }
    out
}

fn is(block: &Block, ident: &str) -> bool {
    block.ident.as_str() == ident
}

struct Reader<'r, 'b, 's> {
    outer: Outer<'r>,
    locals: HashMap<&'b str, &'b Expression>,
    loader: &'r mut Loader<'s>,
    /// The number of expressions of local values so far.
    local: usize,
    /// The nesting depth of local values.
    locality: usize,
}

impl Reader<'_, '_, '_> {
    fn body(&mut self, body: &Body, depth: usize) -> Item {
        let mut entries = Vec::new();
        for structure in body.iter().filter(|_| depth < DEEPEST) {
            match structure {
                Structure::Attribute(attribute) => entries.push(Entry {
                    key: attribute.key.as_str().to_owned(),
                    key_span: self.place(attribute.key.span()),
                    item: self.expression(&attribute.value, depth + 1),
                }),
                Structure::Block(block) => {
                    let item = self.body(&block.body, depth + 1);
                    let place = self.place(block.ident.span());
                    add_block(&mut entries, block, item, place);
                }
            }
        }
        Item::new(Value::Map(entries), self.place(body.span()))
    }

    fn expression(&mut self, expression: &Expression, depth: usize) -> Item {
        self.local += usize::from(self.locality > 0);
        let span = self.place(expression.span());
        let value = match expression {
            _ if depth >= DEEPEST || self.local >= MOST_LOCAL => return self.unknown(expression),
            Expression::Null(_) => Value::Null,
            Expression::Bool(value) => Value::Bool(**value),
            Expression::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Value::Int(whole),
                (None, Some(value)) => Value::Float(value),
                (None, None) => return self.unknown(expression),
            },
            Expression::String(text) => Value::Text(text.to_string()),
            Expression::StringTemplate(template) => Value::Text(self.source(template)),
            // The parser removes the indentation of `<<-`.
            Expression::HeredocTemplate(heredoc) => Value::Text(self.source(&heredoc.template)),
            Expression::Array(array) => {
                Value::List(array.iter().map(|inner| self.expression(inner, depth + 1)).collect())
            }
            Expression::Object(object) => {
                let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| Entry {
                    key: key_of(key).unwrap_or_default(),
                    key_span: self.place(key.span()),
                    item: self.expression(value.expr(), depth + 1),
                };
                Value::Map(object.iter().map(entry).collect())
            }
            Expression::Parenthesis(inner) => return self.expression(inner.inner(), depth + 1),
            Expression::FuncCall(call) => return self.call(call, expression, depth),
            Expression::Traversal(traversal) => {
                let local = local_name(traversal).and_then(|name| self.locals.get(name).copied());
                let Some(local) = local else { return self.unknown(expression) };
                self.locality += 1;
                let item = self.expression(local, depth + 1);
                self.locality -= 1;
                return item;
            }
            _ => return self.unknown(expression),
        };
        Item::new(value, span)
    }

    fn call(&mut self, call: &FuncCall, whole: &Expression, depth: usize) -> Item {
        let name = call.name.name.as_str();
        let first = call.args.iter().next();
        match first {
            Some(argument) if ENCODERS.contains(&name) => self.expression(argument, depth + 1),
            Some(argument) if READERS.contains(&name) => {
                let path = self.expression(argument, depth + 1);
                let read = path.text().and_then(|path| self.file(path));
                read.unwrap_or_else(|| self.unknown(whole))
            }
            _ => self.unknown(whole),
        }
    }

    /// The content of a file, with the span of the whole file.
    fn file(&mut self, path: &str) -> Option<Item> {
        let path = HERE.iter().find_map(|start| path.strip_prefix(start)).unwrap_or(path);
        if path.contains("${") || path.starts_with('/') {
            return None;
        }
        let path = join(split(self.outer.name).0, path);
        // Most files that Terraform reads have nothing to do with Refinery.
        let content = self.loader.peek(&path).ok()??;
        let is_suspect = kind_of_name(&path).is_some()
            || may_be_used(content.as_bytes())
            || find_flaw(None, &content).is_some();
        if !is_suspect {
            return None;
        }
        let (file, text) = self.loader.text_in_sight(&path).ok()??;
        let span = Span::new(file, 0, text.len());
        Some(Item::new(Value::Text(text), Some(span)))
    }

    fn unknown(&self, expression: &Expression) -> Item {
        let written = expression.span().and_then(|range| self.outer.text.get(range));
        let text = format!("${{{}}}", written.unwrap_or_default());
        Item::new(Value::Text(text), self.place(expression.span()))
    }

    /// A template with its expressions as written.
    fn source(&self, template: &Template) -> String {
        let part = |element: &Element| match element {
            Element::Literal(text) => text.to_string(),
            other => {
                let written = other.span().and_then(|range| self.outer.text.get(range));
                written.unwrap_or("${}").to_owned()
            }
        };
        template.iter().map(part).collect()
    }

    fn place(&self, range: Option<Range<usize>>) -> Option<Span> {
        range.map(|range| Span::new(self.outer.file, range.start, range.end))
    }
}

/// Adds a block: a list of all blocks of its name or, with labels, nested mappings.
fn add_block(entries: &mut Vec<Entry>, block: &Block, item: Item, place: Option<Span>) {
    let mut into = entries;
    let labels = block.labels.iter().map(BlockLabel::as_str);
    let path: Vec<&str> = std::iter::once(block.ident.as_str()).chain(labels).collect();
    let Some((last, around)) = path.split_last() else { return };
    for key in around {
        let inner = entry(into, key, place, || Value::Map(Vec::new()));
        let Some(inner) = inner.item.value.as_entries_mut() else { return };
        into = inner;
    }
    let list = entry(into, last, place, || Value::List(Vec::new()));
    if let Value::List(items) = &mut list.item.value {
        items.push(item);
    }
}

/// The entry of a key, added if it is missing.
fn entry<'e>(
    entries: &'e mut Vec<Entry>,
    key: &str,
    place: Option<Span>,
    value: impl FnOnce() -> Value,
) -> &'e mut Entry {
    let at = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        let item = Item::new(value(), place);
        entries.push(Entry { key: key.to_owned(), key_span: place, item });
        entries.len() - 1
    });
    &mut entries[at]
}

fn key_of(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
        ObjectKey::Expression(Expression::String(text)) => Some(text.to_string()),
        ObjectKey::Expression(_) => None,
    }
}

/// The name in `local.name`.
fn local_name(traversal: &Traversal) -> Option<&str> {
    let is_local = traversal.expr.as_variable().is_some_and(|name| name.as_str() == "local");
    match &traversal.operators[..] {
        [operator] if is_local => match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        },
        _ => None,
    }
}
