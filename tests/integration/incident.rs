//! The incident that this program is made for.
//!
//! On 12 March a line is merged with which Refinery does not start; on 16 March a node restarts.
//! Each hook rejects that line and accepts the fixed one, and `history` finds it if it was merged
//! anyway.

#![cfg(unix)]

use crate::framework::Framework;
use crate::repository::{MARCH_12, Repository};
use crate::workflow::act;

const CONFIG: &str = include_str!("../../fixtures/deployments/good/config.yaml");
const RULES: &str = include_str!("../../fixtures/deployments/good/rules.yaml");
const BAD: &str = include_str!("../../fixtures/deployments/incident/config.yaml");
/// The bad line, its position, and the intended line.
const LINE: &str = "\n TraceTimeout: 90s\n";
const PLACE: &str = "deploy/config.yaml:22:2";
const MEANT: &str = "\n  TraceTimeout: 90s\n";

/// Commits the bad line and then the fixed one, with a hook that may reject it.
fn try_commit(repository: &Repository, commit: &dyn Fn() -> crate::repository::Ran) {
    let before = repository.git(&["rev-parse", "HEAD"]);
    repository.write("deploy/config.yaml", BAD);
    let rejected = commit();
    assert_eq!(rejected.status, 1, "{}", rejected.all());
    for said in
        [PLACE, "error[syntax/invalid-yaml]", "start-up     ✘ Refinery exits", "blocked: 1 error"]
    {
        assert!(rejected.all().contains(said), "{said}: {}", rejected.all());
    }
    assert_eq!(repository.git(&["rev-parse", "HEAD"]), before, "nothing was committed");
    repository.write("deploy/config.yaml", &BAD.replace(LINE, MEANT));
    let passed = commit();
    assert_eq!(passed.status, 0, "{}", passed.all());
    assert_eq!(repository.git(&["rev-parse", "HEAD~1"]), before);
    repository.git(&["reset", "--quiet", "--hard", &before]);
}

fn the_git_hook_rejects_it(repository: &Repository) {
    assert_eq!(repository.run(&["hook", "install"]).status, 0);
    try_commit(repository, &|| {
        repository.git(&["add", "."]);
        repository.try_git(&["commit", "-m", "Tune the timeouts"])
    });
}

fn pre_commit_rejects_it(repository: &Repository, framework: &Framework) {
    let before = repository.git(&["rev-parse", "HEAD"]);
    framework.install(repository);
    try_commit(repository, &|| framework.commit(repository));
    let gone = framework.run(repository, "pre-commit", &["uninstall"]);
    assert_eq!(gone.status, 0, "{}", gone.all());
    repository.git(&["reset", "--quiet", "--hard", &before]);
}

/// On a pull request, with its merge commit checked out and no hooks installed.
fn the_action_rejects_it(repository: &Repository, branch: &str) {
    for (text, status) in [(BAD.to_owned(), 1), (BAD.replace(LINE, MEANT), 0)] {
        repository.git(&["checkout", "--quiet", "-B", "change", branch]);
        repository.write("deploy/config.yaml", &text);
        repository.commit_all("Tune the timeouts");
        repository.git(&["checkout", "--quiet", "-B", "pull-request", branch]);
        repository.git(&["merge", "--quiet", "--no-ff", "--no-verify", "-m", "Merge", "change"]);
        for inputs in [&[][..], &[("since", "HEAD^1")]] {
            let outcome = act(repository, inputs);
            assert_eq!(outcome.status, status, "{inputs:?}: {}", outcome.log);
            let blocked = outcome.outputs["blocked"] == "true";
            assert_eq!(blocked, status == 1, "{inputs:?}: {}", outcome.log);
            let is_told = outcome.log.contains("::error file=deploy/config.yaml,line=22,");
            assert_eq!(is_told, status == 1, "{inputs:?}: {}", outcome.log);
        }
    }
    repository.git(&["checkout", "--quiet", branch]);
}

/// Without any hook, and found when a node restarts.
fn history_finds_it(repository: &Repository) {
    repository.write("deploy/config.yaml", BAD);
    repository.git(&["commit", "--quiet", "--all", "--no-verify", "-m", "Tune the timeouts"]);
    let bad = repository.git(&["rev-parse", "HEAD"]);
    for (day, subject) in [(13, "Write on"), (14, "And on")] {
        repository.write("readme.txt", subject);
        repository.commit_at(subject, &format!("2026-03-{day}T10:00:00+00:00"));
    }
    let ran = repository.run(&["history", "--until", "2026-03-16T09:30:00Z"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let when = MARCH_12.replace('T', " ").replace(":00+00:00", " +0000");
    let since = format!("broken since  {when} {} Tune the timeouts", &bad[..10]);
    for said in [&*since, PLACE, "for           4 days so far, 2 later commits"] {
        assert!(ran.output.contains(said), "{said}: {}", ran.output);
    }
}

#[test]
fn every_check_rejects_it_and_history_finds_it() {
    let framework = Framework::find();
    for branch in ["main", "master", "trunk"] {
        assert_eq!(BAD.matches(LINE).count(), 1, "one line");
        let repository = Repository::with_a_year(branch, CONFIG, RULES);
        if let Some(framework) = &framework {
            pre_commit_rejects_it(&repository, framework);
        }
        the_git_hook_rejects_it(&repository);
        the_action_rejects_it(&repository, branch);
        assert_eq!(repository.run(&["history"]).status, 0, "nothing got in");
        history_finds_it(&repository);
    }
}
