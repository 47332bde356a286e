//! Files whose names do not say what they are: other extensions, other languages, folders, and
//! mounted files of any name.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::Repository;

/// The status and short report for a folder with these files.
fn check(files: &[(&str, &str)]) -> (i32, String) {
    let ran = Folder::new(files).run(&["check", ".", "--output-format", "short"]);
    (ran.status, ran.output + &ran.errors)
}

const OTHER_NAMES: [&str; 14] = [
    "config",
    "refinery",
    "config.conf",
    "refinery.cfg",
    "config.txt",
    "config.prod",
    "config.yaml.txt",
    "config.yaml.bak",
    "config.yaml~",
    "config.yaml.dist",
    "config.yaml ",
    "config.YAML.example",
    "cfg.env-eu",
    "refinery-config.local",
];

#[test]
fn the_only_counterpart_is_checked_under_any_extension() {
    for name in OTHER_NAMES {
        let (status, text) = check(&[(name, BROKEN), ("rules.yaml", RULES)]);
        assert!(status == 1 && text.contains(&format!("{name}:3:2: error")), "{name}: {text}");
        let (status, text) = check(&[(name, CONFIG), ("rules.yaml", RULES)]);
        assert_eq!(status, 0, "{name}: {text}");
        let (status, text) = check(&[(name, ""), ("rules.yaml", RULES)]);
        assert!(status == 1 && text.contains("[intake/empty-file]"), "{name}: {text}");
    }
    let rules = RULES.replace('1', "[");
    let (status, text) = check(&[("config.yaml", CONFIG), ("rules.conf", &rules)]);
    assert!(status == 1 && text.contains("rules.conf:6:"), "{text}");
}

#[test]
fn copies_and_files_of_others_are_left_alone() {
    for (name, text) in [
        ("config.yaml.bak", BROKEN),
        ("config.yaml.orig", BROKEN),
        ("config.yaml~", BROKEN),
        ("config.cue", "General: ConfigurationVersion: 2\nTraces: SendDelay: \"soon\"\n"),
    ] {
        let (status, out) = check(&[(name, text), ("config.yaml", CONFIG), ("rules.yaml", RULES)]);
        assert_eq!(status, 0, "{name}: {out}");
    }
    let (status, out) = check(&[
        ("old/config.yaml.bak", BROKEN),
        ("deploy/config.yaml", CONFIG),
        ("deploy/rules.yaml", RULES),
    ]);
    assert_eq!(status, 0, "{out}");
    for (name, text) in [
        ("config", "Host *\n  User git\n"),
        ("config.ini", "[core]\nname = x\n"),
        ("refinery.service", "[Service]\nExecStart=/usr/bin/refinery\n"),
        ("config.md", "# Config\n\n```yaml\nGeneral:\n  ConfigurationVersion: [\n```\n"),
        ("config.rs", "pub struct General;\n"),
        ("config.cue", "name: string\n"),
    ] {
        let (status, out) = check(&[(name, text), ("rules.yaml", RULES)]);
        assert_eq!(status, 0, "{name}: {out}");
    }
}

#[test]
fn two_files_with_other_extensions_are_a_deployment() {
    for [config, rules] in
        [["config", "rules"], ["config.prod", "rules.prod"], ["refinery.conf", "sampling.conf"]]
    {
        let (status, text) = check(&[(config, BROKEN), (rules, RULES)]);
        assert!(status == 1 && text.contains(&format!("{config}:3:2: error")), "{text}");
        let ran = Folder::new(&[(config, CONFIG), (rules, RULES)]).run(&["check", "."]);
        assert_eq!(ran.status, 0, "{}", ran.errors);
        assert!(ran.output.contains("checked 1 deployment (2 files)"), "{}", ran.output);
    }
}

#[test]
fn an_unsupported_form_blocks_next_to_its_counterpart() {
    for (name, bytes, said) in [
        ("config.yaml.gz", &b"\x1f\x8b\x08\x00abc"[..], "compressed with gzip"),
        ("config.zst", b"\x28\xb5\x2f\xfdabc", "compressed with zstd"),
        ("config.cue", b"General: ConfigurationVersion: 2\n", "written in CUE"),
        ("config.jsonnet", b"{General: {ConfigurationVersion: 2}}", "written in Jsonnet"),
        ("config.json5", b"{General: {ConfigurationVersion: 2,}}", "written in JSON with comments"),
    ] {
        let folder = Folder::new(&[("rules.yaml", RULES)]);
        folder.write(name, bytes);
        let ran = folder.run(&["check", ".", "--output-format", "short"]);
        let is_said = ran.output.contains(said) && ran.output.contains("[intake/other-form]");
        assert!(ran.status == 1 && is_said, "{name}: {} {}", ran.output, ran.errors);
    }
    let (status, text) = check(&[("config.yaml/x", ""), ("rules.yaml", RULES)]);
    assert!(status == 1 && text.contains("`config.yaml` is a folder"), "{text}");
    let (status, text) =
        check(&[("refinery.yaml/x", ""), ("config.yaml", CONFIG), ("rules.yaml", RULES)]);
    assert_eq!(status, 0, "{text}");
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    let (status, text) = check(&[("config.conf", lfs), ("rules.yaml", RULES)]);
    assert!(status == 1 && text.contains("[intake/lfs-pointer]"), "{text}");
}

/// Deployments whose files are called `a` and `b`, with a file that describes them.
const MOUNTING: [(&str, &str); 3] = [
    (
        "compose.yaml",
        "services:\n  refinery:\n    image: honeycombio/refinery:2.9.4\n    volumes:\n      - ./files/a:/etc/refinery/refinery.yaml\n      - ./files/b:/etc/refinery/rules.yaml\n",
    ),
    (
        "kustomization.yaml",
        "configMapGenerator:\n- name: refinery\n  files: [config.yaml=files/a, rules.yaml=files/b]\n",
    ),
    (
        "Dockerfile",
        "FROM honeycombio/refinery:2.9.4\nCOPY files/a /etc/refinery/refinery.yaml\nCOPY files/b /etc/refinery/rules.yaml\n",
    ),
];

#[test]
fn a_change_of_a_mounted_file_of_any_name_is_checked() {
    for (description, text) in MOUNTING {
        for (changed, bad) in [("files/a", BROKEN), ("files/a", ""), ("files/b", "Samplers: [\n")] {
            let files = [(description, text), ("files/a", CONFIG), ("files/b", RULES)];
            let repository = Repository::with(&files);
            let statuses = |arguments: &[&[&str]]| -> Vec<i32> {
                arguments.iter().map(|arguments| repository.run(arguments).status).collect()
            };
            assert_eq!(statuses(&[&["check", "."]]), [0], "{description}");
            repository.write(changed, bad);
            repository.git(&["add", "."]);
            let doors: [&[&str]; 4] = [
                &["hook", "run"],
                &["check", "--staged"],
                &["check", "--staged", "--since", "HEAD"],
                &["check", "--since", "HEAD"],
            ];
            assert_eq!(statuses(&doors), [1; 4], "{description} {changed}");
            repository.commit_all("Break it");
            let doors: [&[&str]; 2] =
                [&["check", "--rev", "HEAD", "--since", "HEAD~1"], &["check", "--since", "HEAD~1"]];
            assert_eq!(statuses(&doors), [1; 2], "{description} {changed}");
        }
    }
}

#[test]
fn a_change_of_variables_in_a_file_of_any_name_is_checked() {
    let compose = MOUNTING[0].1.replace("    volumes", "    env_file: ./vars\n    volumes");
    let repository = Repository::with(&[
        ("compose.yaml", &compose),
        ("files/a", CONFIG),
        ("files/b", RULES),
        ("vars", "REFINERY_HTTP_LISTEN_ADDRESS=0.0.0.0:8080\n"),
    ]);
    assert_eq!(repository.run(&["check", "."]).status, 0);
    repository.write("vars", "REFINERY_HTTP_LISTEN_ADDRESS=nowhere\n");
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
}

#[test]
fn a_settings_file_is_recorded_as_one() {
    for name in [".refinery-preflight.toml", "refinery-preflight.toml"] {
        let folder = Folder::new(&[
            (name, "fail-on = \"warning\"\n"),
            ("config.yaml", CONFIG),
            ("rules.yaml", RULES),
        ]);
        let ran = folder.run(&["check", ".", "--output-format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ran.output).unwrap();
        let files = report["files"].as_array().unwrap();
        let record = files.iter().find(|file| file["name"] == name).unwrap();
        assert_eq!(record["outcome"], "not-refinery", "{record}");
        assert_eq!(record["reason"], "settings of refinery-preflight", "{record}");
    }
}

#[test]
fn the_name_decides_if_the_content_is_that_of_the_counterpart() {
    for (config, rules) in [(RULES, RULES), (CONFIG, CONFIG), (RULES, CONFIG)] {
        let (status, text) = check(&[("config.yaml", config), ("rules.yaml", rules)]);
        assert_eq!(status, 1, "{text}");
        let map = |text: &str| text.trim_end().replace('\n', "\n    ");
        let object = format!(
            "kind: ConfigMap\napiVersion: v1\nmetadata: {{name: r}}\ndata:\n  config.yaml: |\n    {}\n  rules.yaml: |\n    {}\n",
            map(config),
            map(rules)
        );
        let (status, text) = check(&[("map.yaml", &object)]);
        assert_eq!(status, 1, "{text}");
    }
    // A name that says something else alone decides nothing.
    let (status, text) = check(&[("refinery.yaml", RULES)]);
    assert_eq!(status, 0, "{text}");
    let values = "image: {tag: 2.9.4}\nconfig:\n  General: {ConfigurationVersion: 2}\n  RulesVersion: 2\n  Samplers: {__default__: {DeterministicSampler: {SampleRate: 1}}}\n";
    let (status, text) = check(&[("values.yaml", values)]);
    assert_eq!(status, 1, "{text}");
}

#[test]
fn entries_of_maps_are_checked_under_any_key() {
    for [config, rules] in [
        ["refinery-config", "refinery-rules"],
        ["REFINERY_CONFIG", "REFINERY_RULES"],
        ["config.txt", "rules.txt"],
        ["config", "rules"],
        ["refinery.cfg", "sampling"],
    ] {
        let object = |text: &str| {
            format!(
                "kind: ConfigMap\napiVersion: v1\nmetadata: {{name: r}}\ndata:\n  {config}: |\n    {}\n  {rules}: |\n    {}\n",
                text.trim_end().replace('\n', "\n    "),
                RULES.trim_end().replace('\n', "\n    ")
            )
        };
        let (status, text) = check(&[("map.yaml", &object(CONFIG))]);
        assert_eq!(status, 0, "{config}: {text}");
        for bad in [&CONFIG.replace("MaxAlloc", "MaxAlloq"), BROKEN] {
            let (status, text) = check(&[("map.yaml", &object(bad))]);
            assert_eq!(status, 1, "{config} {bad:?}: {text}");
        }
    }
}

#[test]
fn scripts_and_terraform_are_not_counterparts_by_name() {
    for (name, text) in
        [("config.sh", "#!/bin/sh\n"), ("config.tf", ""), ("rules.hcl", "# x\n"), ("config.mk", "")]
    {
        let name = format!("refinery/{name}");
        let files =
            [(&*name, text), ("refinery/config.yaml", CONFIG), ("refinery/rules.yaml", RULES)];
        let (status, out) = check(&files);
        assert_eq!(status, 0, "{name}: {out}");
    }
}

#[test]
fn an_unreadable_kustomization_beside_refinerys_files_blocks() {
    let files = [("k/config.yaml", CONFIG), ("k/rules.yaml", RULES)];
    let with =
        |text: &'static str| check(&[&files[..], &[("k/kustomization.yaml", text)]].concat());
    let (status, text) = with("resources: [\n");
    assert!(status == 1 && text.contains("intake/unreadable-kustomization"), "{text}");
    assert_eq!(with("resources: []\n").0, 0);
}

/// The including file says nothing of Refinery, and its paths start in the project directory.
#[test]
fn a_file_that_only_includes_others_is_followed() {
    let included = "services:\n  refinery:\n    image: honeycombio/refinery:2.9.4\n    volumes: ['./a.yml:/etc/refinery/refinery.yaml', './b.yml:/etc/refinery/rules.yaml']\n";
    let files = |config: &'static str| {
        [
            ("compose.yml", "include:\n- path: obs/compose.yml\n  project_directory: .\n"),
            ("obs/compose.yml", included),
            ("a.yml", config),
            ("b.yml", RULES),
        ]
    };
    let ran = Folder::new(&files(CONFIG)).run(&["check", "."]);
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert!(ran.output.contains("a.yml + b.yml: as described in"), "{}", ran.output);
    let ran = Folder::new(&files("# nothing\n")).run(&["check", "."]);
    assert_eq!(ran.status, 1, "{}", ran.output);
}

/// Such as a chart whose `.Files.Get` names no file.
#[test]
fn maps_about_refinery_without_content_block() {
    let map = |name: &str, data: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata:\n{data}")
    };
    let both = map("refinery-config", "  config.yaml: \"\"\n  rules.yaml: \"\"\n");
    let (status, text) = check(&[("map.yaml", &both)]);
    assert!(status == 1 && text.contains("intake/empty-file"), "{text}");
    let config = map("refinery-config", "  config.yaml: \"\"\n");
    let rules = map(
        "refinery-rules",
        &format!("  rules.yaml: |\n    {}\n", RULES.trim_end().replace('\n', "\n    ")),
    );
    let (status, text) = check(&[("k/c.yaml", &config), ("k/r.yaml", &rules)]);
    assert_eq!(status, 1, "{text}");
    let other = map("prometheus", "  config.yaml: \"\"\n  rules.yaml: \"\"\n");
    let good = [("a/config.yaml", CONFIG), ("a/rules.yaml", RULES), ("map.yaml", &*other)];
    assert_eq!(check(&good).0, 0);
}
