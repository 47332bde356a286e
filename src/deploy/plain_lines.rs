//! Lines with a word in a file of any language, read as plain words.

use super::near::with_patterns;
use super::script::scope::{Scope, without_own_folder};
use super::script::words::{commands, lines};
use crate::sniff::file_name::is_script;

/// The words of all lines with a word in a file, with the variables that have a single value in it, and
/// patterns for others.
pub fn plain_lines(file: &str, text: &str, word: &str) -> Vec<Vec<String>> {
    if !text.contains(word) {
        return Vec::new();
    }
    let text = text.replace("\\\n", " ");
    let mut scope = Scope::of(file);
    for line in lines(&text) {
        let line = without_own_folder(&line.text);
        let is_declared = is_script(file) && scope.declare(&line);
        for words in if is_declared { Vec::new() } else { commands(&line) } {
            scope.follow(&words, line.starts_with([' ', '\t']));
        }
    }
    let lines = text.lines().filter(|line| line.contains(word));
    lines
        .map(|line| words(&with_patterns(&scope.fill_certain(&without_own_folder(line)))))
        .collect()
}

/// The words of a line, which may be of another language than the shell's.
fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_else(|| {
        let words = line.split_whitespace();
        words.map(|word| word.trim_matches(['"', '\'']).to_owned()).collect()
    })
}
