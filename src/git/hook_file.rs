//! The file by which git runs this program before a commit: put in place, and taken away again.
//!
//! A hook that is there already is kept beside it and goes on working. Must not run any hook.

use super::repository::{open, trouble};
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::name_of;
use crate::vfs::write::unwritable;
use git2::{ErrorCode, Repository};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// By this line a hook is known as ours.
const MARK: &str =
    "# Written by `refinery-preflight hook install`; `--uninstall` takes it away again.\n";

/// A hook that we stand before is kept under this name.
const FORMER: &str = "pre-commit.before-refinery-preflight";

/// What runs the former hook. Where it is a script of the same shell it is read by that shell, for
/// which it is still called `pre-commit`: some look at their name to learn what they are.
const CHAIN: &str = r#"former=$(dirname "$0")/pre-commit.before-refinery-preflight
if [ -x "$former" ]; then
    read -r first <"$former" || :
    case $first in
    '#!/bin/sh' | '#!/usr/bin/env sh') (. "$former") ;;
    *) "$former" "$@" ;;
    esac
    status=$?
    [ "$status" -eq 0 ] || exit "$status"
fi
"#;

/// What finds this program: the one that wrote the hook, or any on the path, or the commit stops.
const FIND: &str = r#"[ -x "$program" ] || program=$(command -v refinery-preflight) || {
    echo "error: refinery-preflight is gone, so nothing says whether Refinery would start" >&2
    echo "  help: install it again, or remove the hook $0" >&2
    exit 1
}
"#;

/// A repository's hook, there or not.
pub struct HookFile {
    path: PathBuf,
    former: PathBuf,
}

impl HookFile {
    /// Where git looks for the hook of the repository around the current folder.
    ///
    /// # Errors
    /// There is no repository, or its configuration cannot be read.
    pub fn find() -> Result<Self, InputError> {
        let folder = folder(&open()?)?;
        Ok(Self { path: folder.join("pre-commit"), former: folder.join(FORMER) })
    }

    /// Puts our hook in place. The arguments are those of `hook run`. Says what was done.
    ///
    /// # Errors
    /// The place cannot be written, or two other hooks claim it.
    pub fn install(&self, arguments: &[String]) -> Result<String, InputError> {
        let script = script(&program()?, arguments);
        let place = self.place();
        match self.read()? {
            Some(text) if text == script.as_bytes() => Ok(format!("{place}: installed already")),
            Some(text) if is_ours(&text) => {
                self.write(&script).map(|()| format!("{place}: renewed"))
            }
            Some(text) => {
                self.keep_former(&text)?;
                self.write(&script)?;
                Ok(format!("{place}: installed; the hook that was there goes on working"))
            }
            None => self.write(&script).map(|()| format!("{place}: installed")),
        }
    }

    /// Takes our hook away and puts back what was there before. Says what was done.
    ///
    /// # Errors
    /// The place cannot be written.
    pub fn uninstall(&self) -> Result<String, InputError> {
        let place = self.place();
        match self.read()? {
            None => Ok(format!("{place}: there is no hook")),
            Some(text) if !is_ours(&text) => Ok(format!("{place}: not ours, so left alone")),
            Some(_) if exists(&self.former) => {
                fs::rename(&self.former, &self.path).map_err(|error| self.refuses(&error))?;
                Ok(format!("{place}: what was there before is back"))
            }
            Some(_) => {
                fs::remove_file(&self.path).map_err(|error| self.refuses(&error))?;
                Ok(format!("{place}: removed"))
            }
        }
    }

    /// The hook's place as messages name it.
    fn place(&self) -> String {
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
        name_of(self.path.strip_prefix(here).unwrap_or(&self.path))
    }

    /// What is in place; a link that leads nowhere is an empty hook.
    fn read(&self) -> Result<Option<Vec<u8>>, InputError> {
        match fs::read(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(exists(&self.path).then(Vec::new))
            }
            Err(error) => Err(self.refuses(&error)),
        }
    }

    /// Who writes hooks may have written the same one again over ours.
    fn keep_former(&self, text: &[u8]) -> Result<(), InputError> {
        if !exists(&self.former) {
            return fs::rename(&self.path, &self.former).map_err(|error| self.refuses(&error));
        }
        if fs::read(&self.former).is_ok_and(|former| former == text) {
            return Ok(());
        }
        Err(InputError::new(
            InputProblem::Repository,
            format!("`{}` is in the way of the hook that is there", self.former.display()),
            "make one of the two, and remove the other",
        ))
    }

    /// In one step, and never through a link.
    fn write(&self, script: &str) -> Result<(), InputError> {
        let draft = self.path.with_extension("refinery-preflight-draft");
        let write = || {
            fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
            fs::write(&draft, script)?;
            make_executable(&draft)?;
            fs::rename(&draft, &self.path)
        };
        write().map_err(|error| self.refuses(&error))
    }

    fn refuses(&self, error: &io::Error) -> InputError {
        unwritable(&self.path, error, "look at who owns the folder, and at `core.hooksPath`")
    }
}

/// `core.hooksPath`, else the folder that all work trees share.
fn folder(repository: &Repository) -> Result<PathBuf, InputError> {
    let config = repository.config().map_err(|error| trouble(&error))?;
    match config.get_path("core.hooksPath") {
        Ok(path) => Ok(repository.workdir().unwrap_or(repository.path()).join(path)),
        Err(error) if error.code() == ErrorCode::NotFound => {
            Ok(repository.commondir().join("hooks"))
        }
        Err(error) => Err(trouble(&error)),
    }
}

fn program() -> Result<String, InputError> {
    let path =
        std::env::current_exe().ok().and_then(|path| path.into_os_string().into_string().ok());
    path.ok_or_else(|| {
        InputError::new(
            InputProblem::Unreadable,
            "the place of this program has no name in UTF-8",
            "install it in another folder",
        )
    })
}

fn script(program: &str, arguments: &[String]) -> String {
    let words = ["exec \"$program\" hook run".to_owned()].into_iter();
    let command: Vec<String> = words.chain(arguments.iter().map(|word| quote(word))).collect();
    let command = command.join(" ");
    let program = quote(program);
    format!("#!/bin/sh\n{MARK}{CHAIN}program={program}\n{FIND}{command}\n")
}

/// A word that a shell takes as it is.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn is_ours(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains(MARK)
}

/// Also a link that leads nowhere.
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
    fn words_keep_their_shape_in_a_script() {
        let text = script("/a b/it's", &["--env".to_owned(), "A=$(x)".to_owned()]);
        assert!(text.contains("\nprogram='/a b/it'\\''s'\n"), "{text}");
        assert!(text.ends_with("exec \"$program\" hook run '--env' 'A=$(x)'\n"), "{text}");
        assert!(text.contains(FORMER) && is_ours(text.as_bytes()));
    }
}
