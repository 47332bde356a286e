//! Hidden folders of a repository are searched like others, except those in which tools keep their
//! state.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::Repository;

const DOORS: [&[&str]; 5] = [
    &["check"],
    &["check", "--staged"],
    &["check", "--rev", "HEAD"],
    &["check", "--since", "HEAD~1"],
    &["history"],
];

#[test]
fn checks_hidden_folders_through_every_entry_point() {
    for folder in [".config/refinery", ".deploy", "a/.b/c", ".github"] {
        let repository = Repository::with(&[("readme.txt", "x")]);
        repository.write(&format!("{folder}/config.yaml"), BROKEN);
        repository.write(&format!("{folder}/rules.yaml"), RULES);
        repository.git(&["add", "--all"]);
        let ran = repository.run(&["hook", "run"]);
        assert_eq!(ran.status, 1, "{folder}: {}", ran.all());
        repository.commit_all("Add it");
        for door in DOORS {
            let ran = repository.run(door);
            assert_eq!(ran.status, 1, "{folder} {door:?}: {}", ran.all());
            assert!(ran.output.contains(&format!("{folder}/config.yaml")), "{}", ran.all());
        }
    }
}

#[test]
fn skips_folders_of_tools_and_ignored_files() {
    let files = [
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
        (".terraform/x/config.yaml", BROKEN),
        (".venv/config.yaml", BROKEN),
        (".gitignore", ".secret/\n"),
    ];
    let repository = Repository::with(&files);
    repository.write(".secret/config.yaml", BROKEN);
    for door in DOORS.iter().filter(|door| !door.contains(&"--since")) {
        let ran = repository.run(door);
        assert_eq!(ran.status, 0, "{door:?}: {}", ran.all());
    }
    let ran = repository.run(&["check", "--output-format", "json"]);
    for reason in ["folder of a tool", "ignored by git"] {
        assert!(ran.output.contains(reason), "{}", ran.output);
    }
}

#[test]
fn skips_hidden_folders_outside_of_a_repository() {
    let files = [("config.yaml", CONFIG), ("rules.yaml", RULES), (".config/config.yaml", BROKEN)];
    let folder = Folder::new(&files);
    assert_eq!(folder.run(&["check"]).status, 0);
    assert_eq!(folder.run(&["check", ".config"]).status, 1, "one that is named is looked at");
}

#[test]
fn the_hook_follows_files_in_hidden_folders() {
    let compose = "services:\n  refinery:\n    image: honeycombio/refinery:3.1.0\n    volumes: ['../c/c.txt:/etc/refinery/refinery.yaml', \
                   '../c/r.txt:/etc/refinery/rules.yaml']\n";
    let files = [(".deploy/compose.yaml", compose), ("c/c.txt", CONFIG), ("c/r.txt", RULES)];
    let repository = Repository::with(&files);
    repository.write("c/other.yaml", "a: b\n");
    repository.write("c/c.txt", BROKEN);
    repository.git(&["add", "--all"]);
    let ran = repository.run(&["hook", "run"]);
    assert!(ran.status == 1 && ran.output.contains("c/c.txt"), "{}", ran.all());
}
