//! Kubernetes objects inside other objects, such as those of an `OpenShift` `Template` or of a
//! Crossplane `Object`.

use super::{kind, template_of};
use crate::syntax::Item;

/// The maximum depth of an object.
const DEEPEST: usize = 16;

/// The objects in a document: the document itself, and objects inside it that run pods or hold
/// data.
pub fn objects(document: &Item) -> Vec<&Item> {
    let mut found = Vec::new();
    if kind(document).is_some() {
        found.push(document);
    }
    search(document, 0, &mut found);
    found
}

fn search<'i>(item: &'i Item, depth: usize, found: &mut Vec<&'i Item>) {
    if depth >= DEEPEST {
        return;
    }
    // The reader of objects opens lists.
    let is_list = kind(item).is_some_and(|kind| kind.ends_with("List"));
    let entries = item.entries().iter().filter(|entry| !(is_list && entry.key == "items"));
    let inner = entries.map(|entry| &entry.item).chain(item.list().unwrap_or_default());
    for inner in inner {
        if is_applied(inner) {
            found.push(inner);
        }
        search(inner, depth + 1, found);
    }
}

/// Whether it is an object, and not a reference to one.
fn is_applied(item: &Item) -> bool {
    let data = ["data", "stringData", "binaryData"];
    match kind(item) {
        Some("ConfigMap" | "Secret") => data.iter().any(|key| item.get(key).is_some()),
        Some(_) => template_of(item).is_some_and(|template| template.get("spec").is_some()),
        None => false,
    }
}
