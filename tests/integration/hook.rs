//! The git hooks, run by git in real repositories.

use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::{Ran, Repository};
use std::path::Path;

const HOOK: &str = ".git/hooks/pre-commit";
const FORMER: &str = ".git/hooks/pre-commit.before-refinery-preflight";
const MERGE_HOOK: &str = ".git/hooks/pre-merge-commit";
const PUSH_HOOK: &str = ".git/hooks/pre-push";

/// A repository with a committed deployment and the hook installed.
fn with_hook() -> Repository {
    let repository =
        Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)]);
    install(&repository);
    repository
}

fn install(repository: &Repository) -> String {
    let ran = repository.run(&["hook", "install"]);
    assert_eq!((ran.status, ran.errors.as_str()), (0, ""), "{}", ran.all());
    ran.output
}

fn write_hook(repository: &Repository, name: &str, text: &str) {
    repository.write(name, text);
    make_executable(&repository.path().join(name));
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn make_executable(_: &Path) {}

fn commit(repository: &Repository, arguments: &[&str]) -> Ran {
    repository.try_git(&[&["commit", "-m", "Change"], arguments].concat())
}

/// The last lines of a hook's output.
fn last_lines(ran: &Ran) -> Vec<&str> {
    let is_said = |line: &&str| {
        line.starts_with("refinery-preflight (")
            || line.starts_with("  to ") && line.contains("git")
    };
    ran.errors.lines().filter(is_said).collect()
}

fn exists(repository: &Repository, name: &str) -> bool {
    repository.path().join(name).symlink_metadata().is_ok()
}

#[test]
fn a_bad_commit_is_rejected_and_the_fixed_one_passes() {
    for branch in ["main", "trunk"] {
        // The first commit of a repository, too.
        let repository = Repository::new(branch);
        install(&repository);
        repository.write("deploy/config.yaml", BROKEN);
        repository.write("deploy/rules.yaml", RULES);
        repository.git(&["add", "."]);
        let failed = commit(&repository, &[]);
        assert_eq!(failed.status, 1, "{}", failed.all());
        assert!(failed.all().contains("deploy/config.yaml:3:2"), "{}", failed.all());
        assert!(failed.all().contains("blocked: 1 error"), "{}", failed.all());
        let checked = "refinery-preflight (pre-commit hook): checked 1 deployment (2 files), \
                       staged state";
        assert_eq!(last_lines(&failed), [checked, "  to commit anyway: git commit --no-verify"]);
        assert_eq!(repository.try_git(&["rev-parse", "--verify", "HEAD"]).status, 128);
        repository.write("deploy/config.yaml", CONFIG);
        repository.git(&["add", "."]);
        let passed = commit(&repository, &[]);
        assert_eq!(passed.status, 0, "{}", passed.all());
        assert!(
            passed.all().contains("starts, reloads, handles the first trace"),
            "{}",
            passed.all()
        );
        assert_eq!(last_lines(&passed), [checked]);
        assert_eq!(repository.git(&["rev-parse", "--abbrev-ref", "HEAD"]), branch);
    }
}

#[test]
fn only_staged_changes_are_checked() {
    let repository = with_hook();
    repository.write("deploy/config.yaml", BROKEN);
    repository.write("readme.txt", "x");
    repository.git(&["add", "readme.txt"]);
    let ran = commit(&repository, &[]);
    assert_eq!((ran.status, ran.all().contains("Refinery v")), (0, false), "{}", ran.all());
    // The staged file is broken, the file in the work tree is not.
    repository.git(&["add", "."]);
    repository.write("deploy/config.yaml", CONFIG);
    assert_eq!(commit(&repository, &[]).status, 1);
    // The other way round.
    repository.git(&["add", "."]);
    repository.write("deploy/rules.yaml", &format!("{RULES}# x\n"));
    repository.git(&["add", "."]);
    repository.write("deploy/rules.yaml", "RulesVersion: [\n");
    assert_eq!(commit(&repository, &[]).status, 0);
    assert_eq!(commit(&repository, &["-a"]).status, 1);
    assert_eq!(commit(&repository, &["deploy/rules.yaml"]).status, 1);
    // A commit of one path does not contain other staged files.
    repository.write("deploy/rules.yaml", &format!("{RULES}# y\n"));
    repository.write("deploy/config.yaml", BROKEN);
    repository.git(&["add", "deploy/config.yaml"]);
    let alone = commit(&repository, &["deploy/rules.yaml"]);
    assert_eq!(alone.status, 0, "{}", alone.all());
    assert_eq!(commit(&repository, &[]).status, 1);
    assert_eq!(commit(&repository, &["--no-verify"]).status, 0);
}

#[test]
fn a_deployment_is_checked_as_a_whole() {
    let repository = with_hook();
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Past the hook");
    repository.write("deploy/rules.yaml", &format!("{RULES}# x\n"));
    repository.git(&["add", "."]);
    let ran = commit(&repository, &[]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.all().contains("deploy/config.yaml + deploy/rules.yaml"), "{}", ran.all());
    // Another deployment is not blocked by it.
    repository.git(&["reset", "--hard"]);
    repository.write("other/rules.yaml", RULES);
    repository.git(&["add", "."]);
    assert_eq!(commit(&repository, &[]).status, 0);
}

#[test]
fn config_and_rules_may_be_in_different_folders() {
    let repository = Repository::with(&[
        ("a/config/prod.yaml", CONFIG),
        ("a/rules/prod.yaml", RULES),
        ("b/config.yaml", CONFIG),
        ("b/dev/rules.yaml", RULES),
        ("b/prod/rules.yaml", RULES),
    ]);
    for (name, deployment) in [
        ("a/config/prod.yaml", "a/config/prod.yaml + a/rules/prod.yaml"),
        ("a/rules/prod.yaml", "a/config/prod.yaml + a/rules/prod.yaml"),
        ("b/dev/rules.yaml", "b/config.yaml + b/dev/rules.yaml"),
    ] {
        let before = repository.read(name);
        repository.write(name, &format!("{before}# x\n"));
        repository.git(&["add", "."]);
        let ran = repository.run(&["hook", "run"]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        assert!(ran.output.contains(&format!("✔ {deployment} ·")), "{name}: {}", ran.output);
        assert_eq!(ran.output.matches('✔').count(), 1, "{name}: {}", ran.output);
        repository.git(&["reset", "--quiet", "--hard"]);
    }
    repository.write("b/config.yaml", BROKEN);
    repository.git(&["add", "."]);
    let ran = repository.run_in("a/rules", &["hook", "run"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("../../b/config.yaml + ../../b/dev/rules.yaml"), "{}", ran.output);
    assert!(ran.output.contains("../../b/config.yaml + ../../b/prod/rules.yaml"), "{}", ran.output);
}

#[test]
fn renames_and_deletions_are_changes() {
    let repository = with_hook();
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Past the hook");
    repository.git(&["rm", "--quiet", "deploy/rules.yaml"]);
    let ran = commit(&repository, &[]);
    assert_eq!(ran.status, 1, "what is left is checked: {}", ran.all());
    assert!(ran.all().contains("no rules file given or found"), "{}", ran.all());
    repository.git(&["reset", "--quiet", "--hard"]);
    repository.git(&["mv", "deploy", "moved"]);
    let ran = commit(&repository, &[]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.all().contains("moved/config.yaml:3:2"), "{}", ran.all());
    repository.git(&["rm", "-r", "--quiet", "--force", "moved"]);
    assert_eq!(commit(&repository, &[]).status, 0, "nothing is left");
}

#[test]
fn a_file_that_was_a_refinery_file_is_still_checked() {
    let repository = with_hook();
    for text in ["", "# all gone\n", "<<<<<<< HEAD\nx: y\n"] {
        repository.write("deploy/rules.yaml", text);
        repository.git(&["add", "."]);
        let ran = commit(&repository, &[]);
        assert_eq!(ran.status, 1, "{text:?}: {}", ran.all());
        assert!(ran.all().contains("deploy/config.yaml + deploy/rules.yaml"), "{}", ran.all());
    }
}

#[test]
fn intent_to_add_conflicts_and_unreadable_files() {
    let repository = with_hook();
    repository.write("new/config.yaml", BROKEN);
    repository.git(&["add", "--intent-to-add", "new/config.yaml"]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    std::fs::write(repository.path().join(".git/index"), "DIRC, but not really").unwrap();
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    let failed = "refinery-preflight (pre-commit hook): failed";
    assert_eq!(last_lines(&ran), [failed, "  to commit anyway: git commit --no-verify"]);
}

#[test]
fn install_is_idempotent_and_uninstall_removes_everything() {
    let repository = with_hook();
    let first = repository.read(HOOK);
    assert!(install(&repository).contains("already installed"));
    assert_eq!(repository.read(HOOK), first);
    assert!(!exists(&repository, FORMER));
    // Other arguments change the hook.
    let ran = repository.run(&["hook", "install", "--", "--refinery", "2.0", "--fail-on", "never"]);
    assert!(ran.output.contains("updated"), "{}", ran.all());
    repository.write("deploy/config.yaml", BROKEN);
    let passed = commit(&repository, &["-a"]);
    assert_eq!(passed.status, 0, "{}", passed.all());
    assert!(passed.all().contains("Refinery v2.0."), "{}", passed.all());
    let ran = repository.run(&["hook", "uninstall"]);
    assert_eq!((ran.status, exists(&repository, HOOK)), (0, false), "{}", ran.all());
    assert!(!exists(&repository, MERGE_HOOK) && !exists(&repository, PUSH_HOOK), "{}", ran.all());
    let again = repository.run(&["hook", "uninstall"]);
    assert_eq!(again.status, 0);
    assert!(again.output.contains("no hook is installed"), "{}", again.output);
    let wrong = repository.run(&["hook", "install", "--", "--refinry", "2.0"]);
    assert_eq!((wrong.status, exists(&repository, HOOK)), (2, false), "{}", wrong.all());
    let taken = repository.run(&["hook", "install", "--", "--hook", "pre-push"]);
    assert_eq!((taken.status, exists(&repository, HOOK)), (2, false), "{}", taken.all());
}

#[test]
fn the_push_hook_is_installed_on_request_and_then_updated() {
    let repository = with_hook();
    assert!(exists(&repository, MERGE_HOOK) && !exists(&repository, PUSH_HOOK));
    let ran = repository.run(&["hook", "install", "--pre-push"]);
    let expected = "{h}pre-commit: already installed\n{h}pre-merge-commit: already installed\n\
                    {h}pre-push: installed\n";
    assert_eq!(ran.output, expected.replace("{h}", ".git/hooks/"), "{}", ran.all());
    let ran = repository.run(&["hook", "install", "--", "--refinery", "3.1"]);
    assert_eq!(ran.output.matches(": updated").count(), 3, "{}", ran.all());
    for hook in [HOOK, MERGE_HOOK, PUSH_HOOK] {
        assert!(repository.read(hook).ends_with(" '--refinery' '3.1'\n"), "{hook}");
    }
    let ran = repository.run(&["hook", "uninstall"]);
    assert_eq!(ran.output.matches(": removed\n").count(), 3, "{}", ran.all());
    assert!(![HOOK, MERGE_HOOK, PUSH_HOOK].iter().any(|hook| exists(&repository, hook)));
}

#[test]
fn an_existing_hook_keeps_working() {
    // Its name, its arguments and its output stay the same.
    let sh = "#!/bin/sh\nset -e\nbasename \"$0\" >> seen\necho \"$#\" >> seen\ntest ! -e stop\n";
    let bash = "#!/usr/bin/env bash\nset -e\necho pre-commit >> seen\necho \"$#\" >> seen\n[[ ! -e stop ]]\n";
    for former in [sh, bash] {
        let repository = Repository::with(&[("deploy/config.yaml", CONFIG)]);
        write_hook(&repository, HOOK, former);
        assert!(install(&repository).contains("runs the existing hook first"));
        assert!(install(&repository).contains("already installed"));
        repository.write("deploy/config.yaml", BROKEN);
        repository.git(&["add", "deploy"]);
        let failed = commit(&repository, &[]);
        assert_eq!(failed.status, 1, "{}", failed.all());
        assert_eq!(repository.read("seen"), "pre-commit\n0\n", "{}", failed.all());
        repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
        repository.git(&["add", "deploy"]);
        repository.write("stop", "");
        let failed = commit(&repository, &[]);
        assert_eq!(failed.status, 1, "its status counts: {}", failed.all());
        assert!(!failed.all().contains("Refinery"), "{}", failed.all());
        std::fs::remove_file(repository.path().join("stop")).unwrap();
        assert_eq!(commit(&repository, &[]).status, 0);
        let ran = repository.run(&["hook", "uninstall"]);
        assert!(ran.output.contains("restored the previous hook"), "{}", ran.all());
        assert_eq!(repository.read(HOOK), former);
        assert!(!exists(&repository, FORMER));
    }
}

#[test]
fn a_hook_written_over_ours_is_kept_or_reported() {
    let repository = with_hook();
    let theirs = "#!/bin/sh\nexit 0\n";
    write_hook(&repository, HOOK, theirs);
    install(&repository);
    assert_eq!(repository.read(FORMER), theirs);
    // A hook manager may write the same hook again.
    write_hook(&repository, HOOK, theirs);
    install(&repository);
    assert_eq!(repository.read(FORMER), theirs);
    // With a different hook it is unclear which of the two to keep.
    write_hook(&repository, HOOK, "#!/bin/sh\nexit 1\n");
    let ran = repository.run(&["hook", "install"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert_eq!(repository.read(HOOK), "#!/bin/sh\nexit 1\n");
    let ran = repository.run(&["hook", "uninstall"]);
    assert!(ran.output.contains("another program wrote it"), "{}", ran.all());
}

#[test]
fn a_missing_program_rejects_the_commit() {
    let repository = with_hook();
    let text = repository.read(HOOK);
    let program = format!("program='{}'", env!("CARGO_BIN_EXE_refinery-preflight"));
    assert!(text.contains(&program), "{text}");
    write_hook(&repository, HOOK, &text.replace(&program, "program='/nowhere'"));
    repository.write("readme.txt", "x");
    repository.git(&["add", "."]);
    let ran = commit(&repository, &[]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.errors.contains("refinery-preflight not found"), "{}", ran.errors);
    // Any program on PATH is used instead.
    let path = Path::new(env!("CARGO_BIN_EXE_refinery-preflight")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", path.display());
    let mut git = repository.command("git", "", &["commit", "-m", "Change"]);
    let ran = Ran::of(git.env("PATH", path));
    assert_eq!(ran.status, 0, "{}", ran.all());
}

#[test]
fn hooks_are_installed_where_git_looks() {
    let repository = with_hook();
    repository.git(&["worktree", "add", "--quiet", "../second"]);
    // Work trees share hooks, but each has its own index.
    std::fs::write(repository.path().join("../second/deploy/config.yaml"), BROKEN).unwrap();
    let second =
        |arguments: &[&str]| Ran::of(&mut repository.command("git", "../second", arguments));
    assert_eq!(second(&["commit", "-a", "-m", "Change"]).status, 1);
    let ran = repository.run_in("../second", &["hook", "install"]);
    assert!(ran.output.contains("already installed"), "{}", ran.all());
    // As with husky or a team's own folder.
    repository.git(&["config", "core.hooksPath", ".githooks"]);
    let ran = repository.run_in("deploy", &["hook", "install"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(exists(&repository, ".githooks/pre-commit"));
    std::fs::remove_file(repository.path().join(HOOK)).unwrap();
    repository.write("deploy/config.yaml", BROKEN);
    assert_eq!(commit(&repository, &["-a"]).status, 1);
}

#[test]
fn a_husky_hook_still_finds_its_script() {
    let repository = Repository::with(&[("deploy/config.yaml", CONFIG)]);
    repository.git(&["config", "core.hooksPath", ".husky/_"]);
    write_hook(&repository, ".husky/_/pre-commit", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"");
    let finds = "#!/usr/bin/env sh\nn=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n\
                 [ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\nexit $?\n";
    repository.write(".husky/_/h", finds);
    repository.write(".husky/pre-commit", "echo husky >> seen\n");
    install(&repository);
    repository.write("deploy/config.yaml", BROKEN);
    assert_eq!(commit(&repository, &["-a"]).status, 1);
    assert_eq!(repository.read("seen"), "husky\n");
}

#[test]
fn a_submodule_has_its_own_hook() {
    let (inner, outer) = (with_hook(), Repository::with(&[("readme.txt", "x")]));
    let source = inner.path().to_str().unwrap();
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub"]);
    let ran = outer.run_in("sub", &["hook", "install"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(exists(&outer, ".git/modules/sub/hooks/pre-commit"), "{}", ran.output);
    outer.write("sub/deploy/config.yaml", BROKEN);
    let ran = Ran::of(&mut outer.command("git", "sub", &["commit", "-a", "-m", "Change"]));
    assert_eq!(ran.status, 1, "{}", ran.all());
    install(&outer);
    assert_eq!(commit(&outer, &[]).status, 0);
}

/// The exit status of a manual run of the hook, and what it says it checked.
fn run_hook(repository: &Repository, arguments: &[&str]) -> (i32, String) {
    let ran = repository.run(&[&["hook", "run"], arguments].concat());
    let checked =
        last_lines(&ran).first().and_then(|line| line.split_once("checked ")).map(|s| s.1);
    (ran.status, checked.unwrap_or_default().to_owned())
}

#[test]
fn all_files_checks_the_work_tree() {
    let repository = with_hook();
    let checked = |count: &str| format!("{count}, work tree");
    let one = checked("1 deployment (2 files)");
    assert_eq!(run_hook(&repository, &["--all-files"]), (0, one.clone()));
    // Neither staged nor committed.
    repository.write("deploy/config.yaml", BROKEN);
    assert_eq!(run_hook(&repository, &["--all-files"]), (1, one));
    assert_eq!(run_hook(&repository, &[]), (0, String::new()));
    repository.write("other/rules.yaml", RULES);
    assert_eq!(run_hook(&repository, &["--all-files"]), (1, checked("2 deployments (3 files)")));
    let empty = Repository::with(&[("readme.txt", "x")]);
    assert_eq!(run_hook(&empty, &["--all-files"]), (0, String::new()));
}

#[test]
fn named_files_are_checked_in_the_right_state() {
    let repository = Repository::with(&[
        ("deploy/config.yaml", CONFIG),
        ("deploy/rules.yaml", RULES),
        ("other/config.yaml", BROKEN),
        ("readme.txt", "x"),
    ]);
    let deploy = |state: &str| format!("1 deployment (2 files), {state}");
    let run = |arguments: &[&str]| run_hook(&repository, arguments);
    // Nothing is staged, so these are not the files of a commit.
    assert_eq!(run(&["deploy/rules.yaml"]), (0, deploy("staged state")));
    assert_eq!(run(&["readme.txt"]), (0, String::new()));
    assert_eq!(run(&["other/config.yaml", "readme.txt"]).0, 1);
    // The fault is not staged.
    repository.write("deploy/config.yaml", BROKEN);
    assert_eq!(run(&["deploy/config.yaml"]), (1, deploy("work tree")));
    assert_eq!(run(&["deploy/rules.yaml"]), (1, deploy("work tree")), "whole");
    let absolute = repository.path().join("deploy/rules.yaml");
    assert_eq!(run(&[absolute.to_str().unwrap()]).0, 1);
    let inside = repository.run_in("deploy", &["hook", "run", "rules.yaml"]);
    assert_eq!(inside.status, 1, "{}", inside.all());
    assert_eq!(run(&["../x"]).0, 2);
    // As pre-commit runs it for a commit, with unstaged changes stashed.
    repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    repository.git(&["rm", "--quiet", "deploy/rules.yaml"]);
    repository.git(&["add", "deploy/config.yaml"]);
    let expected = (1, "1 deployment (1 file), staged state".to_owned());
    assert_eq!(run(&["deploy/config.yaml"]), expected, "the rules are gone");
    repository.git(&["reset", "--quiet", "--hard"]);
    // The file is untracked.
    repository.write("new/config.yaml", BROKEN);
    assert_eq!(run(&["new/config.yaml"]), (1, "1 deployment (1 file), work tree".to_owned()));
}

#[test]
fn a_named_file_selects_its_deployments() {
    let generated = "configMapGenerator:\n- name: refinery\n  files: [config.yaml, rules.yaml]\n";
    let patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refinery}\ndata:\n  rules.yaml: |\n    \
                 RulesVersion: 2\n    Samplers: {}\n";
    let repository = Repository::with(&[
        ("base/config.yaml", CONFIG),
        ("base/rules.yaml", RULES),
        ("base/kustomization.yaml", generated),
        ("prod/kustomization.yaml", "resources: [../base]\npatches: [{path: patch.yaml}]\n"),
        ("prod/patch.yaml", patch),
        ("other/config.yaml", CONFIG),
    ]);
    let ran = repository.run(&["hook", "run", "prod/patch.yaml"]);
    assert!(ran.output.contains("prod/patch.yaml"), "{}", ran.all());
    assert!(!ran.output.contains("other/config.yaml"), "{}", ran.all());
}

#[test]
fn explicit_config_files_are_checked_if_changed() {
    let repository = Repository::with(&[("odd.conf", CONFIG), ("other.txt", "x")]);
    let run = |repository: &Repository| repository.run(&["hook", "run", "-c", "odd.conf"]);
    assert_eq!((run(&repository).status, run(&repository).output.as_str()), (0, ""));
    repository.write("odd.conf", &format!("{CONFIG}# x\n"));
    repository.git(&["add", "."]);
    let ran = run(&repository);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("start/unknown-format"), "{}", ran.output);
}
