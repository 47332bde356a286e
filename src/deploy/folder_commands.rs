//! Commands that apply or install what is in a folder: `kubectl apply -k DIR`, `kustomize build DIR`,
//! `helm upgrade NAME DIR`.

use super::gone_folders::GoneFolders;
use super::helm_command::HelmCommand;
use super::plain_lines::plain_lines;
use super::script::windows::in_shell_syntax;
use super::script::words::simple_commands;
use crate::span::{FileId, Span};
use crate::vfs::path::{format_of, join, split, with_parents};

/// Programs that apply what is in a folder.
const KUBECTL: [&str; 2] = ["kubectl", "oc"];
const KUSTOMIZE: &str = "kustomize";

/// Flags of `kubectl` with a folder.
const FOLDERS: [&str; 4] = ["-f", "-k", "--filename", "--kustomize"];

/// Programs that print their arguments.
const PRINTERS: [&str; 2] = ["echo", "printf"];

/// Words of scripts that run commands in other folders.
const ENTERS: [&str; 4] = ["cd ", "pushd ", "working-directory", "-C "];

/// The places of the folders in the commands of a file.
pub fn find_in_commands(gone: &GoneFolders<'_>, name: &str, file: FileId, text: &str) -> Vec<Span> {
    let own = split(name).0;
    let above = with_parents(own);
    let above: Vec<&str> = above.collect();
    let changes = ENTERS.iter().any(|word| text.contains(word));
    let text = &in_shell_syntax(name, text.to_owned());
    let is_used = |path: &str| {
        let all: Vec<String> = above.iter().map(|context| join(context, path)).collect();
        let end = format!("/{}", join("", path));
        all.iter().any(|path| gone.is_gone(path))
            && !all.iter().any(|path| gone.existing.contains(path))
            && !(changes && gone.existing.iter().any(|folder| folder.ends_with(&end)))
    };
    let lines = ["kubectl", "oc ", KUSTOMIZE, "helm"].into_iter();
    let lines = lines.flat_map(|word| plain_lines(name, text, word));
    let mut found = Vec::new();
    for words in lines {
        let mut entered = String::new();
        for command in simple_commands(words) {
            if let [cd, folder] = &command[..]
                && cd == "cd"
            {
                entered = join(&entered, folder);
            }
            let is_used = |path: &str| is_used(&join(&entered, path));
            if command.iter().any(|word| PRINTERS.contains(&word.as_str())) {
                continue;
            }
            let is_chart = |word: &str| (is_path(word) || !names_chart(&command)) && is_used(word);
            let charts = HelmCommand::in_words(&command, &is_chart).into_iter().map(|it| it.chart);
            let inner = command.iter().filter(|word| word.contains(' '));
            let inner = inner.filter_map(|word| shlex::split(word));
            let inner = inner.flat_map(simple_commands);
            let applied = applied(&command).into_iter().chain(inner.flat_map(|it| applied(&it)));
            let paths: Vec<String> = applied.filter(|path| is_used(path)).chain(charts).collect();
            found.extend(paths.iter().filter_map(|path| place(file, text, path)));
        }
    }
    found.sort_by_key(|place| place.range().start);
    found.dedup();
    found
}

fn is_path(word: &str) -> bool {
    word.contains('/') || word.starts_with('.')
}

/// Whether a command names a chart, so that a plain word is its release or namespace.
fn names_chart(command: &[String]) -> bool {
    let is_chart = |word: &&String| {
        is_path(word) && !word.contains('=') && !word.starts_with('-') && format_of(word).is_none()
    };
    command.iter().skip(1).any(|word| is_chart(&word))
}

/// The paths that a command applies.
pub fn applied(command: &[String]) -> Vec<String> {
    let name = |word: &String| split(word.trim_start_matches(['@', '-', '+'])).1.to_owned();
    let Some(start) = command
        .iter()
        .position(|word| KUBECTL.contains(&name(word).as_str()) || name(word) == KUSTOMIZE)
    else {
        return Vec::new();
    };
    let (program, rest) = (name(&command[start]), &command[start + 1..]);
    let is_path = |word: &&String| !word.starts_with('-');
    if program == KUSTOMIZE || rest.first().map(String::as_str) == Some(KUSTOMIZE) {
        let rest = rest.iter().skip_while(|word| *word == KUSTOMIZE || *word == "build");
        return rest.filter(is_path).take(1).cloned().collect();
    }
    let mut found = Vec::new();
    for (at, word) in rest.iter().enumerate() {
        let (flag, value) = word.split_once('=').unwrap_or((word, ""));
        if FOLDERS.contains(&flag) {
            let value =
                if value.is_empty() { rest.get(at + 1).map(String::as_str) } else { Some(value) };
            found.extend(value.into_iter().flat_map(|it| it.split(',')).map(str::to_owned));
        }
    }
    found
}

/// The place of a path in a file: of the whole word, or where a variable has it as its value.
fn place(file: FileId, text: &str, path: &str) -> Option<Span> {
    let is_part = |c: char| c.is_alphanumeric() || "/-_.".contains(c);
    let whole = |(at, word): (usize, &str)| {
        let is_whole =
            !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part);
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        (is_whole && !line.trim_start().starts_with('#')).then_some((at, word.len()))
    };
    text.match_indices(path).find_map(whole).map(|(at, length)| Span::new(file, at, at + length))
}
