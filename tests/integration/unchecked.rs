//! Files that are found but cannot be checked block, whatever else is checked next to them.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::Repository;

/// Files by name.
type Files = Vec<(&'static str, String)>;

/// Pods that run Refinery with the files of the map `conf`.
fn pods() -> String {
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: refinery}\nspec:\n  selector: {matchLabels: {a: b}}\n  \
     template:\n    spec:\n      containers:\n      - name: refinery\n        image: honeycombio/refinery:3.2.2\n        \
     args: [-c, /etc/refinery/config.yaml, -r, /etc/refinery/rules.yaml]\n        volumeMounts: [{name: v, mountPath: \
     /etc/refinery}]\n      volumes: [{name: v, configMap: {name: conf}}]\n"
        .to_owned()
}

/// The same with another command or other arguments.
fn pods_running(command: &str) -> String {
    pods().replace("args: [-c, /etc/refinery/config.yaml, -r, /etc/refinery/rules.yaml]", command)
}

fn indented(text: &str, by: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{:by$}{line}\n", "")).collect();
    lines.concat()
}

/// The map `conf`.
fn map(config: &str, rules: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  config.yaml: |\n{}  rules.yaml: |\n{}",
        indented(config, 4),
        indented(rules, 4)
    )
}

fn secret(config: &str, rules: &str) -> String {
    map(config, rules).replace("ConfigMap", "Secret").replace("data:", "stringData:")
}

/// cloud-init's user data that writes two files.
fn user_data(folder: &str, config: &str, rules: &str) -> String {
    format!(
        "#cloud-config\nwrite_files:\n- path: {folder}/refinery.yaml\n  content: |\n{}- path: {folder}/rules.yaml\n  \
         content: |\n{}",
        indented(config, 4),
        indented(rules, 4)
    )
}

/// A chart that depends on one named `refinery`.
fn chart(name: &str) -> String {
    format!(
        "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n- name: {name}\n  version: 2.18.0\n  repository: \
         https://charts.example.com\n"
    )
}

/// Checks files next to a good deployment: the status and the report.
fn check(files: &[(&'static str, String)]) -> (i32, String) {
    let mut all = vec![("z/config.yaml", CONFIG), ("z/rules.yaml", RULES)];
    all.extend(files.iter().map(|(name, text)| (*name, text.as_str())));
    let ran = Folder::new(&all).run(&["check"]);
    (ran.status, ran.output + &ran.errors)
}

/// Checks that each of these set-ups blocks at this place, or with this finding.
fn assert_blocked(cases: Vec<(Files, &str)>) {
    for (files, place) in cases {
        let (status, said) = check(&files);
        assert_eq!(status, 1, "{files:?}: {said}");
        assert!(said.contains(place), "{place}: {said}");
    }
}

#[test]
fn pods_whose_files_are_not_in_sight_block() {
    let scripted = |pods: String| {
        (vec![("a/map.yaml", map(CONFIG, RULES)), ("a/pods.yaml", pods)], "start/missing-file")
    };
    let empty = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata: {}\n".to_owned();
    assert_blocked(vec![
        (vec![("a/pods.yaml", pods())], "a/pods.yaml:11:"),
        (vec![("a/pods.yaml", pods()), ("b/map.yaml", map("", RULES))], "b/map.yaml:6:"),
        (vec![("a/pods.yaml", pods()), ("b/map.yaml", map(BROKEN, RULES))], "b/map.yaml:9:"),
        (vec![("a/pods.yaml", pods()), ("b/map.yaml", map("x", "y"))], "b/map.yaml:7:"),
        (vec![("a/pods.yaml", pods()), ("b/map.yaml", empty.clone())], "start/missing-file"),
        (vec![("a/b/pods.yaml", pods()), ("a/map.yaml", map("x", "y"))], "a/map.yaml:7:"),
        (vec![("a/pods.yaml", pods()), ("a/b/map.yaml", map("x", "y"))], "a/b/map.yaml:7:"),
        (
            vec![
                ("dev/pods.yaml", pods()),
                ("prod/pods.yaml", pods()),
                ("prod/map.yaml", map(CONFIG, RULES)),
            ],
            "dev/pods.yaml:11:",
        ),
        (
            vec![
                ("a/map.yaml", map(CONFIG, RULES)),
                (
                    "a/pods.yaml",
                    pods().replace(
                        "[-c, /etc/refinery/config.yaml,",
                        "[-c, https://example.com/x.yaml,",
                    ),
                ),
            ],
            "intake/unknown-file",
        ),
        scripted(pods().replace("[-c, /etc/refinery/config.yaml,", "[-c, $(FILE),")),
        scripted(pods_running(
            "command: [sh, -c, \"REFINERY_CONFIG=/etc/refinery/x.yaml refinery\"]",
        )),
        scripted(pods_running(
            "command: [sh, -c]\n        args:\n        - |\n          set -e\n          exec refinery -c \
             /etc/refinery/x.yaml -r /etc/refinery/rules.yaml",
        )),
        scripted(pods_running(
            "command: [sh, -c, \"exec refinery -c /etc/refinery/x.yaml -r /etc/refinery/rules.yaml\"]",
        )),
    ]);
    // Scripts that write the file, start another shell, or set a variable.
    let ran = |script: &str, place| {
        let pods = pods_running(&format!("command: [sh, -c, {script:?}]"));
        (vec![("a/map.yaml", map(CONFIG, RULES)), ("a/pods.yaml", pods)], place)
    };
    let files = "-c /etc/refinery/config.yaml -r /etc/refinery/rules.yaml";
    assert_blocked(vec![
        ran("cp /a /b; exec refinery -c /b -r /etc/refinery/rules.yaml", "`/b` is not mounted"),
        ran(&format!("sh -c 'refinery {files}'"), "location of the config file is unknown"),
        ran(
            &format!("env REFINERY_HTTP_LISTEN_ADDRESS=nowhere refinery {files}"),
            "schema/bad-format",
        ),
    ]);
}

#[test]
fn files_are_refinerys_by_their_names_and_places() {
    let part = |name: &str, key: &str| {
        let head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name:";
        format!("{head} refinery-{name}\ndata:\n  {key}.yaml: x\n")
    };
    assert_blocked(vec![
        // It would complete the rules.
        (
            vec![("a/rules.yaml", RULES.into()), ("a/app-config.yaml", String::new())],
            "a/app-config.yaml:1:",
        ),
        (
            vec![
                ("refinery/config.yaml", "general: {a: 1}\n".into()),
                ("refinery/rules.yaml", "b: 1\n".into()),
            ],
            "refinery/config.yaml:1:",
        ),
        (
            vec![("maps.yaml", part("config", "config") + "---\n" + &part("rules", "rules"))],
            "maps.yaml:6:",
        ),
        // The lines of the files are not indented below their keys.
        (vec![("a/map.yaml", map(CONFIG, RULES).replace("\n    ", "\n  "))], "a/map.yaml:8:"),
        (
            vec![(
                "a/secret.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: refinery}\ndata:\n  config.yaml: H4sIAAAAAAAAA3MvSswr\n"
                    .into(),
            )],
            "a/secret.yaml:5:",
        ),
        (
            vec![("a/rules.yaml", RULES.into()), ("a/config.yaml.gpg", "x".into())],
            "intake/encrypted-file",
        ),
        (
            vec![
                (
                    "a/kustomization.yaml",
                    "resources: [pods.yaml, map.yaml]\ntransformers: [t.yaml]\n".into(),
                ),
                ("a/t.yaml", "kind: PatchTransformer\n".into()),
                ("a/pods.yaml", pods()),
                ("a/map.yaml", map(CONFIG, RULES)),
            ],
            "`transformers` is not supported",
        ),
    ]);
}

#[test]
fn values_for_the_chart_are_checked_whatever_they_contain() {
    assert_blocked(vec![
        (
            vec![
                ("a/Chart.yaml", chart("refinery")),
                ("a/values.yaml", "refinery: {extraCommandArgs: [-c, /x.yaml]}\n".into()),
            ],
            "a/values.yaml:1:30",
        ),
        (
            vec![
                ("a/Chart.yaml", chart("refinery")),
                ("a/values.yaml", "refinery: {RulesConfigMapName: gone}\n".into()),
            ],
            "a/values.yaml:1:32",
        ),
        (
            vec![("a/Chart.yaml", chart("refinery")), ("a/values.yaml", "refinery: {config: x}\n".into())],
            "a/values.yaml:1:20",
        ),
        (
            vec![("a/Chart.yaml", chart("refinery")), ("a/values-eu.yaml", "refinery: {rules: [x]}\n".into())],
            "a/values-eu.yaml:1:",
        ),
        (
            vec![
                ("a/Chart.yaml", chart("refinery\n  alias: sampler")),
                ("a/values.yaml", "sampler: {config: {general: {}}}\n".into()),
            ],
            "a/values.yaml:1:",
        ),
        (
            vec![
                (
                    "helmfile.yaml",
                    "releases: [{name: r, chart: mirror/refinery, version: 2.18.0, values: [v/r-values.yaml]}]\n".into(),
                ),
                ("v/r-values.yaml", "config: x\n".into()),
            ],
            "v/r-values.yaml:1:",
        ),
        (
            vec![
                ("a/Chart.yaml", chart("refinery")),
                ("a/values.yaml", format!("refinery:\n  config: |\n{}", indented(CONFIG, 4))),
            ],
            "a/values.yaml:2:",
        ),
        (
            vec![("a/Chart.yaml", chart("refinery")), ("a/values.yaml", "refinery:\n  config: [\n".into())],
            "a/values.yaml:",
        ),
        (
            vec![(
                "flux.yaml",
                "kind: HelmRelease\nspec:\n  chart: {spec: {chart: refinery, sourceRef: {name: mirror}}}\n  values: {config: {Generl: 1}}\n".into(),
            )],
            "flux.yaml:4:",
        ),
    ]);
}

#[test]
fn texts_written_to_a_path_of_refinery_are_checked_whatever_they_contain() {
    assert_blocked(vec![
        (vec![("user-data", user_data("/etc/refinery", BROKEN, RULES))], "user-data:7:"),
        (vec![("a/host.yaml", user_data("/etc/refinery", "x", RULES))], "a/host.yaml:5:"),
        (vec![("a/host.yaml", user_data("/etc/refinery", "x", ""))], "a/host.yaml:7:"),
        (vec![("a/host.yaml", user_data("/opt/sampler", "x", RULES))], "a/host.yaml:5:"),
        (
            vec![("play.yaml", "- copy: {dest: /etc/refinery/rules.yaml, content: }\n".into())],
            "play.yaml:1:",
        ),
        (
            vec![(
                "host.bu",
                "storage: {files: [{path: /etc/refinery/rules.yaml, contents: {inline: x}}]}\n"
                    .into(),
            )],
            "host.bu:1:",
        ),
        (
            vec![("host.yaml", "files: {/etc/refinery/rules.yaml: {content: x}}\n".into())],
            "host.yaml:1:",
        ),
    ]);
}

#[test]
fn files_of_others_do_not_block() {
    let others = "a: {path: docs/refinery/config.md, content: x}\n";
    let api = "paths:\n  /refinery/config.yaml: {get: {content: {application/yaml: {}}}}\n";
    let cases: Vec<Files> = vec![
        vec![("a/pods.yaml", pods()), ("b/map.yaml", map(CONFIG, RULES))],
        vec![("a/host.yaml", user_data("/etc/refinery", CONFIG, RULES))],
        vec![("user-data", user_data("/opt/sampler", CONFIG, RULES))],
        vec![("user-data", user_data("/opt/other", "x", "y").replace("refinery", "config"))],
        vec![("a/docs.yaml", others.into())],
        vec![("a/api.yaml", api.into())],
        vec![
            ("a/Chart.yaml", chart("refinery")),
            ("a/values.yaml", "refinery: {replicas: 1}\n".into()),
        ],
        vec![
            ("a/Chart.yaml", chart("other")),
            ("a/values.yaml", "refinery: {config: {a: 1}}\n".into()),
        ],
        vec![("z/app-config.yaml", String::new()), ("z/eslint-rules.json", "{}\n".into())],
        vec![("z/alert-rules.yaml", "groups: [\n".into())],
        vec![("refinery/config.yaml", "a: 1\n".into())],
        vec![("oil/config.yaml", "a: 1\n".into()), ("oil/rules.yaml", "b: 1\n".into())],
    ];
    for files in cases {
        let (status, said) = check(&files);
        assert_eq!(status, 0, "{files:?}: {said}");
    }
    // A file of another environment is not one of another program.
    for files in
        [vec![("z/config-eu.yaml", String::new())], vec![("z/eu-rules.yaml", "x: [\n".into())]]
    {
        let (status, said) = check(&files);
        assert_eq!(status, 1, "{files:?}: {said}");
    }
}

/// Commits files, changes some, and checks the change in the hook and since the commit.
fn change(before: &[(&str, &str)], after: &[(&str, &str)]) -> [(i32, String); 2] {
    let repository = Repository::with(before);
    for (name, text) in after {
        repository.write(name, text);
    }
    repository.git(&["add", "--all"]);
    let ran = [&["hook", "run"][..], &["check", "--since", "HEAD"]].map(|it| repository.run(it));
    ran.map(|ran| (ran.status, ran.all()))
}

#[test]
fn a_file_that_was_checked_before_a_change_cannot_become_something_else() {
    let string = |text: &str| format!("a:\n  b:\n  - c: |\n{}", indented(text, 6));
    let values = |config: &str| format!("shop:\n  config:\n{}", indented(config, 4));
    let toml = |text: &str| format!("[a]\nb = '''\n{text}'''\n");
    let empty = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata: {}\n";
    let kustomization = "kind: Kustomization\nresources: []\n";
    let whole = map(CONFIG, RULES);
    for (name, before, after, place) in [
        ("a/map.yaml", whole.as_str(), map("x: 1", "y: 2").as_str(), "a/map.yaml:7:"),
        ("a/map.yaml", &whole, &map("", ""), "a/map.yaml:6:"),
        ("a/map.yaml", &whole, empty, "a/map.yaml:1:"),
        ("a/map.yaml", &secret(CONFIG, RULES), &secret("x: 1", "y: 2"), "a/map.yaml:7:"),
        ("a/x.yaml", &string(CONFIG), &string("hello"), "a/x.yaml:"),
        ("a/x.yaml", &string(CONFIG), "a: {b: [{c: []}]}\n", "a/x.yaml:1:"),
        ("a/x.yaml", &values(CONFIG), "shop:\n  config: off\n", "a/x.yaml:2:"),
        ("a/x.toml", &toml(RULES), "[a]\nb = 'x'\n", "a/x.toml:2:"),
        ("a/config.yaml", CONFIG, kustomization, "a/config.yaml:1:"),
    ] {
        let before = [(name, before), ("z/config.yaml", CONFIG), ("z/rules.yaml", RULES)];
        for (status, said) in change(&before, &[(name, after)]) {
            assert_eq!(status, 1, "{name} {after}: {said}");
            assert!(said.contains(place), "{name} {after}: {said}");
        }
    }
}

#[test]
fn a_moved_and_broken_file_blocks() {
    let values = format!("shop:\n  config:\n{}", indented(CONFIG, 4));
    let sealed =
        "kind: SealedSecret\nmetadata: {name: conf}\nspec: {encryptedData: {config.yaml: A}}\n";
    let whole = map(CONFIG, RULES);
    for (before, text, after, spoiled) in [
        ("a/config.yaml", CONFIG, "b/config.yaml", ""),
        ("a/config.yaml", CONFIG, "b/config.yaml", "x: 1\n"),
        ("a/config.yaml", CONFIG, "a/Config.yaml", "x\n"),
        ("a/config.yaml", CONFIG, "a/config.txt", "x\n"),
        ("a/map.yaml", &whole, "a/other.yaml", &map("x: 1", "y: 1")),
        ("a/map.yaml", &whole, "a/map.yaml", &map("x: 1", "y: 1").replace("conf", "other")),
        ("a/map.yaml", &whole, "a/map.yaml", sealed),
        ("a/v.yaml", &values, "a/w.yaml", "shop:\n  config: x\n"),
        ("a/v.yaml", &values, "a/v.yaml", "store:\n  config: x\n"),
    ] {
        let repository =
            Repository::with(&[(before, text), ("z/config.yaml", CONFIG), ("z/rules.yaml", RULES)]);
        repository.git(&["rm", "-q", before]);
        repository.write(after, spoiled);
        repository.git(&["add", "--all"]);
        for door in [&["hook", "run"][..], &["check", "--since", "HEAD"]] {
            let ran = repository.run(door);
            assert_eq!(ran.status, 1, "{before} {after} {spoiled:?}: {}", ran.all());
            assert!(ran.all().contains(after), "{after}: {}", ran.all());
        }
    }
}

#[test]
fn a_move_or_a_removal_beside_another_programs_file_does_not_block() {
    let collector = "receivers: {otlp: {}}\nservice: {pipelines: {}}\n";
    for (removed, added, text) in [
        ("a/config.yaml", "b/config.yaml", CONFIG),
        ("a/config.yaml", "otel/config.yaml", collector),
        ("a/config.yaml", "a/notes.yaml", "x: 1\n"),
    ] {
        let repository = Repository::with(&[
            ("a/config.yaml", CONFIG),
            ("z/config.yaml", CONFIG),
            ("z/rules.yaml", RULES),
        ]);
        repository.git(&["rm", "-q", removed]);
        repository.write(added, text);
        repository.git(&["add", "--all"]);
        let ran = repository.run(&["hook", "run"]);
        assert_eq!(ran.status, 0, "{added}: {}", ran.all());
    }
}

#[test]
fn a_file_that_moves_or_goes_is_not_lost() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
    let whole = map(CONFIG, RULES);
    for (name, before, after) in [
        ("a/map.yaml", whole.as_str(), whole.replace("config.yaml:", "refinery.yaml:").as_str()),
        ("a/map.yaml", &whole, &whole.replace("name: conf", "name: other")),
        ("a/map.yaml", &format!("{whole}---\n{service}"), service),
        ("a/config.yaml", CONFIG, &whole),
    ] {
        for (status, said) in change(&[(name, before)], &[(name, after)]) {
            assert_eq!(status, 0, "{name} {after}: {said}");
        }
    }
    // A map is split into two.
    let empty =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  config.yaml: |\n";
    let half = format!("{empty}{}", indented(CONFIG, 4));
    let rules = format!("{empty}{}", indented(RULES, 4)).replace("config.yaml", "rules.yaml");
    let other = rules.replace("name: conf", "name: rules");
    let split = [("a/map.yaml", half.as_str()), ("a/rules.yaml", &other)];
    for (status, said) in change(&[("a/map.yaml", &whole)], &split) {
        assert_eq!(status, 0, "{said}");
    }
    let repository = Repository::with(&[("a/map.yaml", &whole), ("b.txt", "x")]);
    repository.git(&["rm", "-q", "a/map.yaml"]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
}

#[test]
fn a_change_of_a_map_reaches_pods_in_an_adjacent_folder() {
    let (pods, whole) = (pods(), map(CONFIG, RULES));
    let files = [("a/pods.yaml", pods.as_str()), ("b/map.yaml", whole.as_str())];
    let renamed = whole.replace("config.yaml:", "other.yaml:");
    for (status, said) in change(&files, &[("b/map.yaml", &renamed)]) {
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("start/missing-file") && said.contains("a/pods.yaml:11:"), "{said}");
    }
    // Pods that change are checked with a map that does not.
    for (status, said) in change(&files, &[("a/pods.yaml", &pods.replace("3.2.2", "3.2.1"))]) {
        assert_eq!(status, 0, "{said}");
        assert!(!said.contains("unknown-file"), "{said}");
    }
}

#[test]
fn an_excluded_description_does_not_block() {
    let settings =
        "[[exclude]]\nfiles = [\"a/pods.yaml\"]\nreason = \"its map is in another repository\"\n";
    let files = vec![("a/pods.yaml", pods()), (".refinery-preflight.toml", settings.to_owned())];
    let (status, said) = check(&files);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("its map is in another repository"), "{said}");
}

#[test]
fn replacements_block_where_they_change_what_refinery_reads() {
    let replacement = |select: &str, path: &str| {
        format!(
            "source: {{kind: ConfigMap, name: conf, fieldPath: metadata.name}}\n  targets:\n  - select: {{{select}}}\n    \
             fieldPaths: [{path}]\n"
        )
    };
    let env = "spec.template.spec.containers.0.env.0.value";
    for (select, path, status) in [
        ("kind: Deployment", "metadata.labels.x", 0),
        ("kind: Deployment, name: refinery", "spec.template.metadata.annotations.x", 0),
        ("kind: Deployment, name: other", env, 0),
        ("kind: Service", "spec.x", 0),
        ("kind: Deployment", env, 1),
        ("name: refin.*", env, 1),
        ("kind: ConfigMap, name: conf", "data.rules\\.yaml", 1),
    ] {
        let text = replacement(select, path);
        let inline = format!("resources: [pods.yaml, map.yaml]\nreplacements:\n- {text}");
        let named = "resources: [pods.yaml, map.yaml]\nreplacements:\n- path: r.yaml\n".to_owned();
        for kustomization in [inline, named] {
            let files = vec![
                ("a/kustomization.yaml", kustomization),
                ("a/r.yaml", text.replace("\n  ", "\n")),
                ("a/pods.yaml", pods()),
                ("a/map.yaml", map(CONFIG, RULES)),
            ];
            let (found, said) = check(&files);
            assert_eq!(found, status, "{select} {path}: {said}");
            assert_eq!(
                said.contains("error[intake/unfollowed-kustomization]"),
                status == 1,
                "{said}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn a_change_behind_a_link_reaches_every_door() {
    let repository = Repository::with(&[("src/base", CONFIG), ("k/rules.yaml", RULES)]);
    std::os::unix::fs::symlink("../src/base", repository.path().join("k/config.yaml")).unwrap();
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "-qm", "link"]);
    for text in [BROKEN, "", "x: 1\n"] {
        repository.write("src/base", text);
        repository.git(&["add", "--all"]);
        for arguments in [&["hook", "run"][..], &["check", "--since", "HEAD"], &["check"]] {
            let ran = repository.run(arguments);
            assert_eq!(ran.status, 1, "{arguments:?} {text:?}: {}", ran.all());
        }
    }
}
