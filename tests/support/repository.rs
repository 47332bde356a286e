//! Git repositories in temporary folders, isolated from the configuration of this machine.

use assert_cmd::Command;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where git is found. No other environment variables are needed.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// 12 March, when the incident starts.
pub const MARCH_12: &str = "2026-03-12T09:30:00+00:00";
/// The same as Unix time.
pub const MARCH_12_SECONDS: u64 = 1_773_307_800;

/// A repository that is deleted at the end of its test.
pub struct Repository {
    _folder: TempDir,
    top: PathBuf,
}

/// The result of a run.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub output: String,
    pub errors: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let ran = command.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            status: ran.status.code().expect("no signal ends it"),
            output: text(ran.stdout),
            errors: text(ran.stderr),
        }
    }

    /// Both streams, since git forwards output.
    pub fn all(&self) -> String {
        format!("{}{}", self.output, self.errors)
    }
}

impl Repository {
    /// An empty repository with the initial branch `branch`.
    pub fn new(branch: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().canonicalize().expect("a path").join("repository");
        std::fs::create_dir(&top).expect("a folder");
        let repository = Self { _folder: folder, top };
        repository.git(&["init", "--quiet", "--initial-branch", branch]);
        repository
    }

    /// A repository with these files in a first commit.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self::new("main");
        for (name, text) in files {
            repository.write(name, text);
        }
        repository.commit_all("Begin");
        repository
    }

    /// A repository with weekly commits in the year before the incident, and a deployment of this
    /// config and these rules in `deploy`.
    pub fn with_a_year(branch: &str, config: &str, rules: &str) -> Self {
        const WEEK: u64 = 7 * 24 * 60 * 60;
        const WEEKS: u64 = 52;
        let mut stream = String::new();
        for week in 0..WEEKS {
            let (name, text) = match week % 3 {
                0 => ("deploy/config.yaml", config),
                1 => ("deploy/rules.yaml", rules),
                _ => ("readme.txt", ""),
            };
            let (seconds, text) =
                (MARCH_12_SECONDS - (WEEKS - week) * WEEK, format!("{text}# {week}\n"));
            write!(
                stream,
                "commit refs/heads/{branch}\ncommitter Ada Lovelace <ada@example.com> {seconds} +0000\n\
                 data <<.\nWeek {week}\n.\nM 644 inline {name}\ndata {}\n{text}\n",
                text.len()
            )
            .expect("memory");
        }
        let repository = Self::new(branch);
        let mut import = repository.command("git", "", &["fast-import", "--quiet"]);
        let ran = Ran::of(import.write_stdin(stream));
        assert_eq!(ran.status, 0, "{}", ran.all());
        repository.git(&["reset", "--quiet", "--hard"]);
        repository
    }

    pub fn path(&self) -> &Path {
        &self.top
    }

    pub fn write(&self, name: &str, text: &str) {
        self.write_bytes(name, text.as_bytes());
    }

    pub fn write_bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.top.join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.top.join(name)).expect("a file")
    }

    /// Any program, in a folder below the root.
    pub fn command(&self, program: &str, folder: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", PATH).current_dir(self.top.join(folder)).args(arguments);
        command.env("HOME", &self.top).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada Lovelace");
            command.env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        date(&mut command, MARCH_12);
        command
    }

    /// Runs git, which may fail.
    pub fn try_git(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command("git", "", arguments))
    }

    /// Runs git, which must succeed, and returns its output.
    pub fn git(&self, arguments: &[&str]) -> String {
        let ran = self.try_git(arguments);
        assert_eq!(ran.status, 0, "git {arguments:?}: {}", ran.errors);
        ran.output.trim_end().to_owned()
    }

    pub fn commit_all(&self, subject: &str) {
        self.commit_at(subject, MARCH_12);
    }

    /// Commits everything without hooks, at a time such as `2026-03-12T09:30:00+00:00`.
    pub fn commit_at(&self, subject: &str, time: &str) {
        self.git(&["add", "--all"]);
        let arguments = ["commit", "--quiet", "--no-verify", "--allow-empty", "-m", subject];
        let mut command = self.command("git", "", &arguments);
        let ran = Ran::of(date(&mut command, time));
        assert_eq!(ran.status, 0, "{}", ran.all());
    }

    /// Runs this program in the root.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in("", arguments)
    }

    pub fn run_in(&self, folder: &str, arguments: &[&str]) -> Ran {
        let program = env!("CARGO_BIN_EXE_refinery-preflight");
        Ran::of(&mut self.command(program, folder, arguments))
    }
}

fn date<'c>(command: &'c mut Command, date: &str) -> &'c mut Command {
    command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date)
}
