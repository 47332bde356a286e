//! The real pre-commit framework in a repository, set up as in the README.

use crate::readme;
use crate::repository::{Ran, Repository};
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// pre-commit, and a copy of our repository of hooks.
pub struct Framework {
    hooks: Repository,
    path: String,
}

impl Framework {
    /// `None` with a message if it is not installed.
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let mut folders = std::env::split_paths(&path);
        let Some(folder) = folders.find(|folder| folder.join("pre-commit").is_file()) else {
            eprintln!("skipped: there is no pre-commit on the path (`pip install pre-commit`)");
            return None;
        };
        let manifest = ".pre-commit-hooks.yaml";
        let ours = std::fs::read_to_string(Path::new(ROOT).join(manifest)).expect(manifest);
        let hooks = Repository::with(&[(manifest, &ours)]);
        hooks.git(&["tag", concat!("v", env!("CARGO_PKG_VERSION"))]);
        let program = Path::new(env!("CARGO_BIN_EXE_refinery-preflight")).parent().unwrap();
        let path = format!("{}:{}:/usr/bin:/bin", program.display(), folder.display());
        Some(Self { hooks, path })
    }

    /// The README's configuration with these hooks, using the installed program.
    fn set_up(&self) -> String {
        let block = readme::set_up("### pre-commit", "yaml");
        let url = "https://github.com/OWNER/refinery-preflight\n";
        assert!(block.contains(url) && block.contains("id: refinery-preflight}"), "{block}");
        let hooks = format!("file://{}\n", self.hooks.path().display());
        let block = block.replace(url, &hooks);
        format!("repos:\n{}", block.replace("refinery-preflight}", "refinery-preflight-system}"))
    }

    /// Sets up a repository and commits the configuration.
    pub fn install(&self, repository: &Repository) {
        repository.write(".pre-commit-config.yaml", &self.set_up());
        repository.commit_all("Set pre-commit up");
        let installed = self.run(repository, "pre-commit", &["install"]);
        assert_eq!(installed.status, 0, "{}", installed.all());
    }

    /// Runs any program, with pre-commit and this program on `PATH`.
    pub fn run(&self, repository: &Repository, program: &str, arguments: &[&str]) -> Ran {
        let mut command = repository.command(program, "", arguments);
        command.env("PATH", &self.path).env("PRE_COMMIT_HOME", self.hooks.path().join("cache"));
        Ran::of(&mut command)
    }

    /// Commits everything.
    pub fn commit(&self, repository: &Repository) -> Ran {
        repository.git(&["add", "."]);
        self.run(repository, "git", &["commit", "-m", "Change"])
    }
}
