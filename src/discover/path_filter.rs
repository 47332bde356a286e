//! Places that name a path without using the file: filters of CI systems and editors, and sentences.

use crate::sniff::comment::is_comment;
use crate::sniff::file_name::is_pipeline;
use crate::vfs::path::{format_of, split};

/// Folders with settings of tools that deploy nothing.
const TOOLS: [&str; 3] = [".github", ".idea", ".vscode"];

/// Keys with patterns of paths.
const FILTERS: [&str; 21] = [
    "any-glob-to-all-files",
    "any-glob-to-any-file",
    "changes",
    "except",
    "exclude",
    "excludes",
    "fileMatch",
    "filters",
    "ignore",
    "ignorePaths",
    "ignore_paths",
    "ignored",
    "ignores",
    "matchFileNames",
    "nav",
    "only",
    "path_regex",
    "paths",
    "paths-ignore",
    "paths_ignore",
    "when_modified",
];

/// Keys with sentences.
const SENTENCES: [&str; 11] = [
    "changelog",
    "comment",
    "description",
    "help",
    "label",
    "message",
    "note",
    "notes",
    "summary",
    "text",
    "title",
];

/// Whether a file at a path only has settings of tools that deploy nothing.
pub fn is_of_tool(path: &str) -> bool {
    let own = split(path).1;
    let is_hidden = own.starts_with('.') && !own.contains(".env");
    let is_below = |tool: &&str| path.split('/').any(|part| part == *tool);
    let is_action = path.contains(".github/actions/");
    (is_hidden || TOOLS.iter().any(is_below)) && !is_pipeline(path) && !is_action
}

/// Whether what is at this offset of a file is a pattern of paths or a part of a sentence.
pub fn is_filter_or_prose(path: &str, text: &str, at: usize) -> bool {
    format_of(path).is_some()
        && enclosing_keys(text, at)
            .iter()
            .any(|key| FILTERS.contains(key) || SENTENCES.contains(key))
}

/// The keys above an offset of a YAML or JSON file, by indentation, the nearest first.
fn enclosing_keys(text: &str, at: usize) -> Vec<&str> {
    let (above, own) = text[..at].rsplit_once('\n').unwrap_or(("", &text[..at]));
    let mut keys: Vec<&str> = last_key(own).into_iter().collect();
    let (mut column, mut is_element) = (column_of(own), is_element_of_list(own));
    for line in above.lines().rev().filter(|line| !(line.trim().is_empty() || is_comment(line))) {
        let its = column_of(line);
        // The elements of a list may be in the column of its key.
        if its < column || is_element && its == column && !is_element_of_list(line) {
            keys.extend(first_key(line));
            (column, is_element) = (its, is_element_of_list(line));
        }
    }
    keys
}

fn column_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_element_of_list(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

/// The first key of a line.
fn first_key(line: &str) -> Option<&str> {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    line.split_once(':').map(|(key, _)| unquoted(key))
}

/// The last key of a text.
fn last_key(text: &str) -> Option<&str> {
    let (before, _) = text.rsplit_once([':', '=']).filter(|(before, _)| !before.is_empty())?;
    let before = unquoted(before);
    before.rsplit(|c: char| c.is_whitespace() || "{[,\"'".contains(c)).next()
}

fn unquoted(key: &str) -> &str {
    key.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_sentences_use_no_file() {
        for (path, text, expected) in [
            ("a.yaml", "on:\n  push:\n    paths:\n      - 'X'\n", true),
            ("a.yaml", "on:\n  push:\n    paths: [X]\n", true),
            ("a.yaml", "nav:\n- Rules: X\n", true),
            ("a.yaml", "nav:\n- a\nfiles:\n- X\n", false),
            ("a.yaml", "rules:\n- changes: [X]\n", true),
            ("a.yaml", "ignore: |\n  X\n", true),
            ("a.yaml", "- name: a\n  description: see X\n", true),
            ("a.yaml", "description: a\nsrc: X\n", false),
            ("a.yaml", "run: |\n  cp X y\n", false),
            ("a.yaml", "paths:\n# a\n\n  - X\n", true),
            ("a.json", "{\"title\":\"x\",\"panels\":[{\"text\":\"see X\"}]}", true),
            ("a.json", "{\n  \"source\": \"X\"\n}", false),
            ("a.sh", "message: X\n", false),
        ] {
            assert_eq!(
                is_filter_or_prose(path, text, text.find('X').unwrap()),
                expected,
                "{path} {text:?}"
            );
        }
    }

    #[test]
    fn settings_of_tools_are_recognised_by_their_paths() {
        for (path, expected) in [
            (".yamllint.yml", true),
            ("a/.pre-commit-config.yaml", true),
            (".github/labeler.yml", true),
            (".github/ISSUE_TEMPLATE/rule.yml", true),
            (".vscode/settings.json", true),
            (".github/workflows/a.yml", false),
            (".github/actions/deploy/action.yml", false),
            (".gitlab-ci.yml", false),
            (".env", false),
            ("prod/.env.local", false),
            ("a/deploy.yaml", false),
        ] {
            assert_eq!(is_of_tool(path), expected, "{path}");
        }
    }
}
