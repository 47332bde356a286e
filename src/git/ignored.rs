//! Which files below a folder git ignores.
//!
//! Must not read anything else of a repository.

use super::ignore_rules::Rules;
use crate::vfs::path::name_of;
use crate::vfs::read::read_file;
use git2::{Config, ErrorCode, Repository};
use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Whether git ignores a file. Neither the file nor its folder need exist.
pub fn is_ignored(name: &str) -> bool {
    IgnoredFiles::default().has(name)
}

/// Caches ignore rules by folder.
#[derive(Default)]
pub struct IgnoredFiles(RefCell<HashMap<PathBuf, Rc<Option<Ignored>>>>);

impl IgnoredFiles {
    /// Whether git ignores a file.
    pub fn has(&self, name: &str) -> bool {
        let mut above = Path::new(name).ancestors().skip(1);
        let folder = above.find(|folder| folder.is_dir()).unwrap_or(Path::new(""));
        let Ok(rest) = Path::new(name).strip_prefix(folder) else { return false };
        let rules = self.around(folder);
        rules.as_ref().as_ref().is_some_and(|ignored| ignored.covers(rest))
    }

    fn around(&self, folder: &Path) -> Rc<Option<Ignored>> {
        if let Some(known) = self.0.borrow().get(folder) {
            return Rc::clone(known);
        }
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let rules = Rc::new(Ignored::around(here).ok().flatten());
        self.0.borrow_mut().insert(folder.to_owned(), Rc::clone(&rules));
        rules
    }
}

/// The ignore rules for a walked folder.
pub struct Ignored {
    /// The root of the work tree.
    top: PathBuf,
    index: Option<git2::Index>,
    /// The walked folder, relative to the root.
    prefix: PathBuf,
    ignores_case: bool,
    /// Rules from outside the work tree, highest precedence first.
    outer: [Rules; 2],
    /// Folders read so far, by path relative to the root.
    folders: RefCell<HashMap<PathBuf, Rc<Folder>>>,
}

struct Folder {
    is_ignored: bool,
    rules: Rules,
}

impl Ignored {
    /// Finds the repository that contains `root`. `None` if there is no repository or work tree, or
    /// if the folder itself is ignored: a folder that was named explicitly is to be walked.
    ///
    /// # Errors
    /// The reason why git cannot open the repository, in one line.
    pub fn around(root: &Path) -> Result<Option<Self>, String> {
        let repository = match Repository::discover(root) {
            Ok(repository) => repository,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(error.message().to_owned()),
        };
        let config = repository.config().map_err(|error| error.message().to_owned())?;
        Ok(Self::within(&repository, &config, root).filter(|ignored| !ignored.is_root_ignored()))
    }

    fn within(repository: &Repository, config: &Config, root: &Path) -> Option<Self> {
        let top = repository.workdir()?.canonicalize().ok()?;
        let prefix = root.canonicalize().ok()?.strip_prefix(&top).ok()?.to_owned();
        let ignores_case = config.get_bool("core.ignoreCase").unwrap_or(false);
        let own = repository.commondir().join("info/exclude");
        let global = config.get_path("core.excludesFile").ok().or_else(default_excludes_file);
        let global = global.map(|path| read_rules(&top.join(path), ignores_case));
        let outer = [read_rules(&own, ignores_case), global.unwrap_or_default()];
        let (index, folders) = (repository.index().ok(), RefCell::default());
        Some(Self { top, index, prefix, ignores_case, outer, folders })
    }

    fn is_root_ignored(&self) -> bool {
        !self.prefix.as_os_str().is_empty() && self.folder(&self.prefix).is_ignored
    }

    /// Whether git ignores this path, relative to the walked folder. Tracked files, and folders
    /// that contain some, are never ignored.
    pub fn covers(&self, relative: &Path) -> bool {
        let path = self.prefix.join(relative);
        self.is_ignored(&path) && !self.is_tracked(&path)
    }

    /// The same, for a walk that knows whether it is a folder.
    pub fn covers_as(&self, relative: &Path, is_folder: bool) -> bool {
        let path = self.prefix.join(relative);
        self.is_ignored_as(&path, is_folder) && !self.is_tracked(&path)
    }

    /// Whether git ignores this file or folder if it does not track it.
    pub fn applies(&self, relative: &Path, is_folder: bool) -> bool {
        self.is_ignored_as(&self.prefix.join(relative), is_folder)
    }

    /// Applies the rules only: those of all parent folders, then those for the path.
    fn is_ignored(&self, path: &Path) -> bool {
        let is_folder = self.top.join(path).symlink_metadata().is_ok_and(|data| data.is_dir());
        self.is_ignored_as(path, is_folder)
    }

    fn is_ignored_as(&self, path: &Path, is_folder: bool) -> bool {
        if is_folder {
            return self.folder(path).is_ignored;
        }
        let parent = self.folder(path.parent().unwrap_or(Path::new("")));
        parent.is_ignored || self.decide(path, false)
    }

    fn folder(&self, path: &Path) -> Rc<Folder> {
        if let Some(known) = self.folders.borrow().get(path) {
            return known.clone();
        }
        // From the root down: everything below an ignored folder is ignored, whatever later rules
        // say.
        let is_ignored = path
            .parent()
            .is_some_and(|parent| self.folder(parent).is_ignored || self.decide(path, true));
        let rules = if is_ignored {
            Rules::default()
        } else {
            // Git does not follow a symbolic link to a `.gitignore`.
            let file = self.top.join(path).join(".gitignore");
            let is_file = file.symlink_metadata().is_ok_and(|data| data.is_file());
            if is_file { read_rules(&file, self.ignores_case) } else { Rules::default() }
        };
        let folder = Rc::new(Folder { is_ignored, rules });
        self.folders.borrow_mut().insert(path.to_owned(), folder.clone());
        folder
    }

    /// Decides by the rules of the nearest folder with a matching one, or else by the outer rules.
    fn decide(&self, path: &Path, is_folder: bool) -> bool {
        let decide = |rules: &Rules, from: &Path| {
            let path = path.strip_prefix(from).unwrap_or(path);
            rules.decide(path.as_os_str().as_encoded_bytes(), is_folder, self.ignores_case)
        };
        let near = || {
            let folders = path.ancestors().skip(1);
            folders.into_iter().find_map(|folder| decide(&self.folder(folder).rules, folder))
        };
        let outer = || self.outer.iter().find_map(|rules| decide(rules, Path::new("")));
        near().or_else(outer).unwrap_or(false)
    }

    fn is_tracked(&self, path: &Path) -> bool {
        let Some(index) = &self.index else { return false };
        index.get_path(path, 0).is_some() || index.find_prefix(path.join("")).is_ok()
    }
}

/// A file that cannot be read has no rules.
fn read_rules(path: &Path, ignores_case: bool) -> Rules {
    let text = read_file(path, &name_of(path)).unwrap_or_default();
    Rules::parse(&text, ignores_case)
}

/// Where git looks for the user's own rules by default.
fn default_excludes_file() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = variable("XDG_CONFIG_HOME").or_else(|| Some(variable("HOME")?.join(".config")));
    Some(config?.join("git/ignore"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    use tempfile::TempDir;

    const CASES: usize = 400;
    const NAMES: [&str; 14] =
        ["a", "b", "ab", "abc", "B", "a.b", "a b", "a ", "]", "-a", "[a", "!a", "#a", "\u{e9}"];
    const PARTS: [&str; 38] = [
        "a",
        "b",
        "c",
        "B",
        "a",
        "b",
        "ab",
        ".",
        " ",
        "-",
        "*",
        "*",
        "*",
        "**",
        "**",
        "?",
        "?",
        "/",
        "/",
        "/",
        "**/",
        "/**",
        "/**/",
        "[ab]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "[]a]",
        "[\\]]",
        "[[:alpha:]]",
        "[[:upper:]b]",
        "[[:no:]]",
        "[[:a]",
        "[a",
        "\\",
        "\\*",
        "!",
        "\u{e9}",
    ];

    /// Deterministic pseudo-random numbers.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(self.0 >> 33).unwrap() % limit
        }

        fn rules(&mut self) -> String {
            let mut text = String::new();
            for _ in 0..=self.below(2) {
                if self.below(4) == 0 {
                    text.push('!');
                }
                (0..=self.below(5)).for_each(|_| text.push_str(PARTS[self.below(PARTS.len())]));
                text.push_str(["\n", "\n", "/\n", " \n", "\\ \n", "\r\n", ""][self.below(7)]);
            }
            text
        }
    }

    fn git(top: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(top);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = command.spawn().unwrap();
        running.stdin.take().unwrap().write_all(input).unwrap();
        running.wait_with_output().unwrap().stdout
    }

    fn repository() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        folder
    }

    /// Folders in folders, with files in each; their paths.
    fn plant(top: &Path) -> Vec<String> {
        let mut paths = Vec::new();
        let folders = ["", "a/", "a/b/", "a/b/abc/", "ab/", "B/", "]/", "a b/"];
        for folder in folders {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        for folder in folders {
            paths.extend(folder.strip_suffix('/').map(str::to_owned));
            for name in NAMES {
                let path = format!("{folder}{name}");
                if !top.join(&path).exists() {
                    let _ = fs::write(top.join(&path), "");
                }
                paths.push(path);
            }
        }
        paths
    }

    /// What `git check-ignore` answers for each path.
    fn ignored_by_git(top: &Path, paths: &[String]) -> Vec<bool> {
        let arguments = ["check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"];
        let said = git(top, &arguments, paths.join("\0").as_bytes());
        let fields: Vec<&[u8]> = said.split(|&byte| byte == 0).collect();
        let ignores = |pattern: &[u8]| !pattern.is_empty() && !pattern.starts_with(b"!");
        fields.chunks_exact(4).map(|fields| ignores(fields[2])).collect()
    }

    #[test]
    fn the_rules_agree_with_git_check_ignore() {
        let folder = repository();
        let top = folder.path().canonicalize().unwrap();
        let paths = plant(&top);
        let (mut random, mut ignored) = (Random(1), 0);
        git(&top, &["config", "core.excludesFile", "global"], b"");
        for case in 0..CASES {
            if case == CASES / 2 {
                git(&top, &["config", "core.ignoreCase", "true"], b"");
            }
            let files =
                [".gitignore", "a/.gitignore", "a/b/.gitignore", ".git/info/exclude", "global"];
            let mut rules = Vec::new();
            for (nth, file) in files.iter().enumerate() {
                let text =
                    if nth == 0 || random.below(3) == 0 { random.rules() } else { String::new() };
                fs::write(top.join(file), &text).unwrap();
                rules.push((file, text));
            }
            let expected = ignored_by_git(&top, &paths);
            assert_eq!(expected.len(), paths.len());
            let ours = Ignored::around(&top).unwrap().unwrap();
            for (path, expected) in paths.iter().zip(expected) {
                assert_eq!(
                    ours.is_ignored(Path::new(path)),
                    expected,
                    "{case}: {path:?} {rules:?}"
                );
                ignored += usize::from(expected);
            }
        }
        let all = CASES * paths.len();
        assert!((all / 20..all / 2).contains(&ignored), "{ignored} of {all}");
    }

    #[test]
    fn tracked_files_are_not_ignored() {
        let folder = repository();
        let top = folder.path().canonicalize().unwrap();
        for path in ["kept/in.yaml", "kept/out.yaml", "lost/x.yaml", "deep/a/x.yaml"] {
            fs::create_dir_all(top.join(path).parent().unwrap()).unwrap();
            fs::write(top.join(path), "").unwrap();
        }
        git(&top, &["add", "kept/in.yaml"], b"");
        fs::write(top.join(".gitignore"), "kept\nlost/\n/deep/*\n!/deep/a\n").unwrap();
        let covers = |root: &str, path: &str| {
            Ignored::around(&top.join(root)).unwrap().map(|ignored| ignored.covers(Path::new(path)))
        };
        for (root, path, expected) in [
            ("", "kept", Some(false)),
            ("", "kept/in.yaml", Some(false)),
            ("", "kept/out.yaml", Some(true)),
            ("", "lost", Some(true)),
            ("", "lost/nowhere.yaml", Some(true)),
            ("", "deep/a/x.yaml", Some(false)),
            ("deep", "b", Some(true)),
            // An ignored folder that was named explicitly is walked.
            ("lost", "x.yaml", None),
        ] {
            assert_eq!(covers(root, path), expected, "{root} {path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_gitignore_has_no_rules() {
        let folder = repository();
        let top = folder.path().canonicalize().unwrap();
        fs::write(top.join("rules"), "*.yaml\n").unwrap();
        std::os::unix::fs::symlink("rules", top.join(".gitignore")).unwrap();
        fs::write(top.join("a.yaml"), "").unwrap();
        assert_eq!(ignored_by_git(&top, &["a.yaml".to_owned()]), [false]);
        let ignored = Ignored::around(&top).unwrap().unwrap();
        assert!(!ignored.covers(Path::new("a.yaml")));
    }

    #[test]
    fn no_pattern_takes_exponential_time() {
        let folder = repository();
        let top = folder.path().canonicalize().unwrap();
        let hostile = ["*a".repeat(20), "**/*a".repeat(20), "[!b]*".repeat(20), "*?".repeat(20)];
        let rules = hostile.map(|start| format!("{start}b\n{start}/b\n")).concat();
        fs::write(top.join(".gitignore"), rules.repeat(5)).unwrap();
        let ignored = Ignored::around(&top).unwrap().unwrap();
        let began = Instant::now();
        for nth in 0..50 {
            assert!(!ignored.covers(Path::new(&format!("{}{nth}.yaml", "a".repeat(60)))));
        }
        // Takes less than a tenth of that on an idle machine; backtracking would take years.
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
