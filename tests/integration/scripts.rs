//! Scripts, Procfiles, Makefiles and units that run Refinery, and files in here-documents.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::Repository;

/// Contents that stop Refinery; most are beyond recognition.
const UNUSABLE: [&str; 4] = ["x: y\n", "", "General: [\n", BROKEN];

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

/// Scripts that run Refinery with `conf/a.yaml` and `conf/b.yaml`, named by variables.
const WITH_VARIABLES: [(&str, &str); 19] = [
    ("a.sh", "CONF=conf/a.yaml\nrefinery -c \"$CONF\" -r conf/b.yaml\n"),
    ("a.sh", "DIR=conf\nexec refinery -c ${DIR}/a.yaml -r \"${DIR}/b.yaml\"\n"),
    (
        "a.sh",
        "export REFINERY_CONFIG=conf/a.yaml\nexport REFINERY_RULES_CONFIG=conf/b.yaml\nrefinery\n",
    ),
    (
        "a.sh",
        "REFINERY_CONFIG=conf/a.yaml\nREFINERY_RULES_CONFIG=conf/b.yaml\nexport REFINERY_CONFIG REFINERY_RULES_CONFIG\nrefinery -d\n",
    ),
    (
        "a.sh",
        "set -a\nREFINERY_CONFIG=conf/a.yaml\nREFINERY_RULES_CONFIG=conf/b.yaml\nset +a\nrefinery\n",
    ),
    ("a.sh", "refinery -c \"${CONF:-conf/a.yaml}\" -r \"${RULES-conf/b.yaml}\"\n"),
    ("a.sh", "CONF=${1:-conf/a.yaml}\nrefinery -c \"$CONF\" -r conf/b.yaml\n"),
    ("a.sh", "cd conf\nrefinery -c a.yaml -r b.yaml\n"),
    ("a.sh", "(cd conf && refinery -c a.yaml -r b.yaml)\ncd /\n"),
    ("x/a.sh", "cd ../conf && refinery -c a.yaml -r b.yaml\n"),
    (
        "x/a.sh",
        "DIR=\"$(cd \"$(dirname \"$0\")/..\" && pwd)\"\nrefinery -c \"$DIR/conf/a.yaml\" -r \"$DIR/conf/b.yaml\"\n",
    ),
    ("a.sh", "ARGS=\"-c conf/a.yaml -r conf/b.yaml\"\nrefinery $ARGS\n"),
    ("a.sh", "BIN=/usr/bin/refinery\n$BIN -c conf/a.yaml -r conf/b.yaml\n"),
    (
        "a.sh",
        "if x; then\n  CONF=other/good.yaml\nelse\n  CONF=conf/a.yaml\nfi\nrefinery -c $CONF -r conf/b.yaml\n",
    ),
    ("a.sh", ". ./env\nrefinery -c $CONF -r $RULES\n"),
    (
        "Makefile",
        "CONF := conf/a.yaml\nRULES ?= conf/b.yaml\nrun:\n\trefinery -c $(CONF) -r ${RULES}\n",
    ),
    (
        "a.service",
        "[Service]\nEnvironment=REFINERY_CONFIG=/conf/a.yaml REFINERY_RULES_CONFIG=/conf/b.yaml\nExecStart=/usr/bin/refinery\n",
    ),
    (
        "a.sh",
        "IMAGE=honeycombio/refinery:3.2.2\nD=$(pwd)/conf\ndocker run -v $D/a.yaml:/etc/refinery/refinery.yaml -v $D/b.yaml:/etc/refinery/rules.yaml $IMAGE\n",
    ),
    ("a.sh", "docker run -v $PWD:/w --env-file names.env honeycombio/refinery:3.2.2\n"),
];

#[test]
fn variables_may_name_the_files() {
    for (name, text) in WITH_VARIABLES {
        let files = |config| {
            [
                (name, text),
                ("conf/a.yaml", config),
                ("conf/b.yaml", RULES),
                ("other/good.yaml", CONFIG),
                ("env", "CONF=conf/a.yaml\nRULES=conf/b.yaml\n"),
                (
                    "names.env",
                    "REFINERY_CONFIG=/w/conf/a.yaml\nREFINERY_RULES_CONFIG=/w/conf/b.yaml\n",
                ),
            ]
        };
        let (status, said) = check(&files(CONFIG));
        assert!(status == 0 && said.contains(&format!("{name}#line")), "{text}: {said}");
        for config in UNUSABLE {
            let (status, said) = check(&files(config));
            assert_eq!(status, 1, "{text} {config:?}: {said}");
        }
    }
    let (status, said) =
        check(&[("a.sh", "refinery -c conf/a.yaml -r \"$1\"\n"), ("conf/a.yaml", CONFIG)]);
    assert!(status == 0 && said.contains("the location of the rules"), "{said}");
}

const PODS: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: refinery}\nspec:\n  containers:\n  - name: refinery\n    \
                    image: honeycombio/refinery:3.2.2\n    args: [-c, /c/config.yaml, -r, /c/rules.yaml]\n    \
                    volumeMounts: [{name: c, mountPath: /c}]\n  volumes: [{name: c, configMap: {name: settings}}]\n";

#[test]
fn commands_create_maps() {
    let files = "--from-file=config.yaml=conf/a.yaml --from-file rules.yaml=conf/b.yaml";
    for (command, pods) in [
        (format!("kubectl create configmap refinery {files} --dry-run=client -o yaml | kubectl apply -f -"), ""),
        (format!("kubectl -n x create secret generic refinery-files {files}"), ""),
        ("D=conf\noc create cm refinery -n $NS --from-file=config.yaml=$D/a.yaml --from-file=rules.yaml=$D/b.yaml".to_owned(), ""),
        ("kubectl create cm refinery --from-file=folder/".to_owned(), ""),
        (format!("cd folder\nkubectl create cm settings {}", files.replace("conf/a", "config").replace("conf/b", "rules")), PODS),
        (format!("kubectl create cm settings {files}"), PODS),
    ] {
        let script = format!("#!/bin/sh\n{command}\n");
        let files = |config| {
            let all = [
                ("a.sh", &*script),
                ("conf/a.yaml", config),
                ("conf/b.yaml", RULES),
                ("folder/config.yaml", config),
                ("folder/rules.yaml", RULES),
            ];
            let pods = Some(("pods.yaml", pods)).filter(|(_, text)| !text.is_empty());
            all.into_iter().chain(pods).collect::<Vec<_>>()
        };
        let (status, said) = check(&files(CONFIG));
        assert_eq!(status, 0, "{command}: {said}");
        for config in UNUSABLE {
            let (status, said) = check(&files(config));
            assert_eq!(status, 1, "{command} {config:?}: {said}");
        }
    }
    // Maps of other programs, and files that are made later.
    for command in [
        "kubectl create configmap app --from-file=config.yaml=conf/a.yaml # refinery",
        "kubectl create configmap refinery --from-file=config.yaml=build/a.yaml",
        "kubectl create configmap refinery --from-file=config.yaml=$1",
        "kubectl create namespace refinery",
    ] {
        let good = [("z/config.yaml", CONFIG), ("z/rules.yaml", RULES), ("conf/a.yaml", "x: y\n")];
        let (status, said) = check(&[&[("a.sh", command)][..], &good].concat());
        assert_eq!(status, 0, "{command}: {said}");
    }
}

#[test]
fn here_documents_are_checked_whatever_they_contain() {
    let map = |config: &str| {
        let indented =
            |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: refinery, namespace: $NS}}\ndata:\n  config.yaml: |\n{}  rules.yaml: |\n{}",
            indented(config),
            indented(RULES)
        )
    };
    let cases: [&dyn Fn(&str) -> String; 4] = [
        &|config| {
            format!(
                "cat > /etc/refinery/refinery.yaml <<EOF\n{config}EOF\ntee /etc/refinery/rules.yaml <<EOF\nEOF\n"
            )
        },
        &|config| {
            format!(
                "cat > /tmp/c.yaml <<A\n{config}A\ncat > /tmp/r.yaml <<B\n{RULES}B\nrefinery -c /tmp/c.yaml -r /tmp/r.yaml\n"
            )
        },
        &|config| format!("kubectl apply -f - <<EOF\n{}EOF\n", map(config)),
        &|config| {
            format!(
                "cat <<'A' >/etc/refinery/config.yaml && cat <<'B' >/etc/refinery/rules.yaml\n{config}A\n{RULES}B\n"
            )
        },
    ];
    for (at, case) in cases.into_iter().enumerate() {
        let (status, said) = check(&[("a.sh", &case(CONFIG))]);
        // The first case has no rules.
        assert_eq!(status, i32::from(at == 0), "{at}: {said}");
        for config in UNUSABLE.into_iter().filter(|config| at != 2 || !config.is_empty()) {
            let (status, said) = check(&[("a.sh", &case(config))]);
            assert_eq!(status, 1, "{at} {config:?}: {said}");
        }
    }
    let open = CONFIG.to_owned() + "Traces: {SendDelay: $X}\n";
    let (status, said) = check(&[("a.sh", &cases[2](&open))]);
    assert!(status == 1 && said.contains("intake/template"), "{said}");
    let other = "cat > /etc/refinery/README.yaml <<EOF\nx\nEOF\ncat > /etc/refinery/app-config.yaml <<EOF\nx\nEOF\n";
    let (status, said) =
        check(&[("a.sh", other), ("z/config.yaml", CONFIG), ("z/rules.yaml", RULES)]);
    assert_eq!(status, 0, "{said}");
}
