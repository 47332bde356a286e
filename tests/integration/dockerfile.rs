//! Images: what a Dockerfile copies, what a service overrides, and what is unknown. Also what hides
//! the files of a service: bases and volumes.

use crate::program::{CONFIG, Folder, RULES};
use crate::repository::Repository;

const COMPOSE: &str = "services:\n  refinery:\n    build: gate\n    environment: [HONEYCOMB_API_KEY]\n    \
                       volumes: ['./empty:/etc/refinery/more']\n";

/// Rules that every release rejects.
const FLAWED: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      Rate: 1\n";

/// The exit status and output for a folder with this Dockerfile and these lines of the service.
fn ran(dockerfile: &str, more: &str) -> (i32, String) {
    let compose = format!("{COMPOSE}{more}");
    let folder = Folder::new(&[
        ("compose.yaml", &compose),
        ("gate/Dockerfile", dockerfile),
        ("gate/conf/refinery.yaml", CONFIG),
        ("gate/conf/rules.yaml", RULES),
        ("gate/flawed.yaml", FLAWED),
        ("flawed/refinery.yaml", CONFIG),
        ("flawed/rules.yaml", FLAWED),
        ("empty/x.txt", ""),
    ]);
    let ran = folder.run(&["check", "compose.yaml"]);
    (ran.status, (ran.output + &ran.errors).replace("\n  ", " "))
}

#[test]
fn the_release_comes_from_the_base_image_or_a_copied_binary() {
    let copy = "COPY conf /etc/refinery\n";
    for (dockerfile, release) in [
        ("FROM honeycombio/refinery:2.7.0\n", "v2.7.0"),
        ("ARG TAG=2.8.1\nFROM --platform=linux/amd64 honeycombio/refinery:$TAG\n", "v2.8.1"),
        ("ARG TAG\nFROM honeycombio/refinery:${TAG:-2.9.1} AS base\nFROM BASE\n", "v2.9.1"),
        (
            "FROM honeycombio/refinery:2.7.0 as r\nFROM alpine\nCOPY --from=r /ko-app/refinery /bin/\nCMD [\"refinery\"]\n",
            "v2.7.0",
        ),
        (
            "FROM alpine\nCOPY --from=honeycombio/refinery:2.7.0 /ko-app/refinery /bin/\nCMD refinery\n",
            "v2.7.0",
        ),
    ] {
        let (status, said) = ran(&format!("{dockerfile}{copy}"), "");
        assert!(
            said.contains(&format!("{release}, pinned by `FROM` in gate/Dockerfile")),
            "{said}"
        );
        assert_eq!((status, said.contains("gate/conf/rules.yaml")), (0, true), "{said}");
    }
    for dockerfile in
        ["FROM honeycombio/refinery:$X\n", "FROM alpine\n", "", "FROM golang\nRUN make\n"]
    {
        let (status, said) = ran(&format!("{dockerfile}{copy}"), "    command: refinery\n");
        let is_said = ["its release is unknown", "version/unknown-release"];
        assert!(is_said.iter().any(|words| said.contains(words)), "{dockerfile}: {said}");
        assert!([0, 2].contains(&status), "{dockerfile}: {said}");
    }
}

#[test]
fn chooses_the_dockerfile_like_compose() {
    let stages = "FROM honeycombio/refinery:2.7.0 AS one\nCOPY conf/ /etc/refinery/\nFROM one AS two\n\
                  COPY flawed.yaml /etc/refinery/rules.yaml\n";
    assert_eq!(ran(stages, "").0, 1);
    for (build, status) in [
        ("{context: ./gate, target: one}", 0),
        ("{context: ./gate, target: two}", 1),
        ("{context: ./gate, target: '${X}'}", 0),
        ("{context: gate, dockerfile: ./Dockerfile}", 1),
        ("{context: gate, dockerfile: absent}", 0),
        ("https://example.com/x.git", 0),
        ("{context: gate, dockerfile_inline: FROM x}", 0),
    ] {
        let compose = COMPOSE.replace("build: gate", &format!("build: {build}"));
        let folder = Folder::new(&[
            ("compose.yaml", &*compose),
            ("gate/Dockerfile", stages),
            ("gate/conf/refinery.yaml", CONFIG),
            ("gate/conf/rules.yaml", RULES),
            ("gate/flawed.yaml", FLAWED),
        ]);
        let ran = folder.run(&["check", "compose.yaml"]);
        let is_judged = ran.output.contains("gate/conf/refinery.yaml");
        assert_eq!(ran.status == 1, status == 1, "{build}: {}{}", ran.output, ran.errors);
        assert_eq!(is_judged, status == 1 || build.contains("one"), "{build}: {}", ran.output);
    }
    let argument = "ARG TAG=2.8.1\nFROM honeycombio/refinery:$TAG\nCOPY conf /etc/refinery/\n";
    let compose = COMPOSE.replace("build: gate", "build: {context: gate, args: {TAG: 2.9.1}}");
    let folder = Folder::new(&[
        ("compose.yaml", &*compose),
        ("gate/Dockerfile", argument),
        ("gate/conf/rules.yaml", RULES),
    ]);
    let ran = folder.run(&["check", "compose.yaml"]);
    assert!((ran.output.clone() + &ran.errors).contains("2.9.1"), "{}", ran.output);
}

#[test]
fn the_service_overrides_its_image() {
    let image = "FROM honeycombio/refinery:2.7.0\nWORKDIR /etc\nWORKDIR refinery\n\
                 COPY --chown=1:1 conf/refinery.yaml conf/rules.yaml ./\nCOPY [\"flawed.yaml\", \"/b/flawed.yaml\"]\n\
                 ENV REFINERY_RULES_CONFIG=/b/flawed.yaml \\\n  # ours\n  A=b\n";
    let named = format!("{image}CMD [\"-c\", \"refinery.yaml\", \"-r\", \"rules.yaml\"]\n");
    for (dockerfile, more, status) in [
        (image, "", 1),
        (image, "    command: -r /etc/refinery/rules.yaml\n", 0),
        (&named, "", 0),
        (&named, "    command: -d\n", 1),
        (&named, "    entrypoint: /ko-app/refinery\n", 1),
        (&named, "    working_dir: /x\n", 1),
    ] {
        let (found, said) = ran(dockerfile, more);
        assert_eq!(found, status, "{more}: {said}");
    }
    let compose = COMPOSE.replace("./empty:/etc/refinery/more", "./flawed:/etc/refinery");
    let folder = Folder::new(&[
        ("compose.yaml", &*compose),
        ("gate/Dockerfile", &*named),
        ("gate/conf/refinery.yaml", CONFIG),
        ("gate/conf/rules.yaml", RULES),
        ("gate/flawed.yaml", RULES),
        ("flawed/refinery.yaml", CONFIG),
        ("flawed/rules.yaml", FLAWED),
    ]);
    let ran = folder.run(&["check", "compose.yaml"]);
    assert!(ran.status == 1 && ran.output.contains("flawed/rules.yaml:5"), "{}", ran.output);
}

#[test]
fn a_file_is_only_certainly_missing_with_simple_instructions() {
    let from = "FROM honeycombio/refinery:3.1.0\nCOPY conf/refinery.yaml /etc/refinery/\n";
    let (status, said) = ran(&format!("{from}EXPOSE 8080\nUSER 1\n"), "");
    assert!(status == 1 && said.contains("start/missing-file"), "{said}");
    let (status, said) = ran(&format!("{from}COPY absent.yaml /etc/refinery/rules.yaml\n"), "");
    assert!(status == 1 && said.contains("`gate/absent.yaml`, mounted as"), "{said}");
    for more in [
        "COPY made/absent.yaml /etc/refinery/rules.yaml\n",
        "RUN make > /etc/refinery/rules.yaml\n",
        "COPY --exclude=x *.yaml /etc/refinery/\n",
        "COPY $X /etc/refinery/\n",
        "COPY flawed.yaml $X\n",
        "COPY --from=alpine / /\n",
        "COPY flawed.yaml /etc/refinery/rules.yaml\nRUN sed -i s/a/b/ /etc/refinery/rules.yaml\n",
        "ADD https://example.com/rules.yaml /etc/refinery/rules.yaml\n",
        "COPY <<E /etc/refinery/rules.yaml\nRulesVersion: $V\nE\n",
        "ENTRYPOINT refinery -r $RULES\n",
        "CMD -r /x.yaml\n",
        "ENTRYPOINT [\"/start.sh\"]\n",
        "ONBUILD COPY . /etc/refinery\n",
        "ENV REFINERY_RULES_CONFIG=$X\n",
    ] {
        let (status, said) = ran(&format!("{from}{more}"), "");
        // What `RUN` does may be anything, and does not show that the file is Refinery's.
        let may_pass = more.starts_with("RUN") || more.starts_with("ONBUILD");
        assert!(status > 0 || may_pass, "{more}: {said}");
        assert!(said.contains("not checked"), "{more}: {said}");
        assert!(!said.contains("start/missing-file"), "{more}: {said}");
    }
}

#[test]
fn the_hook_sees_a_dockerfile_and_what_it_copies() {
    let build = "build: {context: ., dockerfile: docker/prod.Dockerfile}";
    let compose = COMPOSE.replace("build: gate", build);
    let dockerfile = "FROM honeycombio/refinery:3.1.0\nCOPY conf/ /etc/refinery/\n";
    let files = [
        ("deploy/compose.yaml", &*compose),
        ("deploy/docker/prod.Dockerfile", dockerfile),
        ("deploy/conf/refinery.yaml", CONFIG),
        ("deploy/conf/rules.yaml", RULES),
        ("deploy/other/rules.txt", FLAWED),
    ];
    let worse = format!(
        "{dockerfile}COPY other/rules.txt /etc/refinery/rules.txt\nCMD [\"-r\", \"/etc/refinery/rules.txt\"]\n"
    );
    let gone = dockerfile.replace("conf/ ", "conf/refinery.yaml ");
    for (file, text, status) in [
        ("deploy/docker/prod.Dockerfile", &*worse, 1),
        ("deploy/docker/prod.Dockerfile", &*gone, 1),
        ("deploy/docker/prod.Dockerfile", &*dockerfile.replace("3.1.0", "3.1.1"), 0),
        ("deploy/conf/rules.yaml", FLAWED, 1),
    ] {
        let repository = Repository::with(&files);
        repository.write(file, text);
        repository.git(&["add", "--all"]);
        let ran = repository.run(&["hook", "run"]);
        assert_eq!(ran.status, status, "{text}: {}", ran.all());
        assert!(ran.all().contains("deploy/compose.yaml#refinery"), "{text}: {}", ran.all());
    }
}

#[test]
fn no_input_stops_the_program() {
    for line in [
        "FROM",
        "FROM x AS",
        "COPY",
        "COPY a",
        "ADD --from=",
        "ENV",
        "ENV =",
        "ENV a=\"",
        "ARG",
        "ARG =a",
        "CMD",
        "CMD [",
        "ENTRYPOINT []",
        "WORKDIR",
        "\\",
        "<<",
        "RUN <<E",
        "COPY ../../../x /",
        "COPY . .",
        "x\u{0}",
    ] {
        let (status, said) =
            ran(&format!("{line}\nFROM a\n{line}\nFROM honeycombio/refinery\n{line}"), "");
        assert!([0, 1, 2].contains(&status) && !said.contains("panicked"), "{line}: {said}");
    }
    let doubled = "ENV A=$A$A\n".repeat(200);
    ran(
        &format!(
            "FROM honeycombio/refinery\nENV A=aaaaaaaaaaaaaaaa\n{doubled}COPY conf/ /etc/refinery/\n"
        ),
        "",
    );
}

#[test]
fn quotes_and_escapes_variables_like_docker() {
    let from = "FROM honeycombio/refinery:3.1.0\nCOPY conf/ /etc/refinery/\nCOPY flawed.yaml /b/\n";
    for (top, line, status) in [
        ("", "ENV X=\"a <<EOF b\" REFINERY_RULES_CONFIG=/b/flawed.yaml", 1),
        ("", "ENV X=a;b REFINERY_RULES_CONFIG='/b/flawed.yaml'", 1),
        ("", "ENV REFINERY_RULES_CONFIG \"/b/flawed.yaml\"", 1),
        ("", "ENV D=/b F=flawed\nENV REFINERY_RULES_CONFIG=\"$D\"/${F}.yaml", 1),
        ("", "ENV D=/b\nENV REFINERY_RULES_CONFIG='$D/flawed.yaml'", 1),
        ("", "ENV X='REFINERY_RULES_CONFIG=/b/flawed.yaml'", 0),
        ("", "ENV X=\\\n REFINERY_RULES_CONFIG=/b/flawed.yaml", 1),
        ("# escape=`\n", "ENV X=C:\\ `\n REFINERY_RULES_CONFIG=/b/flawed.yaml", 1),
        ("# escape=`\n", "ENV X=C:\\\nENV REFINERY_RULES_CONFIG=/b/flawed.yaml", 1),
    ] {
        let (found, said) = ran(&format!("{top}{from}{line}\n"), "");
        assert_eq!(found, status, "{line}: {said}");
    }
}

#[test]
fn a_mount_hides_files_of_the_image() {
    let dockerfile = "FROM honeycombio/refinery:3.1.0\nRUN make > /etc/refinery/rules.yaml\n";
    for (volume, status) in [("./empty:/etc/refinery", 1), ("./empty:/mnt", 2)] {
        let compose = COMPOSE.replace("./empty:/etc/refinery/more", volume);
        let files =
            [("compose.yaml", &*compose), ("gate/Dockerfile", dockerfile), ("empty/x.txt", "")];
        let ran = Folder::new(&files).run(&["check", "compose.yaml"]);
        assert_eq!(ran.status, status, "{volume}: {}{}", ran.output, ran.errors);
    }
}

const FROM: &str = "FROM honeycombio/refinery:3.2.2\n";

/// The exit status and output for a folder with these files, and with a config and rules in `conf`.
fn checked(files: &[(&str, &str)], config: &str) -> (i32, String) {
    let conf = [("conf/refinery.yaml", config), ("conf/rules.yaml", RULES)];
    let ran = Folder::new(&[files, &conf].concat()).run(&["check", "."]);
    (ran.status, (ran.output + &ran.errors).replace("\n  ", " "))
}

/// Configs that stop Refinery; most are beyond recognition.
const UNUSABLE: [&str; 4] = ["x: y\n", "", "General: [\n", "General:\n  Typo: 1\n"];

#[test]
fn a_dockerfile_alone_describes_its_image() {
    for lines in [
        "COPY conf/ /etc/refinery/\n",
        "COPY conf /etc/refinery\n",
        "ADD conf /etc/refinery/\n",
        "ADD conf/refinery.yaml /etc/refinery/\nADD conf/rules.yaml /etc/refinery/\n",
        "COPY --chown=1:1 --link conf/refinery.yaml conf/rules.yaml /etc/refinery/\n",
        "COPY conf/*.yaml /etc/refinery/\n",
        "COPY conf/r[a-z]*.y?ml /etc/refinery/\n",
        "COPY con?/ /etc/refinery/\n",
        "COPY [\"conf\", \"/etc/refinery/\"]\n",
        "WORKDIR /a\nCOPY conf .\nCMD [\"-c\", \"refinery.yaml\", \"-r\", \"rules.yaml\"]\n",
        "COPY . /a/\nENV REFINERY_CONFIG=/a/conf/refinery.yaml REFINERY_RULES_CONFIG=/a/conf/rules.yaml\n",
        "COPY conf/refinery.yaml conf/rules.yaml /x/\nCOPY conf/ /etc/refinery/\n",
    ] {
        let dockerfile = format!("{FROM}{lines}");
        let (status, said) = checked(&[("Dockerfile", &dockerfile)], CONFIG);
        assert!(status == 0 && said.contains("as described in Dockerfile"), "{lines}: {said}");
        for config in UNUSABLE {
            let (status, said) = checked(&[("Dockerfile", &dockerfile)], config);
            assert_eq!(status, 1, "{lines} {config:?}: {said}");
        }
    }
}

#[test]
fn files_pass_through_stages() {
    for stages in [
        "FROM alpine AS a\nCOPY conf/ /c/\nFROM REFINERY\nCOPY --from=A /c/ /etc/refinery/\n",
        "FROM alpine\nCOPY conf/ /c/\nFROM REFINERY\nCOPY --from=0 /c /etc/refinery\n",
        "FROM alpine AS a\nCOPY conf/ /c/\nFROM a AS b\nFROM scratch AS d\nCOPY --from=b /c/ /d/\n\
         FROM REFINERY\nCOPY --from=d /d/refinery.yaml /d/rules.yaml /etc/refinery/\n",
        "FROM alpine AS a\nCOPY . /c\nRUN true\nFROM REFINERY\nCOPY --from=a /c/conf /etc/refinery/\n",
        "FROM alpine AS a\nCOPY conf/ /c/\nFROM REFINERY\nCOPY --from=a /c/*.yaml /etc/refinery/\n",
        "FROM REFINERY AS a\nCOPY conf/ /etc/refinery/\nFROM a\nEXPOSE 1\n",
        "FROM golang AS b\nRUN go build -o /refinery .\nFROM alpine\n\
         COPY --from=b /refinery /bin/refinery\nCOPY conf/ /etc/refinery/\nCMD [\"refinery\"]\n",
    ] {
        let dockerfile = stages.replace("REFINERY", "honeycombio/refinery:3.2.2");
        let (status, said) = checked(&[("Dockerfile", &dockerfile)], CONFIG);
        assert!(status == 0 && said.contains("as described in Dockerfile"), "{stages}: {said}");
        for config in UNUSABLE {
            let (status, said) = checked(&[("Dockerfile", &dockerfile)], config);
            assert_eq!(status, 1, "{stages} {config:?}: {said}");
        }
    }
    // A later stage, another image and a stage that may change the file are unknown.
    for stages in [
        "FROM REFINERY AS r\nCOPY --from=a /c/ /etc/refinery/\nFROM alpine AS a\nCOPY data/ /c/\nFROM r\n",
        "FROM REFINERY\nCOPY conf/rules.yaml /etc/refinery/\nCOPY --from=alpine data /etc/refinery/\n",
        "FROM alpine AS a\nCOPY data/ /c/\nRUN sed -i s/x/z/ /c/refinery.yaml\n\
         FROM REFINERY\nCOPY --from=a /c/ /etc/refinery/\n",
    ] {
        let dockerfile = stages.replace("REFINERY", "honeycombio/refinery:3.2.2");
        let files = [("Dockerfile", &*dockerfile), ("data/refinery.yaml", "x: y\n")];
        let (_, said) = checked(&files, CONFIG);
        assert!(!said.contains("[schema/"), "{stages}: {said}");
    }
}

#[test]
fn here_documents_are_files_of_the_image() {
    let alpine =
        "FROM alpine\nCOPY --from=honeycombio/refinery:3.2.2 /ko-app/refinery /bin/refinery\n";
    let command = "CMD [\"/bin/refinery\"]\n";
    let cases = [
        format!(
            "{FROM}COPY <<EOF /etc/refinery/refinery.yaml\nCONFIGEOF\nCOPY <<E /etc/refinery/rules.yaml\n{RULES}E\n"
        ),
        format!(
            "{FROM}COPY <<refinery.yaml <<\"rules.yaml\" /etc/refinery/\nCONFIGrules.yaml\nrefinery.yaml\n{RULES}rules.yaml\n"
        ),
        format!(
            "{FROM}ADD <<'EOF' /etc/refinery/refinery.yaml\nCONFIGEOF\nCOPY conf/rules.yaml /etc/refinery/\n"
        ),
        format!(
            "{alpine}RUN cat <<EOF > /etc/refinery/refinery.yaml\nCONFIGEOF\nRUN cat > /etc/refinery/rules.yaml <<E && true\n{RULES}E\n{command}"
        ),
        format!(
            "{alpine}RUN <<EOF\nset -e\ncat > /etc/refinery/refinery.yaml <<X\nCONFIGX\nEOF\nCOPY conf/rules.yaml /etc/refinery/\n{command}"
        ),
        format!(
            "FROM alpine AS a\nCOPY <<E /c/refinery.yaml\nCONFIGE\nCOPY conf/rules.yaml /c/\n{FROM}COPY --from=a /c /etc/refinery\n"
        ),
    ];
    for case in cases {
        let end =
            |config: &str| case.replace("CONFIGrules.yaml\n", config).replace("CONFIG", config);
        let (status, said) = checked(&[("Dockerfile", &end(CONFIG))], CONFIG);
        assert!(status == 0 && said.contains("as described in Dockerfile"), "{case}: {said}");
        for config in UNUSABLE {
            let (status, said) = checked(&[("Dockerfile", &end(config))], CONFIG);
            assert_eq!(status, 1, "{case} {config:?}: {said}");
        }
    }
    let dockerfile = format!(
        "{FROM}COPY <<-EOF /etc/refinery/refinery.yaml\n\tGeneral:\n\t  Typo: 1\n\tEOF\nCOPY conf/rules.yaml /etc/refinery/\n"
    );
    let (status, said) = checked(&[("Dockerfile", &dockerfile)], CONFIG);
    assert!(status == 1 && said.contains("Dockerfile:4:4"), "{said}");
}

#[test]
fn a_here_document_with_variables_is_not_checked() {
    for (delimiter, is_checked) in [("<<'EOF'", true), ("<<EOF", false)] {
        let lines = format!(
            "{FROM}COPY {delimiter} /etc/refinery/refinery.yaml\n{CONFIG}Network: {{ListenAddr: \"${{A}}\"}}\nEOF\nCOPY conf/rules.yaml /etc/refinery/\n"
        );
        let (_, said) = checked(&[("Dockerfile", &lines)], CONFIG);
        assert_eq!(
            said.contains("`ListenAddr`") || said.contains("ListenAddr` is only"),
            is_checked,
            "{said}"
        );
        assert_eq!(said.contains("here-document depends on variables"), !is_checked, "{said}");
    }
}

#[test]
fn excluded_files_are_not_in_the_image() {
    let copies = ["COPY conf/ /etc/refinery/\n", "COPY conf/*.yaml /etc/refinery/\n"];
    for (name, rules, status) in [
        (".dockerignore", "conf\n", 1),
        (".dockerignore", "**/*.yaml\n", 1),
        (".dockerignore", "conf/rules.yaml\n", 1),
        (".dockerignore", "*\n!conf/refinery.yaml\n", 1),
        (".dockerignore", "*\n!conf\n", 0),
        (".dockerignore", "# conf\n*.yaml\n*.md\n", 0),
        ("Dockerfile.dockerignore", "conf/rules.yaml\n", 1),
        ("Dockerfile.dockerignore", "x\n", 0),
        (".containerignore", "conf\n", 0),
    ] {
        for copy in copies {
            let dockerfile = format!("{FROM}{copy}");
            let mut files = vec![("Dockerfile", dockerfile.as_str()), (name, rules)];
            if name == "Dockerfile.dockerignore" && status == 0 {
                files.push((".dockerignore", "conf\n"));
            }
            let (found, said) = checked(&files, CONFIG);
            assert_eq!(found, status, "{name} {rules}: {said}");
            assert_eq!(said.contains("start/missing-file"), status == 1, "{rules}: {said}");
        }
    }
    let dockerfile = format!("{FROM}COPY conf/ /etc/refinery/\n");
    let podman = [("Containerfile", &*dockerfile), (".containerignore", "conf\n")];
    assert_eq!(checked(&podman, CONFIG).0, 1);
    // A service that mounts the folder does not need the copy.
    let compose = "services:\n  refinery:\n    build: .\n    volumes: ['./conf:/etc/refinery']\n";
    let files =
        [("Dockerfile", &*dockerfile), (".dockerignore", "conf\n"), ("compose.yaml", compose)];
    assert_eq!(checked(&files, CONFIG).0, 0);
    let built = compose.replace("    volumes: ['./conf:/etc/refinery']\n", "");
    let files = [files[0], files[1], ("compose.yaml", &built)];
    let (status, said) = checked(&files, CONFIG);
    assert_eq!((status, said.matches("start/missing-file").count()), (1, 2), "{said}");
    let files =
        [("Dockerfile", &*dockerfile), ("conf/refinery.yaml", CONFIG), ("conf/rules.yaml", RULES)];
    let repository = Repository::with(&files);
    repository.write(".dockerignore", "conf\n");
    repository.git(&["add", "--all"]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
}

#[test]
fn an_image_without_copies_is_not_a_deployment() {
    for lines in ["", "ENV X=1\n", "CMD [\"-c\", \"/etc/refinery/x.yaml\"]\n", "COPY start.sh /\n"]
    {
        let dockerfile = format!("{FROM}{lines}");
        let (status, said) = checked(&[("Dockerfile", &dockerfile), ("start.sh", "x")], CONFIG);
        assert!(status == 0 && !said.contains("described in Dockerfile"), "{lines}: {said}");
    }
}

#[test]
fn a_compose_file_may_contain_the_dockerfile() {
    let inline = |lines: &str| {
        let lines = lines.replace('\n', "\n        ");
        format!(
            "services:\n  refinery:\n    build:\n      context: .\n      dockerfile_inline: |\n        {lines}\n"
        )
    };
    let contexts = "services:\n  refinery:\n    build:\n      context: gate\n      additional_contexts: [c=./conf]\n";
    let gate = format!("{FROM}COPY --from=c . /etc/refinery/\n");
    for compose in [
        inline(&format!("{FROM}COPY conf/ /etc/refinery/")),
        inline("ARG V=${X}\nFROM honeycombio/refinery:$$V\nCOPY conf/ /etc/refinery/"),
        contexts.to_owned(),
        contexts.replace("[c=./conf]", "{c: conf}"),
    ] {
        let files = [("compose.yaml", &*compose), ("gate/Dockerfile", &*gate)];
        let (status, said) = checked(&files, CONFIG);
        assert!(status == 0 && said.contains("described in compose.yaml#refinery"), "{said}");
        for config in UNUSABLE {
            let (status, said) = checked(&files, config);
            assert_eq!(status, 1, "{compose} {config:?}: {said}");
        }
    }
    let document = format!(
        "{FROM}COPY <<E /etc/refinery/refinery.yaml\nGeneral:\n  Typo: 1\nE\nCOPY conf/rules.yaml /etc/refinery/"
    );
    let (status, said) = checked(&[("compose.yaml", &inline(&document))], CONFIG);
    assert!(status == 1 && said.contains("compose.yaml:9:11"), "{said}");
}

/// A service with Honeycomb's image and these lines.
fn service_with(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("services:\n  refinery:\n    image: honeycombio/refinery:3.2.2\n{lines}")
}

#[test]
fn a_service_that_extends_an_unreadable_one_is_an_error() {
    let web = "services:\n  web:\n    extends: {file: gone.yaml, service: web}\n";
    let refinery = service_with(&["volumes: ['./conf:/etc/refinery']"]);
    let with_refinery = format!("{web}{}", refinery.replace("services:\n", ""));
    for (compose, status) in [
        ("services:\n  refinery:\n    extends: {file: gone.yaml, service: x}\n", 1),
        ("services:\n  refinery:\n    extends: {file: ../../x.yaml, service: x}\n", 1),
        ("services:\n  refinery:\n    extends: {service: gone}\n", 1),
        ("services:\n  gate:\n    extends: {file: '${X}/refinery.yaml', service: x}\n", 1),
        ("services:\n  gate:\n    extends: {file: other.yaml, service: refinery}\n", 1),
        (&*service_with(&["extends: {file: gone.yaml, service: x}"]), 1),
        ("services:\n  refinery:\n    build: ./gone\n", 1),
        (&*with_refinery, 0),
        (&*format!("{web}# refinery\n"), 2),
    ] {
        let other = "services:\n  refinery:\n    extends: {service: gone}\n";
        let folder = Folder::new(&[
            ("compose.yaml", compose),
            ("other.yaml", other),
            ("conf/refinery.yaml", CONFIG),
            ("conf/rules.yaml", RULES),
        ]);
        let ran = folder.run(&["check", "compose.yaml"]);
        assert_eq!(ran.status, status, "{compose}: {}{}", ran.output, ran.errors);
        let is_said = ran.output.contains("intake/unfollowed-include");
        assert_eq!(is_said, status == 1, "{compose}: {}", ran.output);
    }
}

#[test]
fn a_volume_may_be_bound_to_a_folder() {
    for (options, rules, status) in [
        ("{type: none, o: bind, device: './conf'}", RULES, 0),
        ("{type: none, o: bind, device: '${PWD}/conf'}", FLAWED, 1),
        ("{type: none, o: 'ro,bind', device: conf}", FLAWED, 1),
        ("{type: nfs, o: 'addr=x', device: ':/conf'}", FLAWED, 1),
    ] {
        let compose = service_with(&["volumes: ['conf:/etc/refinery']"]);
        let compose = format!("{compose}volumes:\n  conf: {{driver_opts: {options}}}\n");
        let files = [
            ("compose.yaml", &*compose),
            ("conf/refinery.yaml", CONFIG),
            ("conf/rules.yaml", rules),
        ];
        let ran = Folder::new(&files).run(&["check", "compose.yaml"]);
        assert_eq!(ran.status, status, "{options}: {}{}", ran.output, ran.errors);
    }
}
