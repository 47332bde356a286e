//! Finds files that refer to folders with changes.
//!
//! Only uses the words in their texts, so that unaffected files need not be parsed. This finds too
//! many files rather than too few. Must not open files.

use crate::deploy::near::mentions;
use crate::sniff::file_name::{builds_image, is_pipeline, is_script, manages_machine};
use crate::sniff::shebang::may_be_script;
use crate::vfs::Skip;
use crate::vfs::path::{join, split, with_parents};
use memchr::memchr;
use std::collections::{BTreeSet, HashSet};

/// A file and the words in it that may be paths.
pub struct Pointer<'w> {
    pub file: String,
    pub words: &'w Words,
}

/// The paths that a text may name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Words {
    words: Vec<String>,
    /// Whether its paths depend on variables, patterns or an image build.
    is_open: bool,
}

impl Words {
    pub fn of(text: &str) -> Self {
        let parts = text.split(|c| !is_part(c)).filter(|word| !word.is_empty());
        let mut words: BTreeSet<&str> = parts.collect();
        words.extend(text.lines().filter_map(value));
        // What Salt and Puppet name is in other folders than it says.
        let is_open = text.contains("refinery")
            && (text.contains(['$', '*'])
                || ["build:", "salt://", "contents_pillar", "puppet:///", "epp(", "template("]
                    .iter()
                    .any(|word| text.contains(word)));
        Self { words: words.into_iter().map(str::to_owned).collect(), is_open }
    }
}

/// The value on a line, if it contains spaces.
fn value(line: &str) -> Option<&str> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    let value = line.rsplit(": ").next()?.trim_start_matches("- ");
    let value = value.trim_matches(['"', '\'']);
    value.contains(' ').then_some(value)
}

/// The files that refer to one of the folders, directly or through others.
pub fn leading(pointers: &[Pointer<'_>], folders: &BTreeSet<String>) -> HashSet<String> {
    let mut led = HashSet::new();
    let mut waiting: Vec<(&str, Vec<String>)> = Vec::new();
    for Pointer { file, words } in pointers {
        let targets = targets(file, words);
        if words.is_open || targets.iter().any(|target| is_near(target, folders)) {
            led.insert(file.clone());
        } else {
            waiting.push((file, targets));
        }
    }
    loop {
        let known = led.len();
        // Bases are named by their folder.
        let places: HashSet<&str> = led.iter().flat_map(|file| [&**file, split(file).0]).collect();
        let (found, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|(_, targets)| targets.iter().any(|target| places.contains(&**target)));
        let found: Vec<String> = found.into_iter().map(|(file, _)| file.to_owned()).collect();
        led.extend(found);
        waiting = rest;
        if led.len() == known {
            return led;
        }
    }
}

/// The paths that the words of a file may mean. Commands and image builds start in any folder above.
fn targets(file: &str, words: &Words) -> Vec<String> {
    let folder = split(file).0;
    let own = words.words.iter().map(|word| join(folder, word));
    let is_script = is_script(file) || may_be_script(file);
    if !(is_script || builds_image(file) || is_pipeline(file) || manages_machine(file)) {
        return own.collect();
    }
    let above = with_parents(folder);
    let relative = |word: &String| word.trim_start_matches('/').to_owned();
    let words = words.words.iter().map(relative).filter(|word| word.contains(['.', '/']));
    let words: Vec<String> = words.collect();
    let all = above.flat_map(|above| words.iter().map(move |word| join(above, word)));
    own.chain(all.filter(|target| !target.is_empty())).collect()
}

/// The paths to which files in these folders refer, directly or through others.
pub fn followed(pointers: &[Pointer<'_>], folders: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest: Vec<&Pointer<'_>> = pointers.iter().collect();
    loop {
        let is_reached = |pointer: &&Pointer<'_>| {
            let folder = split(&pointer.file).0;
            folders.contains(folder) || found.contains(&pointer.file) || found.contains(folder)
        };
        let (reached, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_reached);
        if reached.is_empty() {
            return found;
        }
        for Pointer { file, words } in reached {
            found.extend(words.words.iter().map(|word| join(split(file).0, word)));
        }
        rest = others;
    }
}

/// The paths in a text about Refinery that lead into a folder which is not searched.
pub fn vendored_paths(bytes: &[u8]) -> Vec<String> {
    if !mentions(bytes) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    let is_inside = |word: &&str| {
        let mut folders = word.split('/').filter(|part| !part.is_empty());
        word.contains('/') && folders.any(|part| Skip::of_name(part, true) == Some(Skip::Vendored))
    };
    let words = words_with_slash(&text).map(|word| word.trim_start_matches("./"));
    words.filter(is_inside).map(|word| word.trim_matches('/').to_owned()).collect()
}

/// Whether a character may be part of a path.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || "/._-+@~".contains(c)
}

/// The words with a `/`, of which most texts have few.
fn words_with_slash(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let slash = at + memchr(b'/', text.as_bytes().get(at..)?)?;
        let start = text[at..slash].rfind(|c| !is_part(c));
        let start = start.map_or(at, |before| at + before);
        let word = text[start..].trim_start_matches(|c| !is_part(c));
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        at = text.len() - word.len() + end;
        Some(&word[..end])
    })
}

/// Whether a path is one of the folders, in one, or a parent of one.
fn is_near(target: &str, folders: &BTreeSet<String>) -> bool {
    let is_above =
        |folder: &String| folder.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'));
    // The root is the empty path.
    let is_top = target.is_empty() && !folders.is_empty();
    is_top
        || folders.contains(target)
        || folders.contains(split(target).0)
        || folders.iter().any(is_above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_paths_into_folders_that_are_not_searched() {
        for (text, expected) in [
            ("refinery -c ./target/prod/config.yaml", "target/prod/config.yaml"),
            ("# refinery\npath: a/vendor/b/", "a/vendor/b"),
            ("refinery -c conf/target.yaml targets/a.yaml", ""),
            ("cp target/a.yaml b", ""),
            ("refinery: /a.b=ä/vendor/c//d, https://vendor/x", "ä/vendor/c//d vendor/x"),
            ("refinery /// ./vendor/", "vendor"),
            ("a/vendor/refinery.yaml", "a/vendor/refinery.yaml"),
        ] {
            assert_eq!(vendored_paths(text.as_bytes()).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn follows_references_through_bases() {
        let texts = [
            ("a/kustomization.yaml", "resources: [../base]\n"),
            (
                "base/kustomization.yaml",
                "configMapGenerator:\n- files:\n  - rules.yaml=conf/r.yaml\n",
            ),
            ("b/kustomization.yaml", "resources:\n- ../other\n"),
            ("other/kustomization.yaml", "resources:\n- x.yaml\n"),
            ("c/compose.yaml", "services:\n  refinery:\n    volumes: ['../base:/etc/refinery']\n"),
            ("d/compose.yaml", "# refinery\nvolumes: ['${X}:/etc/refinery']\n"),
            ("e/compose.yaml", "volumes:\n  - \"../my conf/x.yaml\"\n"),
            ("compose.yaml", "# refinery\nvolumes: [.:/etc/refinery]\n"),
        ];
        let all: Vec<(&str, Words)> =
            texts.iter().map(|(name, text)| (*name, Words::of(text))).collect();
        let from = |folder: &str| {
            let pointers: Vec<Pointer> = all
                .iter()
                .map(|(file, words)| Pointer { file: (*file).to_owned(), words })
                .collect();
            let mut led: Vec<String> =
                leading(&pointers, &[folder.to_owned()].into()).into_iter().collect();
            led.sort();
            let folder = |file: &str| match split(file).0 {
                "" => "top".to_owned(),
                folder => folder.to_owned(),
            };
            led.iter().map(|file| folder(file)).collect::<Vec<_>>().join(" ")
        };
        let pointers: Vec<Pointer> =
            all.iter().map(|(file, words)| Pointer { file: (*file).to_owned(), words }).collect();
        let reached = followed(&pointers, &["a".to_owned()].into());
        for (path, is_reached) in [("base", true), ("base/conf/r.yaml", true), ("other", false)] {
            assert_eq!(reached.contains(path), is_reached, "{path}");
        }
        for (folder, expected) in [
            ("base/conf", "a base c top d"),
            ("base", "a base c top d"),
            ("other", "b top d other"),
            ("nowhere", "top d"),
            ("my conf", "top d e"),
        ] {
            assert_eq!(from(folder), expected, "{folder}");
        }
    }
}
