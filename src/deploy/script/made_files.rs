//! Files that the commands of a script may create.

use super::scope::{array, assignment};
use crate::vfs::path::split;
use std::collections::HashMap;

/// Commands that only look at files, or change the folder.
const READERS: [&str; 8] = [":", "test", "[", "[[", "ls", "cd", "pushd", "popd"];

/// Whether a command certainly makes no file.
pub fn makes_nothing(words: &[String]) -> bool {
    words.iter().all(|word| assignment(word).is_some())
        || array(words).is_some()
        || words.first().is_some_and(|it| READERS.contains(&it.as_str()))
}

/// What the words of commands say about files; each path is looked up once.
pub struct MadeFiles<'w> {
    words: &'w [String],
    known: HashMap<String, bool>,
}

impl<'w> MadeFiles<'w> {
    /// The words are those of commands that do not run Refinery.
    pub fn by(words: &'w [String]) -> Self {
        Self { words, known: HashMap::new() }
    }

    /// Whether a word names the file, or its folder, so that its command may make it.
    pub fn may_have(&mut self, path: &str) -> bool {
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let (folder, own) = split(path);
        let folder = folder.trim_start_matches("./");
        let is_folder = |word: &str| {
            let before = word.trim_end_matches('/').strip_suffix(folder);
            before.is_some_and(|before| before.is_empty() || before.ends_with(['/', '=', ':']))
        };
        let names =
            |word: &String| word.contains(own) || !folder.is_empty() && is_folder(word.as_str());
        let may_have = self.words.iter().any(names);
        self.known.insert(path.to_owned(), may_have);
        may_have
    }
}
