//! Where the text of a file names another one that does not exist.
//!
//! Only looks at words: readers of formats report what they can follow.

use super::path_filter::is_filter_or_prose;
use crate::deploy::FOLDER_KEYS;
use crate::deploy::workload::{is_official, is_refinery};
use crate::schema::Kind;
use crate::sniff::comment::is_comment;
use crate::sniff::file_name::builds_image;
use crate::vfs::Vfs;
use crate::vfs::decode::text_of;
use crate::vfs::path::{folder_path, join, split, with_parents};
use std::ops::Range;

/// Where a text names a missing file outside of comments, by a path from its own folder or from a folder
/// above. If there is an alike file, a path with a variable means that one.
pub fn mention_of(
    (file, has_alike): (&str, bool),
    from: &str,
    text: &str,
    new: &dyn Vfs,
) -> Option<Range<usize>> {
    let is_of_path = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    let own = split(file).1;
    let places = text.match_indices(own).map(|(at, _)| {
        let start = text[..at].rfind(|c| !is_of_path(c)).map_or(0, |before| before + 1);
        let start = (start..=at).find(|&start| text.is_char_boundary(start)).unwrap_or(at);
        start..at + own.len()
    });
    let line_before = |at: usize| text[..at].rsplit('\n').next().unwrap_or_default();
    places.filter(|range| !is_comment(line_before(range.start))).find(|range| {
        let (before, after) = (&text[..range.start], &text[range.end..]);
        let is_variable = before.ends_with(['}', ')', '>', '$', '*']);
        let is_whole = !(after.starts_with(is_of_path) || is_variable && has_alike);
        let path = text[range.clone()].trim_start_matches("./");
        // The name of a variable.
        let path = match path.split_once('/') {
            Some((_, rest)) if before.ends_with('$') => rest,
            _ => path,
        };
        // Such a path is one of a container or machine, except in an image build.
        let is_elsewhere = path.starts_with('/') && !is_variable && !builds_image(from);
        let relative = path.trim_start_matches('/');
        let is_below = path.contains('/') && suffixes(file).any(|end| end == relative);
        is_whole
            && !is_elsewhere
            && !is_key(after)
            && !is_filter_or_prose(from, text, range.start)
            && (is_below || join(split(from).0, path) == file)
            && !is_found(relative, from, text, new)
            && !(is_variable && is_found_in_any(relative, (from, before), new))
    })
}

/// Whether the name before this text is a key: of a mapping, or in `key=path`.
fn is_key(after: &str) -> bool {
    let after = after.trim_start_matches(['"', '\'']);
    let is_of_mapping = after
        .strip_prefix(':')
        .is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace));
    is_of_mapping || after.starts_with('=') || after.trim_start().starts_with("= ")
}

/// The line of a text that starts Refinery: with its image or program, or a file at one of its paths.
pub fn start_of_refinery(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !is_comment(line) && starts_refinery(line) {
            return Some(start..start + line.trim_end().len());
        }
        start += line.len();
    }
    None
}

fn starts_refinery(line: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || "\"'`=,;()[]{}".contains(c);
    let words: Vec<&str> = line.split(is_end).filter(|word| !word.is_empty()).collect();
    let says_image = ["image", "FROM", "docker", "podman"].iter().any(|it| line.contains(it));
    let is_image =
        |word: &&str| is_official(word) || says_image && is_refinery(word) && !word.contains("://");
    let is_program = |pair: &[&str]| matches!(pair, [program, flag] if is_refinery(program) && flag.starts_with('-'));
    let has_path = Kind::ALL.iter().any(|kind| line.contains(kind.locating().folder()));
    // A release of a chart may have that name.
    !words.contains(&"helm")
        && (has_path || words.iter().any(is_image) || words.windows(2).any(is_program))
}

/// Whether a path leads to a file: from a folder above, or from one that a text changes to.
fn is_found(path: &str, from: &str, text: &str, new: &dyn Vfs) -> bool {
    let own = split(from).0;
    let above = with_parents(own);
    let inner: Vec<&str> = entered(text).chain(inner_folders(own).iter().copied()).collect();
    let mut places = above.flat_map(|above| inner.iter().map(move |inner| join(above, inner)));
    places.any(|folder| text_of(&join(&folder, path), new).is_some())
}

/// The subfolders of each folder above in which to look for files that this folder names: an Ansible role
/// keeps them beside its tasks.
fn inner_folders(folder: &str) -> &'static [&'static str] {
    if folder.ends_with("tasks") { &["", "files", "templates"] } else { &[""] }
}

/// Whether a path after a variable leads to a file, with some folder in place of the variable.
fn is_found_in_any(path: &str, (from, before): (&str, &str), new: &dyn Vfs) -> bool {
    let literal = literal_before(before);
    let own = split(from).0;
    let inner: Vec<String> = inner_folders(own).iter().map(|inner| join(inner, literal)).collect();
    let above = with_parents(own);
    let mut places = above.flat_map(|above| inner.iter().map(move |inner| join(above, inner)));
    places.any(|place| {
        let place = place.trim_end_matches('/');
        let folders = new.names(folder_path(place));
        folders.iter().any(|folder| text_of(&join(&join(place, folder), path), new).is_some())
    })
}

/// The folders between a variable and the one that ends the text: `a/b` in `${x}/a/b/${y}`.
fn literal_before(text: &str) -> &str {
    const BEGINNINGS: [&str; 6] = ["{{", "${", "$(", "<", "*", "$"];
    let line = text.rsplit('\n').next().unwrap_or_default();
    let begins = BEGINNINGS.iter().filter_map(|it| line.rfind(it)).max().unwrap_or(line.len());
    let word = line[..begins].trim_end_matches('$');
    let is_end = |c: char| c.is_whitespace() || "\"'=:})>*".contains(c);
    word.rsplit(is_end).next().unwrap_or_default().trim_matches('/')
}

/// The folders that commands and steps change to.
fn entered(text: &str) -> impl Iterator<Item = &str> {
    const COMMANDS: [&str; 4] = ["cd", "chdir", "pushd", "-C"];
    let is_end = |c: char| c.is_whitespace() || "\"'=:,;&|()".contains(c);
    let words: Vec<&str> = text.split(is_end).filter(|word| !word.is_empty()).collect();
    let enters = |word: &str| COMMANDS.contains(&word) || FOLDER_KEYS.contains(&word);
    let pairs = words.windows(2).filter(|pair| enters(pair[0]));
    pairs.map(|pair| pair[1]).collect::<Vec<_>>().into_iter()
}

/// A path, and the same without its first folders.
fn suffixes(path: &str) -> impl Iterator<Item = &str> {
    let starts = path.match_indices('/').map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).filter_map(|start| path.get(start..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_mentions() {
        for (after, expected) in [
            (": |\n", true),
            ("\": x", true),
            (":", true),
            ("=a/b.yaml", true),
            (":/etc/refinery", false),
            ("\n", false),
            (" b", false),
        ] {
            assert_eq!(is_key(after), expected, "{after:?}");
        }
    }

    #[test]
    fn literal_folders_are_between_variables() {
        for (text, expected) in [
            ("src: \"{{ env }}", ""),
            ("a:\n  src: files/{{ env }}", "files"),
            ("file(\"${path.module}/files/${var.env}", "files"),
            ("file(\"${path.module}/a/b/${var.env}", "a/b"),
            ("cp conf/$ENV", "conf"),
            ("cp $", ""),
            ("x/*", "x"),
        ] {
            assert_eq!(literal_before(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_what_runs_refinery_starts_it() {
        for (line, expected) in [
            ("    image: honeycombio/refinery:3.2.0", true),
            ("    image: registry.acme.io/tools/refinery:3", true),
            ("FROM honeycombio/refinery:2.9", true),
            ("docker run -d acme/refinery:1", true),
            ("ExecStart=/usr/bin/refinery -c /opt/a.yaml", true),
            ("refinery --config a.yaml", true),
            ("  - ./refinery:/etc/refinery", true),
            ("  refinery:", false),
            ("helm upgrade --install refinery honeycomb/refinery -f values.yaml", false),
            ("OTLP: http://refinery.obs.svc:8080", false),
            ("image: acme/app # http://refinery:8080", false),
            ("echo 'refinery is now run by the platform team'", false),
            ("# image: honeycombio/refinery", false),
        ] {
            assert_eq!(start_of_refinery(line).is_some(), expected, "{line}");
        }
    }

    #[test]
    fn finds_the_folders_that_commands_enter() {
        let text = "cd a && x\nmake -C b\n  working-directory: c/d\n  (pushd e)\n";
        assert_eq!(entered(text).collect::<Vec<_>>(), ["a", "b", "c/d", "e"]);
    }
}
