//! Compose files: each service that runs Refinery is checked with the files that it mounts, and
//! files that are not in sight block.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::Repository;
use serde_json::Value as Json;

/// A rules file that every release rejects.
const BAD_RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      Rate: 1\n";

/// A service with an image and these lines.
pub fn service(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("services:\n  refinery:\n    image: honeycombio/refinery:3.2.2\n{}", lines.concat())
}

/// The JSON report on a folder with these files.
fn report(files: &[(&str, &str)], path: &str) -> (Json, i32, String) {
    let folder = Folder::new(files);
    let ran = folder.run(&["check", "--output-format", "json", path]);
    let json = serde_json::from_str(&ran.output).unwrap_or(Json::Null);
    (json, ran.status, ran.errors)
}

/// Its deployments: `config + rules: verdict`, sorted.
fn outcomes(files: &[(&str, &str)]) -> Vec<String> {
    let (report, status, errors) = report(files, "compose.yaml");
    assert!(status <= 2, "{errors}");
    let deployments = report["deployments"].as_array().cloned().unwrap_or_default();
    let names = |half: &Json| {
        let names = half.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    let describe = |one: &Json| {
        let verdict = crate::program::acceptance(&one["verdicts"][0]);
        format!("{} + {}: {verdict}", names(&one["config"]), names(&one["rules"]))
    };
    // What is not checked has no verdicts.
    let checked = deployments.iter().filter(|one| one["verdicts"][0].is_object());
    checked.map(describe).collect()
}

/// The findings as `id:line`.
pub fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let (report, _, errors) = report(files, "compose.yaml");
    let all = report["deployments"].as_array().expect(&errors).clone();
    let all = all.iter().flat_map(|one| one["findings"].as_array().unwrap().clone());
    let describe = |finding: Json| {
        let place = &finding["labels"][0];
        let line = &place["start"]["line"];
        format!("{}@{}:{line}", finding["check"].as_str().unwrap(), place["file"].as_str().unwrap())
    };
    all.map(describe).collect()
}

#[test]
fn finds_files_through_mounts() {
    let files = [("c.yaml", CONFIG), ("conf/rules.yaml", RULES), ("conf/more.yaml", RULES)];
    let both = "c.yaml + conf/rules.yaml: yes";
    for (lines, expected) in [
        (&["volumes: ['./c.yaml:/etc/refinery/refinery.yaml', './conf/:/etc/refinery']"][..], both),
        (
            &[
                "command: -c /a.yaml -r=/b/rules.yaml",
                "volumes: ['./c.yaml:/a.yaml:ro', './conf:/b']",
            ],
            both,
        ),
        (
            &["volumes: ['${PWD}/c.yaml:/etc/refinery/refinery.yaml', '$PWD/conf:/etc/refinery']"],
            both,
        ),
        (
            &[
                "environment: {REFINERY_CONFIG: /a.yaml}",
                "entrypoint: [/ko-app/refinery, --rules_config, rules.yaml]",
                "working_dir: /b",
                "volumes:",
                "  - {type: bind, source: ./c.yaml, target: /a.yaml, read_only: true}",
                "  - {type: bind, source: ./conf, target: /b}",
            ],
            both,
        ),
        (
            &[
                "env_file: [{path: ./x.env}]",
                "secrets: [{source: c, target: c.yaml}]",
                "configs: [{source: r, target: /etc/refinery/rules.yaml}]",
            ],
            both,
        ),
        (
            &[
                "command: [-r, /b/rules.yaml, -r, /b/more.yaml]",
                "volumes: ['./conf:/b', 'x:/etc/refinery']",
            ],
            " + conf/rules.yaml conf/more.yaml: yes",
        ),
    ] {
        let tops = "configs: {r: {file: ./conf/rules.yaml}}\nsecrets: {c: {file: ./c.yaml}}\n";
        let compose = service(lines) + tops;
        let env = ("x.env", "REFINERY_CONFIG=/run/secrets/c.yaml");
        let mut all = files.to_vec();
        all.push(("compose.yaml", &compose));
        all.push(env);
        assert_eq!(outcomes(&all), [expected], "{lines:?}");
    }
}

#[test]
fn checks_equal_nodes_once() {
    let one = service(&["volumes: ['.:/etc/refinery']"]);
    let compose =
        one.replace("  refinery:", "  one: &one") + "  two:\n    <<: *one\n    hostname: two\n";
    let files = [("compose.yaml", &*compose), ("refinery.yaml", CONFIG), ("rules.yaml", RULES)];
    assert_eq!(outcomes(&files), ["refinery.yaml + rules.yaml: yes"]);
    let other = format!("{compose}    command: --debug\n");
    assert_eq!(outcomes(&[("compose.yaml", &*other), files[1], files[2]]).len(), 2);
}

#[test]
fn unknown_files_block() {
    for (line, why) in [
        ("volumes: ['data:/etc/refinery']", "volume `data`"),
        ("volumes: ['/opt/refinery:/etc/refinery']", "on the host that runs it"),
        ("volumes: ['~/x:/etc/refinery']", "on the host that runs it"),
        ("volumes: ['${DIR}:/etc/refinery']", "depends on `DIR`"),
        ("volumes: ['${DIR:?say}/a:/etc/refinery']", "depends on `DIR`"),
        ("volumes: ['./made:${TARGET}']", "depends on `TARGET`"),
        ("volumes: ['./made/a.yaml:/etc/refinery/refinery.yaml']", "`made/a.yaml` does not exist"),
        ("volumes_from: [other]", "`volumes_from`"),
        ("command: ['sh', '-c', 'make /x; refinery -c /x']", "parts of its command are unknown"),
        ("command: ['-d', '${MORE}']", "parts of its command are unknown"),
        (
            "entrypoint: [sh, -c, 'cp /a /etc/refinery; /bin/refinery']",
            "parts of its command are unknown",
        ),
        ("command: -c ${FILE}", "the location of the config file is unknown"),
        ("command: -c a.yaml", "the image's working directory"),
        ("command: -c https://example.com/a.yaml", "network"),
        ("environment: [REFINERY_CONFIG]", "the location of the config file is unknown"),
        ("env_file: absent.env", "`absent.env` does not exist"),
        ("build: .", "is not mounted"),
        ("configs: [{source: c, target: /etc/refinery/refinery.yaml}]", "is defined outside"),
    ] {
        let rules = "rules:\n    content: |\n      RulesVersion: 2\n      Samplers:\n        __default__:\n          \
                     DeterministicSampler:\n            SampleRate: 1\n";
        let mounted = "configs: [{source: rules, target: /etc/refinery/rules.yaml}]";
        let lines = if line.starts_with("configs") {
            line.replace("}]", "}, {source: rules, target: /etc/refinery/rules.yaml}]")
        } else {
            format!("{line}\n    {mounted}")
        };
        let compose = format!("{}configs:\n  c: {{external: true}}\n  {rules}", service(&[&lines]));
        let folder = Folder::new(&[("compose.yaml", &compose), (".env", "OTHER=1\n")]);
        let ran = folder.run(&["check", "compose.yaml"]);
        let said = (ran.output + &ran.errors).replace("\n  ", " ");
        assert!(said.contains(why), "{line}: {said}");
        // An image that is built may contain the file, and an unknown base may provide it.
        let is_open = line.starts_with("build") || line.starts_with("extends");
        assert_eq!(ran.status, i32::from(!is_open), "{line}: {said}");
        assert_eq!(said.contains("intake/unknown-file"), !is_open, "{line}: {said}");
    }
}

#[test]
fn the_release_of_a_built_image_is_unknown() {
    let compose = "services:\n  refinery:\n    build: .\n    volumes: ['./rules.yaml:/etc/refinery/rules.yaml']\n";
    let ran = Folder::new(&[("compose.yaml", compose), ("rules.yaml", RULES)]).run(&["check"]);
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert!(ran.output.contains("compose.yaml#refinery: its release is unknown"), "{}", ran.output);
}

#[test]
fn only_a_certainly_missing_file_is_an_error() {
    let compose = service(&["volumes: ['./rules.yaml:/etc/refinery/rules.yaml']"]);
    let files = [("compose.yaml", &*compose), ("rules.yaml", RULES)];
    assert_eq!(findings(&files), ["start/missing-file@compose.yaml:2"]);
    for (name, text) in [
        ("compose.prod.yaml", "services:\n  refinery:\n    volumes: ['./x:/etc/refinery']\n"),
        ("compose.override.yaml", "services:\n  refinery:\n    volumes: ['x:/etc/refinery']\n"),
    ] {
        let files = [files[0], files[1], (name, text)];
        assert_eq!(outcomes(&files), [" + rules.yaml: yes"], "{name}");
    }
    // Unknown variables may name other files, unless flags do.
    let unknown = compose.clone() + "    env_file: absent.env\n";
    assert_eq!(outcomes(&[("compose.yaml", &unknown), files[1]]), [" + rules.yaml: yes"]);
    let named =
        unknown + "    command: -c /etc/refinery/refinery.yaml -r /etc/refinery/rules.yaml\n";
    assert_eq!(
        findings(&[("compose.yaml", &named), files[1]]),
        ["start/missing-file@compose.yaml:6"]
    );
    let mirror = compose.replace("honeycombio/", "registry.example.com/tools/");
    assert_eq!(outcomes(&[("compose.yaml", &mirror), files[1]]), [" + rules.yaml: yes"]);
}

#[test]
fn does_not_check_files_for_refinery_1() {
    for (image, is_judged) in [
        ("honeycombio/refinery:1.16.0", false),
        ("honeycombio/refinery:v1.21@sha256:0", false),
        ("honeycombio/refinery:2.0.0", true),
        ("tools/refinery:1.4", true),
    ] {
        let compose = format!(
            "services:\n  refinery: {{image: '{image}', volumes: ['./conf:/etc/refinery']}}\n"
        );
        let files = [
            ("compose.yaml", &*compose),
            ("conf/refinery.yaml", CONFIG),
            ("conf/rules.yaml", BAD_RULES),
        ];
        let (report, status, errors) = report(&files, "compose.yaml");
        let said = report.to_string().matches("version/first-generation").count();
        assert_eq!((said, status), if is_judged { (0, 1) } else { (1, 2) }, "{errors}");
    }
}

#[test]
fn ignores_other_programs_of_that_name() {
    let compose = "services:\n  refinery:\n    image: ghcr.io/x/refinery:0.2.0\n    volumes: ['./a:/a']\n  \
                   other:\n    image: x/refinery\n    command: serve\n";
    let ran = Folder::new(&[("compose.yaml", compose)]).run(&["check"]);
    assert_eq!((ran.status, ran.errors.contains("compose.yaml")), (2, false), "{}", ran.errors);
}

#[test]
fn an_ignored_file_is_unknown() {
    let compose = service(&[
        "volumes: ['./made.yaml:/etc/refinery/refinery.yaml', './rules.yaml:/etc/refinery/rules.yaml']",
    ]);
    let files = [("compose.yaml", &*compose), ("rules.yaml", RULES), (".gitignore", "made.yaml\n")];
    let ran = Repository::with(&files).run(&["check", "compose.yaml"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("intake/unknown-file"), "{}", ran.all());
    let ran = Repository::with(&files[..2]).run(&["check", "compose.yaml"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
}

#[test]
fn reports_embedded_files_on_their_lines() {
    let compose = service(&[
        "configs: [{source: c, target: /etc/refinery/refinery.yaml}, {source: r, target: /etc/refinery/rules.yaml}]",
    ]) + "configs:\n  c:\n    content: |\n      General: {ConfigurationVersion: 2}\n      \
           Network: {ListenAddr: \"${ADDR}\"}\n      Collection:\n        MaxAlloc: ${SIZE}\n  \
           r:\n    content: |\n      RulesVersion: 2\n      Samplers:\n        __default__:\n          \
           DeterministicSampler:\n            SampleRate: ${RATE:-1}\n            Rate: 1\n";
    let files = [("compose.yaml", &*compose), (".env", "SIZE=3Gb\n")];
    let found = findings(&files);
    assert!(found.contains(&"schema/unknown-key@compose.yaml:19".to_owned()), "{found:?}");
    assert!(found.contains(&"start/depends-on-variable@compose.yaml:9".to_owned()), "{found:?}");
    let wrong = [files[0], (".env", "SIZE=much\n")];
    let found = findings(&wrong);
    assert!(found.iter().any(|found| found.ends_with("compose.yaml:11")), "{found:?}");
}

#[test]
fn uses_how_the_service_is_launched() {
    let files = |compose: &str| {
        let config = CONFIG.replace("MaxAlloc", "MaxAloc");
        let files = [("compose.yaml", compose), ("refinery.yaml", &*config), ("rules.yaml", RULES)];
        outcomes(&files)
    };
    let wrong = service(&["volumes: ['.:/etc/refinery']"]);
    assert_eq!(files(&wrong), ["refinery.yaml + rules.yaml: no"]);
    for more in ["    command: --no-validate\n", "    command: [refinery, --no-validate]\n"] {
        assert_eq!(files(&format!("{wrong}{more}")), ["refinery.yaml + rules.yaml: yes"]);
    }
    let folder = Folder::new(&[
        ("compose.yaml", &wrong.replace("3.2.2", "${TAG:-2.9.7}")),
        ("refinery.yaml", CONFIG),
        ("rules.yaml", RULES),
    ]);
    for (env, release) in [("", "v2.9.7"), ("TAG=3.1.0\n", "v3.1.0")] {
        folder.write(".env", env.as_bytes());
        let ran = folder.run(&["check"]);
        assert!(ran.output.contains(&format!("{release}, pinned by its image")), "{}", ran.output);
        assert_eq!(ran.output.matches("starts").count(), 1, "{}", ran.output);
    }
}

#[test]
fn merges_files_of_a_project() {
    let base = service(&["volumes: ['./good:/etc/refinery']"]);
    let over =
        "services:\n  refinery:\n    volumes: ['./bad:/etc/refinery/']\n    environment: {A: b}\n";
    let other = "services:\n  base:\n    image: honeycombio/refinery:3.1.0\n    volumes: ['./rules.yaml:/etc/refinery/rules.yaml']\n";
    let extends = "services:\n  mine:\n    extends: {service: base, file: bad/other.yaml}\n    \
                   volumes: ['./good/refinery.yaml:/etc/refinery/refinery.yaml']\n# refinery\n";
    let files = |first: &'static str, text: &str, name: &str, more: &str| {
        let all = [
            ("good/refinery.yaml", CONFIG),
            ("good/rules.yaml", RULES),
            ("bad/refinery.yaml", CONFIG),
            ("bad/rules.yaml", BAD_RULES),
            (first, text),
            (name, more),
        ];
        outcomes(&all)
    };
    let (bad, good) =
        ("bad/refinery.yaml + bad/rules.yaml: no", "good/refinery.yaml + good/rules.yaml: yes");
    assert_eq!(files("compose.yaml", &base, "compose.override.yml", over), [bad]);
    assert_eq!(files("compose.yaml", &base, "compose.prod.yml", over), [good]);
    assert_eq!(
        files("compose.yaml", extends, "bad/other.yaml", other),
        ["good/refinery.yaml + bad/rules.yaml: no"]
    );
    let include = "include: [sub/compose.yaml]\nservices:\n  a: {image: refinery-client}\n";
    let inner = base.replace("./good", "../good");
    assert_eq!(files("compose.yaml", include, "sub/compose.yaml", &inner), [good]);
}

#[test]
fn the_hook_sees_what_is_staged() {
    let compose = service(&["volumes: ['../conf:/etc/refinery']"]).replace("3.2.2", "${TAG}");
    let new = || {
        Repository::with(&[
            ("deploy/compose.yaml", &compose),
            ("deploy/.env", "TAG=3.2.2\n"),
            ("conf/refinery.yaml", CONFIG),
            ("conf/rules.yaml", RULES),
            ("conf/other.txt", "x"),
        ])
    };
    for (file, text, status, said) in [
        ("conf/rules.yaml", BAD_RULES, 1, "conf/rules.yaml:5"),
        ("conf/refinery.yaml", BROKEN, 1, "conf/refinery.yaml:3"),
        ("deploy/compose.yaml", &*compose.replace("../conf:", "../conf/x:"), 1, "does not exist"),
        (
            "deploy/compose.yaml",
            &*compose.replace(":/etc/refinery", ":/etc/refine"),
            1,
            "missing-file",
        ),
        ("deploy/compose.yaml", &*compose.replace("3.2.2", "3.2.1"), 0, ""),
        ("deploy/.env", "TAG=2.9.7\n", 0, "v2.9.7"),
        ("conf/other.txt", "y", 0, ""),
    ] {
        let repository = new();
        repository.write(file, text);
        repository.git(&["add", "--all"]);
        let ran = repository.run(&["hook", "run"]);
        assert_eq!(ran.status, status, "{file}: {}", ran.all());
        assert!(ran.all().contains(said), "{file}: {}", ran.all());
    }
    let repository = new();
    repository.git(&["rm", "--quiet", "conf/rules.yaml"]);
    let ran = repository.run(&["check", "--staged"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    repository.commit_all("Lose the rules");
    let ran = repository.run(&["check", "--since", "HEAD~1"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let ran = repository.run(&["history"]);
    assert!(ran.output.contains("Lose the rules"), "{}", ran.all());
}

#[test]
fn files_outside_of_the_repository_are_unknown() {
    let compose = service(&[
        "env_file: [../../x.env, sub]",
        "volumes: ['../../x:/etc/refinery', './rules.yaml:/etc/refinery/rules.yaml']",
    ]) + "include: [../../compose.yaml, sub]\n";
    let files = [("a/compose.yaml", &*compose), ("a/rules.yaml", RULES), ("a/sub/x", "")];
    let repository = Repository::with(&files);
    for arguments in [&["check"][..], &["check", "--staged"], &["check", "--rev", "HEAD"]] {
        let ran = repository.run(arguments);
        assert_eq!(ran.status, 1, "{arguments:?}: {}", ran.all());
        assert!(
            ran.output.contains("the config file `/etc/refinery/refinery.yaml` is unknown"),
            "{}",
            ran.all()
        );
        assert!(
            ran.output.contains("a/rules.yaml: as described in a/compose.yaml#refinery"),
            "{}",
            ran.all()
        );
    }
}

#[test]
fn no_input_stops_the_program() {
    let mut texts = vec!["services:\n  refinery\n".to_owned(), "services: [refinery]\n".to_owned()];
    texts.push("services:\n  a: {extends: b, image: refinery}\n  b: {extends: a}\n".to_owned());
    texts.push(
        "include: [compose.yaml, x.yaml]\nservices:\n  refinery: {image: refinery}\n".to_owned(),
    );
    texts.push(
        "services:\n  &r refinery: {image: &a honeycombio/refinery, volumes: [*a, *r]}\n"
            .to_owned(),
    );
    texts.push(format!(
        "services:\n  refinery: {{image: refinery, command: \"{}\"}}\n",
        "${A:-".repeat(50_000)
    ));
    for key in [
        "command",
        "volumes",
        "configs",
        "secrets",
        "environment",
        "env_file",
        "extends",
        "deploy",
        "image",
    ] {
        for value in [
            "",
            "1",
            "''",
            "[]",
            "{}",
            "[[1]]",
            "[{a: b}]",
            "{a: [b]}",
            "[':', '::', 'a:b:c:d', '$', '${', '${}']",
        ] {
            texts.push(format!(
                "services:\n  refinery:\n    image: honeycombio/refinery\n    {key}: {value}\n"
            ));
        }
    }
    for text in texts {
        let (_, status, errors) = report(&[("compose.yaml", &text)], "compose.yaml");
        assert!([1, 2].contains(&status), "{status}: {text:.200} {errors}");
    }
}

#[test]
fn a_flag_with_an_unknown_value_is_not_an_error() {
    for command in ["['--redis-host', '${HOST}']", "['--redis-host=${HOST}']"] {
        let command = format!("command: {command}");
        let compose = service(&[&command, "volumes: ['.:/etc/refinery']"]);
        let files = [("compose.yaml", &*compose), ("refinery.yaml", CONFIG), ("rules.yaml", RULES)];
        assert_eq!(outcomes(&files), ["refinery.yaml + rules.yaml: yes"], "{command}");
    }
}

#[test]
fn tags_replace_earlier_values() {
    let base = service(&["volumes: ['./bad:/etc/refinery']", "command: --debug"]);
    let files = |over: &str| {
        let over = format!("services:\n  refinery:\n    {over}\n");
        let files = [
            ("good/refinery.yaml", CONFIG),
            ("good/rules.yaml", RULES),
            ("bad/refinery.yaml", CONFIG),
            ("bad/rules.yaml", BAD_RULES),
            ("compose.yaml", &*base),
            ("compose.override.yaml", &*over),
        ];
        outcomes(&files)
    };
    let (bad, good) =
        ("bad/refinery.yaml + bad/rules.yaml: no", "good/refinery.yaml + good/rules.yaml: yes");
    assert_eq!(files("volumes: ['./good:/mnt']"), [bad]);
    let only = "volumes: !override ['./good:/mnt']\n    command: ";
    assert_eq!(files(&format!("{only}-c /mnt/refinery.yaml -r /mnt/rules.yaml")), [good]);
    let reset = files("volumes: !reset ['./good:/etc/refinery']");
    assert!(reset.iter().all(|outcomes| !outcomes.contains("good")), "{reset:?}");
    assert!(files("volumes: !reset []").iter().all(|outcomes| !outcomes.contains("bad")));
    let whole = "x: !override\n  refinery: !override {image: 'honeycombio/refinery:3.2.2', volumes: ['./good:/etc/refinery']}";
    let whole = whole.replace("x: !override\n  refinery", "refinery");
    let over = format!("services:\n  {whole}\n");
    let files = [
        ("good/refinery.yaml", CONFIG),
        ("good/rules.yaml", RULES),
        ("bad/refinery.yaml", CONFIG),
        ("bad/rules.yaml", BAD_RULES),
        ("compose.yaml", &*base),
        ("compose.override.yaml", &*over),
    ];
    assert_eq!(outcomes(&files), [good]);
}

#[test]
fn merges_documents_of_a_file() {
    let (bad, good) = ("volumes: ['./bad:/etc/refinery']", "volumes: ['./good:/etc/refinery']");
    for (first, second, expected) in [
        (good, bad, "bad/refinery.yaml + bad/rules.yaml: no"),
        (bad, good, "good/refinery.yaml + good/rules.yaml: yes"),
    ] {
        let compose = format!(
            "{}---\nservices:\n  refinery:\n    {second}\n---\nservices: {{web: {{image: nginx}}}}\n",
            service(&[first])
        );
        let files = [
            ("good/refinery.yaml", CONFIG),
            ("good/rules.yaml", RULES),
            ("bad/refinery.yaml", CONFIG),
            ("bad/rules.yaml", BAD_RULES),
            ("compose.yaml", &*compose),
        ];
        assert_eq!(outcomes(&files), [expected]);
    }
}

#[test]
fn an_unfollowed_include_blocks_if_it_may_run_refinery() {
    let web = "services:\n  web: {image: web, environment: {TO: 'http://refinery:8080'}}\n";
    let own = service(&["volumes: ['.:/etc/refinery']"]);
    for (include, services, status) in [
        ("${DIR}/compose.yaml", web, 1),
        ("/srv/compose.yaml", web, 1),
        ("https://example.com/x.git", web, 1),
        ("absent/compose.yaml", web, 1),
        ("broken.txt", web, 1),
        ("{path: [sub/compose.yaml, '${X}']}", web, 1),
        ("sub/compose.yaml", web, 2),
        ("{path: sub/compose.yaml}", web, 2),
        ("${DIR}/compose.yaml", &*own, 0),
        ("${DIR}/refinery.yaml", &*own, 1),
    ] {
        let compose = format!("include:\n  - {include}\n{services}");
        let files = [
            ("compose.yaml", &*compose),
            ("refinery.yaml", CONFIG),
            ("rules.yaml", RULES),
            ("broken.txt", "services: [\n"),
            ("sub/compose.yaml", "services: {db: {image: x}}\n"),
        ];
        let ran = Folder::new(&files).run(&["check", "compose.yaml"]);
        assert_eq!(ran.status, status, "{include}: {}{}", ran.output, ran.errors);
        let said = ran.output.replace("\n  ", " ");
        let is_told = said.contains("is not checked:");
        assert_eq!(is_told, status != 2, "{include}: {}", ran.output);
        assert_eq!(ran.output.contains("intake/unfollowed-include"), status == 1, "{include}");
        assert_eq!(said.contains("cannot be read as YAML"), include == "broken.txt");
    }
    // Another program's `include` is not an `include` of compose.
    let pipeline = "include:\n  - local: /x.yml\nservices: [docker]\nrefinery:\n  script: [x]\n";
    let ran = Folder::new(&[(".gitlab-ci.yml", pipeline)]).run(&["check", ".gitlab-ci.yml"]);
    assert!(ran.status == 2 && !ran.errors.contains("is included"), "{}{}", ran.output, ran.errors);
}

#[test]
fn an_included_file_uses_its_project_directory() {
    let compose = "include:\n  - {path: sub/compose.yaml, project_directory: conf}\n# refinery\n";
    let inner = service(&["volumes: ['.:/etc/refinery']"]);
    let files = [
        ("compose.yaml", compose),
        ("sub/compose.yaml", &*inner),
        ("conf/refinery.yaml", CONFIG),
        ("conf/rules.yaml", BAD_RULES),
    ];
    assert_eq!(outcomes(&files), ["conf/refinery.yaml + conf/rules.yaml: no"]);
}

#[test]
fn rejects_a_mounted_binary_file_under_another_name() {
    let compose = service(&[
        "volumes: ['./c.txt:/etc/refinery/refinery.yaml', './rules.yaml:/etc/refinery/rules.yaml']",
    ]);
    let folder = Folder::new(&[("compose.yaml", &compose), ("rules.yaml", RULES)]);
    folder.write("c.txt", b"General:\n  ConfigurationVersion: 2 # \xff\n");
    let ran = folder.run(&["check", "compose.yaml"]);
    assert!(ran.status == 1 && ran.output.contains("syntax/not-utf-8"), "{}", ran.output);
}

#[test]
fn the_mount_path_decides_the_format() {
    let compose = service(&[
        "volumes: ['./c.txt:/etc/refinery/refinery.yaml', './r.txt:/etc/refinery/rules.yaml']",
    ]);
    let files = |rules| [("compose.yaml", &*compose), ("c.txt", CONFIG), ("r.txt", rules)];
    assert_eq!(outcomes(&files(RULES)), ["c.txt + r.txt: yes"]);
    assert_eq!(outcomes(&files(BAD_RULES)), ["c.txt + r.txt: no"]);
}

#[test]
fn a_script_that_makes_a_file_is_not_checked_with_another() {
    let lines = [
        "command: [sh, -c, 'make c; refinery -c /tmp/c.yaml']",
        "volumes: ['./conf:/etc/refinery']",
    ];
    let compose = service(&lines);
    let files = [
        ("compose.yaml", &*compose),
        ("conf/refinery.yaml", CONFIG),
        ("conf/rules.yaml", BAD_RULES),
    ];
    let (report, status, _) = report(&files, "compose.yaml");
    assert_eq!(status, 1, "{report}");
    assert!(
        report.to_string().contains("the config file `/tmp/c.yaml` is not mounted"),
        "{report}"
    );
}
