//! Refinery's files inside other files, at any place: in objects of tools that no front end is
//! written for, in strings, and in values that other objects pass to the chart.

use crate::program::Folder;

const CONFIG: &str = "\
General:
  ConfigurationVersion: 2
Collection:
  MaxAlloc: 3Gb
";
const RULES: &str = "\
RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 1
";

/// A document, with lines `CONFIG` and `RULES` for the indented files.
struct Case {
    name: &'static str,
    text: &'static str,
    /// Whether the lines of the files are lines of the document.
    has_lines: bool,
}

const fn lines(name: &'static str, text: &'static str) -> Case {
    Case { name, text, has_lines: true }
}

const CASES: [Case; 16] = [
    lines(
        "external-secret.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\nspec:\n  target:\n    template:\n      data:\n        config.yaml: |\n          CONFIG\n        rules.yaml: |\n          RULES\n",
    ),
    lines(
        "openshift-template.yaml",
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: x}\nobjects:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: x}\n  data:\n    config.yaml: |\n      CONFIG\n    rules.yaml: |\n      RULES\n",
    ),
    lines(
        "crossplane.yaml",
        "apiVersion: kubernetes.crossplane.io/v1alpha1\nkind: Object\nmetadata: {name: x}\nspec:\n  forProvider:\n    manifest:\n      apiVersion: v1\n      kind: ConfigMap\n      metadata: {name: x}\n      data:\n        config.yaml: |\n          CONFIG\n        rules.yaml: |\n          RULES\n",
    ),
    lines(
        "parameter-store.yaml",
        "Resources:\n  Config:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Value: |\n        CONFIG\n  Rules:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Value: |\n        RULES\n",
    ),
    lines("list.yaml", "files:\n- name: x\n  content: |\n    CONFIG\n- content: |\n    RULES\n"),
    lines(
        "argo-sources.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  sources:\n  - ref: values\n  - chart: refinery\n    targetRevision: 2.19.0\n    helm:\n      values: |\n        config:\n          CONFIG\n        rules:\n          RULES\n",
    ),
    lines(
        "application-set.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      source:\n        chart: refinery\n        targetRevision: 2.19.0\n        helm:\n          valuesObject:\n            config:\n              CONFIG\n            rules:\n              RULES\n",
    ),
    lines(
        "k3s.yaml",
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: x}\nspec:\n  chart: refinery\n  version: 2.19.0\n  valuesContent: |\n    config:\n      CONFIG\n    rules:\n      RULES\n",
    ),
    lines(
        "flux-map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  values.yaml: |\n    config:\n      CONFIG\n    rules:\n      RULES\n",
    ),
    lines(
        "helmfile.yaml",
        "releases:\n- name: x\n  chart: honeycomb/refinery\n  version: 2.19.0\n  values:\n  - config:\n      CONFIG\n    rules:\n      RULES\n",
    ),
    lines(
        "fleet.yaml",
        "helm:\n  chart: refinery\n  version: 2.19.0\n  values:\n    config:\n      CONFIG\n    rules:\n      RULES\n",
    ),
    lines(
        "two-levels.yaml",
        "a:\n  b:\n    c:\n      d:\n        e:\n          f:\n            g:\n              config:\n                CONFIG\n              rules:\n                RULES\n",
    ),
    Case {
        name: "quoted.json",
        text: "{\"a\": {\"config.yaml\": \"CONFIG\", \"rules.yaml\": \"RULES\"}}",
        has_lines: false,
    },
    Case {
        name: "map.json",
        text: "[{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"x\"}, \"data\": {\"config.yaml\": \"CONFIG\", \"rules.yaml\": \"RULES\"}}]",
        has_lines: false,
    },
    Case {
        name: "fly.toml",
        text: "app = 'x'\n[[files]]\nguest_path = '/etc/refinery/refinery.yaml'\nraw_value = \"CONFIG\"\n[[files]]\nguest_path = '/etc/refinery/rules.yaml'\nraw_value = \"RULES\"\n",
        has_lines: false,
    },
    Case {
        name: "k3s-quoted.yaml",
        text: "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: x}\nspec:\n  chart: refinery\n  version: 2.19.0\n  valuesContent: \"VALUES\"\n",
        has_lines: false,
    },
];

impl Case {
    fn with(&self, config: &str, rules: &str) -> String {
        let indented =
            |text: &str, by: usize| text.trim_end().replace('\n', &format!("\n{}", " ".repeat(by)));
        let values =
            format!("config:\n  {}\nrules:\n  {}\n", indented(config, 2), indented(rules, 2));
        let files = [("CONFIG", config), ("RULES", rules), ("VALUES", &values)];
        files.iter().fold(self.text.to_owned(), |text, (word, file)| {
            let Some(at) = text.find(word) else { return text };
            let column = at - text[..at].rfind('\n').map_or(0, |end| end + 1);
            let file =
                if self.has_lines { indented(file, column) } else { file.replace('\n', "\\n") };
            text.replacen(word, &file, 1)
        })
    }
}

#[test]
fn checks_files_at_any_place() {
    for case in &CASES {
        let check = |config: &str, rules: &str| {
            let folder = Folder::new(&[(case.name, &case.with(config, rules))]);
            folder.run(&["check", "--output-format", "short"])
        };
        let good = check(CONFIG, RULES);
        assert_eq!(good.status, 0, "{}: {good:?}", case.name);
        for (config, rules, faulty) in [
            (CONFIG.replace("MaxAlloc", "MaxAllok"), RULES.to_owned(), "MaxAllok"),
            (CONFIG.replace("Collection", "Colection"), RULES.to_owned(), "Colection"),
            (CONFIG.to_owned(), RULES.replace("SampleRate: 1", "SampleRate: many"), "many"),
        ] {
            let bad = check(&config, &rules);
            assert_eq!(bad.status, 1, "{} {faulty}: {bad:?}", case.name);
            let text = case.with(&config, &rules);
            let line = text[..text.find(faulty).unwrap()].matches('\n').count() + 1;
            let place = format!("{}:{line}:", case.name);
            assert!(bad.output.contains(&place), "{place} {bad:?}");
        }
    }
}

/// Values of the chart are checked whatever they contain, because the chart is named.
#[test]
fn values_of_a_named_chart_need_no_known_keys() {
    for (name, text) in [
        (
            "flux.yaml",
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\nspec:\n  chart: {spec: {chart: refinery, sourceRef: {kind: HelmRepository, name: honeycomb}}}\n  values:\n    config:\n      Generl: {x: 1}\n",
        ),
        (
            "helmfile.yaml",
            "releases:\n- chart: honeycomb/refinery\n  values:\n  - rules:\n      Sampler: {}\n",
        ),
        (
            "argo.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    chart: refinery\n    repoURL: https://honeycombio.github.io/helm-charts\n    helm: {valuesObject: {config: {Generl: {x: 1}}}}\n",
        ),
    ] {
        let ran = Folder::new(&[(name, text)]).run(&["check"]);
        assert_eq!(ran.status, 1, "{name}: {ran:?}");
        let mirrored = text.replace("honeycomb", "example");
        let ran = Folder::new(&[(name, &mirrored)]).run(&["check"]);
        assert_eq!(ran.status, 1, "a mirror: {name}: {ran:?}");
        let other = text.replace("refinery", "other");
        let ran = Folder::new(&[(name, &other)]).run(&["check"]);
        assert_eq!(ran.status, 2, "another program: {name}: {ran:?}");
    }
}

#[test]
fn parameters_that_set_keys_of_refinery_block() {
    let argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    chart: refinery\n    repoURL: https://honeycombio.github.io/helm-charts\n    helm:\n      fileParameters: [{name: NAME, path: x}]\n";
    let helmfile = "releases:\n- chart: honeycomb/refinery\n  set:\n  - name: NAME\n    file: x\n";
    for (file, text) in [("argo.yaml", argo), ("helmfile.yaml", helmfile)] {
        for (name, status) in [
            ("config.Network.ListenAddr", 1),
            ("rules.RulesVersion", 1),
            ("config", 1),
            ("replicaCount", 2),
            ("configuration.x", 2),
        ] {
            let ran = Folder::new(&[(file, &text.replace("NAME", name))]).run(&["check"]);
            assert_eq!(ran.status, status, "{file} {name}: {ran:?}");
            assert_eq!(ran.output.contains("intake/unfollowed-parameter"), status == 1, "{ran:?}");
        }
    }
}

/// Text about Refinery is not a file of Refinery's.
#[test]
fn leaves_scripts_and_sentences_alone() {
    for text in [
        "jobs:\n  a:\n    steps:\n    - run: |\n        cat > config.yaml <<EOF\n        General:\n          ConfigurationVersion: 2\n         Network:\n        EOF\n",
        "description: |\n  This is how it begins:\n\n  General:\n    ConfigurationVersion: 2\n   Network:\n",
        "help: set `ConfigurationVersion` to 2\n",
        "x: |\n  # General:\n  #   ConfigurationVersion: 2\n",
    ] {
        let ran = Folder::new(&[("a.yaml", text)]).run(&["check"]);
        assert_eq!(ran.status, 2, "{text}: {ran:?}");
    }
}

#[test]
fn pods_of_other_kinds_are_followed() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: ''\n  b: |\n    RulesVersion: 2\n    Samplers: {__default__: {DeterministicSampler: {SampleRate: 1}}}\n";
    let pod = "containers: [{name: r, image: honeycombio/refinery:2.9.4, args: [-c, /c/a, -r, /c/b], volumeMounts: [{name: c, mountPath: /c}]}]\n      volumes: [{name: c, configMap: {name: x}}]\n";
    for (api, kind, path) in [
        ("serving.knative.dev/v1", "Service", "spec:\n  template:\n    spec:\n      "),
        ("apps.kruise.io/v1alpha1", "CloneSet", "spec:\n  template:\n    spec:\n      "),
        ("apps.openshift.io/v1", "DeploymentConfig", "spec:\n  template:\n    spec:\n      "),
        ("v1", "PodTemplate", "template:\n    spec:\n      "),
    ] {
        let head = format!("{map}---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\n");
        let ran = Folder::new(&[("a.yaml", &format!("{head}{path}{pod}"))]).run(&["check"]);
        assert_eq!(ran.status, 1, "{kind}: {ran:?}");
        assert!(ran.output.contains("v2.9.4"), "{kind}: {ran:?}");
        assert!(ran.output.contains("a.yaml#x:a") || ran.output.contains("a.yaml:5"), "{ran:?}");
    }
}

/// The config that the pods mount is empty, so only the objects show that it is one.
#[test]
fn objects_inside_objects_belong_together() {
    for head in [
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: x}\nobjects:\n",
        "apiVersion: example.com/v1\nkind: Bundle\nmetadata: {name: x}\nspec:\n  manifests:\n",
    ] {
        let text = format!(
            "{head}  - apiVersion: v1
    kind: ConfigMap
    metadata: {{name: x}}
    data:
      a: ''
      b: |
        RulesVersion: 2
        Samplers: {{__default__: {{DeterministicSampler: {{SampleRate: 1}}}}}}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: x}}
    spec:
      template:
        spec:
          containers: [{{name: r, image: honeycombio/refinery:2.9.4, args: [-c, /c/a, -r, /c/b], volumeMounts: [{{name: c, mountPath: /c}}]}}]
          volumes: [{{name: c, configMap: {{name: x}}}}]
"
        );
        let ran = Folder::new(&[("a.yaml", &text)]).run(&["check", "--output-format", "short"]);
        assert_eq!(ran.status, 1, "{text}: {ran:?}");
        assert!(ran.output.contains("v2.9.4"), "{ran:?}");
        assert!(ran.output.contains("intake/empty-file"), "{ran:?}");
    }
}

#[test]
fn a_broken_toml_file_with_files_in_it_blocks() {
    let case = CASES.iter().find(|case| case.name == "fly.toml").unwrap();
    let text = case.with(CONFIG, RULES).replacen("app = 'x'", "app = 'x", 1);
    let ran = Folder::new(&[(case.name, &text)]).run(&["check", "--output-format", "short"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.output.contains("fly.toml:1:"), "{ran:?}");
}
