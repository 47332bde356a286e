//! Documents in strings of other documents: configuration of cloud-init in the user data of machines, and
//! Kubernetes manifests that charts, operators and images of machines apply.

use super::documents::documents;
use super::{Outer, block, read_item};
use crate::sniff::containers::may_hold;
use crate::span::Window;
use crate::syntax::{Item, Value};

/// The maximum nesting depth of strings.
const DEEPEST: usize = 32;

/// A document in a string, with the places of its parts in the file, and its text.
pub struct NestedDocument {
    pub item: Item,
    pub text: String,
}

/// All documents in the strings of an item that may hold files of Refinery's.
pub fn find(outer: Outer<'_>, item: &Item) -> Vec<NestedDocument> {
    let mut found = Vec::new();
    search(outer, item, 0, &mut found);
    found
}

fn search(outer: Outer<'_>, item: &Item, depth: usize, found: &mut Vec<NestedDocument>) {
    if depth >= DEEPEST {
        return;
    }
    match &item.value {
        Value::Text(text) if is_document(text) => read(outer, item, found),
        Value::Map(entries) => {
            // A patch is only a part of an object.
            let is_whole = |key: &str| !key.to_ascii_lowercase().contains("patch");
            for entry in entries.iter().filter(|entry| is_whole(&entry.key)) {
                search(outer, &entry.item, depth + 1, found);
            }
        }
        Value::List(items) => items.iter().for_each(|item| search(outer, item, depth + 1, found)),
        _ => {}
    }
}

fn is_document(text: &str) -> bool {
    let has_key = |key: &str| text.lines().any(|line| line.starts_with(key));
    let is_one = || {
        text.trim_start().starts_with("#cloud-config") || has_key("apiVersion:") && has_key("kind:")
    };
    (text.contains("refinery") || may_hold(text)) && is_one()
}

fn read(outer: Outer<'_>, item: &Item, found: &mut Vec<NestedDocument>) {
    let Some((text, span)) = item.text().zip(item.span) else { return };
    if span.file != outer.file {
        return;
    }
    let window = Window::new(outer.file, block::pieces(outer, span, text));
    for range in documents(text) {
        let text = text.get(range.clone()).unwrap_or_default();
        // A template is not rendered yet.
        let Ok(item) = read_item(outer.file, text) else { continue };
        let item = item.moved(range.start).relocated(&|span| window.outward(span));
        found.push(NestedDocument { item, text: text.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn finds_documents_but_not_patches() {
        let object = "|\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: refinery}\n";
        for (start, expected) in [
            ("extra:\n- ", 1),
            ("a:\n  contents: ", 1),
            ("a:\n  patch: ", 0),
            ("patchesStrategicMerge:\n- ", 0),
        ] {
            let text = format!("{start}{object}");
            let item = read_item(FileId(0), &text).unwrap();
            let found = find(Outer::of("f", FileId(0), &text), &item);
            assert_eq!(found.len(), expected, "{text}");
            let names = found.iter().filter_map(|it| it.item.get("metadata")?.get("name"));
            for name in names {
                assert_eq!(&text[name.span.unwrap().range()], "refinery");
            }
        }
    }
}
