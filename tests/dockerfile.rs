//! Images that a compose file builds: the service overrides what the Dockerfile sets, and other
//! effects of the build are unknown.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop where it fails")]

mod program;
mod repository;

use program::{CONFIG, Folder, RULES};
use repository::Repository;

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
        "COPY *.yaml /etc/refinery/\n",
        "COPY $X /etc/refinery/\n",
        "COPY flawed.yaml $X\n",
        "COPY --from=alpine / /\n",
        "COPY flawed.yaml /etc/refinery/rules.yaml\nRUN sed -i s/a/b/ /etc/refinery/rules.yaml\n",
        "ADD https://example.com/rules.yaml /etc/refinery/rules.yaml\n",
        "COPY flawed.yaml /etc/refinery\n",
        "COPY <<E /etc/refinery/rules.yaml\nRulesVersion: 1\nE\n",
        "ENTRYPOINT refinery -r $RULES\n",
        "CMD -r /x.yaml\n",
        "ENTRYPOINT [\"/start.sh\"]\n",
        "ONBUILD COPY . /etc/refinery\n",
        "ENV REFINERY_RULES_CONFIG=$X\n",
    ] {
        let (status, said) = ran(&format!("{from}{more}"), "");
        assert!(status > 0 && said.contains("not checked"), "{more}: {said}");
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
