//! Text → HCL, and what its blocks declare and call.

use super::blocks::is;
use crate::deploy::read_item;
use crate::span::FileId;
use crate::syntax::{Item, Value};
use hcl_edit::expr::Expression;
use hcl_edit::parser::{Error, parse_body};
use hcl_edit::structure::{Attribute, Block, Body, Structure};

/// Parses a file.
///
/// # Errors
/// A syntax error.
pub fn parse(text: &str) -> Result<Body, Error> {
    parse_body(&without_empty_heredocs(text))
}

/// Whether a text is HCL, in either syntax.
pub fn is_valid(text: &str) -> bool {
    parse(text).is_ok()
        || read_item(FileId(0), text).is_ok_and(|it| matches!(it.value, Value::Map(_)))
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

/// The defaults of the inputs that the blocks `variable` declare.
pub fn defaults_of(body: &Body) -> impl Iterator<Item = (&str, &Expression)> {
    let blocks = body.iter().filter_map(Structure::as_block).filter(|block| is(block, "variable"));
    blocks.filter_map(|block| {
        let default = block.body.get_attribute("default")?;
        Some((block.labels.first()?.as_str(), &default.value))
    })
}

/// The attributes of the blocks `locals`.
pub fn locals_of(body: &Body) -> impl Iterator<Item = &Attribute> {
    let blocks = body.iter().filter_map(Structure::as_block).filter(|block| is(block, "locals"));
    blocks.flat_map(|block| block.body.attributes())
}

/// The modules that a file calls: the label of the block, which Terragrunt has none of, and the source.
pub fn sources(text: &str) -> Vec<(Option<String>, String)> {
    let Ok(body) = parse(text) else {
        let document = read_item(FileId(0), text).ok();
        return document.iter().flat_map(sources_in_json).collect();
    };
    let blocks = body.iter().filter_map(Structure::as_block);
    let source = |block: &Block| match &block.body.get_attribute("source")?.value {
        Expression::String(source) => Some(source.to_string()),
        _ => None,
    };
    let called = |block: &Block| match &block.labels[..] {
        [label] if is(block, "module") => Some((Some(label.as_str().to_owned()), source(block)?)),
        [] if is(block, "terraform") => Some((None, source(block)?)),
        _ => None,
    };
    blocks.filter_map(called).collect()
}

fn sources_in_json(document: &Item) -> impl Iterator<Item = (Option<String>, String)> {
    let modules = document.get("module").map(Item::entries).unwrap_or_default();
    modules.iter().filter_map(|module| {
        let block = module.item.list().map_or(Some(&module.item), <[Item]>::first)?;
        Some((Some(module.key.clone()), block.get("source")?.text()?.to_owned()))
    })
}
