//! Scripts whose names do not say so, such as `bin/deploy`: their first line names a shell.

use super::file_name::{is_described, is_script, is_yaml_without_extension};
use crate::vfs::path::split;

/// Shells that are named in the first line of a script.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"];

/// Whether a file is a script, by its name or by its first line.
pub fn is_script_file(name: &str, text: &str) -> bool {
    is_script(name) || may_be_script(name) && names_shell(text)
}

/// Whether a file may be a script although its name does not say so: its name has no extension, and nothing
/// else tells what it is. Names in capitals, such as `LICENSE` and `BUILD`, are those of other files.
pub fn may_be_script(name: &str) -> bool {
    let own = split(name).1;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_+".contains(c);
    own.contains(|c: char| c.is_ascii_lowercase())
        && own.chars().all(is_part)
        && !is_described(name)
        && !is_yaml_without_extension(name)
}

/// Whether the first line of a text names a shell: `#!/bin/sh` or `#!/usr/bin/env -S bash -e`.
pub fn names_shell(text: &str) -> bool {
    let first = text.strip_prefix("#!").and_then(|rest| rest.lines().next()).unwrap_or_default();
    first.split_whitespace().any(|word| SHELLS.contains(&split(word).1))
}

/// Whether the first bytes of a file may name a shell.
pub fn starts_script(bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!")
}
