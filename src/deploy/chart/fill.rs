//! Sets values that are not set yet, with the templates' notion of an empty value.

use super::items::{entry, map};
use crate::syntax::{Item, Value};

/// Whether Go's templates treat the value as empty.
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

/// The value, unless it is empty.
pub fn filled(item: Option<&Item>) -> Option<&Item> {
    item.filter(|item| !is_empty(item))
}

/// Sets the value at a path of keys, unless it is set already.
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
    fn keeps_values_that_are_set() {
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
