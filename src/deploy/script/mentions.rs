//! What the commands of a script, or the strings of a document, say about files that they may make.
//!
//! A command that names a file or its folder may make it, and some make files without naming them.

use super::made_files::makes_nothing;
use super::scope::KEYWORDS;
use super::words::{commands, is_open, lines};
use crate::vfs::path::{split, split_extension};

/// Programs that make no file of the repository, whatever they name. `>` after them starts another command.
const HARMLESS: [&str; 24] = [
    "kubectl",
    "oc",
    "helm",
    "systemctl",
    "service",
    "ssh",
    "echo",
    "printf",
    "export",
    "local",
    "readonly",
    "declare",
    "set",
    "exit",
    "return",
    "sleep",
    "chmod",
    "chown",
    "yamllint",
    "refinery",
    "refinery-preflight",
    "cat",
    "diff",
    "for",
];

/// Words with which these programs do make files.
const MAKING: [&str; 4] = ["cp", "pull", "fetch", "--output-dir"];

/// Programs that may make files without naming them.
const MAKERS: [&str; 43] = [
    "make",
    "$(MAKE)",
    "gmake",
    "task",
    "just",
    "mage",
    "rake",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "python",
    "python3",
    "ruby",
    "node",
    "perl",
    "go",
    "cargo",
    "tar",
    "unzip",
    "7z",
    "gomplate",
    "consul-template",
    "jsonnet",
    "cue",
    "ytt",
    "terraform",
    "terragrunt",
    "tofu",
    "pulumi",
    "ansible",
    "ansible-playbook",
    "bash",
    "sh",
    "zsh",
    "include",
    "-include",
    "oras",
    "dvc",
    "rclone",
    "gsutil",
    "eval",
    "source",
];

/// Programs that make, list or remove folders.
const FOLDER_PROGRAMS: [&str; 5] = ["mkdir", "rmdir", "rm", "ls", "stat"];

/// Programs that may make files without naming them, if one of these words follows.
const MAKERS_WITH: [(&str, &[&str]); 7] = [
    ("git", &["clone", "submodule", "worktree", "archive"]),
    ("aws", &["s3"]),
    ("gcloud", &["storage", "builds"]),
    ("az", &["storage"]),
    ("docker", &["run", "cp", "build", "buildx"]),
    ("podman", &["run", "cp", "build"]),
    ("buildkite-agent", &["artifact"]),
];

/// Words of an action in a workflow that makes no file.
const HARMLESS_ACTIONS: [&str; 10] = [
    "checkout",
    "setup",
    "login",
    "auth",
    "credentials",
    "context",
    "kubectl",
    "helm",
    "slack",
    "notif",
];

/// Keys of a step that brings files, in pipelines whose steps are keys.
const BRINGING_KEYS: [&str; 4] = ["attach_workspace", "restore_cache", "download", "get"];

/// What commands say about files.
#[derive(Default)]
pub struct Mentions {
    words: Vec<String>,
    /// Paths of the machine at or below which a command may make files.
    machine_paths: Vec<String>,
    /// Whether a command may make files that it does not name.
    brings_others: bool,
}

impl Mentions {
    /// Adds a command.
    pub fn add(&mut self, words: &[String]) {
        let is_before = |word: &&String| {
            KEYWORDS.contains(&word.as_str())
                || ["sudo", "time", "exec"].contains(&word.as_str())
                || word.split_once('=').is_some_and(|(name, _)| !name.contains(['/', '.', '-']))
        };
        let skipped = words.iter().take_while(is_before).count();
        let Some((program, arguments)) = words.get(skipped..).and_then(<[String]>::split_first)
        else {
            return;
        };
        let own = program.trim_start_matches(['@', '-', '+', '(']);
        let name = split(own).1;
        let has = |any: &[&str]| arguments.iter().any(|word| any.contains(&word.as_str()));
        let is_script = own.starts_with('.') || ["sh", "py"].contains(&split_extension(name).1);
        let is_maker = MAKERS.contains(&name)
            || MAKERS_WITH.iter().any(|(maker, any)| *maker == name && has(any));
        let last = arguments.iter().rev().find(|word| !word.starts_with('-'));
        let is_upload = last.is_some_and(|word| word.contains("://"));
        let is_maker = is_script || is_maker && !(is_upload && name != "git");
        // What `>` writes to is unknown.
        self.brings_others |= is_maker || is_open(own) && arguments.is_empty();
        let builds = name == "kustomize" && has(&["build"]) && !has(&["-o", "--output"]);
        let is_harmless =
            HARMLESS.contains(&name) && !has(&MAKING) || builds || makes_nothing_of(words);
        let makes_folder = FOLDER_PROGRAMS.contains(&name) || name == "install" && has(&["-d"]);
        if ["cd", "pushd"].contains(&name) || !is_harmless && !makes_folder {
            self.machine_paths
                .extend(arguments.iter().chain([program]).filter_map(path_of_machine));
        }
        if name == "ssh" {
            for inner in arguments.iter().flat_map(|text| commands(text)) {
                let mut remote = Self::default();
                remote.add(&inner);
                self.machine_paths.append(&mut remote.machine_paths);
            }
        }
        if !is_harmless {
            self.words.extend(words.iter().filter(|word| !is_elsewhere(word)).cloned());
        }
    }

    /// Adds a path of the machine to which a command copies something unknown.
    pub fn add_target(&mut self, path: &str) {
        self.machine_paths.extend(path_of_machine(path));
    }

    /// Paths of the machine at or below which a command may make files.
    pub fn machine_paths(&self) -> Vec<String> {
        self.machine_paths.clone()
    }

    /// Adds the commands in a string of a document, which may also be something else.
    pub fn add_text(&mut self, text: &str) {
        for line in lines(text) {
            let all = commands(&line.text);
            if all.is_empty() {
                self.words.extend(line.text.split_whitespace().map(str::to_owned));
            }
            for words in &all {
                self.add(words);
            }
        }
    }

    /// Adds an entry of a document.
    pub fn add_entry(&mut self, key: &str, text: Option<&str>) {
        let is_other_action =
            |text: &str| !HARMLESS_ACTIONS.iter().any(|word| split(text).1.contains(word));
        self.brings_others |= BRINGING_KEYS.contains(&key)
            || key == "repository" && text.is_some()
            || key == "uses" && text.is_some_and(is_other_action);
    }

    /// Whether a command may make a file at a path with variables, in a folder.
    pub fn may_make_one_of(&self, folder: &str, path: &str) -> bool {
        let own = split(path).1;
        let inside = format!("{folder}/");
        let may =
            |word: &String| word.contains(own) || word.contains(&inside) || is_path(word, folder);
        self.brings_others || self.words.iter().any(may)
    }

    /// Whether a command may make a file or folder at a path.
    pub fn may_make(&self, path: &str) -> bool {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let own = split(path).1;
        let mut folders = std::iter::successors(Some(split(path).0), |at| Some(split(at).0));
        let mut folders: Vec<&str> =
            folders.by_ref().take_while(|folder| !["", ".", ".."].contains(folder)).collect();
        folders.push(path);
        let may = |word: &String| names(word, own) || folders.iter().any(|it| is_path(word, it));
        self.brings_others || self.words.iter().any(may)
    }
}

/// Whether a command makes nothing. Tests do not count, since what they test for may be missing.
fn makes_nothing_of(words: &[String]) -> bool {
    let is_test = words.first().is_some_and(|word| ["test", "[", "[[", "ls"].contains(&&**word));
    makes_nothing(words) && !is_test
}

/// Whether a word is a path of a machine, not of the repository.
fn is_elsewhere(word: &str) -> bool {
    let is_remote = |(host, path): (&str, &str)| {
        !host.contains('/') && path.starts_with('/') && !path.starts_with("//")
    };
    word.starts_with('/') || word.split_once(':').is_some_and(is_remote)
}

/// The absolute path in a word, possibly after a flag, a variable or a host name.
fn path_of_machine(word: impl AsRef<str>) -> Option<String> {
    let word = word.as_ref();
    let start = word.find('/')?;
    let (before, path) = word.split_at(start);
    let is_path = before.is_empty() || before.ends_with(['=', ':', '}']) || before.starts_with('$');
    (is_path && !path.starts_with("//")).then(|| path.to_owned())
}

/// Whether a word contains a name that is not part of a longer one.
fn names(word: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    word.match_indices(name).any(|(at, _)| {
        let (before, after) = (&word[..at], &word[at + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// Whether a word is a path, after a flag or a key.
fn is_path(word: &str, path: &str) -> bool {
    let before = word.trim_end_matches(['/', '*']).strip_suffix(path);
    before.is_some_and(|before| before.is_empty() || before.ends_with(['/', '=', ':']))
}
