//! Runs the set-up instructions of README and the documentation as they are printed.

#![cfg(unix)]

use crate::framework::Framework;
use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::{Ran, Repository};
use crate::workflow::{act, at, list, parse, text};
use refinery_preflight::internals::syntax::Item;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const ACTION: &str = concat!("OWNER/refinery-preflight@v", env!("CARGO_PKG_VERSION"));

fn deployed() -> Repository {
    Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)])
}

/// Runs a shell script in a repository, with the repository's `bin` and our program on the path.
fn shell(repository: &Repository, script: &str) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_refinery-preflight")).parent().unwrap();
    let own = repository.path().join("bin");
    let path = format!("{}:{}:/usr/bin:/bin", own.display(), program.display());
    Ran::of(repository.command("sh", "", &["-c", script]).env("PATH", path))
}

#[test]
fn the_git_hook_can_be_installed() {
    let repository = deployed();
    let ran = shell(&repository, &crate::readme::set_up("## The git hooks", "sh"));
    assert_eq!(ran.status, 0, "{}", ran.all());
    for (text, status) in [(BROKEN.to_owned(), 1), (format!("{CONFIG}# x\n"), 0)] {
        repository.write("deploy/config.yaml", &text);
        let ran = repository.try_git(&["commit", "--all", "-m", "Change"]);
        assert_eq!(ran.status, status, "{}", ran.all());
    }
}

#[test]
fn pre_commit_can_be_installed() {
    // `install` uses the configuration from README.
    let Some(framework) = Framework::find() else { return };
    let repository = deployed();
    framework.install(&repository);
    for (text, status) in [(BROKEN.to_owned(), 1), (format!("{CONFIG}# x\n"), 0)] {
        repository.write("deploy/config.yaml", &text);
        let ran = framework.commit(&repository);
        assert_eq!(ran.status, status, "{}", ran.all());
    }
}

/// The inputs of our action in the steps of a job.
fn inputs(steps: &str) -> Vec<(String, String)> {
    let job = parse(&format!("steps:\n{steps}"));
    let is_ours = |step: &&Item| text(at(step, &["uses"])) == ACTION;
    let step =
        list(at(&job, &["steps"])).iter().find(is_ours).expect("our action, at this version");
    let with = step.get("with").map(Item::entries).unwrap_or_default();
    with.iter().map(|entry| (entry.key.clone(), text(&entry.item))).collect()
}

#[test]
fn the_action_can_be_used() {
    let short = crate::readme::set_up("## The GitHub Action", "yaml");
    let [_, on_a_pull_request] = &crate::readme::blocks("## The GitHub Action", "yaml")[..] else {
        panic!("expected two blocks");
    };
    let repository = deployed();
    repository.write("other/config.yaml", BROKEN);
    repository.commit_all("Break the other");
    repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    repository.commit_all("Change");
    for (block, status) in [(&short, 1), (on_a_pull_request, 0)] {
        let inputs = inputs(block);
        let inputs: Vec<_> = inputs.iter().map(|(name, value)| (&**name, &**value)).collect();
        let outcome = act(&repository, &inputs);
        assert_eq!(outcome.status, status, "{}", outcome.log);
    }
}

/// A script replaces Helm and prints a rendered chart.
#[test]
fn rendered_manifests_can_be_checked() {
    let block = crate::readme::set_up("## Helm and Kubernetes", "sh");
    let rendered = include_str!("../../fixtures/containers/rendered.yaml");
    let wrong = rendered.replacen("      ListenAddr: 0.0.0.0:8080", "      ListenAdr: x", 1);
    for (manifests, status) in [(rendered, 0), (&*wrong, 1)] {
        let repository = deployed();
        repository.write("manifests", manifests);
        repository.write("bin/helm", "#!/bin/sh\ntest \"$1\" = template && cat manifests\n");
        let helm = repository.path().join("bin/helm");
        fs::set_permissions(helm, fs::Permissions::from_mode(0o755)).unwrap();
        let ran = shell(&repository, &block);
        assert_eq!(ran.status, status, "{}", ran.all());
        assert!(ran.output.contains("<stdin>#shop-refinery-config:config.yaml"), "{}", ran.all());
    }
}

#[test]
fn history_can_be_checked() {
    let block = crate::readme::set_up("## `history`", "sh");
    let repository = deployed();
    assert_eq!(shell(&repository, &block).status, 0);
    repository.write("deploy/config.yaml", BROKEN);
    repository.commit_all("Break it");
    let ran = shell(&repository, &block);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains(" Break it (Ada Lovelace)"), "{}", ran.output);
}
