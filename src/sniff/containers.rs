//! Quick tests whether a text is a container file, so worth opening.
//!
//! Most files of a repository are not, and must not be parsed.

use super::file_name::{
    builds_image, is_fly_app, is_hcl, is_kamal_deploy, is_pipeline, is_render_blueprint, is_script,
    kind_of_name, manages_machine,
};
use super::key_scan::{Key, key_scan};
use super::names::names;
use crate::span::Span;
use crate::syntax::DataFormat;
use crate::vfs::path::{format_of, split, split_extension};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashSet;
use std::str::Lines;
use std::sync::LazyLock;

/// Every container file has one of these words, or one of Refinery's keys.
pub const MARKS: [&str; 14] = [
    "refinery",
    "valueFiles:",
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

/// How many of Refinery's keys make a text worth opening.
const ENOUGH: usize = 2;

/// Whether a YAML text may embed or describe Refinery's files.
pub fn may_contain(text: &str) -> bool {
    may_hold(text) || may_generate(text) || may_define_task(text) || may_have_commands(text)
}

/// The same, regardless of other files that it names.
pub fn may_hold(text: &str) -> bool {
    may_hold_files(text) || has_container(text) && (has_pods(text) || has_scaling_objects(text))
}

/// Whether it may embed Refinery's files, or be a compose file that names them.
pub fn may_hold_files(text: &str) -> bool {
    let is_ours = || has_version(text) || has_keys(text) || is_unrendered(text);
    has_container(text) && is_ours()
        || has_named_entries(text)
        || writes_files(text)
        || has_long_string(text) && has_version(text)
        || has_encoded(text)
        || may_run(text)
        || installs_chart(text)
        || sets_image(text)
        || patches_build(text)
        || starts_container(text)
        || takes_map_from_chart(text)
}

/// Whether it may have tasks of Ansible that start a container of Refinery.
fn starts_container(text: &str) -> bool {
    let is_task = ["docker_container:", "podman_container:"].iter().any(|it| text.contains(it));
    is_task && text.contains("refinery")
}

/// Whether it may be an object of Flux or Argo CD that changes the objects of a folder.
fn patches_build(text: &str) -> bool {
    let is_object =
        ["kustomize.toolkit.fluxcd.io", "argoproj.io"].iter().any(|it| text.contains(it));
    let changes = text.contains("patches:") || text.contains("images:");
    is_object && changes && text.contains("path:")
}

/// Whether it may have a Kustomization of Flux, which applies the manifests of a folder and replaces
/// variables in them, or may change one.
pub fn is_of_flux(text: &str) -> bool {
    text.contains("Kustomization") && text.contains("kustomize.toolkit.fluxcd.io")
}

/// Whether it may have a map that a container takes variables from.
pub fn may_set_variables(text: &str) -> bool {
    text.contains("kind") && ["ConfigMap", "Secret"].iter().any(|kind| text.contains(kind))
}

/// Whether it may be a template of a map with values or files of its chart, directly or by a helper.
fn takes_map_from_chart(text: &str) -> bool {
    const KINDS: [&str; 3] = ["kind: ConfigMap", "kind: Secret", "kind: SealedSecret"];
    let is_map = KINDS.iter().any(|kind| text.contains(kind));
    let sources = [".Values", ".Files", "include "];
    is_map && has_template(text) && sources.iter().any(|source| text.contains(source))
}

/// Whether it may be values of a chart that runs Honeycomb's image.
fn sets_image(text: &str) -> bool {
    text.contains("honeycombio/refinery") && has_line(text, &["repository:"])
}

/// Whether it may install the Refinery chart with some values.
fn installs_chart(text: &str) -> bool {
    let has = |word: &str| text.contains(word);
    has("refinery")
        && (has("chart") || has("remoteChart") || has("path:"))
        && ["alue", "arameters", "set:", "postRenderers"].iter().any(|key| has(key))
        || names_values(text) && has("path:")
}

/// Whether it names values files of a chart, as objects of Argo CD do.
pub fn names_values(text: &str) -> bool {
    text.contains("valueFiles:")
}

/// Whether it may be values for the Refinery chart, if another file says so.
pub fn may_be_values(text: &str) -> bool {
    let has_pods = || text.lines().any(|line| line.starts_with("kind:"));
    let holds_values = || ["HelmRelease", "ConfigMap"].iter().any(|kind| text.contains(kind));
    has_version(text)
        || text.contains("kind: Secret")
        || text.contains("config:")
        || text.contains("rules:")
        || has_line(text, &["environment:", "extraCommandArgs:", "image:", "RulesConfigMapName:"])
            && (holds_values() || !has_pods())
        || has_no_key(text)
}

/// Whether a text is certainly neither a mapping nor empty, by its lines.
fn has_no_key(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        !(line.is_empty() || line.starts_with(['#', '%']) || matches!(line, "---" | "..." | "null"))
    });
    let is_key = |line: &str| line.starts_with(['{', '?']) || line.contains(':');
    lines.clone().next().is_some()
        && !lines.any(|line| !line.starts_with(['-', ' ']) && is_key(line))
}

/// Whether a file name is one of a compose file or kustomization, which name files in any folder.
pub fn names_others(file: &str) -> bool {
    let (stem, extension) = split_extension(file);
    split(file).1 == "Kustomization"
        || matches!(extension, "yaml" | "yml")
            && (stem.contains("compose") || stem == "kustomization")
}

/// Whether a file of this name may refer to files in any folder.
pub fn may_name_files(file: &str) -> bool {
    names_others(file)
        || builds_image(file)
        || is_hcl(file)
        || is_script(file)
        || is_fly_app(file)
        || is_render_blueprint(file)
        || is_kamal_deploy(file)
        || is_pipeline(file)
        || manages_machine(file)
}

/// Whether it may be an Amazon ECS task definition, in any spelling, or a job of Nomad that runs
/// Refinery.
pub fn may_define_task(text: &str) -> bool {
    const KEYS: [&str; 4] =
        ["containerDefinitions", "ContainerDefinitions", "container_definitions", "TaskGroups"];
    text.contains("refinery") && KEYS.iter().any(|key| text.contains(key))
}

/// Whether a JSON text may embed or describe Refinery's files. Kubernetes objects can be JSON, too.
pub fn may_contain_in_json(text: &str) -> bool {
    let as_yaml = || text.replace('"', "").replace(':', ": ").replace(":  ", ": ");
    may_define_task(text)
        || may_have_commands(text)
        || (text.contains("\"apiVersion\"") || has_version(text)) && may_contain(&as_yaml())
}

/// Whether its strings may have commands that run Refinery or bring files to it.
pub fn may_have_commands(text: &str) -> bool {
    const ARGUMENTS: [&str; 4] = [" -c", " --config", " -r", " --rules_config"];
    const COMMANDS: [&str; 11] = [
        " run ",
        " --from-file",
        "cp ",
        "install ",
        "helm ",
        "rsync ",
        "mv ",
        "ln ",
        "REFINERY_",
        " --mount",
        " -v",
    ];
    let is_any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    text.contains("refinery") && (is_any(&ARGUMENTS) || is_any(&COMMANDS))
}

/// Whether it may have commands that apply or install what is at a path of the repository.
pub fn applies_path(text: &str) -> bool {
    const COMMANDS: [&str; 7] = [
        "kubectl apply",
        "kubectl create -",
        "kustomize build",
        "helm upgrade",
        "helm install",
        "helm template",
        "kubectl -n",
    ];
    COMMANDS.iter().any(|command| text.contains(command))
}

/// Whether it may be a compose file that runs Refinery, or includes one that does.
pub fn may_run(text: &str) -> bool {
    let is_key = |line: &str| line.starts_with("services:") || line.starts_with("include:");
    text.contains("refinery") && lines(text).any(is_key)
}

/// Whether a compose file of this name includes others, which may run Refinery.
pub fn includes_others(file: &str, text: &str) -> bool {
    names_others(file) && lines(text).any(|line| line.starts_with("include:"))
}

/// Whether it may be a kustomization that generates `ConfigMap`s, directly or in a base.
pub fn may_generate(text: &str) -> bool {
    let is_list = |line: &str| line.trim_start().starts_with("- ");
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        let key = line.split(':').next().unwrap_or_default();
        let is_key = match key {
            "helmCharts" => true,
            // Kustomize reports a misspelled one.
            key if key.starts_with(char::is_alphabetic) && key.contains("Generator") => true,
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

/// Whether it may be a `ConfigMap`, a Secret or chart values.
fn has_container(text: &str) -> bool {
    text.contains("kind: ConfigMap")
        || text.contains("stringData:")
        || text.contains("refinery")
        || has_line(text, &["config:", "rules:"])
}

/// Whether it is a map about Refinery with an entry named like one of its files, whatever is in it.
fn has_named_entries(text: &str) -> bool {
    const KINDS: [&str; 3] = ["kind: ConfigMap", "kind: Secret", "kind: SealedSecret"];
    let is_map = KINDS.iter().any(|kind| text.contains(kind));
    let is_entry = |line: &str| {
        let key = line.trim().split(':').next().unwrap_or_default().trim_matches(['"', '\'']);
        format_of(key).is_some() && kind_of_name(key).is_some()
    };
    is_map && text.contains("refinery") && text.lines().any(is_entry)
}

/// Whether it may write or copy a file to a path about Refinery.
fn writes_files(text: &str) -> bool {
    const KEYS: [&str; 14] = [
        "files:",
        "<<",
        "tee ",
        "> /",
        "content",
        "inline",
        "data",
        "src:",
        "src=",
        "source:",
        "\"source\"",
        "local:",
        "alue:",
        "Fn::",
    ];
    let is_end = |c: char| c.is_whitespace() || "\"',=[](){}".contains(c);
    // An address is no path.
    let is_path =
        |word: &str| word.contains('/') && word.contains("refinery") && !word.contains("://");
    let has_path = |line: &str| {
        line.contains("refinery") && !line.starts_with('#') && line.split(is_end).any(is_path)
    };
    KEYS.iter().any(|key| text.contains(key))
        && text.lines().any(|line| has_path(line.trim_start()))
}

/// Whether it has a string of several lines, in a block or with escaped line breaks.
pub fn has_long_string(text: &str) -> bool {
    let is_header = |line: &str| line.trim_end_matches(['+', '-']).ends_with(['|', '>']);
    text.contains("\\n") || text.contains("'''") || text.lines().any(is_header)
}

/// Every file for 2.0 and later has one of these, even if it is quoted on a single line.
pub fn has_version(text: &str) -> bool {
    ["ConfigurationVersion", "RulesVersion"].iter().any(|key| text.contains(key))
}

/// Whether a Secret or binary data has Refinery's keys in base64. A word has three encodings,
/// depending on its offset modulo three.
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

/// The base64 of a word after this many bytes, without characters that depend on other bytes.
fn encoded(word: &str, before: usize) -> String {
    let whole = STANDARD.encode([&vec![0; before][..], word.as_bytes()].concat());
    let end = (before + word.len()) * 4 / 3;
    whole.get((before * 4).div_ceil(3)..end).unwrap_or_default().to_owned()
}

/// Whether a line starts with one of these words, after its indentation.
pub fn has_line(text: &str, starts: &[&str]) -> bool {
    let is_start = |line: &str| starts.iter().any(|start| line.starts_with(start));
    lines(text).any(|line| is_start(line.trim_start()))
}

/// The lines of a text, the first without a byte order mark.
fn lines(text: &str) -> Lines<'_> {
    text.trim_start_matches('\u{feff}').lines()
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

/// Whether it may have pods that run Refinery.
fn has_pods(text: &str) -> bool {
    let is_named = || text.contains("refinery") || text.contains("REFINERY_");
    text.contains("kind: ") && text.contains("image: ") && is_named()
}

/// Whether it may have objects that scale pods of Refinery.
fn has_scaling_objects(text: &str) -> bool {
    let kinds = ["kind: PodDisruptionBudget", "kind: HorizontalPodAutoscaler"];
    text.contains("refinery") && kinds.iter().any(|kind| text.contains(kind))
}

/// Whether a syntax error is due to template actions: one is a line of its own, or the error is at
/// one.
pub fn is_template(text: &str, fault: Option<Span>) -> bool {
    let is_action = |line: &str| line.trim_start().starts_with("{{") || line.contains("%{");
    let faulty = fault.map_or("", |fault| {
        let at = fault.range().start.min(text.len());
        let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    });
    has_template(text) && (text.lines().any(is_action) || faulty.contains("{{"))
}

/// Whether it is a template of a `ConfigMap` for Refinery, or of chart values. Other objects have
/// `rules` too.
pub fn is_unrendered(text: &str) -> bool {
    let has_files = || has_line(text, &["config.yaml:", "rules.yaml:", "config:"]);
    let has_rules = || !text.contains("kind: ") && has_line(text, &["rules:"]);
    has_template(text) && text.contains("refinery") && (has_files() || has_rules())
}

/// Whether it is a template that only includes others, such as a whole object of a library chart.
pub fn only_includes(text: &str) -> bool {
    let is_action = |line: &str| line.is_empty() || line == "---" || line.starts_with("{{");
    text.contains("include ") && text.lines().all(|line| is_action(line.trim()))
}

/// Whether it has a template action outside comments.
pub fn has_template(text: &str) -> bool {
    let is_template = |line: &str| line.contains("{{") || line.contains("%{");
    text.lines().any(|line| is_template(line) && !line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn recognises_container_files() {
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
            "- content: |\n    General:\n      ConfigurationVersion: 2\n",
            "chart: honeycomb/refinery\nvalues: [{config: {}}]\n",
            "write_files: [{path: /etc/refinery/config.yaml, content: }]\n",
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
    fn an_error_next_to_a_template_in_a_string_is_an_error() {
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
