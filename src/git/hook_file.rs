//! Installs and removes the git hooks that run this program before a commit, a merge or a push.
//!
//! An existing hook is kept and runs first. Must not run any hook.

use super::repository::{open, repository_error};
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::name_of;
use crate::vfs::write::unwritable;
use clap::ValueEnum;
use git2::{ErrorCode, Repository};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Marks a hook as ours.
const MARK: &str = "# Written by `refinery-preflight hook install`; \
                    `refinery-preflight hook uninstall` removes it.\n";

/// The suffix of an existing hook that ours replaced.
const FORMER: &str = ".before-refinery-preflight";

/// Runs the former hook. A `sh` script is sourced, so that `$0` stays the name of the hook: some
/// scripts use it to find out which hook they are.
const CHAIN: &str = r#"if [ -x "$former" ]; then
    read -r first <"$former" || :
    case $first in
    '#!/bin/sh' | '#!/usr/bin/env sh') FEED(. "$former") ;;
    *) FEED"$former" "$@" ;;
    esac
    status=$?
    [ "$status" -eq 0 ] || exit "$status"
fi
"#;

/// Git writes the pushed refs to standard input once, but both hooks read them. The dot keeps the
/// shell from removing trailing newlines.
const KEEP_INPUT: &str = r#"pushed=$(cat; echo .)
pushed=${pushed%.}
feed() {
    printf '%s' "$pushed"
}
"#;

/// Finds this program, at its installed path or on `PATH`, and fails without it.
const FIND: &str = r#"[ -x "$program" ] || program=$(command -v refinery-preflight) || {
    echo "error: refinery-preflight not found, so nothing checks whether Refinery would start" >&2
    echo "  help: reinstall it, or remove the hook $0" >&2
    exit 1
}
"#;

/// A git hook that can stop git.
#[expect(clippy::enum_variant_names, reason = "the names that git has for them")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Hook {
    /// Before a commit.
    #[default]
    PreCommit,
    /// Before the commit of a merge without conflicts, where git does not run `pre-commit`.
    PreMergeCommit,
    /// Before a push.
    PrePush,
}

impl Hook {
    pub const ALL: [Self; 3] = [Self::PreCommit, Self::PreMergeCommit, Self::PrePush];

    /// The name of the file that git runs.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PrePush => "pre-push",
        }
    }
}

/// A hook of a repository, installed or not.
pub struct HookFile {
    hook: Hook,
    path: PathBuf,
    former: PathBuf,
}

impl HookFile {
    /// Finds where git looks for these hooks in the current repository.
    ///
    /// # Errors
    /// There is no repository, or its configuration cannot be read.
    pub fn find(hooks: &[Hook]) -> Result<Vec<Self>, InputError> {
        let folder = folder(&open()?)?;
        let file = |&hook: &Hook| {
            let former = folder.join(format!("{}{FORMER}", hook.name()));
            Self { hook, path: folder.join(hook.name()), former }
        };
        Ok(hooks.iter().map(file).collect())
    }

    pub fn hook(&self) -> Hook {
        self.hook
    }

    /// Whether our hook is installed.
    ///
    /// # Errors
    /// The existing hook cannot be read.
    pub fn is_installed(&self) -> Result<bool, InputError> {
        Ok(self.read()?.is_some_and(|text| is_ours(&text)))
    }

    /// Installs our hook, with arguments for `hook run`. Returns a line that says what was done.
    ///
    /// # Errors
    /// The hook cannot be written, or two other hooks exist already.
    pub fn install(&self, arguments: &[String]) -> Result<String, InputError> {
        let script = script(self.hook, &program()?, arguments);
        let place = self.place();
        match self.read()? {
            Some(text) if text == script.as_bytes() => Ok(format!("{place}: already installed")),
            Some(text) if is_ours(&text) => {
                self.write(&script).map(|()| format!("{place}: updated"))
            }
            Some(text) => {
                self.keep_former(&text)?;
                self.write(&script)?;
                Ok(format!("{place}: installed; it runs the existing hook first"))
            }
            None => self.write(&script).map(|()| format!("{place}: installed")),
        }
    }

    /// Removes our hook and restores the former one. Returns a line that says what was done; `None`
    /// if no hook is installed.
    ///
    /// # Errors
    /// The hook cannot be removed.
    pub fn uninstall(&self) -> Result<Option<String>, InputError> {
        let place = self.place();
        match self.read()? {
            None => Ok(None),
            Some(text) if !is_ours(&text) => {
                Ok(Some(format!("{place}: not removed, because another program wrote it")))
            }
            Some(_) if exists(&self.former) => {
                fs::rename(&self.former, &self.path).map_err(|error| self.cannot_write(&error))?;
                Ok(Some(format!("{place}: removed; restored the previous hook")))
            }
            Some(_) => {
                fs::remove_file(&self.path).map_err(|error| self.cannot_write(&error))?;
                Ok(Some(format!("{place}: removed")))
            }
        }
    }

    /// The hook's path in messages.
    fn place(&self) -> String {
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
        name_of(self.path.strip_prefix(here).unwrap_or(&self.path))
    }

    /// The existing hook; a dangling link is an empty one.
    fn read(&self) -> Result<Option<Vec<u8>>, InputError> {
        match fs::read(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(exists(&self.path).then(Vec::new))
            }
            Err(error) => Err(self.cannot_write(&error)),
        }
    }

    /// Keeps the existing hook. Another program may have written it again over ours.
    fn keep_former(&self, text: &[u8]) -> Result<(), InputError> {
        if !exists(&self.former) {
            return fs::rename(&self.path, &self.former).map_err(|error| self.cannot_write(&error));
        }
        if fs::read(&self.former).is_ok_and(|former| former == text) {
            return Ok(());
        }
        Err(InputError::new(
            InputProblem::Repository,
            format!(
                "`{}` exists already and differs from the installed hook",
                name_of(&self.former)
            ),
            "merge the two hooks into one file, remove the other, and install again",
        ))
    }

    /// Writes the hook atomically, and never through a link.
    fn write(&self, script: &str) -> Result<(), InputError> {
        let draft = self.path.with_extension("refinery-preflight-draft");
        let write = || {
            fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
            fs::write(&draft, script)?;
            make_executable(&draft)?;
            fs::rename(&draft, &self.path)
        };
        write().map_err(|error| self.cannot_write(&error))
    }

    fn cannot_write(&self, error: &io::Error) -> InputError {
        unwritable(&self.path, error, "check the owner of the folder, and git's `core.hooksPath`")
    }
}

/// `core.hooksPath`, or else the folder that all work trees share.
fn folder(repository: &Repository) -> Result<PathBuf, InputError> {
    let config = repository.config().map_err(|error| repository_error(&error))?;
    match config.get_path("core.hooksPath") {
        Ok(path) => Ok(repository.workdir().unwrap_or(repository.path()).join(path)),
        Err(error) if error.code() == ErrorCode::NotFound => {
            Ok(repository.commondir().join("hooks"))
        }
        Err(error) => Err(repository_error(&error)),
    }
}

fn program() -> Result<String, InputError> {
    let path =
        std::env::current_exe().ok().and_then(|path| path.into_os_string().into_string().ok());
    path.ok_or_else(|| {
        InputError::new(
            InputProblem::Unreadable,
            "the path of this program is not valid UTF-8",
            "install it in another folder",
        )
    })
}

fn script(hook: Hook, program: &str, arguments: &[String]) -> String {
    let name = hook.name();
    let (keep, feed, run) = match hook {
        Hook::PrePush => (KEEP_INPUT, "feed | ", "feed | \"$program\""),
        _ => ("", "", "exec \"$program\""),
    };
    // The remote is git's first argument to the hook.
    let remote = if hook == Hook::PrePush { " --remote=\"$1\"" } else { "" };
    let words = std::iter::once(format!("{run} hook run --hook {name}{remote}"));
    let command: Vec<String> = words.chain(arguments.iter().map(|word| quote(word))).collect();
    let (command, program) = (command.join(" "), quote(program));
    let former = format!("former=$(dirname \"$0\")/{name}{FORMER}\n");
    let chain = CHAIN.replace("FEED", feed);
    format!("#!/bin/sh\n{MARK}{keep}{former}{chain}program={program}\n{FIND}{command}\n")
}

/// Quotes a word for the shell.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn is_ours(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains(MARK)
}

/// True for a dangling link, too.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_in_the_script() {
        let arguments = ["--env".to_owned(), "A=$(x)".to_owned()];
        let text = script(Hook::PreCommit, "/a b/it's", &arguments);
        assert!(text.contains("\nprogram='/a b/it'\\''s'\n"), "{text}");
        let run = "exec \"$program\" hook run --hook pre-commit '--env' 'A=$(x)'\n";
        assert!(text.ends_with(run), "{text}");
        assert!(text.contains(FORMER) && is_ours(text.as_bytes()));
    }
}
