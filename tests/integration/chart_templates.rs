//! Templates of charts that have nothing to do with Refinery, or that need other values.

use crate::program::{CONFIG, Folder, RULES};

/// The template of a map with the values of a key.
fn map(name: &str, key: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{{{ include \"{name}\" . }}}}\ndata:\n  \
         config.yaml: |\n    {{{{- toYaml .Values.{key} | nindent 4 }}}}\n"
    )
}

/// Checks a chart next to a good deployment: the status and the report.
fn check(files: &[(&str, &str)]) -> (i32, String) {
    let mut all = vec![
        ("z/config.yaml", CONFIG),
        ("z/rules.yaml", RULES),
        ("charts/x/Chart.yaml", "apiVersion: v2\nname: x\nversion: 0.1.0\n"),
    ];
    all.extend(files);
    let ran = Folder::new(&all).run(&["check"]);
    (ran.status, ran.output + &ran.errors)
}

#[test]
fn maps_of_other_programs_pass() {
    let collector = map("otel.fullname", "config");
    let boards = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refinery-boards}\ndata:\n\
                  {{ (.Files.Glob \"boards/*.json\").AsConfig | indent 2 }}\n";
    for files in [
        &[
            ("charts/x/templates/map.yaml", collector.as_str()),
            ("charts/x/values.yaml", "config: {receivers: {otlp: {}}}\n"),
        ][..],
        &[("charts/x/templates/map.yaml", &collector), ("charts/x/values.yaml", "config: {}\n")],
        &[
            ("charts/x/templates/map.yaml", boards),
            ("charts/x/boards/refinery.json", "{\"panels\": []}\n"),
        ],
    ] {
        let (status, said) = check(files);
        assert_eq!(status, 0, "{files:?}: {said}");
    }
}

#[test]
fn values_that_are_not_set_block_unless_the_chart_is_installed_nearby() {
    let template = map("refinery.fullname", "keep").replace("config.yaml", "rules.yaml");
    let template = template
        .replace("data:\n", "data:\n  config.yaml: |\n    General: {ConfigurationVersion: 2}\n");
    let install = "# refinery\nhelm install smp ./charts/x -f /vault/values.yaml\n";
    for (values, script, expected) in [
        (
            "keep: {RulesVersion: 2, Samplers: {__default__: {DeterministicSampler: {SampleRate: 1}}}}\n",
            "",
            0,
        ),
        ("keep: {}\n", "", 1),
        ("other: 1\n", "", 1),
        ("keep: {}\n", install, 0),
        ("keep: {RulesVersion: 2}\n", install, 1),
    ] {
        let files = [
            ("charts/x/templates/map.yaml", template.as_str()),
            ("charts/x/values.yaml", values),
            ("install.sh", script),
        ];
        let (status, said) = check(&files);
        assert_eq!(status, expected, "{values} {script}: {said}");
    }
}

#[test]
fn other_actions_stay_templates() {
    for action in [
        "printf \"%s\" .Values.a",
        "include \"x.config\" .",
        "lookup \"v1\" \"Secret\" \"a\" \"b\"",
    ] {
        let template = map("refinery.fullname", "a").replace("toYaml .Values.a", action);
        let (status, said) = check(&[("charts/x/templates/map.yaml", &template)]);
        assert_eq!(status, 0, "{action}: {said}");
        assert!(said.contains("not checked, because"), "{action}: {said}");
    }
}

#[test]
fn keys_of_a_chart_of_ones_own_may_have_any_name() {
    let own = "apiVersion: v2\nname: refinery\nversion: 2.0.0\nappVersion: 3.2.2\n";
    let install = "resource \"helm_release\" \"smp\" {\n  chart = \"../charts/refinery\"\n  values = \
                   [file(\"${path.module}/refinery.yaml\")]\n}\n";
    for (template, expected) in [("templates/a.yaml", 0), ("a.yaml", 1)] {
        let template = format!("charts/refinery/{template}");
        let (status, said) = check(&[
            ("charts/refinery/Chart.yaml", own),
            (&template, "kind: Service\n"),
            ("terraform/main.tf", install),
            (
                "terraform/refinery.yaml",
                "cfg: {General: {ConfigurationVersion: 2}}\nreplicaCount: 3\n",
            ),
        ]);
        assert_eq!(status, expected, "{template}: {said}");
        assert_eq!(said.contains("intake/unread-value"), expected == 1, "{template}: {said}");
    }
}
