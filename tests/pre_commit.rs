//! The hooks for pre-commit, run by the real program. Where it is not installed the test says so.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod framework;
mod program;
mod readme;
mod repository;

use framework::Framework;
use program::{BROKEN, CONFIG, RULES};
use repository::Repository;

fn deployed(framework: &Framework) -> Repository {
    let repository =
        Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)]);
    framework.install(&repository);
    repository
}

#[test]
fn pre_commit_stops_what_does_not_start() {
    let Some(framework) = Framework::find() else { return };
    let repository = deployed(&framework);
    repository.write("deploy/config.yaml", BROKEN);
    repository.write("other/config.yaml", BROKEN);
    let stopped = framework.commit(&repository);
    assert_eq!(stopped.status, 1, "{}", stopped.all());
    assert!(stopped.all().contains("other/config.yaml:3:2"), "{}", stopped.all());
    assert_eq!(stopped.all().matches("blocked: ").count(), 1, "judged together: {}", stopped.all());
    repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    repository.git(&["rm", "-r", "--quiet", "--force", "other"]);
    let passed = framework.commit(&repository);
    assert_eq!(passed.status, 0, "{}", passed.all());
    // A file that is deleted counts, and so does all there is where that is asked for.
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Past the hook");
    let all = framework.run(&repository, "pre-commit", &["run", "--all-files"]);
    assert_eq!(all.status, 1, "{}", all.all());
    repository.git(&["rm", "--quiet", "deploy/rules.yaml"]);
    let deleted = framework.commit(&repository);
    assert_eq!(deleted.status, 1, "{}", deleted.all());
}

#[test]
fn pre_commit_and_our_own_hook_live_together() {
    let Some(framework) = Framework::find() else { return };
    let repository = deployed(&framework);
    // Ours before theirs, and theirs before ours, which then is their legacy hook.
    for _ in 0..2 {
        let ran = framework.run(&repository, "refinery-preflight", &["hook", "install"]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        repository.write("deploy/config.yaml", BROKEN);
        let stopped = framework.commit(&repository);
        assert_eq!(stopped.status, 1, "{}", stopped.all());
        let ran = framework.run(&repository, "refinery-preflight", &["hook", "uninstall"]);
        assert!(ran.output.contains("is back"), "{}", ran.all());
        let stopped = framework.commit(&repository);
        assert!(stopped.all().contains("Refinery starts"), "{}", stopped.all());
    }
}
