//! The lines of a `.gitignore` file, and which of them a path meets.
//!
//! Must not open files, nor know in which order they count.

use super::wildmatch::Pattern;

/// One file of rules, which hold below one folder.
#[derive(Debug, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// `!`: what it matches is not ignored.
    is_negated: bool,
    /// It ends with a slash.
    wants_folder: bool,
    /// Without a slash in it, only a path's last part matters.
    is_name: bool,
    /// What comes before the first wildcard.
    literal: Vec<u8>,
    /// What follows; none where that is nothing.
    rest: Option<Pattern>,
}

impl Rules {
    /// Reads a whole file. The case of ASCII letters counts unless `folds_case`.
    pub fn parse(text: &[u8], folds_case: bool) -> Self {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let lines = text.split(|&byte| byte == b'\n');
        Self(lines.filter_map(|line| Rule::parse(line, folds_case)).collect())
    }

    /// Whether the last rule that a path meets ignores it; none where it meets no rule. The path is
    /// seen from the folder of the file.
    pub fn decide(&self, path: &[u8], is_folder: bool, folds_case: bool) -> Option<bool> {
        let rule = self.0.iter().rev().find(|rule| rule.matches(path, is_folder, folds_case))?;
        Some(!rule.is_negated)
    }
}

impl Rule {
    fn parse(line: &[u8], folds_case: bool) -> Option<Self> {
        if line.is_empty() || line.starts_with(b"#") {
            return None;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = line.split(|&byte| byte == 0).next().unwrap_or_default();
        let line = trim(line);
        let (is_negated, line) = line.strip_prefix(b"!").map_or((false, line), |rest| (true, rest));
        let (wants_folder, line) =
            line.strip_suffix(b"/").map_or((false, line), |rest| (true, rest));
        let is_name = !line.contains(&b'/');
        let line = line.strip_prefix(b"/").unwrap_or(line);
        let end = line.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(line.len());
        // A name is matched as a whole: `**` at its beginning is no folder.
        let (literal, rest) =
            line.split_at_checked(if is_name && end < line.len() { 0 } else { end })?;
        let rest = (!rest.is_empty()).then(|| Pattern::new(rest, folds_case));
        Some(Self { is_negated, wants_folder, is_name, literal: literal.to_vec(), rest })
    }

    fn matches(&self, path: &[u8], is_folder: bool, folds_case: bool) -> bool {
        if self.wants_folder && !is_folder {
            return false;
        }
        let last = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let path = if self.is_name { last } else { path };
        let Some((beginning, rest)) = path.split_at_checked(self.literal.len()) else {
            return false;
        };
        let is_equal = if folds_case {
            beginning.eq_ignore_ascii_case(&self.literal)
        } else {
            beginning == self.literal
        };
        is_equal && self.rest.as_ref().map_or(rest.is_empty(), |pattern| pattern.matches(rest))
    }
}

/// Without the spaces at its end, unless a backslash stands before them.
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
