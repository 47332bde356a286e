//! The hooks before a merge and before a push, run by git itself.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod program;
mod repository;

use program::{BROKEN, CONFIG, RULES};
use repository::{Ran, Repository};

/// Ten keys, so that changes at both ends do not meet.
const LONG: &str = "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDelay: 2s\n  SendTicker: 100ms\n  \
                    MaxBatchSize: 500\n  MaxExpiredTraces: 3000\n  SpanLimit: 0\n";
const TIMEOUT: &str = "  TraceTimeout: 60s\n";
const MERGE: &[&str] = &["merge", "-m", "Merge", "other"];

/// Two branches that each add the same key at another line, with the hooks installed.
fn torn() -> Repository {
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
fn pushing() -> Repository {
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
fn a_clean_merge_of_what_does_not_fit_together_is_stopped() {
    let repository = torn();
    let stopped = repository.try_git(MERGE);
    assert_eq!(stopped.status, 1, "{}", stopped.all());
    assert!(stopped.all().contains("deploy/config.yaml:10:3"), "{}", stopped.all());
    let end = "refinery-preflight (pre-merge-commit hook): checked 1 deployment (2 files), staged \
               state\n  to merge anyway: git commit --no-verify; to give up: git merge --abort\n";
    assert!(stopped.all().contains(end), "{}", stopped.all());
    // Both ways that are named are ways.
    repository.git(&["merge", "--abort"]);
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    assert_eq!(repository.try_git(MERGE).status, 1);
    repository.git(&["commit", "--no-verify", "--quiet", "-m", "Merge"]);
    assert_eq!(repository.git(&["log", "-1", "--format=%s"]), "Merge");
}

#[test]
fn a_stopped_merge_is_ended_by_a_commit_of_what_starts() {
    let repository = torn();
    assert_eq!(repository.try_git(MERGE).status, 1);
    let still = repository.try_git(&["commit", "-m", "Merge"]);
    assert_eq!(still.status, 1, "{}", still.all());
    assert!(still.all().contains("(pre-commit hook)"), "{}", still.all());
    repository.write("deploy/config.yaml", &format!("{LONG}{TIMEOUT}"));
    let ended = repository.try_git(&["commit", "-a", "-m", "Merge"]);
    assert_eq!(ended.status, 0, "{}", ended.all());
}

#[test]
fn merges_of_what_starts_or_of_other_files_pass() {
    let repository = torn();
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
fn a_push_is_stopped_where_its_tip_does_not_start() {
    let repository = pushing();
    change(&repository, BROKEN, "Break it");
    let stopped = push(&repository, &["main"]);
    assert_eq!(stopped.status, 1, "{}", stopped.all());
    assert!(stopped.all().contains("deploy/config.yaml:3:2"), "{}", stopped.all());
    let tip = repository.git(&["rev-parse", "main"]);
    let end = format!(
        "refinery-preflight (pre-push hook): checked 1 deployment (2 files), commit {} (main)\n  to \
         push anyway: git push --no-verify\n",
        &tip[..10]
    );
    assert!(stopped.all().contains(&end), "{}", stopped.all());
    // The tip counts, neither what lies before it nor the work tree.
    change(&repository, &format!("{CONFIG}# x\n"), "Mend it");
    repository.write("deploy/config.yaml", BROKEN);
    let passed = push(&repository, &["main"]);
    assert_eq!(passed.status, 0, "{}", passed.all());
    assert!(passed.all().contains("starts, reloads"), "{}", passed.all());
    repository.git(&["commit", "--quiet", "--no-verify", "-am", "Break it"]);
    assert_eq!(push(&repository, &["--no-verify", "main"]).status, 0);
}

#[test]
fn only_what_is_new_to_the_remote_counts() {
    let repository = pushing();
    change(&repository, BROKEN, "Break it");
    repository.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
    repository.write("readme.txt", "x");
    repository.commit_all("Write on");
    let ran = push(&repository, &["main"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    // Nobody knows what a remote without such a ref has.
    let all = push(&repository, &["main:new"]);
    assert_eq!(all.status, 1, "{}", all.all());
    // Where its main branch is known, a new branch begins there.
    repository.git(&["fetch", "--quiet"]);
    repository.git(&["remote", "set-head", "origin", "main"]);
    let ran = push(&repository, &["main:new"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    // Another history has nothing in common with it.
    repository.git(&["checkout", "--quiet", "--orphan", "lonely"]);
    repository.commit_all("Alone");
    assert_eq!(push(&repository, &["lonely"]).status, 1);
}

#[test]
fn each_ref_of_a_push_counts_but_deletions_do_not() {
    let repository = pushing();
    repository.git(&["branch", "good"]);
    change(&repository, BROKEN, "Break it");
    repository.git(&["tag", "-a", "-m", "x", "v1"]);
    repository.git(&["branch", "bad"]);
    let stopped = push(&repository, &["good", "bad", "v1"]);
    assert_eq!(stopped.status, 1, "{}", stopped.all());
    assert_eq!(stopped.all().matches("blocked: ").count(), 1, "one commit: {}", stopped.all());
    assert!(
        stopped.all().contains("passed") && stopped.all().contains("(bad)"),
        "{}",
        stopped.all()
    );
    assert_eq!(push(&repository, &["v1"]).status, 1);
    assert_eq!(push(&repository, &["good"]).status, 0);
    let deleted = push(&repository, &["--delete", "good"]);
    assert_eq!((deleted.status, deleted.all().as_str()), (0, ""));
    // A tag of a file is no deployment.
    let blob = repository.git(&["rev-parse", "main:deploy/config.yaml"]);
    repository.git(&["tag", "blob", &blob]);
    let ran = push(&repository, &["blob"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    // A remote that went on, of which nothing is known here.
    let forced = push(&repository, &["--force", "main~1:main"]);
    assert_eq!(forced.status, 0, "{}", forced.all());
}

#[test]
fn findings_of_a_push_are_new_or_old() {
    let repository = pushing();
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
fn what_git_does_not_say_is_refused() {
    let repository = pushing();
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
        let repository = pushing();
        assert_eq!(repository.run(&["hook", "uninstall"]).status, 0);
        let former = format!("{shell}\necho \"$1\" >> seen\ncat >> seen\ntest ! -e stop\n");
        write_hook(&repository, ".git/hooks/pre-push", &former);
        install(&repository, &["--pre-push"]);
        change(&repository, BROKEN, "Break it");
        let old = repository.git(&["rev-parse", "main~1"]);
        let tip = repository.git(&["rev-parse", "main"]);
        let stopped = push(&repository, &["main"]);
        assert_eq!(stopped.status, 1, "{}", stopped.all());
        assert!(stopped.all().contains("blocked: 1 error"), "{}", stopped.all());
        let line = format!("refs/heads/main {tip} refs/heads/main {old}\n");
        assert_eq!(repository.read("seen"), format!("origin\n{line}"), "{}", stopped.all());
        repository.write("stop", "");
        let stopped = push(&repository, &["main"]);
        assert_eq!(stopped.status, 1);
        assert!(!stopped.all().contains("blocked: "), "{}", stopped.all());
    }
}

/// A hook that is a link into the repository, as teams share them.
#[cfg(unix)]
#[test]
fn a_linked_hook_stays_a_link() {
    let repository = torn();
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
