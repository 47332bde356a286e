//! Values of the wrong type or in the wrong place in objects of Argo CD and Flux.

use super::unread::{UNREAD, find_misnamed};
use super::unusable::UNUSABLE;
use crate::deploy::gitops::{is_key_of_values, names_chart};
use crate::deploy::placeholder::is_placeholder;
use crate::deploy::{at, list};
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::syntax::{Entry, Item, Value};
use strsim::levenshtein;

/// Keys of values, which Argo CD reads in `helm`.
const IN_HELM: [&str; 4] = ["values", "valuesObject", "valueFiles", "ignoreMissingValueFiles"];

/// Known keys in `chart.spec`: Flux reads the first three, and `find_mistyped` reports the others.
const IN_CHART: [&str; 5] =
    ["valuesFiles", "valuesFile", "ignoreMissingValuesFiles", "values", "valuesFrom"];

/// Reports values for the Refinery chart that Argo CD or Flux reject or ignore.
pub fn find_mistyped(document: &Item) -> Vec<Finding> {
    let Some(spec) = document.get("spec") else { return Vec::new() };
    match document.get("kind").and_then(Item::text) {
        Some("Application") => find_in_sources(spec),
        Some("ApplicationSet") => {
            at(spec, &["template", "spec"]).map(find_in_sources).unwrap_or_default()
        }
        Some("HelmRelease") if names_chart(spec) => {
            let lost = ["values", "valuesFrom"].iter().filter_map(|key| {
                let entry = at(spec, &["chart", "spec"])?.entry(key)?;
                Some(unread(key, "spec").at_some(entry.key_span, "ignored"))
            });
            let files = Kind::ALL.iter().filter_map(|kind| {
                let entry = spec.entry(kind.word())?;
                Some(unread(kind.word(), "values").at_some(entry.key_span, "ignored"))
            });
            let chart = at(spec, &["chart", "spec"]);
            let unknown = chart.map(|chart| unknown_in(chart, &IN_CHART)).unwrap_or_default();
            let typed = find_string(spec, "values").into_iter().chain(find_no_list(spec));
            typed.chain(lost).chain(files).chain(unknown).collect()
        }
        _ => Vec::new(),
    }
}

/// Reports keys of values that the object does not have: other tools call them so.
fn unknown_in(item: &Item, known: &[&str]) -> Vec<Finding> {
    let is_unknown =
        |entry: &&Entry| is_key_of_values(&entry.key) && !known.contains(&entry.key.as_str());
    let find = |entry: &Entry| {
        let near = known.iter().min_by_key(|key| levenshtein(key, &entry.key))?;
        Some(find_misnamed(entry, near))
    };
    item.entries().iter().filter(is_unknown).filter_map(find).collect()
}

fn find_in_sources(spec: &Item) -> Vec<Finding> {
    let sources = spec.get("source").into_iter().chain(list(spec, "sources"));
    let of_source = |source: &Item| {
        let lost = IN_HELM.iter().filter_map(|key| {
            let entry = source.entry(key)?;
            Some(unread(key, "helm").at_some(entry.key_span, "ignored"))
        });
        let helm = source.get("helm");
        let unknown = helm.map(|helm| unknown_in(helm, &IN_HELM)).unwrap_or_default();
        let text = helm.and_then(|helm| find_string(helm, "valuesObject"));
        let mapping = helm
            .and_then(|helm| helm.entry("values"))
            .filter(|entry| matches!(entry.item.value, Value::Map(_) | Value::List(_)));
        let mapping = mapping.map(|entry| {
            Finding::new(&UNUSABLE, "`values` must be a string, not a mapping")
                .at_some(entry.key_span, "not a string")
                .help("write `valuesObject:` instead, or `values: |`")
        });
        lost.chain(text).chain(mapping).chain(unknown).collect::<Vec<_>>()
    };
    sources.filter(|source| names_chart(source)).flat_map(of_source).collect()
}

/// Reports values that must be a mapping and are a string, unless something else replaces it before.
fn find_string(around: &Item, key: &str) -> Option<Finding> {
    let is_filled = |text: &str| is_placeholder(text) || text.contains("${");
    let is_string = |item: &Item| item.text().is_some_and(|text| !is_filled(text));
    let entry = around.entry(key).filter(|entry| is_string(&entry.item))?;
    let finding = Finding::new(&UNUSABLE, format!("`{key}` must be a mapping, not a string"))
        .at_some(entry.key_span, "a string");
    Some(finding.help(format!("write the values as a mapping under `{key}:`")))
}

/// Reports references to maps with values that are not in a list.
fn find_no_list(spec: &Item) -> Option<Finding> {
    let is_mapping = |item: &Item| matches!(item.value, Value::Map(_));
    let entry = spec.entry("valuesFrom").filter(|entry| is_mapping(&entry.item))?;
    let finding = Finding::new(&UNUSABLE, "`valuesFrom` must be a list, not a mapping")
        .at_some(entry.key_span, "not a list");
    Some(finding.help("write `- ` before its first key, and indent the others like it"))
}

fn unread(key: &str, place: &str) -> Finding {
    let finding = Finding::new(&UNREAD, format!("`{key}` must be under `{place}`"));
    finding.help(format!("move it to `{place}`"))
}
