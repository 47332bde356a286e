//! What templates put where nothing is written, and what counts as nothing to them.

use super::facts::{entry, map};
use crate::syntax::{Item, Value};

/// Nothing to Go's templates and to those who merge for them.
pub fn is_empty(item: &Item) -> bool {
    match &item.value {
        Value::Null | Value::Bool(false) => true,
        Value::Int(n) | Value::Long(n) => *n == 0,
        Value::Unsigned(n) => *n == 0,
        Value::Float(n) => *n == 0.0,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

/// A value that is more than nothing.
pub fn filled(item: Option<&Item>) -> Option<&Item> {
    item.filter(|item| !is_empty(item))
}

/// Puts a value at a path of keys, unless something is there.
pub fn fill(item: &mut Item, path: &[&str], value: Item) {
    let Some((key, rest)) = path.split_first() else {
        if is_empty(item) {
            *item = value;
        }
        return;
    };
    if is_empty(item) {
        item.value = map(Vec::new()).value;
    }
    let Value::Map(entries) = &mut item.value else { return };
    if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
        fill(&mut entry.item, rest, value);
    } else {
        let mut below = Item::new(Value::Null, None);
        fill(&mut below, rest, value);
        entries.push(entry(key, below));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::chart::render::render;
    use crate::span::{FileId, Span};
    use crate::syntax::{DataFormat, Dialect, parse, read_document_as};

    #[test]
    fn what_is_written_stays() {
        for (written, expected) in [
            ("c: 1\n", "c: 1\na:\n  b: x\n"),
            ("a:\n  b: z\n", "a:\n  b: z\n"),
            ("a:\n  c: z\n", "a:\n  c: z\n  b: x\n"),
            ("a:\n  b: ''\n", "a:\n  b: x\n"),
            ("a:\n  b: ~\n", "a:\n  b: x\n"),
            ("a: ~\n", "a:\n  b: x\n"),
            ("a: {}\n", "a:\n  b: x\n"),
            ("a: 5\n", "a: 5\n"),
        ] {
            let tree = parse(FileId(0), DataFormat::Yaml, written).tree.unwrap();
            let (mut item, _) = read_document_as(Dialect::Helm, &tree);
            fill(&mut item, &["a", "b"], Item::new(Value::Text("x".to_owned()), None));
            assert_eq!(render(&item, Span::new(FileId(0), 0, 0)).text, expected, "{written}");
        }
    }
}
