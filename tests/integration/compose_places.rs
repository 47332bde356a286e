//! Where findings about compose files are: in their document, and where a variable is set.

use crate::compose::{findings, service};
use crate::program::{CONFIG, Folder, RULES};

#[test]
fn a_repeated_key_is_reported_in_its_document() {
    let volumes = "    volumes: [./config.yaml:/etc/refinery/refinery.yaml, ./rules.yaml:/etc/refinery/rules.yaml]\n";
    let own = service(&[]);
    let text = format!("services: {{}}\n---\n{own}{volumes}    init: true\n{volumes}");
    let files = [("compose.yaml", &*text), ("config.yaml", CONFIG), ("rules.yaml", RULES)];
    let repeated: Vec<String> =
        findings(&files).into_iter().filter(|it| it.starts_with("start/invalid-")).collect();
    assert_eq!(repeated, ["start/invalid-compose-file@compose.yaml:8"]);
}

#[test]
fn a_finding_about_a_variable_is_where_the_variable_is_set() {
    let mounts = "volumes: [./config.yaml:/etc/refinery/refinery.yaml, ./rules.yaml:/etc/refinery/rules.yaml]";
    let all = service(&[
        mounts,
        "environment:",
        "  REFINERY_HTTP_LISTEN_ADDRESS: nowhere",
        "  REFINERY_AVAILABLE_MEMORY: 4Zi",
        "  GOMEMLIMIT: 4Gi",
    ]);
    let files = [("compose.yaml", &*all), ("config.yaml", CONFIG), ("rules.yaml", RULES)];
    let expected = [
        "schema/bad-format@compose.yaml:6",
        "start/bad-override@compose.yaml:7",
        "start/bad-runtime-variable@compose.yaml:8",
    ];
    let mut found = findings(&files);
    found.retain(|it| expected.iter().any(|id| it.split('@').next() == id.split('@').next()));
    found.sort();
    assert_eq!(found, expected);

    // What the command line sets is not in any file.
    let folder = Folder::new(&files);
    let ran = folder.run(&["check", "--env", "GOMEMLIMIT=5Gi", "compose.yaml"]);
    let runtime = ran.output.split("error[").find(|it| it.starts_with("start/bad-runtime"));
    let runtime = runtime.expect(&ran.output);
    assert!(runtime.contains("5Gi") && !runtime.contains("compose.yaml:8"), "{runtime}");
}
