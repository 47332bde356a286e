//! The pre-commit hooks, run by the real framework. Without it, the tests report that they were
//! skipped.

use crate::framework::Framework;
use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::Repository;

fn deployed(framework: &Framework) -> Repository {
    let repository =
        Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)]);
    framework.install(&repository);
    repository
}

#[test]
fn pre_commit_rejects_files_that_do_not_start() {
    let Some(framework) = Framework::find() else { return };
    let repository = deployed(&framework);
    repository.write("deploy/config.yaml", BROKEN);
    repository.write("other/config.yaml", BROKEN);
    let rejected = framework.commit(&repository);
    assert_eq!(rejected.status, 1, "{}", rejected.all());
    assert!(rejected.all().contains("other/config.yaml:3:2"), "{}", rejected.all());
    assert_eq!(
        rejected.all().matches("blocked: ").count(),
        1,
        "checked together: {}",
        rejected.all()
    );
    repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    repository.git(&["rm", "-r", "--quiet", "--force", "other"]);
    let passed = framework.commit(&repository);
    assert_eq!(passed.status, 0, "{}", passed.all());
    // Deleted files are checked, and all files with `--all-files`.
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Past the hook");
    let run = |arguments: &[&str]| {
        framework.run(&repository, "pre-commit", &[&["run"], arguments].concat())
    };
    let all = run(&["--all-files"]);
    assert_eq!(all.status, 1, "{}", all.all());
    let named = run(&["--files", "deploy/rules.yaml"]);
    assert_eq!(named.status, 1, "{}", named.all());
    assert_eq!(run(&["--files", "readme.txt"]).status, 0);
    // Neither staged nor committed, and the other way round.
    repository.write("deploy/config.yaml", CONFIG);
    assert_eq!(run(&["--all-files"]).status, 0);
    repository.commit_all("Fix it");
    repository.write("deploy/config.yaml", BROKEN);
    assert_eq!(run(&["--all-files"]).status, 1);
    assert_eq!(run(&["--files", "deploy/config.yaml"]).status, 1);
    assert_eq!(run(&[]).status, 0, "nothing is staged");
    // Unstaged changes are stashed during a commit.
    repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    repository.git(&["add", "."]);
    repository.write("deploy/config.yaml", BROKEN);
    let part = framework.run(&repository, "git", &["commit", "-m", "Change"]);
    assert_eq!(part.status, 0, "{}", part.all());
    assert_eq!(repository.read("deploy/config.yaml"), BROKEN);
    repository.commit_all("Past the hook again");
    repository.git(&["rm", "--quiet", "deploy/rules.yaml"]);
    let deleted = framework.commit(&repository);
    assert_eq!(deleted.status, 1, "{}", deleted.all());
}

#[test]
fn pre_commit_rejects_a_clean_merge_too() {
    let Some(framework) = Framework::find() else { return };
    let repository = deployed(&framework);
    let install = ["install", "--hook-type", "pre-merge-commit"];
    assert_eq!(framework.run(&repository, "pre-commit", &install).status, 0);
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Break it");
    repository.git(&["checkout", "--quiet", "main"]);
    let merge = framework.run(&repository, "git", &["merge", "--no-ff", "-m", "Merge", "other"]);
    assert_eq!(merge.status, 1, "{}", merge.all());
    assert!(merge.all().contains("deploy/config.yaml:3:2"), "{}", merge.all());
}

#[test]
fn pre_commit_and_our_own_hook_work_together() {
    let Some(framework) = Framework::find() else { return };
    let repository = deployed(&framework);
    // Ours installed first, and theirs installed first, so that ours becomes their legacy hook.
    for _ in 0..2 {
        let ran = framework.run(&repository, "refinery-preflight", &["hook", "install"]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        repository.write("deploy/config.yaml", BROKEN);
        let rejected = framework.commit(&repository);
        assert_eq!(rejected.status, 1, "{}", rejected.all());
        let ran = framework.run(&repository, "refinery-preflight", &["hook", "uninstall"]);
        assert!(ran.output.contains("is back"), "{}", ran.all());
        let rejected = framework.commit(&repository);
        assert!(rejected.all().contains("check Refinery configuration"), "{}", rejected.all());
    }
}
