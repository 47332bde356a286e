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
fn words_that_actions_write_are_checked() {
    let map = |lines: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: refinery}}\ndata:\n  config.yaml: |\n    \
             General: {{ConfigurationVersion: 2}}\n    Logger:\n{lines}"
        )
    };
    let values = "level: warn\nport: 8080\nno: none\n";
    for (lines, expected, finding) in [
        ("      Level: {{ .Values.level }}\n", 0, "starts"),
        (
            "      Level: {{ .Values.no }}\n",
            1,
            "templates/map.yaml:8:14: error[schema/not-a-choice]",
        ),
        ("      Type: {{ .Values.level | quote }}\n", 1, "8:13: error[schema/not-a-choice]"),
        ("      Level:{{ .Values.level }}\n", 1, "write a space after the `:`"),
        // What an action writes may be unknown, but not what is around it.
        ("      Level: {{ include \"x\" . }}\n", 0, "not checked, because"),
        ("      Type: stdout\n      Level:{{ include \"x\" . }}\n", 1, "templates/map.yaml:9:"),
        // Branches that may be left out.
        (
            "{{ if eq .Values.a 1 }}\n      Level: warn\n{{ else }}\n      Level: info\n{{ end }}\n",
            0,
            "starts",
        ),
    ] {
        let template = map(lines);
        let files = [
            ("z/config.yaml", CONFIG),
            ("z/rules.yaml", RULES),
            ("charts/x/Chart.yaml", "apiVersion: v2\nname: x\nversion: 0.1.0\n"),
            ("charts/x/templates/map.yaml", template.as_str()),
            ("charts/x/values.yaml", values),
        ];
        let ran = Folder::new(&files).run(&["check", "--output-format", "short"]);
        let whole = Folder::new(&files).run(&["check"]);
        assert_eq!(ran.status, expected, "{lines}: {}", ran.output);
        assert!((ran.output + &whole.output).contains(finding), "{lines}: {}", whole.output);
    }
}

#[test]
fn objects_in_templates_that_install_the_chart_are_checked() {
    for (key, expected) in [("TraceTimeout: 90s", 0), ("TraceTimeout:90s", 1), ("Unknown: 1", 1)] {
        let template = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: refinery}}\nspec:\n  \
             destination: {{server: {{{{ .Values.server }}}}}}\n  source:\n    chart: refinery\n    repoURL: \
             https://honeycombio.github.io/helm-charts\n    helm:\n      values: |\n        config:\n          \
             General: {{ConfigurationVersion: 2}}\n          Traces:\n            {key}\n"
        );
        let (status, said) = check(&[
            ("charts/x/templates/app.yaml", &template),
            ("charts/x/values.yaml", "server: https://kubernetes.default.svc\n"),
        ]);
        assert_eq!(status, expected, "{key}: {said}");
        assert!(expected == 0 || said.contains("charts/x/templates/app.yaml"), "{key}: {said}");
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
