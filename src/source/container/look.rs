//! A quick look at a text: is it worth opening?
//!
//! Most files of a repository hold nothing of ours, and none of them may cost a parse.

use crate::source::names::names;
use crate::source::outline::{Key, outline};
use crate::syntax::DataFormat;
use std::collections::HashSet;

/// How many keys of ours make a text worth opening.
const ENOUGH: usize = 2;

/// May a YAML text hold Refinery's files within?
pub fn may_contain(text: &str) -> bool {
    has_frame(text) && (has_keys(text) || is_unrendered(text))
}

/// Something that files of ours are kept in: a ConfigMap, or values of the chart.
fn has_frame(text: &str) -> bool {
    text.contains("kind: ConfigMap")
        || text.contains("stringData:")
        || text.contains("refinery")
        || has_line(text, &["config:", "rules:"])
}

fn has_line(text: &str, starts: &[&str]) -> bool {
    let is_start = |line: &str| starts.iter().any(|start| line.starts_with(start));
    text.lines().any(|line| is_start(line.trim_start()))
}

fn has_keys(text: &str) -> bool {
    let names = names();
    let is_ours = |key: &&Key<'_>| {
        names.telling.contains(key.name)
            || names.samplers.contains(key.name)
            || names.groups.contains_key(key.name)
            || names.is_legacy_only(key.name)
            || matches!(key.name, "RulesVersion" | "Samplers" | "Sampler" | "image")
    };
    let keys = outline(DataFormat::Yaml, text);
    let ours: HashSet<&str> = keys.iter().filter(is_ours).map(|key| key.name).collect();
    ours.len() >= ENOUGH
}

/// A template that makes a ConfigMap of ours, or the values of the chart.
pub fn is_unrendered(text: &str) -> bool {
    has_template(text)
        && text.contains("refinery")
        && has_line(text, &["config.yaml:", "rules.yaml:", "config:", "rules:"])
}

/// Is there an action that some renderer is to replace, outside comments?
pub fn has_template(text: &str) -> bool {
    let is_template = |line: &str| line.contains("{{") || line.contains("%{");
    text.lines().any(|line| is_template(line) && !line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_of_ours_are_worth_opening() {
        for text in [
            "config:\n  General:\n    ConfigurationVersion: 2\n",
            "refinery:\n  rules:\n    RulesVersion: 2\n    Samplers: {}\n",
            "kind: ConfigMap\ndata:\n  rules.yaml: |\n    RulesVersion: 2\n    Samplers:\n",
            "kind: ConfigMap\nname: {{ refinery }}\ndata:\n  config.yaml: |\n",
            "config:\n  APIKeys: [a]\n  InMemCollector:\n    MaxAlloc: 1\n",
        ] {
            assert!(may_contain(text), "{text}");
        }
        for text in [
            "",
            "kind: ConfigMap\ndata:\n  a: b\n",
            "config:\n  receivers:\n    otlp:\n",
            "rules:\n  - apiGroups: ['']\n",
            "General:\n  ConfigurationVersion: 2\n",
            "# config:\n",
            "kind: ConfigMap\nname: {{ .x }}\ndata:\n  config.yaml: |\n",
        ] {
            assert!(!may_contain(text), "{text}");
        }
    }
}
