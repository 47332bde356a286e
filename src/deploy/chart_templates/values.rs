//! Values files that helmfile renders before it passes them to a chart: `*.gotmpl`.

use super::actions::{is_alone, skeleton};
use super::around::read_around;
use crate::deploy::Outer;
use crate::syntax::{Item, Value};
use crate::value::replaced::without_actions;

/// Words of actions that write more than one value.
const BLOCKS: [&str; 8] =
    ["toYaml", "indent", "include", "template", "tpl", "readFile", "exec", "range"];

/// The values in a template, with unknown ones in place of its actions. `None` if an action may write
/// more than a value, or decides which values there are.
pub fn read_values(outer: Outer<'_>, document: &str) -> Option<Item> {
    let has_branches = ["{{ else", "{{- else", "{{else", "{{-else"];
    if has_branches.iter().any(|branch| document.contains(branch)) {
        return None;
    }
    let actions = skeleton(document, &|_, _| None).actions;
    let is_value = |said: &str| !BLOCKS.iter().any(|word| said.contains(word));
    let are_values = actions.iter().all(|it| !is_alone(document, &it.range) && is_value(&it.said));
    let mut item = are_values.then(|| read_around(outer, document))??;
    fill(&mut item);
    Some(item)
}

fn fill(item: &mut Item) {
    match &mut item.value {
        Value::Text(text) => *text = without_actions(text),
        Value::List(items) => items.iter_mut().for_each(fill),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| fill(&mut entry.item)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn actions_are_unknown_values() {
        for (text, expected) in [
            ("a: {{ .Values.b }}\n", Some("<template=.Values.b>")),
            ("a: x-{{ .b | quote }}\n", Some("x-<template=.b | quote>")),
            ("{{ if .x }}\na: '{{ .b }}'\n{{ end }}\n", Some("<template=.b>")),
            ("{{ if .x }}\na: b\n{{ else }}\na: c\n{{ end }}\n", None),
            ("a:\n{{ toYaml .b | indent 2 }}\n", None),
            ("a:\n{{ .b }}\n", None),
            ("{{ range .x }}\n- {{ . }}\n{{ end }}\n", None),
        ] {
            let item = read_values(Outer::of("v.yaml.gotmpl", FileId(0), text), text);
            let value = item.as_ref().map(|item| item.get("a").and_then(Item::text).unwrap());
            assert_eq!(value, expected, "{text}");
        }
    }
}
