//! Lines with a word in a file of any language, read as plain words.

use super::near::with_patterns;
use super::script::own_folder::without_own_folder;
use super::script::scope::Scope;
use super::script::words::{commands, lines};
use crate::sniff::shebang::is_script_file;

/// The words of all lines with a word in a file, with the variables that have a single value in it, and
/// patterns for others.
pub fn plain_lines(file: &str, text: &str, word: &str) -> Vec<Vec<String>> {
    if !text.contains(word) {
        return Vec::new();
    }
    let is_script = is_script_file(file, text);
    let text = text.replace("\\\n", " ");
    let mut scope = Scope::of(file);
    for line in lines(&text) {
        let line = without_own_folder(&line.text);
        let is_declared = is_script && scope.declare(&line);
        for words in if is_declared { Vec::new() } else { commands(&line) } {
            scope.follow(&words, line.starts_with([' ', '\t']));
        }
    }
    let lines = text.lines().filter(|line| line.contains(word));
    let lines = lines.map(|line| with_open_paths(&without_own_folder(line), &scope));
    lines.map(|line| words(&with_patterns(&scope.fill_certain(&line)))).collect()
}

/// A line whose paths of YAML files have patterns in place of variables that only have a default.
fn with_open_paths(line: &str, scope: &Scope) -> String {
    let is_path = |word: &str| [".yaml", ".yml"].iter().any(|end| word.contains(end));
    let open = |word: &str| {
        if is_path(word) { scope.leave_open(word) } else { word.to_owned() }
    };
    line.split_inclusive(char::is_whitespace).map(open).collect()
}

/// The words of a line, which may be of another language than the shell's.
fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_else(|| {
        let words = line.split_whitespace();
        words.map(|word| word.trim_matches(['"', '\'']).to_owned()).collect()
    })
}
