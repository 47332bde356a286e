//! The hooks before a merge and before a push, run by git.

use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::{Ran, Repository};

/// Ten keys, so that changes at both ends do not conflict.
const LONG: &str = "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDelay: 2s\n  SendTicker: 100ms\n  \
                    MaxBatchSize: 500\n  MaxExpiredTraces: 3000\n  SpanLimit: 0\n";
const TIMEOUT: &str = "  TraceTimeout: 60s\n";
const MERGE: &[&str] = &["merge", "-m", "Merge", "other"];

/// Two branches that add the same key on different lines, with the hooks installed.
fn conflicting_branches() -> Repository {
    let repository =
        Repository::with(&[("deploy/config.yaml", LONG), ("deploy/rules.yaml", RULES)]);
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    let early = LONG.replace("Traces:\n", &format!("Traces:\n{TIMEOUT}"));
    repository.write("deploy/config.yaml", &early);
    repository.commit_all("Add a timeout");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("deploy/config.yaml", &format!("{LONG}{TIMEOUT}"));
    repository.commit_all("Add a timeout too");
    install(&repository, &[]);
    repository
}

fn install(repository: &Repository, arguments: &[&str]) {
    let ran = repository.run(&[&["hook", "install"], arguments].concat());
    assert_eq!(ran.status, 0, "{}", ran.all());
}

/// A deployment in a clone that pushes to `origin`, with the hook installed.
fn clone_with_push_hook() -> Repository {
    let repository =
        Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)]);
    repository.git(&["init", "--quiet", "--bare", "../origin"]);
    repository.git(&["remote", "add", "origin", "../origin"]);
    repository.git(&["push", "--quiet", "origin", "main"]);
    install(&repository, &["--pre-push"]);
    repository
}

fn push(repository: &Repository, arguments: &[&str]) -> Ran {
    repository.try_git(&[&["push", "--quiet", "origin"], arguments].concat())
}

fn change(repository: &Repository, text: &str, subject: &str) {
    repository.write("deploy/config.yaml", text);
    repository.commit_all(subject);
}

#[cfg(unix)]
fn write_hook(repository: &Repository, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    repository.write(name, text);
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repository.path().join(name), mode).unwrap();
}

#[test]
fn a_clean_merge_with_a_broken_result_is_rejected() {
    let repository = conflicting_branches();
    let rejected = repository.try_git(MERGE);
    assert_eq!(rejected.status, 1, "{}", rejected.all());
    assert!(rejected.all().contains("deploy/config.yaml:10:3"), "{}", rejected.all());
    let end = "refinery-preflight (pre-merge-commit hook): checked 1 deployment (2 files), staged \
               state\n  to merge anyway: git commit --no-verify; to abort: git merge --abort\n";
    assert!(rejected.all().contains(end), "{}", rejected.all());
    // Both suggested commands work.
    repository.git(&["merge", "--abort"]);
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    assert_eq!(repository.try_git(MERGE).status, 1);
    repository.git(&["commit", "--no-verify", "--quiet", "-m", "Merge"]);
    assert_eq!(repository.git(&["log", "-1", "--format=%s"]), "Merge");
}

#[test]
fn a_rejected_merge_is_finished_by_a_good_commit() {
    let repository = conflicting_branches();
    assert_eq!(repository.try_git(MERGE).status, 1);
    let still = repository.try_git(&["commit", "-m", "Merge"]);
    assert_eq!(still.status, 1, "{}", still.all());
    assert!(still.all().contains("(pre-commit hook)"), "{}", still.all());
    repository.write("deploy/config.yaml", &format!("{LONG}{TIMEOUT}"));
    let ended = repository.try_git(&["commit", "-a", "-m", "Merge"]);
    assert_eq!(ended.status, 0, "{}", ended.all());
}

#[test]
fn merges_with_a_good_result_pass() {
    let repository = conflicting_branches();
    repository.git(&["checkout", "--quiet", "-b", "readme", "main~1"]);
    repository.write("readme.txt", "x");
    repository.commit_all("Write on");
    let ran = repository.try_git(&["merge", "-m", "Merge", "main"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.all().contains("starts, reloads"), "{}", ran.all());
    repository.git(&["checkout", "--quiet", "main"]);
    let ran = repository.try_git(&["merge", "--no-ff", "-m", "Merge", "readme"]);
    assert_eq!((ran.status, ran.all().contains("refinery-preflight")), (0, false), "{}", ran.all());
}

#[test]
fn a_push_with_a_broken_tip_is_rejected() {
    let repository = clone_with_push_hook();
    change(&repository, BROKEN, "Break it");
    let rejected = push(&repository, &["main"]);
    assert_eq!(rejected.status, 1, "{}", rejected.all());
    assert!(rejected.all().contains("deploy/config.yaml:3:2"), "{}", rejected.all());
    let tip = repository.git(&["rev-parse", "main"]);
    let end = format!(
        "refinery-preflight (pre-push hook): checked 1 deployment (2 files), commit {} (main)\n  to \
         push anyway: git push --no-verify\n",
        &tip[..10]
    );
    assert!(rejected.all().contains(&end), "{}", rejected.all());
    // Only the tip is checked, not earlier commits or the work tree.
    change(&repository, &format!("{CONFIG}# x\n"), "Fix it");
    repository.write("deploy/config.yaml", BROKEN);
    let passed = push(&repository, &["main"]);
    assert_eq!(passed.status, 0, "{}", passed.all());
    assert!(passed.all().contains("starts, reloads"), "{}", passed.all());
    repository.git(&["commit", "--quiet", "--no-verify", "-am", "Break it"]);
    assert_eq!(push(&repository, &["--no-verify", "main"]).status, 0);
}

#[test]
fn only_changes_new_to_the_remote_are_checked() {
    let repository = clone_with_push_hook();
    change(&repository, BROKEN, "Break it");
    repository.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
    repository.write("readme.txt", "x");
    repository.commit_all("Write on");
    let ran = push(&repository, &["main"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    // It is unknown what a remote without this ref has.
    let all = push(&repository, &["main:new"]);
    assert_eq!(all.status, 1, "{}", all.all());
    // If its default branch is known, a new branch is compared with that.
    repository.git(&["fetch", "--quiet"]);
    repository.git(&["remote", "set-head", "origin", "main"]);
    let ran = push(&repository, &["main:new"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    // Another history has no merge base with it.
    repository.git(&["checkout", "--quiet", "--orphan", "lonely"]);
    repository.commit_all("Alone");
    assert_eq!(push(&repository, &["lonely"]).status, 1);
}

#[test]
fn every_pushed_ref_is_checked_except_deletions() {
    let repository = clone_with_push_hook();
    repository.git(&["branch", "good"]);
    change(&repository, BROKEN, "Break it");
    repository.git(&["tag", "-a", "-m", "x", "v1"]);
    repository.git(&["branch", "bad"]);
    let rejected = push(&repository, &["good", "bad", "v1"]);
    assert_eq!(rejected.status, 1, "{}", rejected.all());
    assert_eq!(rejected.all().matches("blocked: ").count(), 1, "one commit: {}", rejected.all());
    assert!(
        rejected.all().contains("passed") && rejected.all().contains("(bad)"),
        "{}",
        rejected.all()
    );
    assert_eq!(push(&repository, &["v1"]).status, 1);
    assert_eq!(push(&repository, &["good"]).status, 0);
    let deleted = push(&repository, &["--delete", "good"]);
    assert_eq!((deleted.status, deleted.all().as_str()), (0, ""));
    // A tag of a file is ignored.
    let blob = repository.git(&["rev-parse", "main:deploy/config.yaml"]);
    repository.git(&["tag", "blob", &blob]);
    let ran = push(&repository, &["blob"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    // The remote has a commit that is not known here.
    let forced = push(&repository, &["--force", "main~1:main"]);
    assert_eq!(forced.status, 0, "{}", forced.all());
}

#[test]
fn findings_of_a_push_are_new_or_old() {
    let repository = clone_with_push_hook();
    change(&repository, &format!("{CONFIG}---\nx: 1\n"), "Warn");
    repository.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
    repository.write("deploy/rules.yaml", &format!("{RULES}# x\n"));
    repository.commit_all("Go on");
    install(&repository, &["--pre-push", "--", "--fail-on", "warning"]);
    let ran = push(&repository, &["main"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.all().contains("(0 new, 1 old)"), "{}", ran.all());
}

#[test]
fn invalid_lines_are_rejected() {
    let repository = clone_with_push_hook();
    let program = env!("CARGO_BIN_EXE_refinery-preflight");
    let run = |lines: &str| {
        let mut run = repository.command(program, "", &["hook", "run", "--hook=pre-push"]);
        Ran::of(run.write_stdin(lines))
    };
    assert_eq!((run("").status, run("").all().as_str()), (0, ""));
    let ran = run("main\n");
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.errors.contains("expected `<local ref>"), "{}", ran.errors);
    assert!(ran.errors.ends_with("git push --no-verify\n"), "{}", ran.errors);
}

#[cfg(unix)]
#[test]
fn a_former_push_hook_reads_the_same_lines() {
    for shell in ["#!/bin/sh", "#!/usr/bin/env bash"] {
        let repository = clone_with_push_hook();
        assert_eq!(repository.run(&["hook", "uninstall"]).status, 0);
        let former = format!("{shell}\necho \"$1\" >> seen\ncat >> seen\ntest ! -e stop\n");
        write_hook(&repository, ".git/hooks/pre-push", &former);
        install(&repository, &["--pre-push"]);
        change(&repository, BROKEN, "Break it");
        let old = repository.git(&["rev-parse", "main~1"]);
        let tip = repository.git(&["rev-parse", "main"]);
        let rejected = push(&repository, &["main"]);
        assert_eq!(rejected.status, 1, "{}", rejected.all());
        assert!(rejected.all().contains("blocked: 1 error"), "{}", rejected.all());
        let line = format!("refs/heads/main {tip} refs/heads/main {old}\n");
        assert_eq!(repository.read("seen"), format!("origin\n{line}"), "{}", rejected.all());
        repository.write("stop", "");
        let rejected = push(&repository, &["main"]);
        assert_eq!(rejected.status, 1);
        assert!(!rejected.all().contains("blocked: "), "{}", rejected.all());
    }
}

/// A hook that is a link into the repository, as some teams use them.
#[cfg(unix)]
#[test]
fn a_linked_hook_stays_a_link() {
    let repository = conflicting_branches();
    assert_eq!(repository.run(&["hook", "uninstall"]).status, 0);
    write_hook(&repository, "scripts/check.sh", "#!/bin/sh\necho linked >> seen\n");
    let hook = ".git/hooks/pre-merge-commit";
    let link = repository.path().join(hook);
    std::os::unix::fs::symlink("../../scripts/check.sh", &link).unwrap();
    install(&repository, &[]);
    assert_eq!(repository.try_git(MERGE).status, 1);
    assert_eq!(repository.read("seen"), "linked\n");
    assert_eq!(repository.read("scripts/check.sh"), "#!/bin/sh\necho linked >> seen\n");
    assert_eq!(repository.run(&["hook", "uninstall"]).status, 0);
    assert!(link.symlink_metadata().unwrap().is_symlink());
}
