//! The variables of a script and its current folder, line by line.
//!
//! A variable that is assigned in several branches has several values. Must not open files.

use super::windows::exports_all;
use crate::deploy::near::OPEN;
use crate::sniff::file_name::{is_makefile, is_of_supervisor};
use crate::vfs::path::join;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of values of a variable.
const MOST_VALUES: usize = 8;

/// The maximum length of a value.
const LONGEST: usize = 4096;

/// Words before a command or an assignment.
pub const KEYWORDS: [&str; 8] = ["then", "else", "do", "{", "(", "!", "if", "elif"];

/// Commands whose arguments are assignments.
const DECLARATIONS: [&str; 6] = ["export", "readonly", "local", "declare", "typeset", "set"];

/// What is known at a line of a script.
#[derive(Clone, Default)]
pub struct Scope {
    /// The values that a variable may have; none if they are unknown.
    values: BTreeMap<String, Vec<String>>,
    exported: BTreeSet<String>,
    exports_all: bool,
    /// Files with variables of a unit.
    pub env_files: Vec<String>,
    /// The current folder, relative to where the script runs.
    pub folder: String,
    /// Whether the current folder may be outside of the repository.
    pub is_elsewhere: bool,
    /// The current folder, if it is one of the machine.
    pub machine_folder: Option<String>,
    language: Language,
    /// The variables of a Makefile that whoever runs it may set.
    defaults: BTreeSet<String>,
}

/// The kind of file that has the commands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Language {
    #[default]
    Shell,
    /// Its variables are `$(NAME)`.
    Makefile,
    Supervisor,
}

impl Scope {
    pub fn of(file: &str) -> Self {
        let here = ("PWD".to_owned(), vec![".".to_owned()]);
        let language = match file {
            _ if is_makefile(file) => Language::Makefile,
            _ if is_of_supervisor(file) => Language::Supervisor,
            _ => Language::Shell,
        };
        Self { language, exports_all: exports_all(file), values: [here].into(), ..Self::default() }
    }

    /// The commands of a line with the values of its variables, for each of their values.
    pub fn filled(&self, words: &[String]) -> Vec<Vec<String>> {
        let names = words.iter().flat_map(|word| references(word));
        let counts = names.filter_map(|(name, ..)| Some(self.values.get(name)?.len()));
        let count = counts.max().unwrap_or_default().max(1);
        let variant = |at: usize| words.iter().flat_map(|word| self.words(word, at)).collect();
        (0..count).map(variant).collect()
    }

    /// The words, with patterns in place of variables that only have a default; `None` without such
    /// variables.
    pub fn with_open_defaults(&self, words: &[String]) -> Option<Vec<String>> {
        let mut references = words.iter().flat_map(|word| references(word));
        references.any(|(name, .., default)| self.is_left_open(name, default)).then_some(())?;
        Some(words.iter().map(|word| self.fill(&self.leave_open(word), 0)).collect())
    }

    /// A text with patterns in place of variables that only have a default.
    pub fn leave_open(&self, text: &str) -> String {
        let (mut left, mut rest) = (String::new(), 0);
        for (name, start, end, default) in references(text) {
            if self.is_left_open(name, default) {
                left.push_str(&text[rest..start]);
                left.push_str(OPEN);
                rest = end;
            }
        }
        left + &text[rest..]
    }

    /// Whether whoever runs the script chooses the value of a variable, which at most has a default.
    fn is_left_open(&self, name: &str, default: Option<&str>) -> bool {
        self.defaults.contains(name) || default.is_some() && !self.values.contains_key(name)
    }

    /// A word with the values of its variables; a word that only is a variable may become several.
    fn words(&self, word: &str, variant: usize) -> Vec<String> {
        let filled = self.fill(word, variant);
        let is_alone = || matches!(&references(word)[..], [(_, 0, end, _)] if *end == word.len());
        if filled.contains(' ') && is_alone() {
            return shlex::split(&filled).unwrap_or_else(|| vec![filled]);
        }
        vec![filled]
    }

    /// A text with the values of its variables; unknown ones stay.
    fn fill(&self, text: &str, variant: usize) -> String {
        self.replace(text, |values, default| {
            values.get(variant).or(values.last()).map(String::as_str).or(default)
        })
    }

    /// A text with the values of variables that have a single one.
    pub fn fill_certain(&self, text: &str) -> String {
        self.replace(text, |values, _| match values {
            [value] => Some(value),
            _ => None,
        })
    }

    /// Replaces variables by one of their values, or by their default.
    fn replace<'s>(
        &'s self,
        text: &'s str,
        choose: impl Fn(&'s [String], Option<&'s str>) -> Option<&'s str>,
    ) -> String {
        let (mut filled, mut rest) = (String::new(), 0);
        for (name, start, end, default) in references(text) {
            let is_make = text[start..].starts_with("$(");
            let values = self.values.get(name).map(Vec::as_slice).unwrap_or_default();
            let value = choose(values, default);
            if let Some(value) = value.filter(|_| !is_make || self.language == Language::Makefile) {
                filled.push_str(&text[rest..start]);
                filled.push_str(value);
                rest = end;
            }
            if filled.len() > LONGEST {
                return text.to_owned();
            }
        }
        filled.push_str(&text[rest..]);
        filled
    }

    /// The environment of the commands.
    pub fn environment(&self, variant: usize) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.values.iter().filter(|(name, _)| self.exported.contains(*name)).map(
            move |(name, values)| {
                let value = values.get(variant).or(values.last());
                (name.as_str(), value.map(String::as_str))
            },
        )
    }

    /// The commands of a line.
    pub fn commands_of<'l>(&self, line: &'l str) -> &'l str {
        let own =
            (self.language == Language::Supervisor).then(|| value_of("command", line)).flatten();
        own.unwrap_or(line)
    }

    /// Reads an assignment of a Makefile, a justfile or a unit; returns whether the line is one.
    pub fn declare(&mut self, line: &str) -> bool {
        if let Some(pairs) = line.strip_prefix("Environment=") {
            for pair in shlex::split(pairs).unwrap_or_default() {
                self.export(&pair, false);
            }
            return true;
        }
        if let Some(path) = line.strip_prefix("EnvironmentFile=") {
            self.env_files.push(path.trim().trim_start_matches('-').to_owned());
            return true;
        }
        let own =
            (self.language == Language::Supervisor).then(|| value_of("directory", line)).flatten();
        if let Some(folder) = line.strip_prefix("WorkingDirectory=").or(own) {
            self.machine_folder = folder.starts_with('/').then(|| folder.trim().to_owned());
            folder.trim_start_matches('/').clone_into(&mut self.folder);
            return true;
        }
        let is_makefile = self.language == Language::Makefile;
        let signs = if is_makefile { &[":=", "?=", "="][..] } else { &[":="][..] };
        let parted = signs.iter().find_map(|sign| line.split_once(sign));
        let Some((name, value)) = parted.filter(|_| !line.starts_with(['\t', ' '])) else {
            return false;
        };
        let name = name.trim().trim_start_matches("export ").trim_end_matches(':').trim();
        let is_name = is_name(name);
        if is_name {
            let value = value.trim();
            let bare = ['"', '\''].iter().find_map(|&q| value.strip_prefix(q)?.strip_suffix(q));
            self.assign(name, bare.unwrap_or(value), false);
            if is_makefile && line.contains("?=") {
                self.defaults.insert(name.to_owned());
            }
            if line.starts_with("export ") {
                self.exported.insert(name.to_owned());
            }
        }
        is_name
    }

    /// Follows a command that changes variables or the folder. With `is_branch` it may not run.
    pub fn follow(&mut self, words: &[String], is_branch: bool) {
        let is_keyword = |word: &&String| KEYWORDS.contains(&word.trim_start_matches('('));
        let skipped = words.iter().take_while(is_keyword).count();
        let words = words.get(skipped..).unwrap_or_default();
        // The pattern of a case.
        let is_pattern = |word: &String| word.ends_with(')') && !word.contains(['(', '=']);
        let patterns = words.iter().take(1).filter(|word| is_pattern(word)).count();
        let words = words.get(patterns..).unwrap_or_default();
        let is_branch = is_branch || skipped + patterns > 0;
        let Some((command, arguments)) = words.split_first() else { return };
        match command.trim_start_matches('(') {
            "cd" | "pushd" => {
                let path = arguments.iter().find(|word| !word.starts_with('-'));
                self.enter(path.map_or("", |path| path.trim_end_matches(')')));
            }
            "set" => match arguments.first().map(String::as_str) {
                Some("-a" | "-o") => {
                    self.exports_all |= !arguments.iter().any(|word| word == "pipefail");
                }
                Some("+a") => self.exports_all = false,
                _ => {}
            },
            "for" => self.start_loop(arguments),
            _ if let Some((name, appends, elements)) = array(words) => {
                self.assign_elements(name, appends, &elements, is_branch);
            }
            name if DECLARATIONS.contains(&name) => {
                let exports = name == "export" || arguments.iter().any(|word| word == "-x");
                for word in arguments.iter().filter(|word| !word.starts_with('-')) {
                    if exports {
                        self.export(word, is_branch);
                    } else {
                        self.assign_pair(word, is_branch);
                    }
                }
            }
            // `: "${NAME:=value}"` assigns unless the variable is set.
            ":" => {
                let inside = |word: &String| {
                    let inner = word.strip_prefix("${")?.strip_suffix('}')?;
                    let (name, value) = inner.split_once('=')?;
                    Some((name.trim_end_matches(':').to_owned(), value.to_owned()))
                };
                for (name, value) in arguments.iter().filter_map(inside) {
                    if !self.values.contains_key(&name) {
                        self.assign(&name, &value, is_branch);
                        self.defaults.insert(name);
                    }
                }
            }
            _ if words.iter().all(|word| assignment(word).is_some()) => {
                for word in words {
                    self.assign_pair(word, is_branch);
                }
            }
            _ => {}
        }
    }

    /// Gives the variable of a loop all words of its list, unless one of them is unknown.
    fn start_loop(&mut self, arguments: &[String]) {
        let [name, is_in, list @ ..] = arguments else { return };
        if is_in != "in" || !is_name(name) {
            return;
        }
        let mut values: Vec<String> = list.iter().flat_map(|word| self.words(word, 0)).collect();
        let is_open = |value: &String| value.contains(['$', '`', '*', '?', '{', '[']);
        if values.len() > MOST_VALUES || values.iter().any(is_open) {
            values.clear();
        }
        self.values.insert(name.clone(), values);
    }

    /// Assigns the elements of an array, or adds them to it.
    fn assign_elements(&mut self, name: &str, appends: bool, elements: &[String], is_branch: bool) {
        let elements: Vec<String> =
            elements.iter().map(|word| self.fill(&self.fill(word, 0), 0)).collect();
        let added = shlex::try_join(elements.iter().map(String::as_str)).unwrap_or_default();
        let before = self.values.get(name).cloned().unwrap_or_else(|| vec![String::new()]);
        let before = if appends { before } else { vec![String::new()] };
        let mut values: Vec<String> =
            before.iter().map(|known| format!("{known} {added}").trim().to_owned()).collect();
        if is_branch {
            values.extend(self.values.remove(name).unwrap_or_default());
        }
        values.retain(|value| value.len() <= LONGEST);
        values.truncate(MOST_VALUES);
        self.values.insert(name.to_owned(), values);
    }

    /// Gives a function its arguments.
    pub fn set_arguments(&mut self, arguments: &[String]) {
        for number in 1..10_usize {
            let value = arguments.get(number - 1).filter(|value| !value.contains(['$', '`']));
            self.values.insert(number.to_string(), value.cloned().into_iter().collect());
        }
    }

    /// The current folder: in the repository, whether it may be outside of it, and on the machine.
    pub fn current_folder(&self) -> (String, bool, Option<String>) {
        (self.folder.clone(), self.is_elsewhere, self.machine_folder.clone())
    }

    /// Goes back to a folder.
    pub fn restore_folder(&mut self, folder: (String, bool, Option<String>)) {
        (self.folder, self.is_elsewhere, self.machine_folder) = folder;
    }

    fn enter(&mut self, path: &str) {
        let path = self.fill(path, 0);
        self.is_elsewhere |= path.contains(['$', '`']) || path.starts_with(['~', '/']);
        self.machine_folder = match self.machine_folder.take() {
            _ if path.contains(['$', '`']) || path.starts_with('~') => None,
            _ if path.starts_with('/') => Some(path.clone()),
            folder => folder.map(|folder| join(&folder, &path)),
        };
        if path.contains(['$', '`']) || path.starts_with('~') || path.is_empty() {
            self.folder.clear();
        } else if let Some(path) = path.strip_prefix('/') {
            self.folder = join("", path);
        } else {
            self.folder = join(&self.folder, &path);
        }
    }

    fn export(&mut self, word: &str, is_branch: bool) {
        self.assign_pair(word, is_branch);
        let name = word.split('=').next().unwrap_or_default();
        self.exported.insert(name.to_owned());
    }

    fn assign_pair(&mut self, word: &str, is_branch: bool) {
        if let Some((name, value)) = assignment(word) {
            self.assign(name, value, is_branch);
            if self.exports_all {
                self.exported.insert(name.to_owned());
            }
        }
    }

    fn assign(&mut self, name: &str, value: &str, is_branch: bool) {
        let is_open = references(value).iter().any(|(inner, .., default)| {
            if *inner == name { default.is_some() } else { self.is_left_open(inner, *default) }
        });
        if is_open && !is_branch {
            self.defaults.insert(name.to_owned());
        } else if !is_branch {
            self.defaults.remove(name);
        }
        // A default may have variables.
        let value = self.fill(&self.fill(value, 0), 0);
        let is_known = !value.contains(['$', '`']) && value.len() <= LONGEST;
        let values = self.values.entry(name.to_owned()).or_default();
        if !is_branch {
            values.clear();
        }
        if is_known && !values.contains(&value) && values.len() < MOST_VALUES {
            values.push(value);
        }
    }
}

/// The value of a key in a line such as `key = value`.
fn value_of<'l>(key: &str, line: &'l str) -> Option<&'l str> {
    line.trim_start().strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim)
}

/// The name and value of an assignment, `NAME=value`.
pub fn assignment(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| is_name(name))
}

/// The name of an array that a command assigns, whether it adds to it, and the elements.
pub fn array(words: &[String]) -> Option<(&str, bool, Vec<String>)> {
    let is_declared = words.first().is_some_and(|it| DECLARATIONS.contains(&it.as_str()));
    let skipped = words.iter().take(usize::from(is_declared) * words.len());
    let skipped = skipped.take_while(|word| !word.contains("=(")).count();
    let (first, rest) = words.get(skipped..)?.split_first()?;
    let (name, first) = first.split_once("=(")?;
    let (name, appends) = match name.strip_suffix('+') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let mut elements: Vec<String> =
        std::iter::once(first).chain(rest.iter().map(String::as_str)).map(str::to_owned).collect();
    let last = elements.pop()?;
    elements.push(last.strip_suffix(')')?.to_owned());
    elements.retain(|word| !word.is_empty());
    is_name(name).then_some((name, appends, elements))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

/// The variables of a text: name, start, end, and a default. `{{ name }}` is one of a justfile.
pub fn references(text: &str) -> Vec<(&str, usize, usize, Option<&str>)> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = text[from..].find(['$', '{']).map(|at| from + at) {
        let rest = &text[start..];
        from = start + 1;
        let inner = |open: &str, close: &str| rest.strip_prefix(open)?.split_once(close);
        let braced = inner("${", "}").or_else(|| inner("$(", ")")).or_else(|| inner("{{", "}}"));
        if let Some((inner, after)) = braced {
            let end = text.len() - after.len();
            let (name, default) = match inner.split_once(":-").or_else(|| inner.split_once('-')) {
                Some((name, default)) => (name, Some(default.trim_matches(['"', '\'']))),
                None => (inner.trim(), None),
            };
            let name = ["[@]", "[*]"].iter().find_map(|all| name.strip_suffix(all)).unwrap_or(name);
            let is_known = default.is_none_or(|default| !default.contains(['$', '`', '{']));
            if (is_name(name) || name.bytes().all(|c| c.is_ascii_digit())) && is_known {
                found.push((name, start, end, default));
                from = end;
            }
        } else if let Some(name) = rest.strip_prefix('$') {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = name.find(|c| !is_part(c)).unwrap_or(name.len());
            let length = if name.starts_with(|c: char| c.is_ascii_digit()) { 1 } else { length };
            if is_name(&name[..length])
                || length == 1 && name.starts_with(|c: char| c.is_ascii_digit())
            {
                from = start + 1 + length;
                found.push((&name[..length], start, from, None));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::script::own_folder::without_own_folder;
    use crate::deploy::script::words::commands;

    /// The values of a word after the lines of a script; `/` separates those of branches.
    fn value(file: &str, script: &str, word: &str) -> String {
        let mut scope = Scope::of(file);
        for line in script.lines() {
            let line = without_own_folder(line);
            if !scope.declare(&line) {
                for words in commands(&line) {
                    scope.follow(&words, line.starts_with([' ', '\t']));
                }
            }
        }
        let filled = scope.filled(&[word.to_owned()]);
        filled.iter().map(|words| words.join("|")).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn fills_variables() {
        for (script, word, expected) in [
            ("A=b", "$A/c", "b/c"),
            ("A='b c'", "x${A}", "xb c"),
            ("A='-c d -r e'", "$A", "-c|d|-r|e"),
            ("A=b\nexport C=$A/d", "${C}", "b/d"),
            ("", "${A:-d}/e", "d/e"),
            ("A=b", "${A:-d}/e", "b/e"),
            ("A=${1:-b}", "$A", "b"),
            ("A=$1", "$A", "$A"),
            ("A=b\nA=c", "$A", "c"),
            ("if x; then\n  A=b\nelse\n  A=c\nfi", "$A", "b/c"),
            ("if x; then A=b; else A=c; fi", "$A", "b/c"),
            ("A=$(date)", "$A", "$A"),
            ("A=b", "$(A)", "$(A)"),
            ("D=$(dirname \"$0\")", "$D/c", "./c"),
            ("D=\"$(pwd)/a\"", "$D:${PWD}/b", "./a:./b"),
            ("D=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")/..\" && pwd)\"", "$D/c", "./../c"),
            ("", "$", "$"),
            ("", "{{", "{{"),
        ] {
            assert_eq!(value("a.sh", script, word), expected, "{script}");
        }
        for (script, word, expected) in [
            ("A := b", "$(A)/c", "b/c"),
            ("A ?= b\nB = $(A)/c", "${B}", "b/c"),
            ("A = b", "$(shell x)", "$(shell x)"),
        ] {
            assert_eq!(value("Makefile", script, word), expected, "{script}");
        }
        assert_eq!(value("justfile", "a := 'b'", "{{ a }}/c"), "b/c");
        let doubled = "A=aaaaaaaa\n".to_owned() + &"A=$A$A\n".repeat(64);
        assert!(value("a.sh", &doubled, "$A").len() < 3 * LONGEST);
    }

    #[test]
    fn follows_folders_and_exports() {
        let mut scope = Scope::of("a.sh");
        let mut follow = |line: &str| {
            for words in commands(line) {
                scope.follow(&words, false);
            }
            let exported: Vec<&str> = scope.environment(0).map(|(name, _)| name).collect();
            format!("{} {}", scope.folder, exported.join(" "))
        };
        for (line, expected) in [
            ("cd a && cd b", "a/b "),
            ("cd ..", "a "),
            ("A=1", "a "),
            ("export A", "a A"),
            ("set -euo pipefail", "a A"),
            ("set -a; B=2; set +a; C=3", "a A B"),
            ("declare -x D=1", "a A B D"),
            ("cd $X", " A B D"),
        ] {
            assert_eq!(follow(line), expected, "{line}");
        }
    }
}
