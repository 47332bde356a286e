//! Files that name others: which of them lead to folders in which something has changed.
//!
//! Goes by the words in their texts alone, so that a file which nothing has happened to is not even
//! parsed; some lead too far, and none not far enough. Must not open anything.

use crate::vfs::path::{join, split};
use std::collections::{BTreeSet, HashSet};

/// A file, by its path, and the words in it that may be paths.
pub struct Pointer<'w> {
    pub file: String,
    pub words: &'w Words,
}

/// What a text may name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Words {
    words: Vec<String>,
    /// Where it leads hangs on variables, or on what it builds an image from.
    is_open: bool,
}

impl Words {
    pub fn of(text: &str) -> Self {
        let is_part = |c: char| c.is_alphanumeric() || "/._-+@~".contains(c);
        let parts = text.split(|c| !is_part(c)).filter(|word| !word.is_empty());
        let mut words: BTreeSet<&str> = parts.collect();
        words.extend(text.lines().filter_map(value));
        let is_open = text.contains("refinery") && (text.contains('$') || text.contains("build:"));
        Self { words: words.into_iter().map(str::to_owned).collect(), is_open }
    }
}

/// The value on a line, whatever it is made of.
fn value(line: &str) -> Option<&str> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    let value = line.rsplit(": ").next()?.trim_start_matches("- ");
    let value = value.trim_matches(['"', '\'']);
    value.contains(' ').then_some(value)
}

/// The files from which a way leads, over others of them too, to one of the folders.
pub fn leading(pointers: &[Pointer<'_>], folders: &BTreeSet<String>) -> HashSet<String> {
    let mut led = HashSet::new();
    let mut waiting: Vec<(&str, Vec<String>)> = Vec::new();
    for Pointer { file, words } in pointers {
        let targets: Vec<String> =
            words.words.iter().map(|word| join(split(file).0, word)).collect();
        if words.is_open || targets.iter().any(|target| is_near(target, folders)) {
            led.insert(file.clone());
        } else {
            waiting.push((file, targets));
        }
    }
    loop {
        let known = led.len();
        // A base is named by its folder.
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

/// Is it one of the folders, something in one, or above one?
fn is_near(target: &str, folders: &BTreeSet<String>) -> bool {
    let is_above =
        |folder: &String| folder.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'));
    // The top folder has no name.
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
    fn ways_lead_over_bases() {
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
