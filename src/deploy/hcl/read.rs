//! HCL → a document in the shape of HCL's own JSON syntax.
//!
//! Literals, `file`, lists that are joined, mappings that are merged, functions that encode or decode, the
//! `local` values of a module, which is a folder, `for` and `for_each` are evaluated. Any other expression
//! becomes the string `${expression}`, or a placeholder inside a document. Must not know what the blocks mean.

use super::blocks::{add_block, add_to_list, is, names_addresses, remove_addresses};
use super::call::Call;
use super::inputs::is_empty_list;
use super::json::{evaluate, is_json};
use super::parse::{defaults_of, locals_of, parse};
use super::paths::{Choice, ENCODERS, FULL_PATHS, WRITERS, is_from_here};
use crate::deploy::Outer;
use crate::deploy::chart::layers::Values;
use crate::deploy::loader::Loader;
use crate::deploy::{read_item, word};
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::path::split;
use hcl_edit::expr::{
    Conditional, Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator,
};
use hcl_edit::parser::parse_template;
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::{Element, Template};
use hcl_edit::{Ident, Span as _};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

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

/// What a reading takes as known.
#[derive(Clone, Default)]
pub struct Given {
    /// Values of expressions that decide which files are read.
    pub choices: BTreeMap<String, String>,
    /// Who calls the module, and with which inputs.
    pub call: Option<Rc<Call>>,
}

/// What a reading gives.
pub struct Reading {
    pub document: Item,
    /// The first choice between files that is open.
    pub open: Option<Choice>,
    /// The templates that strings are made of.
    pub templates: Vec<Values>,
    /// What templates are given.
    pub arguments: Vec<Item>,
}

/// Reads a file; `siblings` are the other files of its module. Strings from other files have spans in
/// them.
///
/// # Errors
/// The place of the syntax error.
pub fn read(
    outer: Outer<'_>,
    siblings: &[Values],
    given: &Given,
    loader: &mut Loader<'_>,
) -> Result<Reading, Span> {
    let json = is_json(outer.name).then(|| read_item(outer.file, outer.text));
    let json = json.transpose().map_err(|_| Span::new(outer.file, 0, outer.text.len()))?;
    let hcl = if json.is_some() { "" } else { outer.text };
    let body = parse(hcl).map_err(|error| {
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
    let (mut locals, mut defaults) = (HashMap::new(), HashMap::new());
    for (body_outer, body) in
        bodies.iter().map(|(outer, body)| (*outer, body)).chain([(outer, &body)])
    {
        for attribute in locals_of(body) {
            locals.insert(attribute.key.as_str(), (&attribute.value, body_outer));
        }
        for (name, value) in defaults_of(body) {
            defaults.insert(name, (value, body_outer));
        }
    }
    let mut reader = Reader {
        outer,
        locals,
        defaults,
        given,
        loader,
        bound: Vec::new(),
        open: None,
        templates: Vec::new(),
        arguments: Vec::new(),
        is_within_string: false,
        place: None,
        local: 0,
        locality: 0,
    };
    let document = match json {
        Some(document) => evaluate(document, &mut |text, place| reader.template(text, place)),
        None => reader.body(&body, 0),
    };
    let Reader { open, templates, arguments, .. } = reader;
    Ok(Reading { document, open, templates, arguments })
}

pub(super) struct Reader<'r, 'b, 's> {
    pub(super) outer: Outer<'r>,
    /// Local values, each with the file that it is in.
    locals: HashMap<&'b str, (&'b Expression, Outer<'r>)>,
    /// Defaults of inputs, each with the file that it is in.
    defaults: HashMap<&'b str, (&'b Expression, Outer<'r>)>,
    pub(super) given: &'r Given,
    pub(super) loader: &'r mut Loader<'s>,
    /// Names with a value in a part of the file: those of `for`, and `each`.
    bound: Vec<(String, Item)>,
    pub(super) open: Option<Choice>,
    pub(super) templates: Vec<Values>,
    pub(super) arguments: Vec<Item>,
    /// Whether the current expression is a part of a string.
    is_within_string: bool,
    /// The place of all expressions, if they are in a string of JSON.
    place: Option<Span>,
    /// The number of expressions of local values so far.
    local: usize,
    /// The nesting depth of local values.
    locality: usize,
}

impl<'r> Reader<'r, '_, '_> {
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

    pub(super) fn expression(&mut self, expression: &Expression, depth: usize) -> Item {
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
        let name = match traversal.operators.first().map(hcl_edit::Decorated::value) {
            Some(TraversalOperator::GetAttr(name)) => name.as_str(),
            _ => "",
        };
        let found = match root {
            "local" => self.elsewhere(self.locals.get(name).copied(), depth),
            "var" => self.input(name, depth),
            "path" => self.root_folder(name, whole),
            _ => None,
        };
        let found = match found {
            Some(item) => {
                steps.next();
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

    /// The value of an expression in a file of the module.
    fn elsewhere(
        &mut self,
        expression: Option<(&Expression, Outer<'r>)>,
        depth: usize,
    ) -> Option<Item> {
        let (expression, outer) = expression?;
        self.locality += 1;
        let own = std::mem::replace(&mut self.outer, outer);
        let bound = std::mem::take(&mut self.bound);
        let item = self.expression(expression, depth + 1);
        self.bound = bound;
        self.outer = own;
        self.locality -= 1;
        Some(item)
    }

    /// The value of an input of the module: what its call gives it, or its default. Without a call, a
    /// default is only assumed if it is not empty and not a part of a string, such as a path.
    fn input(&mut self, name: &str, depth: usize) -> Option<Item> {
        let call = self.given.call.as_ref();
        if let Some(item) = call.and_then(|call| call.input(name)) {
            return Some(item.clone());
        }
        let is_certain = call.is_some_and(|call| call.is_whole);
        let default = self.elsewhere(self.defaults.get(name).copied(), depth)?;
        let is_empty = match &default.value {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(entries) => entries.is_empty(),
            _ => false,
        };
        (is_certain || !is_empty && !self.is_within_string).then_some(default)
    }

    /// The path from the module to the root module, which the program runs in.
    fn root_folder(&self, name: &str, whole: &Expression) -> Option<Item> {
        let call = self.given.call.as_ref().filter(|_| ["root", "cwd"].contains(&name))?;
        let path = format!("${{path.module}}/{}", call.root.trim_end_matches('/'));
        let path = path.trim_end_matches('/').to_owned();
        Some(Item::new(Value::Text(path), self.place(whole.span())))
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
            Some(argument) if name.starts_with("base64") => {
                self.read_arguments(argument, depth);
                self.unknown(whole)
            }
            Some(argument) if READERS.contains(&name) => {
                let path = self.expression(argument, depth + 1);
                let given = call.args.iter().nth(1).map(|it| self.expression(it, depth + 1));
                self.read_by(name, &path, given.as_ref(), whole)
            }
            Some(argument) if name == "fileset" => {
                let folder = self.expression(argument, depth + 1);
                let pattern = call.args.iter().nth(1).map(|it| self.expression(it, depth + 1));
                pattern
                    .and_then(|it| self.files_in(&folder, &it, whole))
                    .unwrap_or_else(|| self.unknown(whole))
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
        match self.given.choices.get(condition).map(String::as_str) {
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

    fn is_assumed(&self, expression: &Expression) -> bool {
        let written = expression.span().and_then(|range| self.outer.text.get(range));
        written.is_some_and(|written| self.given.choices.contains_key(written.trim()))
    }

    pub(super) fn unknown(&self, expression: &Expression) -> Item {
        let written = expression.span().and_then(|range| self.outer.text.get(range));
        let written = written.unwrap_or_default().trim();
        let assumed = self.given.choices.get(written).cloned();
        let text = assumed.unwrap_or_else(|| format!("${{{written}}}"));
        Item::new(Value::Text(text), self.place(expression.span()))
    }

    /// The value of a string of JSON at this place.
    pub(super) fn template(&mut self, text: &str, place: Option<Span>) -> Option<Item> {
        let template = parse_template(text).ok()?;
        let mut reader = Reader {
            outer: Outer { text, ..self.outer },
            locals: self.locals.clone(),
            defaults: self.defaults.clone(),
            given: self.given,
            loader: self.loader,
            bound: Vec::new(),
            open: self.open.take(),
            templates: std::mem::take(&mut self.templates),
            arguments: std::mem::take(&mut self.arguments),
            is_within_string: false,
            place,
            local: self.local,
            locality: 0,
        };
        let item = match only_expression(&template) {
            Some(inner) => reader.expression(inner, 0),
            None => Item::new(Value::Text(reader.source(&template, 0)), place),
        };
        let Reader { open, templates, arguments, local, .. } = reader;
        (self.open, self.local) = (open, local);
        (self.templates, self.arguments) = (templates, arguments);
        Some(item)
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
                    let around = std::mem::replace(&mut self.is_within_string, true);
                    let item = self.expression(&inner.expr, depth + 1);
                    self.is_within_string = around;
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

    pub(super) fn place(&self, range: Option<Range<usize>>) -> Option<Span> {
        self.place.or_else(|| range.map(|it| Span::new(self.outer.file, it.start, it.end)))
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
