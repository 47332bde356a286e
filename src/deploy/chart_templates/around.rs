//! A template that is not evaluated: the document around its actions.

use super::actions::{Action, skeleton};
use crate::deploy::{Outer, read_item};
use crate::span::Span;
use crate::syntax::{Item, Value};

/// Reads a document in a template, of whose branches the first is taken. Strings keep their actions.
/// `None` if it is not YAML around them.
pub fn read_around(outer: Outer<'_>, document: &str) -> Option<Item> {
    let skeleton = skeleton(document, &|_, _| None);
    let mut item = read_item(outer.file, &skeleton.text).ok()?;
    restore(&mut item, document, &skeleton.actions);
    Some(item)
}

fn restore(item: &mut Item, document: &str, actions: &[Action]) {
    match &mut item.value {
        Value::Text(text) => {
            let range = item.span.map(Span::range).unwrap_or_default();
            let is_in = |action: &Action| {
                range.start <= action.range.start && action.range.end <= range.end
            };
            if actions.iter().any(is_in)
                && let Some(written) = document.get(range.clone())
            {
                let quote = ['"', '\''].into_iter().find(|quote| written.starts_with(*quote));
                let bare = quote.and_then(|quote| written.strip_prefix(quote)?.strip_suffix(quote));
                bare.unwrap_or(written).clone_into(text);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| restore(item, document, actions)),
        Value::Map(entries) => {
            for entry in entries {
                restore(&mut entry.item, document, actions);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn keeps_actions_in_strings() {
        let text = "{{ if x }}\na: b-{{ .c }}.d\n{{ else }}\ne: f\n{{ end }}\ng: [h, '{{ i }}']\n";
        let item = read_around(Outer::of("helmfile.yaml", FileId(0), text), text).unwrap();
        let shown = |key: &str| item.get(key).and_then(Item::text);
        assert_eq!((shown("a"), shown("e")), (Some("b-{{ .c }}.d"), None));
        let list = item.get("g").and_then(Item::list).unwrap();
        assert_eq!(list[1].text(), Some("{{ i }}"));
        assert!(read_around(Outer::of("x", FileId(0), "a: ["), "a: [").is_none());
    }
}
