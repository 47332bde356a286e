//! Files of Terraform and Nomad: Refinery's files in them, and those that they name.

use crate::program::{Folder, RULES};
use crate::repository::Repository;

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDelay: 2s\n";
/// A line of the config, and what Refinery rejects instead.
const GOOD_LINE: &str = "SendDelay: 2s";
const BAD_LINE: &str = "SendDelay: soon";

/// Files with `CONFIG` and `RULES` for the indented texts.
struct Case {
    name: &'static str,
    text: &'static str,
}

const CHART: &str = "name = \"r\"\n  repository = \"https://honeycombio.github.io/helm-charts\"\n  chart = \"refinery\"\n  version = \"2.16.0\"\n";

const CASES: [Case; 11] = [
    Case {
        name: "main.tf",
        text: "resource \"kubernetes_config_map\" \"r\" {\n  data = {\n    \"config.yaml\" = <<-EOT\n      CONFIG\n    EOT\n    \"rules.yaml\" = <<-EOT\n      RULES\n    EOT\n  }\n}\n",
    },
    Case {
        name: "manifest.tf",
        text: "resource \"kubernetes_manifest\" \"r\" {\n  manifest = {\n    apiVersion = \"v1\"\n    kind = \"ConfigMap\"\n    metadata = { name = \"r\" }\n    data = {\n      \"config.yaml\" = <<EOT\nCONFIG\nEOT\n      \"rules.yaml\" = <<EOT\nRULES\nEOT\n    }\n  }\n}\n",
    },
    Case {
        name: "values.tf",
        text: "resource \"helm_release\" \"r\" {\n  CHART  values = [<<-EOT\n    config:\n      CONFIG\n    rules:\n      RULES\n  EOT\n  ]\n}\n",
    },
    Case {
        name: "encoded.tf",
        text: "locals {\n  other = var.x ? 1 : 2\n  values = {\n    config = { Traces = { SendDelay = \"2s\" } }\n  }\n}\nresource \"helm_release\" \"r\" {\n  CHART  values = [yamlencode(local.values)]\n}\n",
    },
    Case {
        name: "job.nomad",
        text: "job \"r\" {\n  group \"g\" {\n    task \"t\" {\n      driver = \"docker\"\n      config {\n        image = \"honeycombio/refinery:2.9.4\"\n        args = [\"-c\", \"${NOMAD_TASK_DIR}/a.yaml\", \"-r\", \"/local/b.yaml\"]\n      }\n      template {\n        destination = \"local/a.yaml\"\n        data = <<EOT\nCONFIG\nEOT\n      }\n      template {\n        destination = \"${NOMAD_TASK_DIR}/b.yaml\"\n        data = <<EOT\nRULES\nEOT\n      }\n    }\n  }\n}\n",
    },
    Case {
        name: "bound.nomad.hcl",
        text: "job \"r\" {\n  group \"g\" {\n    task \"t\" {\n      driver = \"docker\"\n      config {\n        image = \"honeycombio/refinery:2.9.4\"\n        volumes = [\"local/a:/etc/refinery/refinery.yaml\"]\n        mount {\n          type = \"bind\"\n          source = \"local/b\"\n          target = \"/etc/refinery/rules.yaml\"\n        }\n      }\n      template {\n        destination = \"local/a\"\n        data = <<-EOT\n          CONFIG\n        EOT\n      }\n      template {\n        destination = \"local/b\"\n        data = <<-EOT\n          RULES\n        EOT\n      }\n    }\n  }\n}\n",
    },
    Case {
        name: "exec.nomad",
        text: "job \"r\" {\n  group \"g\" {\n    task \"t\" {\n      driver = \"exec\"\n      config {\n        command = \"/usr/bin/refinery\"\n        args = [\"-c\", \"local/a.yaml\", \"-r\", \"${NOMAD_TASK_DIR}/b.yaml\"]\n      }\n      template {\n        destination = \"local/a.yaml\"\n        data = <<EOT\nCONFIG\nEOT\n      }\n      template {\n        destination = \"local/b.yaml\"\n        data = <<EOT\nRULES\nEOT\n      }\n    }\n  }\n}\n",
    },
    Case {
        name: "named.tf",
        text: "resource \"kubernetes_config_map\" \"r\" {\n  data = {\n    \"config.yaml\" = file(\"${path.module}/files/a\")\n    \"rules.yaml\" = file(\"${path.module}/files/b\")\n  }\n}\n",
    },
    Case {
        name: "named-values.tf",
        text: "resource \"helm_release\" \"r\" {\n  CHART  values = [file(\"./files/values\")]\n}\n",
    },
    Case {
        name: "named.nomad",
        text: "job \"r\" {\n  group \"g\" {\n    task \"t\" {\n      driver = \"docker\"\n      config {\n        image = \"honeycombio/refinery:2.9.4\"\n        args = [\"-c\", \"local/a.yaml\", \"-r\", \"local/b.yaml\"]\n        work_dir = \"/\"\n      }\n      template {\n        destination = \"local/a.yaml\"\n        data = file(\"files/a\")\n      }\n      template {\n        destination = \"local/b.yaml\"\n        data = file(\"files/b\")\n      }\n    }\n  }\n}\n",
    },
    Case {
        name: "parameters.tf",
        text: "resource \"aws_ssm_parameter\" \"config\" {\n  value = <<EOT\nCONFIG\nEOT\n}\nresource \"aws_ssm_parameter\" \"rules\" {\n  value = <<EOT\nRULES\nEOT\n}\n",
    },
];

/// A text with each line indented like the word that stands for it.
fn indented(text: &str, word: &str, lines: &str) -> String {
    let whole = text.split_inclusive('\n').map(|line| {
        let indent = line.len() - line.trim_start().len();
        if line.trim() != word {
            return line.to_owned();
        }
        let line = |inner: &str| format!("{}{inner}\n", " ".repeat(indent));
        lines.lines().map(line).collect()
    });
    whole.collect()
}

impl Case {
    /// All files, with this config.
    fn files(&self, config: &str) -> Vec<(String, String)> {
        let text = self.text.replace("CHART", CHART);
        let text = indented(&indented(&text, "CONFIG", config), "RULES", RULES);
        // Values that are written as HCL.
        let line = config.lines().last().unwrap().trim().split_once(": ").unwrap();
        let text = text.replace("\"2s\"", &format!("\"{}\"", line.1));
        let block = |text: &str| text.replace('\n', "\n  ").trim_end().to_owned();
        let values = format!("config:\n  {}\nrules:\n  {}\n", block(config), block(RULES));
        [(self.name, &*text), ("files/a", config), ("files/b", RULES), ("files/values", &values)]
            .into_iter()
            .filter(|(name, _)| !name.starts_with("files/") || self.text.contains(name))
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect()
    }
}

fn check(files: &[(String, String)]) -> (i32, String) {
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let ran = Folder::new(&files).run(&["check", ".", "--output-format", "short"]);
    (ran.status, ran.output + &ran.errors)
}

#[test]
fn checks_files_in_and_named_by_terraform_and_nomad() {
    for case in CASES {
        let (status, text) = check(&case.files(CONFIG));
        assert_eq!(status, 0, "{}: {text}", case.name);
        let files = case.files(&CONFIG.replace(GOOD_LINE, BAD_LINE));
        let (status, text) = check(&files);
        let value = BAD_LINE.split_once(": ").unwrap().1;
        let (name, line) = files
            .iter()
            .find_map(|(name, text)| {
                Some((name, text.lines().position(|line| line.contains(value))? + 1))
            })
            .unwrap();
        let place = format!("{name}:{line}:");
        assert!(status == 1 && text.contains(&place), "{}: {place} {text}", case.name);
        assert_eq!(text.matches(": error[").count(), 1, "{}: {text}", case.name);
    }
}

#[test]
fn unusable_files_block() {
    for case in CASES {
        for config in ["", "General: [\n", "# nothing\n", "General:\n  ConfigurationVersion:2\n"] {
            // Without its keys, nothing says that a parameter was Refinery's.
            let is_unknown = case.name == "parameters.tf" && !config.contains("Version");
            if case.name == "encoded.tf" || is_unknown {
                continue;
            }
            let mut files = case.files(CONFIG);
            for (name, text) in &mut files {
                let known = |lines: &str| {
                    // Without its lines, a here-document is empty.
                    let lines = indented(case.text, "CONFIG", lines);
                    indented(&lines.replace("CHART", CHART), "RULES", RULES)
                };
                match name.as_str() {
                    "files/a" => config.clone_into(text),
                    "files/values" => *text = format!("config:\n  {config}\n"),
                    "files/b" => {}
                    _ => *text = known(config),
                }
            }
            let (status, text) = check(&files);
            assert_eq!(status, 1, "{} {config:?}: {text}", case.name);
        }
    }
}

#[test]
fn what_is_not_evaluated_blocks() {
    let files = |text: &str| vec![("main.tf".to_owned(), text.to_owned())];
    for (text, check_id) in [
        (
            format!("resource \"helm_release\" \"r\" {{\n  {CHART}  values = [<<EOT\nconfig:\n  ${{var.x}}: {{SendDelay: 2s}}\n  ${{var.y}}\nEOT\n  ]\n}}\n"),
            "intake/template",
        ),
        (
            "resource \"x\" \"r\" {\n  a = <<EOT\nGeneral:\n  ConfigurationVersion: 2\n%{ if var.x }\nTraces:\n  SendDelay: 2s\n%{ endif }\nEOT\n}\n".to_owned(),
            "intake/template",
        ),
        (
            "resource \"x\" \"r\" {\n  a = <<EOT\nGeneral:\n  ConfigurationVersion: 2\n}\n".to_owned(),
            "intake/invalid-hcl",
        ),
    ] {
        let (status, out) = check(&files(&text));
        assert!(status == 1 && out.contains(check_id), "{text}: {out}");
    }
    let (status, out) = check(&files(&format!("resource \"helm_release\" \"r\" {{\n  {CHART}")));
    assert!(status == 1 && out.contains("intake/invalid-hcl"), "{out}");
    let (status, _) = check(&files("resource \"x\" \"refinery\" {\n  a = <<EOT\n"));
    assert_eq!(status, 2, "nothing in it is Refinery's");
}

/// Local values that refer to each other twice.
#[test]
fn local_values_are_bounded() {
    let local = |at: usize| format!("  l{at} = [local.l{}, local.l{}]\n", at + 1, at + 1);
    let locals: String = (0..40).map(local).collect();
    let text = format!("# refinery\nlocals {{\n{locals}}}\nx = local.l0\n");
    let (status, out) = check(&[("main.tf".to_owned(), text)]);
    assert_eq!(status, 2, "{out}");
}

#[test]
fn files_of_others_are_not_recorded_as_checked() {
    let files = [
        ("main.tf", "resource \"x\" \"refinery\" {\n  policy = file(\"policy.txt\")\n}\n"),
        ("policy.txt", "allow all\n"),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
    ];
    let ran = Folder::new(&files).run(&["check", ".", "--output-format", "json"]);
    assert!(ran.status == 0 && !ran.output.contains("policy.txt"), "{}", ran.output);
}

#[test]
fn a_named_file_that_changes_is_checked() {
    for name in ["named.tf", "named.nomad"] {
        let case = CASES.iter().find(|case| case.name == name).unwrap();
        let files = case.files(CONFIG);
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let repository = Repository::with(&files);
        repository.write("files/a", "General: [\n");
        repository.git(&["add", "."]);
        assert_eq!(repository.run(&["hook", "run"]).status, 1, "{name}");
        assert_eq!(repository.run(&["check", "--since", "HEAD"]).status, 1, "{name}");
    }
}

/// Terraform files that write `conf/a.yaml` and `conf/b.yaml` as config and rules, or a config and
/// rules in place of the indented words.
const WRITERS: [&str; 11] = [
    "resource \"aws_s3_object\" \"a\" {\n  bucket = \"b\"\n  key = \"refinery/config.yaml\"\n  source = \"conf/a.yaml\"\n}\n\
     resource \"aws_s3_object\" \"b\" {\n  key = \"x/refinery/rules.yaml\"\n  source = \"${path.module}/conf/b.yaml\"\n}\n",
    "resource \"aws_s3_object\" \"a\" {\n  key = \"refinery/config.yaml\"\n  content = yamlencode(yamldecode(file(\"conf/a.yaml\")))\n}\n",
    "resource \"google_storage_bucket_object\" \"a\" {\n  bucket = \"refinery-files\"\n  name = \"config.yaml\"\n  source = \"./conf/a.yaml\"\n}\n",
    "resource \"local_file\" \"refinery_config\" {\n  filename = \"${path.module}/out/config.yaml\"\n  content = file(\"conf/a.yaml\")\n}\n",
    "resource \"kubernetes_config_map\" \"refinery\" {\n  data = {\n    \"config.yaml\" = file(\"conf/a.yaml\")\n    \"rules.yaml\" = file(\"conf/b.yaml\")\n  }\n}\n",
    "resource \"kubernetes_secret\" \"x\" {\n  metadata {\n    name = \"refinery\"\n  }\n  data = {\n    \"config.yaml\" = <<EOT\nCONFIG\nEOT\n    \"rules.yaml\" = \"\"\n  }\n}\n",
    "resource \"local_file\" \"a\" {\n  filename = \"/etc/refinery/refinery.yaml\"\n  content = <<EOT\nCONFIG\nEOT\n}\n",
    "resource \"kubernetes_config_map\" \"refinery\" {\n  data = {\n    \"config.yaml\" = local.config\n    \"rules.yaml\" = \"${local.rules}\"\n  }\n}\n",
    "resource \"helm_release\" \"r\" {\n  CHART  values = [local.values]\n}\n",
    "resource \"helm_release\" \"r\" {\n  CHART  values = concat(local.list, [file(\"more.yaml\")])\n}\n",
    "resource \"helm_release\" \"r\" {\n  CHART  values = [\"${yamlencode(local.map)}\"]\n}\n",
];

const LOCALS: &str = "locals {\n  list = [local.values]\n  map = { config = { Traces = { SendDelay = \"2s\" } } }\n  \
                      values = <<EOT\nconfig:\n  CONFIG\nEOT\n  config = <<EOT\nCONFIG\nEOT\n  rules = <<EOT\nRULES\nEOT\n}\n";

#[test]
fn modules_and_the_files_that_they_write_are_checked() {
    for (at, writer) in WRITERS.into_iter().enumerate() {
        let fill = |text: &str, config: &str| {
            indented(&indented(&text.replace("CHART", CHART), "CONFIG", config), "RULES", RULES)
        };
        let files = |config: &str| {
            let locals = fill(LOCALS, config);
            let locals = match config.strip_prefix(CONFIG.trim_end_matches("2s\n")) {
                Some(delay) => locals.replace("\"2s\"", &format!("\"{}\"", delay.trim_end())),
                None => locals,
            };
            [
                ("main.tf", fill(writer, config)),
                ("locals.tf", locals),
                ("conf/a.yaml", config.to_owned()),
                ("conf/b.yaml", RULES.to_owned()),
                ("more.yaml", "replicaCount: 2\n".to_owned()),
                ("z/config.yaml", CONFIG.to_owned()),
                ("z/rules.yaml", RULES.to_owned()),
            ]
            .map(|(name, text)| (name.to_owned(), text))
        };
        let (status, said) = check(&files(CONFIG));
        // The rules of this one are empty.
        assert_eq!(status, i32::from(writer.contains("\"rules.yaml\" = \"\"")), "{at}: {said}");
        let is_values = writer.contains("CHART");
        let bad = CONFIG.replace(GOOD_LINE, BAD_LINE);
        for config in [&*bad, "x: y\n"].into_iter().filter(|config| !is_values || **config == bad) {
            let (status, said) = check(&files(config));
            assert_eq!(status, 1, "{at} {config:?}: {said}");
        }
    }
}

#[test]
fn values_and_files_that_are_not_evaluated_block() {
    let release = |values: &str| {
        let text =
            format!("resource \"helm_release\" \"r\" {{\n  {CHART}  values = {values}\n}}\n");
        vec![("main.tf".to_owned(), text)]
    };
    for values in [
        "[var.values]",
        "var.values",
        "[data.x.y.z]",
        "var.x ? [\"a: 1\"] : []",
        "[yamlencode(merge(yamldecode(file(\"main.tf\")), {}))]",
        "[local.gone]",
    ] {
        let (status, said) = check(&release(values));
        assert!(status == 1 && said.contains("intake/template"), "{values}: {said}");
    }
    let (status, said) = check(&release("[file(\"gone.yaml\")]"));
    assert!(status == 1 && said.contains("start/generator-file-missing"), "{said}");
    let file = |lines: &str| {
        let good = [("z/config.yaml", CONFIG), ("z/rules.yaml", RULES), ("conf/a.yaml", "x: y\n")];
        let good = good.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let text = format!("# refinery\nresource \"x\" \"y\" {{\n{lines}\n}}\n");
        [&[("main.tf".to_owned(), text)][..], &good].concat()
    };
    for (lines, status) in [
        ("key = \"refinery/config.yaml\"\ncontent = var.x", 1),
        ("key = \"refinery/config.yaml\"\nsource = \"conf/gone.yaml\"", 1),
        ("key = \"app/config.yaml\"\nsource = \"conf/a.yaml\"", 0),
        ("key = \"refinery/app-config.yaml\"\nsource = \"conf/a.yaml\"", 0),
        ("key = \"refinery/README.md\"\nsource = \"conf/a.yaml\"", 0),
        ("data = {\n\"config.yaml\" = \"x\"\n\"rules.yaml\" = \"y\"\n}", 0),
        ("name = \"refinery-dashboards\"\ndata = {\n\"config.yaml\" = \"x\"\n}", 0),
        ("a = local.x", 0),
    ] {
        let (found, said) = check(&file(lines));
        assert_eq!(found, status, "{lines}: {said}");
    }
}

#[test]
fn a_path_with_a_variable_means_the_values_files_that_fit() {
    let main = |path: &str| {
        let values = format!("file(\"${{path.module}}/{path}\")");
        format!("resource \"helm_release\" \"r\" {{\n  {CHART}  values = [{values}]\n}}\n")
    };
    for (path, file, status) in [
        ("v/values-${var.env}.yaml", "t/v/values-eu.yaml", 0),
        ("v/${var.env}.yaml", "t/v/eu.yaml", 0),
        ("v/${var.env}/smp.yaml", "t/v/eu/smp.yaml", 0),
        ("v/smp-${each.key}.yaml", "t/v/smp-eu.yaml", 0),
        ("v/smp-${var.env}.yaml", "t/v/values-eu.yaml", 1),
        ("v/values-${var.env}.json", "t/v/values-eu.yaml", 1),
    ] {
        let files = [
            ("t/main.tf", main(path)),
            (file, "replicaCount: 2\nconfig: {}\n".to_owned()),
            ("z/config.yaml", CONFIG.to_owned()),
            ("z/rules.yaml", RULES.to_owned()),
        ];
        let (found, said) = check(&files.map(|(name, text)| (name.to_owned(), text)));
        assert_eq!(found, status, "{path} {file}: {said}");
        assert_eq!(said.contains("t/main.tf:"), status == 1, "{path} {file}: {said}");
    }
}

/// A known collection is evaluated; of an unknown one the names are reported.
#[test]
fn blocks_that_set_values_for_each_entry_are_evaluated() {
    const UNKNOWN: &str = "intake/unfollowed-parameter";
    const BY_KEY: [&str; 2] = ["set.key", "set.value"];
    const BY_NAME: [&str; 2] = ["set.value.name", "set.value.value"];
    let release = |each: &str, [name, value]: [&str; 2]| {
        format!(
            "resource \"helm_release\" \"smp\" {{\n  chart = \"refinery\"\n  values = [yamlencode({{ replicaCount = 3 }})]\n  \
             dynamic \"set\" {{\n    for_each = {each}\n    content {{\n      name = {name}\n      value = {value}\n    }}\n  }}\n}}\n"
        )
    };
    for (each, content, expected) in [
        ("{ \"replicaCount\" = 3 }", BY_KEY, None),
        ("{ \"config.Traces.TraceTimeout\" = \"90s\" }", BY_KEY, None),
        ("{ \"config.Traces.TraceTimeout\" = \"90\" }", BY_KEY, Some("schema/wrong-type")),
        ("[{ name = \"rules.RulesVersion\", value = 1 }]", BY_NAME, Some("schema/not-a-choice")),
        ("{ a = { name = \"config.x\", value = 1 } }", BY_NAME, Some("schema/unknown-group")),
        ("[{ name = \"replicaCount\", value = 1 }]", BY_NAME, None),
        ("merge(var.more, { \"config.Traces.TraceTimeout\" = \"90\" })", BY_KEY, Some(UNKNOWN)),
        ("{ for k, v in var.more : \"rules.${k}\" => v }", BY_KEY, Some(UNKNOWN)),
        ("merge(var.more, { \"replicaCount\" = 3 })", BY_KEY, None),
        ("var.more", BY_KEY, None),
    ] {
        let ran = Folder::new(&[
            ("main.tf", release(each, content).as_str()),
            ("config.yaml", CONFIG),
            ("rules.yaml", RULES),
        ])
        .run(&["check"]);
        assert_eq!(ran.status, i32::from(expected.is_some()), "{each}: {}", ran.output);
        let has = |id: &str| ran.output.contains(&format!("error[{id}]"));
        assert!(expected.is_none_or(has), "{each}: {}", ran.output);
    }
}

#[test]
fn every_call_of_a_module_is_checked() {
    let module = "variable \"timeout\" {}\nresource \"helm_release\" \"r\" {\n  \
         repository = \"https://honeycombio.github.io/helm-charts\"\n  chart = \"refinery\"\n  \
         values = [yamlencode({config = {Traces = {TraceTimeout = var.timeout}}})]\n}\n";
    let call = |number: usize, timeout: &str| {
        format!("module \"m{number}\" {{\n  source = \"./m\"\n  timeout = \"{timeout}\"\n}}\n")
    };
    let good: String = (1..=60).map(|number| call(number, &format!("{number}s"))).collect();
    for (last, status) in [("61s", 0), ("nonsense", 1)] {
        let calls = good.clone() + &call(61, last);
        let ran = Folder::new(&[("m/main.tf", module), ("main.tf", &calls)]).run(&["check"]);
        assert_eq!(ran.status, status, "{last}: {}", ran.output);
    }
}
