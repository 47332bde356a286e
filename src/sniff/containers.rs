//! A quick look at a text: is it worth opening?
//!
//! Most files of a repository hold nothing of ours, and none of them may cost a parse.

use super::key_scan::{Key, key_scan};
use super::names::names;
use crate::span::Span;
use crate::syntax::DataFormat;
use crate::vfs::path::split_extension;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Of these, every text that holds Refinery's files in whatever form has one, if it has none of their
/// keys.
pub const MARKS: [&str; 13] = [
    "refinery",
    "REFINERY_",
    "ConfigMap",
    "kind: Secret",
    "stringData:",
    "binaryData:",
    "config:",
    "rules:",
    "Generator",
    "helmCharts",
    "resources",
    "bases",
    "components",
];

/// How many keys of ours make a text worth opening.
const ENOUGH: usize = 2;

/// May a YAML text hold Refinery's files within?
pub fn may_contain(text: &str) -> bool {
    may_hold(text) || may_generate(text) || may_define_task(text)
}

/// The same by the text alone, whatever other files it names.
pub fn may_hold(text: &str) -> bool {
    may_hold_files(text) || has_frame(text) && (has_pods(text) || has_companions(text))
}

/// May the files stand in it, or may it be the one that says which they are?
pub fn may_hold_files(text: &str) -> bool {
    let is_ours = || has_version(text) || has_keys(text) || is_unrendered(text);
    has_frame(text) && is_ours() || has_encoded(text) || may_run(text)
}

/// Is it, by its name, a file that names others, in whatever folders these lie?
pub fn names_others(file: &str) -> bool {
    let (stem, extension) = split_extension(file);
    matches!(extension, "yaml" | "yml") && (stem.contains("compose") || stem == "kustomization")
}

/// A task definition of Amazon ECS, in whatever spelling, with a container that may be Refinery.
pub fn may_define_task(text: &str) -> bool {
    const KEYS: [&str; 3] =
        ["containerDefinitions", "ContainerDefinitions", "container_definitions"];
    text.contains("refinery") && KEYS.iter().any(|key| text.contains(key))
}

/// May a text in JSON hold Refinery's files within? Kubernetes takes its objects in JSON, too.
pub fn may_contain_in_json(text: &str) -> bool {
    let as_yaml = || text.replace('"', "").replace(':', ": ").replace(":  ", ": ");
    may_define_task(text) || text.contains("\"apiVersion\"") && may_contain(&as_yaml())
}

/// A compose file with a service that may be Refinery, or that includes one.
pub fn may_run(text: &str) -> bool {
    let is_key = |line: &str| line.starts_with("services:") || line.starts_with("include:");
    text.contains("refinery") && text.lines().any(is_key)
}

/// A file of Kustomize that makes `ConfigMap`s, or builds on another one that may.
pub fn may_generate(text: &str) -> bool {
    let is_list = |line: &str| line.trim_start().starts_with("- ");
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        let key = line.split(':').next().unwrap_or_default();
        let is_key = match key {
            "configMapGenerator" | "secretGenerator" | "helmCharts" => true,
            "resources" | "bases" | "components" => {
                line.contains('[') || lines.peek().is_some_and(|next| is_list(next))
            }
            _ => false,
        };
        if is_key && line.len() > key.len() {
            return true;
        }
    }
    false
}

/// Something that files of ours are kept in: a `ConfigMap`, or values of the chart.
fn has_frame(text: &str) -> bool {
    text.contains("kind: ConfigMap")
        || text.contains("stringData:")
        || text.contains("refinery")
        || has_line(text, &["config:", "rules:"])
}

/// Every file of today has one of these, also where it stands in quotes on a single line.
fn has_version(text: &str) -> bool {
    ["ConfigurationVersion", "RulesVersion"].iter().any(|key| text.contains(key))
}

/// A Secret, or binary data, with words of ours in base64. Where a word begins in a group of three
/// bytes decides in which of three ways it is written.
fn has_encoded(text: &str) -> bool {
    static MARKS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let words = ["ConfigurationVersion", "RulesVersion", "RulesBasedSampler", "Collection:"];
        let all = words.iter().flat_map(|word| (0..3).map(move |before| encoded(word, before)));
        all.collect()
    });
    let has_group = ["kind: Secret", "binaryData:"].iter().any(|group| text.contains(group));
    let is_name = || text.contains("refinery") && text.contains("data:");
    has_group && (is_name() || MARKS.iter().any(|mark| text.contains(mark.as_str())))
}

/// What of a word in base64 no other byte has a part in, with so many bytes before it.
fn encoded(word: &str, before: usize) -> String {
    let whole = STANDARD.encode([&vec![0; before][..], word.as_bytes()].concat());
    let end = (before + word.len()) * 4 / 3;
    whole.get((before * 4).div_ceil(3)..end).unwrap_or_default().to_owned()
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
            || matches!(key.name, "RulesVersion" | "Samplers" | "Sampler")
    };
    let keys = key_scan(DataFormat::Yaml, text);
    let ours: HashSet<&str> = keys.iter().filter(is_ours).map(|key| key.name).collect();
    ours.len() >= ENOUGH
}

/// Pods that may run Refinery.
fn has_pods(text: &str) -> bool {
    let is_named = || text.contains("refinery") || text.contains("REFINERY_");
    text.contains("kind: ") && text.contains("image: ") && is_named()
}

/// Objects that say how many pods of Refinery there are.
fn has_companions(text: &str) -> bool {
    let kinds = ["kind: PodDisruptionBudget", "kind: HorizontalPodAutoscaler"];
    text.contains("refinery") && kinds.iter().any(|kind| text.contains(kind))
}

/// Is a fault in a text that of a template? An action makes a line, or the fault is where one is.
pub fn is_template(text: &str, fault: Option<Span>) -> bool {
    let is_action = |line: &str| line.trim_start().starts_with("{{") || line.contains("%{");
    let faulty = fault.map_or("", |fault| {
        let at = fault.range().start.min(text.len());
        let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    });
    has_template(text) && (text.lines().any(is_action) || faulty.contains("{{"))
}

/// A template that makes a `ConfigMap` of ours, or the values of the chart. Other objects have
/// `rules` too.
pub fn is_unrendered(text: &str) -> bool {
    let has_files = || has_line(text, &["config.yaml:", "rules.yaml:", "config:"]);
    let has_rules = || !text.contains("kind: ") && has_line(text, &["rules:"]);
    has_template(text) && text.contains("refinery") && (has_files() || has_rules())
}

/// Is there an action that some renderer is to replace, outside comments?
pub fn has_template(text: &str) -> bool {
    let is_template = |line: &str| line.contains("{{") || line.contains("%{");
    text.lines().any(|line| is_template(line) && !line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn containers_of_ours_are_worth_opening() {
        for text in [
            "config:\n  General:\n    ConfigurationVersion: 2\n",
            "refinery:\n  rules:\n    RulesVersion: 2\n    Samplers: {}\n",
            "kind: ConfigMap\ndata:\n  rules.yaml: |\n    RulesVersion: 2\n    Samplers:\n",
            "kind: ConfigMap\nname: {{ refinery }}\ndata:\n  config.yaml: |\n",
            "services:\n  sampling:\n    image: honeycombio/refinery:3.2\n",
            "kind: Kustomization\nconfigMapGenerator:\n- name: x\n",
            "resources:\n  # ours\n  - ../base\n",
            "resources: [../base]\n",
            "kind: ConfigMap\ndata:\n  a.yaml: \"RulesVersion: 2\\nSamplers: {}\"\n",
            "kind: PodDisruptionBudget\nspec: {selector: {matchLabels: {app: refinery}}}\n",
            "config:\n  APIKeys: [a]\n  InMemCollector:\n    MaxAlloc: 1\n",
            "kind: Secret\nname: refinery\ndata:\n  a: YQ==\n",
        ] {
            assert!(may_contain(text), "{text}");
        }
        for before in ["", "a", "ab", "abc"] {
            let data = STANDARD.encode(format!("{before}RulesVersion: 2\n"));
            assert!(may_contain(&format!("kind: Secret\ndata:\n  a: {data}\n")), "{data}");
        }
        for text in [
            "",
            "kind: ConfigMap\ndata:\n  a: b\n",
            "config:\n  receivers:\n    otlp:\n",
            "rules:\n  - apiGroups: ['']\n",
            "General:\n  ConfigurationVersion: 2\n",
            "# config:\n",
            "services:\n  web:\n    image: nginx\n",
            "resources:\n  limits:\n    cpu: 1\n",
            "rules:\n- resources:\n  - pods\n",
            "kind: ConfigMap\nname: {{ .x }}\ndata:\n  config.yaml: |\n",
            "kind: Ingress\nname: {{ refinery }}\nspec:\n  rules:\n",
        ] {
            assert!(!may_contain(text), "{text}");
        }
    }

    #[test]
    fn a_fault_beside_a_template_in_text_is_a_fault() {
        let is_template = |text: &str, part: &str| {
            let at = text.find(part).unwrap();
            is_template(text, Some(Span::new(FileId(0), at, at + 1)))
        };
        let text = "# refinery\nconfig:\n  a: *x\n  b: |\n    {\"c\": {{ d }}}\n";
        assert!(!is_template(text, "*x") && is_template(text, "{{"));
        for text in ["# refinery\nconfig:\n  {{- toYaml . }}\n", "x:\n{{- with .x }}\n"] {
            assert!(is_template(text, ":"));
        }
    }
}
