//! Functions of HCL that read files, and the files that they read.

use super::paths::{file_named, find_choice, is_suspect, matching, path_in};
use super::read::{Reader, has_expression};
use super::template::{lacks_variable, with_values};
use crate::deploy::chart::layers::Values;
use crate::deploy::read_item;
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::value::replaced::without_expressions;
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

impl Reader<'_, '_, '_> {
    /// The content of the file at a path, with the values that a template is given.
    pub(super) fn read_by(
        &mut self,
        function: &str,
        path: &Item,
        given: Option<&Item>,
        whole: &Expression,
    ) -> Item {
        let Some(path) = self.path_of(path) else { return self.unknown(whole) };
        if path.contains("${") {
            self.open = self.open.take().or_else(|| find_choice(self.outer, &path, self.loader));
        }
        if function != "file" {
            self.arguments.extend(given.cloned());
        }
        match self.file(&path) {
            None => self.unread(&path, whole),
            Some(read) if function == "file" => read,
            Some(template) => self.filled(template, given, whole),
        }
    }

    /// Reads an expression only to collect the arguments of its templates; its value is not used.
    pub(super) fn read_arguments(&mut self, expression: &Expression, depth: usize) {
        let known = (self.open.take(), std::mem::take(&mut self.templates));
        self.expression(expression, depth + 1);
        (self.open, self.templates) = known;
    }

    /// The paths of the files in a folder that match a pattern.
    pub(super) fn files_in(
        &self,
        folder: &Item,
        pattern: &Item,
        whole: &Expression,
    ) -> Option<Item> {
        let names = matching(self.outer, (folder.text()?, pattern.text()?), self.loader);
        let place = self.place(whole.span());
        let names = names.into_iter().map(|name| Item::new(Value::Text(name), place));
        Some(Item::new(Value::List(names.collect()), place))
    }

    /// A mapping, or the one in a file that is decoded.
    pub(super) fn mapping(&mut self, item: Item) -> Option<Item> {
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

    /// A path that is relative to the folder of the file. One that another file gives is relative to
    /// the root module.
    fn path_of(&self, item: &Item) -> Option<String> {
        let path = item.text()?;
        let is_given = item.span.is_some_and(|span| span.file != self.outer.file);
        let call = self.given.call.as_ref().filter(|_| is_given && !path.starts_with(['$', '/']));
        let root = call.map(|call| format!("${{path.module}}/{}", call.root));
        Some(root.unwrap_or_default() + path)
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
    fn filled(&mut self, item: Item, given: Option<&Item>, whole: &Expression) -> Item {
        let text = item.text().unwrap_or_default();
        if !has_expression(text) {
            return item;
        }
        let is_rendered = given.is_none_or(|given| !lacks_variable(text, given));
        let text = with_values(text, given.map(Item::entries).unwrap_or_default());
        let filled =
            if has_expression(&text) { self.without_expressions(&text) } else { Some(text) };
        match filled.filter(|_| is_rendered) {
            Some(filled) => {
                let template = item.span.map(|span| self.loader.loaded.files.get(span.file));
                let template = template.zip(item.span);
                self.templates.extend(
                    template.map(|(file, span)| {
                        Values::unread(file.name.as_str(), span.file, &file.text)
                    }),
                );
                Item::new(Value::Text(filled), item.span)
            }
            // Not the name of the file, which would be read as it is.
            None => Item::new(Value::Text("${templatefile}".to_owned()), self.place(whole.span())),
        }
    }

    /// A document with placeholders for expressions that are single values in it.
    pub(super) fn without_expressions(&self, text: &str) -> Option<String> {
        let filled = without_expressions(text).filter(|_| has_expression(text))?;
        let read = read_item(self.outer.file, &filled).ok()?;
        matches!(read.value, Value::Map(_)).then_some(filled)
    }
}
