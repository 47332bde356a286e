//! HCL → a document in the shape of HCL's own JSON syntax.
//!
//! Literals, `file`, lists that are joined, mappings that are merged, functions that encode or decode, and the `local` values of
//! a module, which is a folder, are evaluated. Any other expression becomes the string
//! `${expression}`. Must not know what the blocks mean.

use super::encoded::WRITERS;
use crate::deploy::Outer;
use crate::deploy::chart::layers::Values;
use crate::deploy::loader::Loader;
use crate::deploy::read_item;
use crate::sniff::classify::may_be_used;
use crate::sniff::file_name::{is_values, kind_of_name};
use crate::sniff::flaw::find_flaw;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::path::{join, split, split_extension};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl_edit::template::{Element, Template};
use std::collections::HashMap;
use std::ops::Range;

/// The maximum nesting depth of expressions, including local values.
const DEEPEST: usize = 32;

/// The maximum number of expressions that local values add to a document.
const MOST_LOCAL: usize = 100_000;

/// Functions that encode or decode their argument, which is used as it is.
const ENCODERS: [&str; 7] =
    ["jsondecode", "yamldecode", "tostring", "trimspace", "chomp", "nonsensitive", "sensitive"];

/// Functions whose result has all elements of their arguments.
const JOINERS: [&str; 3] = ["concat", "compact", "flatten"];

/// Functions whose result is the content of a file.
const READERS: [&str; 2] = ["file", "templatefile"];

/// Where paths start that are relative to the folder of the file.
const HERE: [&str; 4] = ["${path.module}/", "${path.root}/", "${path.cwd}/", "./"];

/// Reads a file; `siblings` are the other files of its module. Strings from other files have spans in
/// them.
///
/// # Errors
/// The place of the syntax error.
pub fn read(outer: Outer<'_>, siblings: &[Values], loader: &mut Loader<'_>) -> Result<Item, Span> {
    let parse = |text: &str| parse_body(&without_empty_heredocs(text));
    let body = parse(outer.text).map_err(|error| {
        let at = error.location().offset().min(outer.text.len());
        Span::new(outer.file, at, at)
    })?;
    let bodies: Vec<(Outer<'_>, Body)> = siblings
        .iter()
        .filter_map(|sibling| {
            let outer = Outer::of(&sibling.name, sibling.file, &sibling.text);
            Some((outer, parse(&sibling.text).ok()?))
        })
        .collect();
    let mut locals = HashMap::new();
    for (body_outer, body) in
        bodies.iter().map(|(outer, body)| (*outer, body)).chain([(outer, &body)])
    {
        for attribute in locals_of(body) {
            locals.insert(attribute.key.as_str(), (&attribute.value, body_outer));
        }
    }
    Ok(Reader { outer, locals, loader, local: 0, locality: 0 }.body(&body, 0))
}

fn is_terraform(name: &str) -> bool {
    split_extension(name).1 == "tf"
}

/// The attributes of the blocks `locals`.
fn locals_of(body: &Body) -> impl Iterator<Item = &Attribute> {
    let blocks = body.iter().filter_map(Structure::as_block).filter(|block| is(block, "locals"));
    blocks.flat_map(|block| block.body.attributes())
}

/// The other files of the module of a file that may have its local values.
pub fn siblings(outer: Outer<'_>, loader: &mut Loader<'_>) -> Vec<Values> {
    let (folder, own) = split(outer.name);
    if !outer.text.contains("local.") || !is_terraform(own) {
        return Vec::new();
    }
    let names = loader.names(folder).into_iter();
    let names: Vec<String> = names
        .filter(|name| is_terraform(name) && name != own)
        .map(|name| join(folder, &name))
        .collect();
    let has_locals = |name: &String| {
        loader.peek(name).ok().flatten().is_some_and(|text| text.contains("locals"))
    };
    let names: Vec<String> = names.into_iter().filter(has_locals).collect();
    let mut found = Vec::new();
    for name in names {
        if let Ok(Some((file, text))) = loader.text_in_sight(&name) {
            found.push(Values { name, file, text, item: Item::new(Value::Null, None) });
        }
    }
    found
}

/// The file that an expression reads which was not evaluated, if it is a file of the repository.
pub fn file_named(outer: Outer<'_>, expression: &str) -> Option<String> {
    let inner = expression.strip_prefix("${")?.strip_suffix('}')?;
    let (before, rest) = inner.split_once("file(\"")?;
    let (path, after) = rest.split_once('"')?;
    let is_template = before.ends_with("template");
    let mut callers = before.trim_end_matches("template").split('(').map(str::trim);
    let is_whole = callers.all(|name| name.is_empty() || ENCODERS.contains(&name))
        && (is_template || after.trim_end_matches([')', ' ']).is_empty());
    path_in(outer, path).filter(|_| is_whole)
}

/// A path in an expression of a file, as a name of a file of this run.
pub fn path_in(outer: Outer<'_>, path: &str) -> Option<String> {
    let path = HERE.iter().find_map(|start| path.strip_prefix(start)).unwrap_or(path);
    let is_local = !(path.is_empty() || path.contains("${") || path.starts_with('/'));
    is_local.then(|| join(split(outer.name).0, path))
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
    /// Local values, each with the file that it is in.
    locals: HashMap<&'b str, (&'b Expression, Outer<'r>)>,
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
            Expression::StringTemplate(template) => match only_expression(template) {
                Some(inner) => return self.expression(inner, depth + 1),
                None => Value::Text(self.source(template)),
            },
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
                let Some((local, outer)) = local else { return self.unknown(expression) };
                self.locality += 1;
                let own = std::mem::replace(&mut self.outer, outer);
                let item = self.expression(local, depth + 1);
                self.outer = own;
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
            Some(argument) if WRITERS.contains(&name) => {
                let written = self.expression(argument, depth + 1);
                match written.value {
                    Value::Map(_) | Value::List(_) => {
                        Item { span: self.place(whole.span()), raw: name.to_owned(), ..written }
                    }
                    _ => written,
                }
            }
            Some(argument) if ENCODERS.contains(&name) => self.expression(argument, depth + 1),
            Some(_) if JOINERS.contains(&name) => self.joined(call, whole, depth),
            Some(_) if name == "merge" => self.merged(call, whole, depth),
            Some(argument) if READERS.contains(&name) => {
                let path = self.expression(argument, depth + 1);
                let read = path.text().and_then(|path| self.file(path));
                if read.is_none() && path.text().is_some_and(|path| self.matches_values_files(path))
                {
                    return Item::new(Value::Text(String::new()), self.place(whole.span()));
                }
                read.unwrap_or_else(|| self.unknown(whole))
            }
            _ => self.unknown(whole),
        }
    }

    /// The elements of all arguments, if they are lists.
    fn joined(&mut self, call: &FuncCall, whole: &Expression, depth: usize) -> Item {
        let mut all = Vec::new();
        for argument in &call.args {
            match self.expression(argument, depth + 1).value {
                Value::List(items) => all.extend(items),
                _ => return self.unknown(whole),
            }
        }
        Item::new(Value::List(all), self.place(whole.span()))
    }

    /// The entries of all arguments, if they are mappings. The last of equal keys counts.
    fn merged(&mut self, call: &FuncCall, whole: &Expression, depth: usize) -> Item {
        let mut all: Vec<Entry> = Vec::new();
        for argument in &call.args {
            let item = self.expression(argument, depth + 1);
            let Some(item) = self.mapping(item) else { return self.unknown(whole) };
            let entries = item.entries();
            all.retain(|known| entries.iter().all(|entry| entry.key != known.key));
            all.extend_from_slice(entries);
        }
        Item::new(Value::Map(all), self.place(whole.span()))
    }

    /// A mapping, or the one in a file that is decoded.
    fn mapping(&self, item: Item) -> Option<Item> {
        match (&item.value, item.span) {
            (Value::Map(_), _) => Some(item),
            (Value::Text(text), Some(span)) if span.file != self.outer.file => {
                read_item(span.file, text).ok().filter(|item| matches!(item.value, Value::Map(_)))
            }
            _ => None,
        }
    }

    /// Whether a path with a variable matches values files in its folder. They are checked on their own.
    fn matches_values_files(&self, path: &str) -> bool {
        let path = HERE.iter().find_map(|start| path.strip_prefix(start)).unwrap_or(path);
        let Some((before, rest)) = path.split_once("${") else { return false };
        let Some((_, after)) = rest.rsplit_once('}') else { return false };
        let (folder, start) = split(before);
        let Some(folder) = path_in(self.outer, &join(folder, "x")) else { return false };
        let is_meant =
            |name: &String| is_values(name) && name.starts_with(start) && name.ends_with(after);
        self.loader.names(split(&folder).0).iter().any(is_meant)
    }

    /// The content of a file, with the span of the whole file.
    fn file(&mut self, path: &str) -> Option<Item> {
        let path = path_in(self.outer, path)?;
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

/// The expression that a template consists of.
fn only_expression(template: &Template) -> Option<&Expression> {
    let mut elements = template.iter();
    match (elements.next()?, elements.next()) {
        (Element::Interpolation(inner), None) => Some(&inner.expr),
        _ => None,
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
