//! Values of another chart in a folder of Refinery's.

use crate::deploy::at;
use crate::deploy::workload::is_refinery;
use crate::schema::Kind;
use crate::sniff::file_name::theme;
use crate::syntax::{Item, Value};
use crate::vfs::path::{split, split_extension};
use strsim::levenshtein;

/// Words of names that say where values are used, not what they are for.
const GENERIC_WORDS: [&str; 52] = [
    "values",
    "value",
    "helm",
    "chart",
    "charts",
    "config",
    "configs",
    "rules",
    "k8s",
    "kubernetes",
    "otel",
    "telemetry",
    "trace",
    "traces",
    "sampling",
    "sampler",
    "honeycomb",
    "hny",
    "tracing",
    "observability",
    "prod",
    "production",
    "prd",
    "preprod",
    "stage",
    "staging",
    "stg",
    "dev",
    "development",
    "test",
    "testing",
    "qa",
    "uat",
    "int",
    "demo",
    "sandbox",
    "ci",
    "local",
    "base",
    "common",
    "default",
    "defaults",
    "override",
    "overrides",
    "eu",
    "us",
    "ap",
    "east",
    "west",
    "north",
    "south",
    "central",
];

/// The largest distance of a misspelled key.
const NEAR: usize = 3;

/// Whether the image in values is certainly not Refinery's, and none of their keys is like one of
/// Refinery's.
pub fn runs_another(values: &Item) -> bool {
    let image = at(values, &["image", "repository"]).and_then(Item::text);
    image.is_some_and(|image| !image.contains(['$', '{']) && !is_refinery(image))
        && !has_like(values)
}

/// Whether a file of this name, with values that are only guessed to be of the Refinery chart, has those
/// of another one: its path says so, and none of its keys is like one of Refinery's.
pub fn is_of_another(name: &str, values: &Item) -> bool {
    let (folder, own) = split(name);
    // Folders below that of Refinery.
    let inner =
        folder.split('/').rev().take_while(|part| !part.to_lowercase().contains("refinery"));
    let inner: Vec<&str> = inner.collect();
    let inner = if inner.len() < folder.split('/').count() { inner } else { Vec::new() };
    let names = inner.into_iter().chain([split_extension(own).0]).map(theme);
    let is_elsewhere =
        |word: &str| GENERIC_WORDS.contains(&word) || word.chars().any(|c| c.is_ascii_digit());
    let is_other = |word: &str| !(word.is_empty() || is_elsewhere(word));
    let is_named = names.into_iter().any(|name| name.split('-').any(is_other));
    // Another product may have the word in its name.
    let is_product = folder.split('/').filter(|part| part.contains("refinery")).any(|part| {
        let theme = theme(part);
        theme.split('-').any(|word| word != "refinery" && is_other(word))
    });
    (is_named || is_product) && !has_like(values)
}

fn has_like(values: &Item) -> bool {
    Kind::ALL.iter().any(|&kind| values.get(kind.word()).is_some_and(|it| is_like(kind, it)))
}

/// Whether a value has a key like one of a config or rules file.
fn is_like(kind: Kind, item: &Item) -> bool {
    let is_near = |key: &str, known: &str| {
        let distance = levenshtein(&key.to_lowercase(), &known.to_lowercase());
        distance < NEAR.min(known.len() / 2)
    };
    let is_ours = |key: &str| kind.root().children().any(|(known, _)| is_near(key, known));
    match &item.value {
        Value::Map(entries) => entries.iter().any(|entry| is_ours(&entry.key)),
        Value::Text(text) => {
            text.lines().any(|line| line.split_once(':').is_some_and(|(key, _)| is_ours(key)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn values_of_other_charts_have_other_names_and_keys() {
        for (name, text, expected) in [
            ("refinery/prometheus-adapter-values.yaml", "rules: {default: false}", true),
            ("refinery/fluent-bit-values.yaml", "config: {service: x, inputs: y}", true),
            ("refinery/values-redis.yaml", "config: \"maxmemory 1gb\"", true),
            ("refinery/vector-values.yaml", "config: null", true),
            ("refinery/redis/values.yaml", "config: maxmemory", true),
            ("refinery/prod/values.yaml", "config: maxmemory", false),
            ("apps/refinery/values.yaml", "rules: {default: false}", false),
            ("refinery/values-prod.yaml", "config: {service: x}", false),
            ("refinery/eu-west-1-values.yaml", "config: {service: x}", false),
            ("refinery/acme-values.yaml", "config: {Trace: {SendDelay: 2s}}", false),
            ("refinery/acme-values.yaml", "rules: {samplers: {}}", false),
            ("oil-refinery/values.yaml", "config: {LOG_LEVEL: info}", true),
            ("services/refinery-api/values-prod.yaml", "rules: [{host: x}]", true),
            ("refinery-api/values.yaml", "config: {Trace: {SendDelay: 2s}}", false),
            ("honeycomb-refinery/values.yaml", "config: {a: b}", false),
            ("refinery-eu1-prod/values.yaml", "config: {a: b}", false),
            ("refinery/acme-values.yaml", "config: \"Traces: {}\"", false),
        ] {
            let values = read_item(FileId(0), text).unwrap();
            assert_eq!(is_of_another(name, &values), expected, "{name} {text}");
        }
    }
}
