//! Scripts, Procfiles, Makefiles and units that run Refinery, and files in here-documents.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod program;
mod repository;

use program::{BROKEN, CONFIG, Folder, RULES};
use repository::Repository;

/// Files that run Refinery with `conf/a.yaml` and `conf/b.yaml`, or with the mounts `conf/a` and
/// `conf/b`.
const RUNNERS: [(&str, &str); 12] = [
    ("Procfile", "web: refinery -c conf/a.yaml -r conf/b.yaml\n"),
    ("Makefile", "run:\n\t@./bin/refinery --config conf/a.yaml --rules_config conf/b.yaml\n"),
    ("run.sh", "#!/bin/sh\nset -e\nexec refinery -c ./conf/a.yaml -r ./conf/b.yaml\n"),
    ("deploy/run.sh", "cd .. && refinery -c conf/a.yaml -r conf/b.yaml; echo done\n"),
    ("env.sh", "REFINERY_CONFIG=conf/a.yaml REFINERY_RULES_CONFIG=conf/b.yaml refinery\n"),
    (
        "refinery.service",
        "[Service]\nExecStart=/usr/bin/refinery -c /conf/a.yaml -r /conf/b.yaml\n",
    ),
    (
        "docker.sh",
        "docker run --rm -d -p 8080:8080 -v $PWD/conf/a:/etc/refinery/refinery.yaml:ro \\\n  -v ./conf/b:/etc/refinery/rules.yaml honeycombio/refinery:2.9.4\n",
    ),
    (
        "mount.sh",
        "podman run --mount type=bind,source=conf/a,target=/c.yaml --volume=\"$(pwd)/conf/b:/r.yaml\" honeycombio/refinery:2.9.4 -c /c.yaml -r /r.yaml\n",
    ),
    (
        "folder.sh",
        "docker run -v ${PWD}/conf:/conf -e REFINERY_CONFIG=/conf/a.yaml -e REFINERY_RULES_CONFIG=/conf/b.yaml honeycombio/refinery:2.9.4\n",
    ),
    (
        "deploy/Makefile",
        "run:\n\tdocker run -v $(PWD)/conf/a:/etc/refinery/refinery.yaml -v $(PWD)/conf/b:/etc/refinery/rules.yaml honeycombio/refinery:2.9.4\n",
    ),
    (
        "refinery.container",
        "[Container]\nImage=honeycombio/refinery:2.9.4\nVolume=./conf/a:/etc/refinery/refinery.yaml:Z\nVolume=./conf/b:/etc/refinery/rules.yaml\n",
    ),
    (
        "exec.container",
        "[Container]\nImage=honeycombio/refinery:2.9.4\nVolume=./conf:/conf\nExec=-c /conf/a.yaml -r /conf/b.yaml\n",
    ),
];

fn files<'t>(runner: (&'t str, &'t str), config: &'t str) -> [(&'t str, &'t str); 5] {
    [runner, ("conf/a.yaml", config), ("conf/b.yaml", RULES), ("conf/a", config), ("conf/b", RULES)]
}

fn check(files: &[(&str, &str)]) -> (i32, String) {
    let ran = Folder::new(files).run(&["check", "."]);
    (ran.status, ran.output + &ran.errors)
}

#[test]
fn checks_the_files_that_commands_name() {
    for runner in RUNNERS {
        let (status, text) = check(&files(runner, CONFIG));
        let is_described = text.contains(&format!("as described in {}#line", runner.0));
        assert!(status == 0 && is_described, "{}: {text}", runner.0);
        for config in [BROKEN, "", "# nothing\n", "General: [\n"] {
            let (status, text) = check(&files(runner, config));
            assert_eq!(status, 1, "{} {config:?}: {text}", runner.0);
        }
    }
}

#[test]
fn a_change_of_a_named_file_reaches_the_hook() {
    for runner in RUNNERS {
        let repository = Repository::with(&files(runner, CONFIG));
        repository.write("conf/a.yaml", "# nothing\n");
        repository.write("conf/a", "# nothing\n");
        repository.git(&["add", "."]);
        let ran = repository.run(&["hook", "run"]);
        assert_eq!(ran.status, 1, "{}: {}", runner.0, ran.all());
    }
}

#[test]
fn commands_that_are_not_refinery_or_name_nothing_here_are_left_alone() {
    for (name, text) in [
        ("run.sh", "oil-refinery -c conf/a.yaml\n"),
        ("run.sh", "refinery -c /etc/x.yaml -r /etc/y.yaml\n"),
        ("run.sh", "refinery -c \"$DIR/a.yaml\" -r $RULES\n"),
        ("run.sh", "# refinery -c conf/a.yaml\n"),
        ("run.sh", "docker build -t refinery conf/a\n"),
        ("run.sh", "docker run -v /srv/conf:/etc/refinery honeycombio/refinery:2.9.4\n"),
        ("run.sh", "kubectl apply -f refinery.yaml\n"),
        ("Makefile", "refinery: conf/a.yaml\n\techo $<\n"),
    ] {
        let (status, out) = check(&[
            (name, text),
            ("conf/a.yaml", "# nothing\n"),
            ("good/config.yaml", CONFIG),
            ("good/rules.yaml", RULES),
        ]);
        assert!(status == 0 && !out.contains("described"), "{text}: {out}");
    }
}

#[test]
fn files_of_another_deployment_are_checked_with_it() {
    let compose = "services:\n  refinery:\n    image: honeycombio/refinery:2.9.4\n    volumes: ['./conf/a:/etc/refinery/refinery.yaml', './conf/b:/etc/refinery/rules.yaml']\n";
    let (status, text) =
        check(&[&files(RUNNERS[6], CONFIG)[..], &[("compose.yaml", compose)]].concat());
    assert_eq!((status, text.matches("as described in").count()), (0, 1), "{text}");
}

#[test]
fn here_documents_are_checked_at_their_lines() {
    let script = |config: &str, delimiter: &str| {
        format!(
            "#!/bin/sh\ncat > /etc/refinery/config.yaml <<{delimiter}\n{config}EOF\ntee /etc/refinery/rules.yaml <<EOF\n{RULES}EOF\n"
        )
    };
    assert_eq!(check(&[("a.sh", &script(CONFIG, "EOF"))]).0, 0);
    let (status, text) = check(&[("a.sh", &script(BROKEN, "'EOF'"))]);
    assert!(status == 1 && text.contains("a.sh:5:2"), "{text}");
    for config in ["", "General: [\n"] {
        let (status, text) = check(&[("a.sh", &script(config, "EOF"))]);
        assert_eq!(status, 1, "{config:?}: {text}");
    }
    let open = "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDelay: ${DELAY}\n";
    let (status, text) = check(&[("a.sh", &script(open, "EOF"))]);
    assert!(status == 1 && text.contains("intake/template"), "{text}");
}
