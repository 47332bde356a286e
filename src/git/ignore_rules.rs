//! Parses the lines of a `.gitignore` file and matches paths against them.
//!
//! Must not open files, nor know the precedence of several.

use super::wildmatch::Pattern;

/// The rules of one file, which apply below one folder.
#[derive(Debug, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// `!`: matching paths are not ignored.
    is_negated: bool,
    /// It ends with a slash and matches only folders.
    only_folders: bool,
    /// It has no slash, so only the last part of a path is matched.
    is_name: bool,
    /// The part before the first wildcard.
    literal: Vec<u8>,
    /// The rest, if any.
    rest: Option<Pattern>,
}

impl Rules {
    /// Parses a whole file. With `ignores_case`, the case of ASCII letters is ignored.
    pub fn parse(text: &[u8], ignores_case: bool) -> Self {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let lines = text.split(|&byte| byte == b'\n');
        Self(lines.filter_map(|line| Rule::parse(line, ignores_case)).collect())
    }

    /// Whether the last matching rule ignores a path; `None` if no rule matches. The path is
    /// relative to the folder of the file.
    pub fn decide(&self, path: &[u8], is_folder: bool, ignores_case: bool) -> Option<bool> {
        let rule = self.0.iter().rev().find(|rule| rule.matches(path, is_folder, ignores_case))?;
        Some(!rule.is_negated)
    }
}

impl Rule {
    fn parse(line: &[u8], ignores_case: bool) -> Option<Self> {
        if line.is_empty() || line.starts_with(b"#") {
            return None;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = line.split(|&byte| byte == 0).next().unwrap_or_default();
        let line = trim(line);
        let (is_negated, line) = line.strip_prefix(b"!").map_or((false, line), |rest| (true, rest));
        let (only_folders, line) =
            line.strip_suffix(b"/").map_or((false, line), |rest| (true, rest));
        let is_name = !line.contains(&b'/');
        let line = line.strip_prefix(b"/").unwrap_or(line);
        let end = line.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(line.len());
        // A name is matched as a whole: a leading `**` does not stand for folders.
        let (literal, rest) =
            line.split_at_checked(if is_name && end < line.len() { 0 } else { end })?;
        let rest = (!rest.is_empty()).then(|| Pattern::new(rest, ignores_case));
        Some(Self { is_negated, only_folders, is_name, literal: literal.to_vec(), rest })
    }

    fn matches(&self, path: &[u8], is_folder: bool, ignores_case: bool) -> bool {
        if self.only_folders && !is_folder {
            return false;
        }
        let last = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let path = if self.is_name { last } else { path };
        let Some((beginning, rest)) = path.split_at_checked(self.literal.len()) else {
            return false;
        };
        let is_equal = if ignores_case {
            beginning.eq_ignore_ascii_case(&self.literal)
        } else {
            beginning == self.literal
        };
        is_equal && self.rest.as_ref().map_or(rest.is_empty(), |pattern| pattern.matches(rest))
    }
}

/// Removes trailing spaces, except after a backslash.
fn trim(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut bytes = line.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b' ' => {}
            b'\\' => match bytes.next() {
                Some((at, _)) => end = at + 1,
                None => return line,
            },
            _ => end = at + 1,
        }
    }
    line.get(..end).unwrap_or(line)
}
