//! Amazon ECS task definitions: image, variables and command apply to the files next to them.

use crate::program::{CONFIG, Folder, RULES};
use crate::repository::Repository;

/// A config that only releases before 3.0 accept.
const OLD: &str = "General:\n  ConfigurationVersion: 2\nCollection:\n  CacheCapacity: 10000\n";

/// A task with a Refinery container with these fields, and another container.
fn task(fields: &str) -> String {
    format!(
        "{{\"family\": \"refinery\", \"cpu\": \"1024\", \"memory\": \"2048\", \"containerDefinitions\": [\n  \
         {{\"name\": \"proxy\", \"image\": \"envoy:1\"}},\n  {{\"name\": \"refinery\", {fields}}}\n]}}\n"
    )
}

const VOLUME: &str =
    "\"mountPoints\": [{\"sourceVolume\": \"efs\", \"containerPath\": \"/etc/refinery\"}]";

/// The exit status and output for a task next to files.
fn ran(name: &str, task: &str, config: &str) -> (i32, String) {
    let files = [(name, task), ("ecs/refinery.yaml", config), ("ecs/rules.yaml", RULES)];
    let ran = Folder::new(&files).run(&["check"]);
    (ran.status, (ran.output + &ran.errors).replace("\n  ", " "))
}

#[test]
fn files_next_to_a_task_use_its_image_variables_and_command() {
    for (tag, more, config, status, release) in [
        ("2.9.4", "", OLD, 0, "v2.9.4"),
        ("3.1.0", "", OLD, 1, "v3.1.0"),
        ("3.1.0", ", \"command\": [\"--no-validate\"]", OLD, 0, "v3.1.0"),
        ("3.1.0", ", \"command\": [\"--none\"]", CONFIG, 1, "v3.1.0"),
        (
            "3.1.0",
            ", \"environment\": [{\"name\": \"REFINERY_HTTP_LISTEN_ADDRESS\", \"value\": \"nowhere\"}]",
            CONFIG,
            1,
            "v3.1.0",
        ),
        (
            "3.1.0",
            ", \"secrets\": [{\"name\": \"REFINERY_HONEYCOMB_API_KEY\", \"valueFrom\": \"arn:x\"}]",
            CONFIG,
            0,
            "v3.1.0",
        ),
    ] {
        let task = task(&format!("\"image\": \"honeycombio/refinery:{tag}\", {VOLUME}{more}"));
        let (found, said) = ran("ecs/task.json", &task, config);
        assert_eq!(found, status, "{tag} {more}: {said}");
        let named = format!("Refinery {release}, pinned by its image in ecs/task.json");
        assert!(said.contains(&named), "{tag} {more}: {said}");
    }
}

#[test]
fn reads_tasks_in_every_spelling() {
    let image = "honeycombio/refinery:2.9.4";
    let json = task(&format!("\"image\": \"{image}\", {VOLUME}"));
    let nested = format!("{{\"taskDefinition\": {json}}}");
    let cloudformation = format!(
        "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      \
         ContainerDefinitions:\n        - Name: refinery\n          Image: {image}\n          Command: ['-c', !Ref Config]\n          \
         MountPoints: [{{SourceVolume: v, ContainerPath: /etc/refinery}}]\n"
    );
    let terraform = format!(
        "{{\"resource\": {{\"aws_ecs_task_definition\": {{\"r\": {{\"container_definitions\": \
         [{{\"name\": \"refinery\", \"image\": \"{image}\", {VOLUME}}}]}}}}}}}}"
    );
    for (name, text) in [
        ("ecs/task.json", json),
        ("ecs/described.json", nested),
        ("ecs/stack.yaml", cloudformation),
        ("ecs/main.tf.json", terraform),
    ] {
        let (status, said) = ran(name, &text, OLD);
        assert_eq!(status, 0, "{name}: {said}");
        assert!(said.contains(&format!("v2.9.4, pinned by its image in {name}")), "{name}: {said}");
    }
}

#[test]
fn a_file_is_only_missing_if_nothing_else_can_provide_it() {
    let image = "\"image\": \"honeycombio/refinery:3.1.0\"";
    let none = |fields: &str| ran("ecs/task.json", &task(fields), CONFIG);
    let (status, said) = none(image);
    assert!(status == 1 && said.contains("start/missing-file"), "{said}");
    for more in [
        VOLUME,
        "\"volumesFrom\": [{\"sourceContainer\": \"proxy\"}]",
        "\"entryPoint\": [\"sh\", \"-c\", \"echo $C > /etc/refinery/refinery.yaml; refinery\"]",
        "\"environmentFiles\": [{\"value\": \"arn:aws:s3:::x/y.env\", \"type\": \"s3\"}]",
        "\"command\": [\"-c\", \"https://example.com/c.yaml\", \"-r\", \"https://example.com/r.yaml\"]",
        "\"secrets\": [{\"name\": \"REFINERY_CONFIG\", \"valueFrom\": \"x\"}, {\"name\": \"REFINERY_RULES_CONFIG\", \"valueFrom\": \"y\"}]",
    ] {
        let (status, said) = none(&format!("{image}, {more}"));
        // The files of the folder may become those of the container, unless it fetches or writes
        // others.
        let is_told = said.contains(if status == 0 { "is checked" } else { "intake/unknown-file" });
        let is_other = more.contains("https") || more.contains("echo");
        assert!(is_told && status == i32::from(is_other), "{more}: {said}");
    }
    let (status, said) =
        none("\"image\": \"1.dkr.ecr.eu-west-1.amazonaws.com/refinery:7\", \"command\": [\"-d\"]");
    assert!(status == 0 && !said.contains("task.json"), "{said}");
}

#[test]
fn different_tasks_do_not_apply_to_files_next_to_them() {
    let one = |tag: &str| task(&format!("\"image\": \"honeycombio/refinery:{tag}\", {VOLUME}"));
    let (one, other) = (one("2.9.4"), one("3.1.0"));
    let files = [
        ("ecs/a.json", &*one),
        ("ecs/b.json", &*other),
        ("ecs/refinery.yaml", OLD),
        ("ecs/rules.yaml", RULES),
    ];
    let ran = Folder::new(&files).run(&["check"]);
    assert!(ran.status == 1 && !ran.output.contains("v2.9.4, by"), "{}", ran.output);
}

#[test]
fn a_task_of_refinery_1_is_reported_once_and_its_files_are_ignored() {
    let task = task(&format!("\"image\": \"honeycombio/refinery:1.21\", {VOLUME}"));
    let toml = "HoneycombAPI = \"x\"\n[InMemCollector]\nCacheCapacity = 1\n";
    let files = [("ecs/task.json", &*task), ("ecs/refinery.toml", toml)];
    let ran = Folder::new(&files).run(&["check"]);
    let said = ran.output.clone() + &ran.errors;
    assert_eq!((ran.status, said.matches("[version/first-generation]").count()), (2, 1), "{said}");
    // Files for 2.x are still checked.
    let files = [("ecs/task.json", &*task), ("ecs/refinery.yaml", CONFIG)];
    let ran = Folder::new(&files).run(&["check"]);
    assert!(ran.status == 0 && ran.output.contains("ecs/refinery.yaml"), "{}", ran.output);
}

#[test]
fn a_dockerfile_pins_the_release_of_files_next_to_it() {
    let folder = |dockerfile: &str, config: (&str, &str)| {
        let files = [("d/Dockerfile", dockerfile), config, ("d/rules.yaml", RULES)];
        let ran = Folder::new(&files).run(&["check"]);
        (ran.status, ran.output + &ran.errors)
    };
    let old = ("d/refinery.yaml", OLD);
    for (dockerfile, status, place) in [
        ("FROM honeycombio/refinery:2.9.4\n", 0, "v2.9.4, pinned by `FROM` in d/Dockerfile"),
        ("FROM honeycombio/refinery:3.1.0\n", 1, "v3.1.0, pinned by `FROM` in d/Dockerfile"),
        ("FROM honeycombio/refinery:3.1.0\nCMD [\"--no-validate\"]\n", 0, "v3.1.0"),
        ("FROM alpine\n# refinery\n", 1, "refinery.yaml"),
    ] {
        let (found, said) = folder(dockerfile, old);
        assert!(found == status && said.contains(place), "{dockerfile}: {found} {said}");
    }
    let toml = "HoneycombAPI = \"x\"\n[InMemCollector]\nCacheCapacity = 1\n";
    let files = [("d/Dockerfile", "FROM honeycombio/refinery:1.21\n"), ("d/refinery.toml", toml)];
    let ran = Folder::new(&files).run(&["check"]);
    let said = ran.output.clone() + &ran.errors;
    assert_eq!((ran.status, said.matches("[version/first-generation]").count()), (2, 1), "{said}");
}

#[test]
fn the_hook_sees_a_task_that_changes() {
    let task = task(&format!("\"image\": \"honeycombio/refinery:2.9.4\", {VOLUME}"));
    let files = [("ecs/task.json", &*task), ("ecs/refinery.yaml", OLD), ("ecs/rules.yaml", RULES)];
    let repository = Repository::with(&files);
    repository.write("ecs/task.json", &task.replace("2.9.4", "3.1.0"));
    repository.git(&["add", "--all"]);
    let ran = repository.run(&["hook", "run"]);
    assert!(ran.status == 1 && ran.output.contains("ecs/refinery.yaml"), "{}", ran.all());
}

#[test]
fn checks_kubernetes_objects_in_json() {
    for space in [" ", ""] {
        let map = format!(
            "{{\"apiVersion\":{space}\"v1\",\"kind\":{space}\"ConfigMap\",\"metadata\":{{\"name\":\"r\"}},\"data\":\
             {{\"rules.yaml\":{space}\"RulesVersion: 2\\nSamplers: {{x: 1}}\\n\"}}}}"
        );
        let ran = Folder::new(&[("k/map.json", &map)]).run(&["check"]);
        assert!(
            ran.status == 1 && ran.output.contains("k/map.json"),
            "{}{}",
            ran.output,
            ran.errors
        );
    }
}

#[test]
fn no_input_stops_the_program() {
    for key in [
        "image",
        "command",
        "entryPoint",
        "environment",
        "secrets",
        "mountPoints",
        "memory",
        "name",
    ] {
        for value in
            ["null", "1", "\"\"", "[]", "{}", "[[1]]", "[{\"a\": 1}]", "\"${x}\"", "[\"${x}\"]"]
        {
            let task = task(&format!("\"image\": \"honeycombio/refinery\", \"{key}\": {value}"));
            let (status, said) = ran("ecs/task.json", &task, CONFIG);
            assert!(
                [0, 1, 2].contains(&status) && !said.contains("panicked"),
                "{key} {value}: {said}"
            );
        }
    }
}
