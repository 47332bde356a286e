//! Text → HCL, and what its blocks call.

use super::blocks::is;
use hcl_edit::expr::Expression;
use hcl_edit::parser::{Error, parse_body};
use hcl_edit::structure::{Block, Body, Structure};

/// Parses a file.
///
/// # Errors
/// A syntax error.
pub fn parse(text: &str) -> Result<Body, Error> {
    parse_body(&without_empty_heredocs(text))
}

/// Whether a text is HCL.
pub fn is_valid(text: &str) -> bool {
    parse(text).is_ok()
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

/// The modules that a file calls: the label of the block, which Terragrunt has none of, and the source.
pub fn sources(text: &str) -> Vec<(Option<String>, String)> {
    let Ok(body) = parse(text) else { return Vec::new() };
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
