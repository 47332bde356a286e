//! Helmfiles: releases that inherit from templates.

use super::list;
use crate::syntax::{Entry, Item, Value};

/// Adds to each release in a document what its templates say, with its own values last.
pub fn inherit(document: &mut Item) {
    let Some(templates) = document.get("templates").cloned() else { return };
    let releases = document.entries_mut().iter_mut().find(|entry| entry.key == "releases");
    let Some(Value::List(releases)) = releases.map(|entry| &mut entry.item.value) else { return };
    for release in releases {
        let names = list(release, "inherit").iter().filter_map(|it| it.get("template")?.text());
        let names: Vec<String> = names.map(str::to_owned).collect();
        for template in names.iter().rev().filter_map(|name| templates.get(name)) {
            for entry in template.entries() {
                add(release, entry);
            }
        }
    }
}

fn add(release: &mut Item, entry: &Entry) {
    let Value::Map(entries) = &mut release.value else { return };
    match entries.iter_mut().find(|own| own.key == entry.key) {
        None => entries.push(entry.clone()),
        Some(own) => {
            if let (Value::List(own), Value::List(below)) = (&mut own.item.value, &entry.item.value)
            {
                own.splice(0..0, below.iter().cloned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn releases_inherit_from_templates() {
        let text = "templates:\n  a: {values: [a.yaml], wait: true}\n  b: {values: [b.yaml]}\n\
                    releases:\n- name: x\n  wait: false\n  values: [x.yaml]\n  \
                    inherit: [{template: a}, {template: b}, {template: c}]\n- name: y\n";
        let mut document = read_item(FileId(0), text).unwrap();
        inherit(&mut document);
        let releases = list(&document, "releases");
        let values = list(&releases[0], "values").iter().filter_map(Item::text);
        assert_eq!(values.collect::<Vec<_>>(), ["a.yaml", "b.yaml", "x.yaml"]);
        assert_eq!(releases[0].get("wait").unwrap().value, Value::Bool(false));
        assert_eq!(releases[1].entries().len(), 1);
    }
}
