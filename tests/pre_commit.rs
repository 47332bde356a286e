//! The hooks for pre-commit, run by the real program. Where it is not installed the test says so.

#![allow(clippy::expect_used, clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod program;
mod repository;

use program::{BROKEN, CONFIG, RULES};
use repository::{Ran, Repository};
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folder in which pre-commit is.
fn home_of_pre_commit() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| folder.join("pre-commit").is_file())
}

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).expect(name)
}

/// The set-up that README shows, for a repository of hooks and the hook that uses our program.
fn set_up(hooks: &Repository) -> String {
    let readme = read("README.md");
    let (_, block) = readme.split_once("```yaml\n  - repo: ").expect("README shows the set-up");
    let block = block.split_once("```").expect("the block ends").0;
    assert_eq!(block.lines().count(), 3, "three lines do");
    let (url, block) = block.split_once('\n').expect("lines");
    assert!(url.ends_with("/refinery-preflight"), "{url}");
    let block = block.replace("id: refinery-preflight}", "id: refinery-preflight-system}");
    assert!(block.contains("-system}") && block.contains("rev: v"), "{block}");
    format!("repos:\n  - repo: file://{}\n{block}", hooks.path().display())
}

struct World {
    hooks: Repository,
    repository: Repository,
    path: String,
}

impl World {
    fn new(pre_commit: &Path) -> Self {
        let hooks =
            Repository::with(&[(".pre-commit-hooks.yaml", &read(".pre-commit-hooks.yaml"))]);
        hooks.git(&["tag", concat!("v", env!("CARGO_PKG_VERSION"))]);
        let repository =
            Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)]);
        repository.write(".pre-commit-config.yaml", &set_up(&hooks));
        repository.commit_all("Set pre-commit up");
        let program = Path::new(env!("CARGO_BIN_EXE_refinery-preflight")).parent().unwrap();
        let path = format!("{}:{}:/usr/bin:/bin", program.display(), pre_commit.display());
        let world = Self { hooks, repository, path };
        let installed = world.run("pre-commit", &["install"]);
        assert_eq!(installed.status, 0, "{}", installed.all());
        world
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        let mut command = self.repository.command(program, "", arguments);
        command.env("PATH", &self.path).env("PRE_COMMIT_HOME", self.hooks.path().join("cache"));
        Ran::of(&mut command)
    }

    fn commit(&self) -> Ran {
        self.repository.git(&["add", "."]);
        self.run("git", &["commit", "-m", "Change"])
    }
}

#[test]
fn pre_commit_stops_what_does_not_start() {
    let Some(pre_commit) = home_of_pre_commit() else {
        eprintln!("skipped: there is no pre-commit on the path (`pip install pre-commit`)");
        return;
    };
    let world = World::new(&pre_commit);
    world.repository.write("deploy/config.yaml", BROKEN);
    world.repository.write("other/config.yaml", BROKEN);
    let stopped = world.commit();
    assert_eq!(stopped.status, 1, "{}", stopped.all());
    assert!(stopped.all().contains("other/config.yaml:3:2"), "{}", stopped.all());
    assert_eq!(stopped.all().matches("blocked: ").count(), 1, "judged together: {}", stopped.all());
    world.repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    world.repository.git(&["rm", "-r", "--quiet", "--force", "other"]);
    let passed = world.commit();
    assert_eq!(passed.status, 0, "{}", passed.all());
    // A file that is deleted counts, and so does all there is where that is asked for.
    world.repository.write("deploy/config.yaml", BROKEN);
    world.repository.commit_all("Past the hook");
    let all = world.run("pre-commit", &["run", "--all-files"]);
    assert_eq!(all.status, 1, "{}", all.all());
    world.repository.git(&["rm", "--quiet", "deploy/rules.yaml"]);
    let deleted = world.commit();
    assert_eq!(deleted.status, 1, "{}", deleted.all());
}

#[test]
fn pre_commit_and_our_own_hook_live_together() {
    let Some(pre_commit) = home_of_pre_commit() else {
        eprintln!("skipped: there is no pre-commit on the path (`pip install pre-commit`)");
        return;
    };
    let world = World::new(&pre_commit);
    // Ours before theirs, and theirs before ours, which then is their legacy hook.
    for _ in 0..2 {
        let ran = world.run("refinery-preflight", &["hook", "install"]);
        assert_eq!(ran.status, 0, "{}", ran.all());
        world.repository.write("deploy/config.yaml", BROKEN);
        let stopped = world.commit();
        assert_eq!(stopped.status, 1, "{}", stopped.all());
        let ran = world.run("refinery-preflight", &["hook", "install", "--uninstall"]);
        assert!(ran.output.contains("is back"), "{}", ran.all());
        let stopped = world.commit();
        assert!(stopped.all().contains("Refinery starts"), "{}", stopped.all());
    }
}
