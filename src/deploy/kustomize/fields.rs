//! The fields of a kustomization and their types. Kustomize rejects unknown fields and other types.
//!
//! Source: the Kustomize documentation, "The Kustomization File".

use super::kustomization::{GENERATORS, Kustomization};
use crate::deploy::list;
use crate::span::Span;
use crate::syntax::{Item, Value};

/// The type of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A string.
    Word,
    /// A list of strings.
    Words,
    /// A list of mappings.
    Items,
    /// A list of strings or mappings.
    Any,
    Map,
    /// Not checked.
    Open,
}

use Shape::{Any, Items, Map, Open, Word, Words};

/// The fields of a kustomization, including those of earlier versions.
const FIELDS: [(&str, Shape); 35] = [
    ("apiVersion", Word),
    ("bases", Words),
    ("buildMetadata", Words),
    ("commonAnnotations", Map),
    ("commonLabels", Map),
    ("components", Words),
    ("configMapGenerator", Items),
    ("configurations", Words),
    ("crds", Words),
    ("generatorOptions", Map),
    ("generators", Words),
    ("helmChartInflationGenerator", Items),
    ("helmCharts", Items),
    ("helmGlobals", Map),
    ("imageTags", Open),
    ("images", Items),
    ("inventory", Open),
    ("kind", Word),
    ("labels", Items),
    ("metadata", Map),
    ("namePrefix", Word),
    ("nameSuffix", Word),
    ("namespace", Word),
    ("openapi", Map),
    ("patches", Any),
    ("patchesJson6902", Items),
    ("patchesStrategicMerge", Words),
    ("replacements", Items),
    ("replicas", Items),
    ("resources", Words),
    ("secretGenerator", Items),
    ("sortOptions", Map),
    ("transformers", Words),
    ("validators", Words),
    ("vars", Items),
];

/// The group of the API versions of kustomizations, and the versions.
const GROUP: &str = "kustomize.config.k8s.io/";
const VERSIONS: [&str; 3] = ["v1", "v1alpha1", "v1beta1"];

/// The fields of a generator.
const OF_GENERATORS: [(&str, Shape); 9] = [
    ("behavior", Word),
    ("env", Word),
    ("envs", Words),
    ("files", Words),
    ("literals", Words),
    ("name", Word),
    ("namespace", Word),
    ("options", Map),
    ("type", Word),
];

/// The fields of a chart.
const OF_CHARTS: [(&str, Shape); 17] = [
    ("additionalValuesFiles", Words),
    ("apiVersions", Words),
    ("debug", Open),
    ("devel", Open),
    ("includeCRDs", Open),
    ("kubeVersion", Word),
    ("name", Word),
    ("nameTemplate", Word),
    ("namespace", Word),
    ("releaseName", Word),
    ("repo", Word),
    ("skipHooks", Open),
    ("skipTests", Open),
    ("valuesFile", Word),
    ("valuesInline", Map),
    ("valuesMerge", Word),
    ("version", Word),
];

/// What Kustomize rejects in the fields of a kustomization: the place and the message.
pub fn find_wrong_fields(here: &Kustomization) -> Vec<(Option<Span>, String)> {
    let kind = here.item.get("kind").and_then(Item::text);
    let is_other = kind.is_some_and(|kind| !["Kustomization", "Component"].contains(&kind));
    if is_other && !here.has_own_name() {
        return Vec::new();
    }
    let mut found = wrong_in(&here.item, &FIELDS);
    let mut expect = |key: &str, is_wrong: bool, expected: &str| {
        let place = here.item.get(key).and_then(|item| item.span);
        found.extend(is_wrong.then(|| (place, format!("`{key}` must be {expected}"))));
    };
    expect("kind", is_other, "`Kustomization` or `Component`");
    let version = here.item.get("apiVersion").and_then(Item::text);
    let is_known = |version: &str| {
        version.strip_prefix(GROUP).is_some_and(|version| VERSIONS.contains(&version))
    };
    let is_of_other = version.is_some_and(|version| !is_known(version));
    let expected = if kind == Some("Component") { "v1alpha1" } else { "v1beta1" };
    expect("apiVersion", is_of_other, &format!("`{GROUP}{expected}`"));
    let charts = list(&here.item, "helmCharts").iter();
    found.extend(charts.flat_map(|chart| wrong_in(chart, &OF_CHARTS)));
    for (key, _) in GENERATORS {
        for generator in list(&here.item, key) {
            found.extend(wrong_in(generator, &OF_GENERATORS));
            let is_unnamed = generator.get("name").is_none_or(|name| name.value == Value::Null);
            let message =
                || (generator.beginning(), format!("missing required key `name` in `{key}`"));
            found.extend((is_unnamed && !generator.entries().is_empty()).then(message));
        }
    }
    found
}

/// Field names ignore case.
fn wrong_in(item: &Item, fields: &[(&str, Shape)]) -> Vec<(Option<Span>, String)> {
    let entries = item.entries().iter().filter(|entry| !entry.key.is_empty());
    let wrong = entries.filter_map(|entry| {
        let key = &entry.key;
        let known = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        let message = match known {
            None => format!("unknown field `{key}`"),
            Some((_, shape)) => format!("`{key}` must be {}", mismatch(*shape, &entry.item)?),
        };
        Some((entry.key_span, message))
    });
    wrong.collect()
}

/// What a field must be, if its value is something else.
fn mismatch(shape: Shape, item: &Item) -> Option<&'static str> {
    let is_word = |item: &Item| matches!(item.value, Value::Text(_) | Value::Null);
    let is_map = |item: &Item| matches!(item.value, Value::Map(_) | Value::Null);
    let (expected, fits): (_, fn(&Item) -> bool) = match shape {
        _ if item.value == Value::Null => return None,
        Open => return None,
        Word => return (!is_word(item)).then_some("a string"),
        Map => return (!is_map(item)).then_some("a mapping"),
        Words => ("a list of strings", is_word as _),
        Items => ("a list of mappings", is_map as _),
        Any => ("a list", (|_: &Item| true) as _),
    };
    let is_list = item.list().is_some_and(|items| items.iter().all(fits));
    (!is_list).then_some(expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn finds_fields_of_another_type() {
        for (text, expected) in [
            ("resources: [a]\nnamespace: b\ncommonLabels: {c: d}\npatches:\n", ""),
            ("Resources: [a]\nimages:\n- name: a\npatches: [a.yaml, {path: b}]\n", ""),
            ("resources: a\n", "`resources` must be a list of strings"),
            ("resources: [{a: b}]\n", "`resources` must be a list of strings"),
            ("images: {name: a}\n", "`images` must be a list of mappings"),
            ("images: [a]\n", "`images` must be a list of mappings"),
            ("patches: {path: a}\n", "`patches` must be a list"),
            ("namespace: [a]\n", "`namespace` must be a string"),
            ("commonLabels: a\n", "`commonLabels` must be a mapping"),
            ("resource: [a]\n", "unknown field `resource`"),
            ("configMapGenerator:\n- name: a\n  files: b\n", "`files` must be a list of strings"),
            ("secretGenerator:\n- name: a\n  file: [b]\n", "unknown field `file`"),
            ("helmCharts:\n- {name: a, valuesFile: b, version: 2.1.0}\n", ""),
            ("helmCharts:\n- {name: a, valueFile: b}\n", "unknown field `valueFile`"),
            ("helmCharts:\n- {name: a, rules: {}}\n", "unknown field `rules`"),
            ("kind: Other\n", "`kind` must be `Kustomization` or `Component`"),
            ("apiVersion: v1\n", "`apiVersion` must be `kustomize.config.k8s.io/v1beta1`"),
            (
                "apiVersion: kustomize.config.k8s.io/v9\n",
                "`apiVersion` must be `kustomize.config.k8s.io/v1beta1`",
            ),
            ("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", ""),
            (
                "configMapGenerator:\n- files: [a]\n",
                "missing required key `name` in `configMapGenerator`",
            ),
        ] {
            let here = Kustomization::parse("kustomization.yaml", FileId(0), text.to_owned());
            let wrong = find_wrong_fields(&here.unwrap());
            let found: Vec<&str> = wrong.iter().map(|(_, what)| what.as_str()).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
