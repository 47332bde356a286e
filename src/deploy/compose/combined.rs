//! Compose files that a command merges: `docker compose -f a.yaml -f b.yaml up` in a script, Makefile or
//! workflow near them.

use crate::deploy::loader::Loader;
use crate::deploy::path_pattern::find_files;
use crate::deploy::plain_lines::plain_lines;
use crate::vfs::path::{join, split, with_parents};

/// Programs that are compose, or have it as a subcommand.
const PROGRAMS: [&str; 2] = ["docker-compose", "podman-compose"];
const WITH_SUBCOMMAND: [&str; 3] = ["docker", "podman", "nerdctl"];

/// Flags of compose with a value before its subcommand.
const VALUED: [&str; 7] =
    ["-p", "--project-name", "--profile", "--env-file", "--ansi", "--progress", "--parallel"];

/// The most combinations of one command.
const MOST: usize = 50;

/// The variable with the files.
const VARIABLE: &str = "COMPOSE_FILE";

/// Files that are merged, and the file with the command.
pub struct Combined {
    pub command: String,
    /// In the order in which they are merged.
    pub files: Vec<String>,
}

/// The combinations that a compose file is part of.
pub fn combined_with(name: &str, loader: &Loader<'_>) -> Vec<Combined> {
    let own = split(name).1;
    let mut found: Vec<Combined> = Vec::new();
    for near in loader.loaded.near.near(loader.store, name).iter() {
        if !near.text.contains(own) || near.name == name {
            continue;
        }
        let commands = plain_lines(&near.name, &near.text, "compose").into_iter();
        let commands = commands.flat_map(|words| {
            // Scripts in strings, as in a `package.json`.
            let inner = words.iter().filter(|word| word.contains("compose "));
            let inner = inner.filter_map(|word| shlex::split(word)).collect::<Vec<_>>();
            std::iter::once(words)
                .chain(inner)
                .filter_map(|words| files_of(&words))
                .collect::<Vec<_>>()
        });
        let variables = plain_lines(&near.name, &near.text, VARIABLE).into_iter();
        let variables = variables.filter_map(|words| files_in_variable(&words));
        for paths in commands.chain(variables).filter(|paths| paths.len() > 1) {
            let folder = near.folder();
            let above = with_parents(folder);
            // A command may change to the folder of the files.
            let mut contexts = above.chain([split(name).0]);
            let all = contexts.find_map(|context| {
                let all = combinations(&paths, context, loader).into_iter();
                let all: Vec<Vec<String>> =
                    all.filter(|files| files.iter().any(|file| file == name)).collect();
                (!all.is_empty()).then_some(all)
            });
            for files in all.unwrap_or_default() {
                if found.iter().all(|known| known.files != files) {
                    found.push(Combined { command: near.name.clone(), files });
                }
            }
        }
    }
    found
}

/// The lists of existing files that paths from a folder mean. Variables may have several values.
fn combinations(paths: &[String], context: &str, loader: &Loader<'_>) -> Vec<Vec<String>> {
    let files = |path: &String| {
        let path = join(context, path);
        let is_there = loader.peek(&path).is_ok_and(|it| it.is_some());
        if is_there { vec![path] } else { find_files("", &path, loader) }
    };
    let mut all = vec![Vec::new()];
    for path in paths {
        let files = files(path);
        let longer = all.iter().flat_map(|known: &Vec<String>| {
            // The same variable never means another file of the list.
            let new = files.iter().filter(|file| !known.contains(file));
            new.map(|file| known.iter().chain([file]).cloned().collect())
        });
        all = longer.take(MOST).collect();
    }
    all
}

/// The files that a command names.
fn files_of(words: &[String]) -> Option<Vec<String>> {
    let name = |word: &String| {
        let own = word.trim_start_matches(['@', '-', '+']).rsplit('/').next();
        own.unwrap_or_default().to_owned()
    };
    let at = words.iter().enumerate().position(|(at, word)| {
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        PROGRAMS.contains(&name(word).as_str())
            || word == "compose"
                && before.is_some_and(|it| WITH_SUBCOMMAND.contains(&name(it).as_str()))
    })?;
    let mut files = Vec::new();
    let mut rest = words.get(at + 1..)?.iter();
    while let Some(word) = rest.next() {
        match word.split_once('=').unwrap_or((word, "")) {
            ("-f" | "--file", "") => files.push(rest.next()?.clone()),
            ("--file", file) => files.push(file.to_owned()),
            (flag, "") if VALUED.contains(&flag) => {
                rest.next();
            }
            (flag, _) if flag.starts_with('-') => {}
            _ => break,
        }
    }
    Some(files)
}

/// The files that an assignment of the variable lists.
fn files_in_variable(words: &[String]) -> Option<Vec<String>> {
    let of_entry = || {
        let at = words.iter().position(|word| word.strip_suffix(':') == Some(VARIABLE))?;
        words.get(at + 1).map(String::as_str)
    };
    let assigned = words.iter().find_map(|word| word.strip_prefix(VARIABLE)?.strip_prefix('='));
    let list = assigned.or_else(of_entry)?;
    Some(list.split([':', ';']).map(str::to_owned).collect())
}
