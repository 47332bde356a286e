//! HCL → a document in the shape of HCL's own JSON syntax.
//!
//! Literals, `file`, lists that are joined, mappings that are merged, functions that encode or decode, the
//! `local` values of a module, which is a folder, `for` and `for_each` are evaluated. Any other expression
//! becomes the string `${expression}`, or a placeholder inside a document. Must not know what the blocks mean.

use super::blocks::{add_block, add_to_list, is, names_addresses, remove_addresses};
use super::encoded::WRITERS;
use super::inputs::is_empty_list;
use super::paths::{
    Choice, ENCODERS, FULL_PATHS, file_named, find_choice, is_from_here, is_suspect, matching,
    path_in,
};
use super::template::{lacks_variable, with_values};
use crate::deploy::Outer;
use crate::deploy::chart::layers::Values;
use crate::deploy::loader::Loader;
use crate::deploy::{read_item, word};
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::value::replaced::without_expressions;
use crate::vfs::path::split;
use hcl_edit::expr::{
    Conditional, Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator,
};
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use hcl_edit::template::{Element, Template};
use hcl_edit::{Ident, Span as _};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// The maximum nesting depth of expressions, including local values.
const DEEPEST: usize = 32;

/// The maximum number of expressions that local values add to a document.
const MOST_LOCAL: usize = 100_000;

/// Functions whose result has all elements of their arguments.
const JOINERS: [&str; 3] = ["concat", "compact", "flatten"];

/// Functions whose result is the content of a file.
const READERS: [&str; 2] = ["file", "templatefile"];

/// The maximum number of objects that a block creates with `for_each`.
const MOST_INSTANCES: usize = 100;

/// Values of expressions that decide which files are read.
pub type Assumed = BTreeMap<String, String>;

/// Reads a file; `siblings` are the other files of its module. Strings from other files have spans in
/// them. Also gives the first choice between files that `assumed` leaves open.
///
/// # Errors
/// The place of the syntax error.
pub fn read(
    outer: Outer<'_>,
    siblings: &[Values],
    assumed: &Assumed,
    loader: &mut Loader<'_>,
) -> Result<(Item, Option<Choice>), Span> {
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
    let mut reader = Reader {
        outer,
        locals,
        assumed,
        loader,
        bound: Vec::new(),
        open: None,
        local: 0,
        locality: 0,
    };
    let document = reader.body(&body, 0);
    Ok((document, reader.open))
}

/// The attributes of the blocks `locals`.
fn locals_of(body: &Body) -> impl Iterator<Item = &Attribute> {
    let blocks = body.iter().filter_map(Structure::as_block).filter(|block| is(block, "locals"));
    blocks.flat_map(|block| block.body.attributes())
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

struct Reader<'r, 'b, 's> {
    outer: Outer<'r>,
    /// Local values, each with the file that it is in.
    locals: HashMap<&'b str, (&'b Expression, Outer<'r>)>,
    assumed: &'r Assumed,
    loader: &'r mut Loader<'s>,
    /// Names with a value in a part of the file: those of `for`, and `each`.
    bound: Vec<(String, Item)>,
    open: Option<Choice>,
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
                Structure::Block(block) if names_addresses(block) => {}
                Structure::Block(block) => {
                    let place = self.place(block.ident.span());
                    if let Some((name, items)) = self.repeated(block, depth + 1) {
                        for item in items {
                            add_to_list(&mut entries, name, item, place);
                        }
                        continue;
                    }
                    for mut item in self.instances(block, depth + 1) {
                        remove_addresses(block, &mut item);
                        add_block(&mut entries, block, item, place);
                    }
                }
            }
        }
        Item::new(Value::Map(entries), self.place(body.span()))
    }

    /// The content of a block, for each object that it creates.
    fn instances(&mut self, block: &Block, depth: usize) -> Vec<Item> {
        let is_repeated = ["resource", "module", "data"].iter().any(|ident| is(block, ident));
        let each = block.body.get_attribute("for_each").filter(|_| is_repeated);
        let each = each.map(|each| self.expression(&each.value, depth));
        let pairs = each.map(|each| pairs(&each)).unwrap_or_default();
        if pairs.is_empty() || pairs.len() > MOST_INSTANCES {
            return vec![self.body(&block.body, depth)];
        }
        pairs.into_iter().map(|pair| self.body_with("each", pair, &block.body, depth)).collect()
    }

    /// The name and contents of the blocks that a `dynamic` one makes, if it repeats a known collection.
    fn repeated<'k>(&mut self, block: &'k Block, depth: usize) -> Option<(&'k str, Vec<Item>)> {
        let [label] = &block.labels[..] else { return None };
        is(block, "dynamic").then_some(())?;
        let each = self.expression(&block.body.get_attribute("for_each")?.value, depth);
        if !matches!(each.value, Value::List(_) | Value::Map(_)) {
            return None;
        }
        let iterator = block.body.get_attribute("iterator");
        let iterator = iterator.and_then(|name| name.value.as_variable().map(Ident::as_str));
        let content = block.body.get_blocks("content").next()?;
        let pairs = Some(pairs(&each)).filter(|pairs| pairs.len() <= MOST_INSTANCES)?;
        let name = iterator.unwrap_or(label.as_str());
        let one = |pair| self.body_with(name, pair, &content.body, depth);
        Some((label.as_str(), pairs.into_iter().map(one).collect()))
    }

    /// The content of a block for a key and value of a collection, which have this name in it.
    fn body_with(
        &mut self,
        name: &str,
        (key, value): (Item, Item),
        body: &Body,
        depth: usize,
    ) -> Item {
        let entry = |key: &str, item| Entry { key: key.to_owned(), key_span: None, item };
        let each = Value::Map(vec![entry("key", key), entry("value", value)]);
        self.bound.push((name.to_owned(), Item::new(each, None)));
        self.local += 1;
        let item = self.body(body, depth);
        self.bound.pop();
        item
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
                None => Value::Text(self.source(template, depth)),
            },
            // The parser removes the indentation of `<<-`.
            Expression::HeredocTemplate(heredoc) => {
                let text = self.source(&heredoc.template, depth);
                Value::Text(self.without_expressions(&text).unwrap_or(text))
            }
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
            Expression::Traversal(_) if self.is_assumed(expression) => {
                return self.unknown(expression);
            }
            Expression::Traversal(traversal) => {
                return self.traversal(traversal, expression, depth);
            }
            Expression::Variable(name) => {
                return self.bound(name).unwrap_or_else(|| self.unknown(expression));
            }
            Expression::Conditional(either) => return self.conditional(either, expression, depth),
            Expression::ForExpr(each) => match self.elements(each, depth) {
                Some(value) => value,
                None => return self.unknown(expression),
            },
            _ => return self.unknown(expression),
        };
        Item::new(value, span)
    }

    /// The value that a name has in this part of the file.
    fn bound(&self, name: &str) -> Option<Item> {
        self.bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, item)| item.clone())
    }

    /// The value at a path of keys below a local value or one of `for_each` and `for`.
    fn traversal(&mut self, traversal: &Traversal, whole: &Expression, depth: usize) -> Item {
        let root = traversal.expr.as_variable().map(hcl_edit::Ident::as_str).unwrap_or_default();
        let mut steps = traversal.operators.iter().map(hcl_edit::Decorated::value);
        let local = match traversal.operators.first().map(hcl_edit::Decorated::value) {
            Some(TraversalOperator::GetAttr(name)) if root == "local" => {
                self.locals.get(name.as_str()).copied()
            }
            _ => None,
        };
        let found = match local {
            Some((local, outer)) => {
                steps.next();
                self.locality += 1;
                let own = std::mem::replace(&mut self.outer, outer);
                let bound = std::mem::take(&mut self.bound);
                let item = self.expression(local, depth + 1);
                self.bound = bound;
                self.outer = own;
                self.locality -= 1;
                Some(item)
            }
            None => self.bound(root),
        };
        let found = steps.try_fold(found, |found, step| {
            let key = match step {
                TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
                TraversalOperator::Index(index) => {
                    self.expression(index, depth + 1).text().map(str::to_owned)
                }
                _ => None,
            };
            Some(found?.get(&key?).cloned())
        });
        found.flatten().unwrap_or_else(|| self.unknown(whole))
    }

    /// The list or mapping that `for` makes of another one.
    fn elements(&mut self, each: &ForExpr, depth: usize) -> Option<Value> {
        if each.cond.is_some() || each.grouping {
            return None;
        }
        let collection = self.expression(&each.intro.collection_expr, depth + 1);
        let pairs = pairs(&collection);
        if pairs.is_empty() || pairs.len() > MOST_INSTANCES {
            return None;
        }
        let one = |(key, value)| {
            let known = self.bound.len();
            let names = [(each.intro.key_var.as_ref(), key), (Some(&each.intro.value_var), value)];
            for (name, item) in names {
                self.bound.extend(name.map(|name| (name.as_str().to_owned(), item)));
            }
            self.local += 1;
            let key = each.key_expr.as_ref().map(|key| self.expression(key, depth + 1));
            let item = self.expression(&each.value_expr, depth + 1);
            self.bound.truncate(known);
            (key, item)
        };
        let all: Vec<(Option<Item>, Item)> = pairs.into_iter().map(one).collect();
        if each.key_expr.is_none() {
            return Some(Value::List(all.into_iter().map(|(_, item)| item).collect()));
        }
        let entry = |(key, item): (Option<Item>, Item)| {
            let (key, key_span) = (key.as_ref().and_then(word)?, item.span);
            (!has_expression(&key)).then_some(Entry { key, key_span, item })
        };
        all.into_iter().map(entry).collect::<Option<Vec<Entry>>>().map(Value::Map)
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
            Some(argument) if ENCODERS.contains(&name) || FULL_PATHS.contains(&name) => {
                self.expression(argument, depth + 1)
            }
            Some(_) if JOINERS.contains(&name) => self.joined(call, whole, depth),
            Some(_) if name == "merge" => self.merged(call, whole, depth),
            Some(argument) if name == "basename" => {
                let path = self.expression(argument, depth + 1);
                let own = path.text().filter(|path| !has_expression(path));
                let Some(own) = own.map(|path| split(path).1.to_owned()) else {
                    return self.unknown(whole);
                };
                Item { value: Value::Text(own), ..path }
            }
            Some(argument) if READERS.contains(&name) => {
                let path = self.expression(argument, depth + 1);
                let Some(path) = path.text() else { return self.unknown(whole) };
                if path.contains("${") {
                    self.open =
                        self.open.take().or_else(|| find_choice(self.outer, path, self.loader));
                }
                let read = self.file(path);
                if name == "file" {
                    return read.unwrap_or_else(|| self.unread(path, whole));
                }
                let given = call.args.iter().nth(1).map(|it| self.expression(it, depth + 1));
                let given = given.as_ref();
                read.map_or_else(|| self.unread(path, whole), |it| self.filled(it, given, whole))
            }
            Some(argument) if name == "fileset" => {
                let folder = self.expression(argument, depth + 1);
                let pattern = call.args.iter().nth(1).map(|it| self.expression(it, depth + 1));
                let names = folder
                    .text()
                    .zip(pattern.as_ref().and_then(Item::text))
                    .map(|(folder, pattern)| matching(self.outer, (folder, pattern), self.loader));
                let Some(names) = names else { return self.unknown(whole) };
                let place = self.place(whole.span());
                let names = names.into_iter().map(|name| Item::new(Value::Text(name), place));
                Item::new(Value::List(names.collect()), place)
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
                Value::Text(text) if is_empty_list(self.outer, &text, self.loader) => {}
                _ => return self.unknown(whole),
            }
        }
        if call.name.name.as_str() == "compact" {
            all.retain(|item| item.text() != Some(""));
        }
        Item::new(Value::List(all), self.place(whole.span()))
    }

    /// One of two values. If they are files of Refinery's, the condition is a choice between them.
    fn conditional(&mut self, either: &Conditional, whole: &Expression, depth: usize) -> Item {
        let written = either.cond_expr.span().and_then(|range| self.outer.text.get(range));
        let Some(condition) = written.map(str::trim) else { return self.unknown(whole) };
        match self.assumed.get(condition).map(String::as_str) {
            Some("true") => return self.expression(&either.true_expr, depth + 1),
            Some("false") => return self.expression(&either.false_expr, depth + 1),
            _ => {}
        }
        let values = [&either.true_expr, &either.false_expr];
        let values = values.map(|value| self.expression(value, depth + 1));
        if values.iter().any(|value| self.reads_file(value)) {
            let both = ["true", "false"].map(str::to_owned).into();
            self.open = self.open.take().or_else(|| Some((condition.to_owned(), both)));
        }
        self.unknown(whole)
    }

    /// Whether a value is the content of a file, or a list with one.
    fn reads_file(&self, value: &Item) -> bool {
        let is_read = |text: &str| {
            text.starts_with("${file(") || value.span.is_some_and(|it| it.file != self.outer.file)
        };
        value.text().is_some_and(is_read)
            || value.list().is_some_and(|items| items.iter().any(|item| self.reads_file(item)))
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
    fn mapping(&mut self, item: Item) -> Option<Item> {
        let decoded = match (&item.value, item.span) {
            (Value::Map(_), _) => return Some(item),
            (Value::Text(text), Some(span)) if span.file != self.outer.file => {
                read_item(span.file, text)
            }
            (Value::Text(text), _) => {
                let loaded = self.loader.file(&file_named(self.outer, text)?).ok()??;
                if loaded.fault().is_some() {
                    return None;
                }
                let file = loaded.source.file;
                read_item(file, &self.loader.loaded.files.get(file).text)
            }
            _ => return None,
        };
        decoded.ok().filter(|item| matches!(item.value, Value::Map(_)))
    }

    /// The content of a file, with the span of the whole file.
    fn file(&mut self, path: &str) -> Option<Item> {
        let path = path_in(self.outer, path)?;
        // Most files that Terraform reads have nothing to do with Refinery.
        if !is_suspect(&path, self.loader) {
            return None;
        }
        let (file, text) = self.loader.text_in_sight(&path).ok()??;
        let span = Span::new(file, 0, text.len());
        Some(Item::new(Value::Text(text), Some(span)))
    }

    fn is_assumed(&self, expression: &Expression) -> bool {
        let written = expression.span().and_then(|range| self.outer.text.get(range));
        written.is_some_and(|written| self.assumed.contains_key(written.trim()))
    }

    fn unknown(&self, expression: &Expression) -> Item {
        let written = expression.span().and_then(|range| self.outer.text.get(range));
        let written = written.unwrap_or_default().trim();
        let assumed = self.assumed.get(written).cloned();
        let text = assumed.unwrap_or_else(|| format!("${{{written}}}"));
        Item::new(Value::Text(text), self.place(expression.span()))
    }

    /// A file that has nothing to do with Refinery, as an expression with its path.
    fn unread(&self, path: &str, whole: &Expression) -> Item {
        if path_in(self.outer, path).is_none() {
            return self.unknown(whole);
        }
        let text = format!("${{file(\"{path}\")}}");
        Item::new(Value::Text(text), self.place(whole.span()))
    }

    /// The content of a template, with the values that it is given, and placeholders for its other
    /// expressions.
    fn filled(&self, item: Item, given: Option<&Item>, whole: &Expression) -> Item {
        let text = item.text().unwrap_or_default();
        if !has_expression(text) {
            return item;
        }
        let is_rendered = given.is_none_or(|given| !lacks_variable(text, given));
        let text = with_values(text, given.map(Item::entries).unwrap_or_default());
        let filled =
            if has_expression(&text) { self.without_expressions(&text) } else { Some(text) };
        match filled.filter(|_| is_rendered) {
            Some(text) => Item::new(Value::Text(text), item.span),
            // Not the name of the file, which would be read as it is.
            None => Item::new(Value::Text("${templatefile}".to_owned()), self.place(whole.span())),
        }
    }

    /// A document with placeholders for expressions that are single values in it.
    fn without_expressions(&self, text: &str) -> Option<String> {
        let filled = without_expressions(text).filter(|_| has_expression(text))?;
        let read = read_item(self.outer.file, &filled).ok()?;
        matches!(read.value, Value::Map(_)).then_some(filled)
    }

    /// A template with known values for its expressions; the others are as written.
    fn source(&mut self, template: &Template, depth: usize) -> String {
        let mut text = String::new();
        for element in template {
            let written = || {
                let written = element.span().and_then(|range| self.outer.text.get(range));
                written.unwrap_or("${}").to_owned()
            };
            let part = match element {
                Element::Literal(text) => text.to_string(),
                Element::Directive(_) => written(),
                Element::Interpolation(inner) => {
                    let written = written();
                    let item = self.expression(&inner.expr, depth + 1);
                    let is_path = |known: &str| is_from_here(&format!("{known}/"));
                    let known =
                        word(&item).filter(|known| !has_expression(known) || is_path(known));
                    known.unwrap_or(written)
                }
            };
            text.push_str(&part);
        }
        text
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

fn key_of(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
        ObjectKey::Expression(Expression::String(text)) => Some(text.to_string()),
        ObjectKey::Expression(_) => None,
    }
}

/// The keys and values that `for_each` and `for` take from a collection.
fn pairs(collection: &Item) -> Vec<(Item, Item)> {
    let of_list = collection.list().unwrap_or_default().iter();
    let of_list = of_list.map(|item| (item.clone(), item.clone()));
    let of_map = collection.entries().iter().map(|entry| {
        let key = Item::new(Value::Text(entry.key.clone()), entry.key_span);
        (key, entry.item.clone())
    });
    of_list.chain(of_map).collect()
}

/// Whether a string depends on an expression that is not evaluated.
pub fn has_expression(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// Whether a text is HCL.
pub fn is_valid(text: &str) -> bool {
    parse_body(&without_empty_heredocs(text)).is_ok()
}
