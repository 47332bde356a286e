//! The content that an evaluated expression stands for, as an entry of a map or a copied file.

use super::files::file_of;
use super::inputs::is_of_caller;
use super::paths::file_named;
use super::read::has_expression;
use crate::deploy::content::Content;
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, block, word};
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::syntax::Item;

/// The content that a value is, which may be that of a file; `None` if it is a list or a mapping.
pub fn content_of(
    outer: Outer<'_>,
    item: &Item,
    name: SourceName,
    loader: &Loader<'_>,
) -> Option<Content> {
    let (text, span) = (word(item)?, item.span?);
    let read = file_of(outer, item, loader);
    if let Some(file) = read.clone().or_else(|| file_named(outer, &text)) {
        let content = loader.peek(&file).ok().flatten();
        // A template, with or without placeholders for its expressions.
        let is_filled =
            content.is_some_and(|it| read.is_some() && it != text && has_expression(&it));
        if !is_filled {
            let named = if read.is_some() { Span::new(outer.file, 0, 0) } else { span };
            return Some(Content::File { name: file, named });
        }
    }
    let pieces = if outer.has(span.file) {
        block::pieces(outer, span, &text)
    } else {
        vec![Piece::written(0..text.len(), span)]
    };
    if has_expression(&text) {
        let is_of_caller = is_of_caller(outer, &text, loader);
        return Some(Content::Unevaluated { name, text, pieces, is_of_caller });
    }
    Some(Content::Within { name, text, pieces, fault: None })
}
