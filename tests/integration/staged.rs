//! Checks of the staged state and of revisions.

use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::{Ran, Repository};

const SHORT: [&str; 3] = ["check", "--output-format", "short"];

fn good() -> Repository {
    Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)])
}

/// `check` with these arguments, in short lines.
fn check(repository: &Repository, arguments: &[&str]) -> Ran {
    repository.run(&[&SHORT[..], arguments].concat())
}

fn is_blocked(ran: &Ran) -> bool {
    assert!([0, 1].contains(&ran.status), "{}", ran.all());
    ran.status == 1
}

#[test]
fn staged_checks_the_index_instead_of_the_work_tree() {
    let repository = good();
    repository.write("deploy/config.yaml", BROKEN);
    assert!(is_blocked(&check(&repository, &[])));
    assert!(!is_blocked(&check(&repository, &["--staged"])));
    repository.git(&["add", "."]);
    repository.write("deploy/config.yaml", CONFIG);
    let ran = check(&repository, &["--staged"]);
    assert!(is_blocked(&ran));
    assert!(ran.output.starts_with("deploy/config.yaml:3:2: error["), "{}", ran.output);
    // The quoted lines are those of the index.
    let shown = repository.run(&["check", "--staged"]).output;
    assert!(shown.contains("3 │  Network:"), "{shown}");
    assert!(!is_blocked(&check(&repository, &[])));
}

#[test]
fn rev_checks_a_commit_instead_of_the_work_tree() {
    let repository = good();
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Break it");
    repository.git(&["tag", "-a", "-m", "broken", "broken"]);
    repository.write("deploy/config.yaml", CONFIG);
    repository.commit_all("Fix it");
    for (revision, blocked) in
        [("HEAD", false), ("HEAD~1", true), ("broken", true), ("main~2", false)]
    {
        assert_eq!(is_blocked(&check(&repository, &["--rev", revision])), blocked, "{revision}");
    }
    let rehearsal = repository.run(&["rehearse", "--rev", "broken"]);
    assert_eq!(rehearsal.status, 1, "{}", rehearsal.all());
    let effective = repository.run(&["effective", "--rev", "HEAD"]).output;
    assert!(effective.contains("# deploy/config.yaml:4:25"), "{effective}");
}

#[test]
fn paths_are_relative_to_the_current_folder() {
    let repository = good();
    repository.write("deploy/config.yaml", BROKEN);
    repository.git(&["add", "."]);
    repository.write("deploy/config.yaml", CONFIG);
    repository.write("empty/x.txt", "");
    let absolute = repository.path().join("deploy/config.yaml");
    for (folder, arguments, name) in [
        ("", &["--staged"][..], "deploy/config.yaml"),
        ("", &["--staged", "./deploy/"], "deploy/config.yaml"),
        ("", &["--staged", "deploy/config.yaml"], "deploy/config.yaml"),
        ("deploy", &["--staged"], "config.yaml"),
        ("deploy", &["--staged", "-c", "config.yaml"], "config.yaml"),
        ("deploy", &["--staged", "-c", "./config.yaml", "-r", "rules.yaml"], "config.yaml"),
        ("empty", &["--staged", "../deploy"], "../deploy/config.yaml"),
        ("", &["--staged", absolute.to_str().unwrap()], absolute.to_str().unwrap()),
    ] {
        let ran = repository.run_in(folder, &[&SHORT[..], arguments].concat());
        assert_eq!(ran.status, 1, "{arguments:?}: {}", ran.all());
        assert!(ran.output.starts_with(&format!("{name}:3:2: ")), "{arguments:?}: {}", ran.output);
    }
}

#[test]
fn states_that_cannot_be_checked_do_not_pass() {
    let repository = good();
    for (arguments, said) in [
        (&["--rev", "nowhere"][..], "unknown revision `nowhere`"),
        (&["--rev", "HEAD", "other"], "`other` is not in `HEAD`"),
        (&["--staged", "-c", "other.yaml"], "`other.yaml` is not in the staged state"),
        (&["--staged", "/etc/hosts"], "is outside the git repository"),
        (&["--staged", "../x"], "is outside the git repository"),
        (&["--staged", "--rev", "HEAD"], "cannot be used with"),
    ] {
        let ran = check(&repository, arguments);
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.errors.contains(said), "{arguments:?}: {}", ran.errors);
    }
    std::fs::write(repository.path().join(".git/index"), "DIRC, but not really").unwrap();
    let ran = check(&repository, &["--staged"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.errors.contains("cannot read the git index"), "{}", ran.errors);
    let outside = crate::program::Folder::new(&[]).run(&["check", "--staged"]);
    assert_eq!(outside.status, 2);
    assert!(outside.errors.contains("not a git repository"), "{}", outside.errors);
}

#[test]
fn a_conflict_is_reported_with_help() {
    let repository = good();
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.write("deploy/config.yaml", &format!("{CONFIG}Network:\n"));
    repository.commit_all("One way");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("deploy/config.yaml", &format!("{CONFIG}Traces:\n"));
    repository.commit_all("Another way");
    assert_eq!(repository.try_git(&["merge", "other"]).status, 1);
    let ran = repository.run(&["check", "--staged"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("<<<<<<< ours"), "{}", ran.output);
    // A file that one side has deleted is still reported.
    repository.git(&["merge", "--abort"]);
    repository.git(&["rm", "--quiet", "deploy/config.yaml"]);
    repository.git(&["commit", "--quiet", "-m", "Delete it"]);
    assert_eq!(repository.try_git(&["merge", "other"]).status, 1);
    assert!(is_blocked(&check(&repository, &["--staged"])));
}

#[test]
fn intent_to_add_is_not_staged() {
    let repository = Repository::new("main");
    repository.write("rules.yaml", RULES);
    repository.git(&["add", "."]);
    repository.write("config.yaml", BROKEN);
    repository.git(&["add", "--intent-to-add", "config.yaml"]);
    let ran = check(&repository, &["--staged"]);
    assert!(!is_blocked(&ran), "{}", ran.all());
    let asked = check(&repository, &["--staged", "-c", "config.yaml"]);
    assert_eq!(asked.status, 2, "{}", asked.all());
}

#[test]
fn dependencies_and_other_files_are_skipped() {
    let repository = good();
    for name in [".terraform/config.yaml", "vendor/a/config.yaml", "deploy/notes.txt"] {
        repository.write(name, BROKEN);
    }
    repository.write("k8s/service.yaml", "apiVersion: v1\nkind: [\n");
    repository.commit_all("Add others");
    for state in [&["--staged"][..], &["--rev", "HEAD"]] {
        assert!(!is_blocked(&check(&repository, state)));
        assert!(is_blocked(&check(&repository, &[state, &["vendor"]].concat())));
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_the_repository() {
    let repository = good();
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, repository.path().join(name)).unwrap();
    };
    repository.write("common/rules.yaml", "RulesVersion: 2\nSamplers: [\n");
    std::fs::remove_file(repository.path().join("deploy/rules.yaml")).unwrap();
    link("../common/rules.yaml", "deploy/rules.yaml");
    link("/etc/hosts", "deploy/away.yaml");
    link("loop.yaml", "deploy/loop.yaml");
    repository.commit_all("Share the rules");
    let ran = repository.run(&["check", "--staged", "deploy"]);
    assert!(is_blocked(&ran));
    assert!(ran.output.contains("deploy/rules.yaml:3:1"), "{}", ran.output);
    let json = repository.run(&["check", "--staged", "deploy", "--output-format", "json"]).output;
    let listed = "\"name\": \"deploy/away.yaml\",\n      \"outcome\": \"not-refinery\",\n      \
                  \"reason\": \"link to a file outside of what is checked\"";
    assert!(json.contains(listed), "{json}");
}

#[test]
fn submodules_are_checked_at_their_staged_commit() {
    let (inner, outer) = (good(), Repository::with(&[("readme.txt", "x")]));
    let source = inner.path().to_str().unwrap();
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub"];
    outer.git(&add);
    outer.write("config.yaml", CONFIG);
    outer.git(&["add", "config.yaml"]);
    outer.write("sub/deploy/config.yaml", BROKEN);
    let ran = Ran::of(&mut outer.command("git", "sub", &["add", "deploy/config.yaml"]));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(!is_blocked(&check(&outer, &["--staged"])));
    let within = outer.run_in("sub", &["check", "--staged"]);
    assert!(is_blocked(&within));
    let ran = Ran::of(&mut outer.command("git", "sub", &["commit", "--quiet", "-m", "Break it"]));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(!is_blocked(&check(&outer, &["--staged"])));
    outer.git(&["add", "sub"]);
    let ran = check(&outer, &["--staged"]);
    assert!(is_blocked(&ran));
    assert!(ran.output.contains("sub/deploy/config.yaml:"), "{}", ran.output);
}

#[test]
fn sparse_checkouts_are_checked_completely() {
    let repository = good();
    repository.write("other/readme.txt", "x");
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Break it");
    repository.git(&["sparse-checkout", "set", "other"]);
    assert!(!repository.path().join("deploy").exists());
    assert!(is_blocked(&check(&repository, &["--staged"])));
    // A sparse index has the trees of the folders that it does not list.
    repository.git(&["sparse-checkout", "set", "--sparse-index", "other"]);
    assert!(is_blocked(&check(&repository, &["--staged"])));
    // With staged changes its entries are needed, and that must be reported.
    repository.write("other/readme.txt", "y");
    repository.git(&["add", "."]);
    let ran = check(&repository, &["--staged"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.errors.contains("--no-sparse-index"), "{}", ran.errors);
}

#[test]
fn other_work_trees_have_their_own_index() {
    let repository = good();
    repository.git(&["worktree", "add", "--quiet", "../second"]);
    let second = repository.path().join("../second/deploy/config.yaml");
    std::fs::write(&second, BROKEN).unwrap();
    let ran = Ran::of(&mut repository.command("git", "../second", &["add", "."]));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(is_blocked(&repository.run_in("../second", &["check", "--staged"])));
    assert!(!is_blocked(&check(&repository, &["--staged"])));
}
