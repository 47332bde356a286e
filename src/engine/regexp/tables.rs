//! The Unicode tables of the `regex-syntax` crate.
//!
//! They are of a later version than Go's 15.0: callers restrict them by `\p{age=15.0}`.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The ranges of a class of the `regex-syntax` crate; none if it is invalid.
pub fn tabulated(class: &str) -> Vec<(u32, u32)> {
    let hir = regex_syntax::parse(class).unwrap_or_else(|_| Hir::fail());
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0)
            .unwrap_or("")
            .chars()
            .map(|c| (u32::from(c), u32::from(c)))
            .collect(),
        _ => Vec::new(),
    }
}
