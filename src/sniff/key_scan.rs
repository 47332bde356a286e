//! Scans a text for keys, whether or not it parses.
//!
//! Files with syntax errors must be recognised too, so this only uses lines and brackets. Must not
//! be used to check a file; the parser is for that.

use crate::syntax::DataFormat;

/// A key in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'t> {
    pub name: &'t str,
    /// The byte offset of the name.
    pub at: usize,
    /// Whether it is at the top level: not indented, or in at most one pair of braces.
    pub top: bool,
    /// The rest of its line.
    pub rest: &'t str,
}

/// All keys, in order.
pub fn key_scan(format: DataFormat, text: &str) -> Vec<Key<'_>> {
    let mut keys = KeyScan { text, keys: Vec::new() };
    match format {
        DataFormat::Toml => keys.add_toml(),
        DataFormat::Json => keys.add_flow(text, 0),
        DataFormat::Yaml if starts_with_brace(text) => keys.add_flow(text, 0),
        DataFormat::Yaml => keys.add_block(),
    }
    keys.keys
}

/// Whether the text starts with a flow mapping; `{{` would be a template action.
fn starts_with_brace(text: &str) -> bool {
    let first = content_lines(text).next().unwrap_or_default();
    first.body.starts_with('{') && !first.body.starts_with("{{")
}

/// A line that may have keys.
#[derive(Clone, Copy, Default)]
struct Line<'t> {
    indent: usize,
    /// The line without its indentation.
    body: &'t str,
}

/// Lines other than empty lines, comments, directives and document separators.
fn content_lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.trim_start_matches('\u{feff}').lines().filter_map(|line| {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let is_content = match body.as_bytes() {
            [] | [b'#' | b'%', ..] => false,
            [b'-', b'-', b'-', ..] => indent > 0,
            _ => true,
        };
        is_content.then_some(Line { indent, body })
    })
}

struct KeyScan<'t> {
    text: &'t str,
    keys: Vec<Key<'t>>,
}

impl<'t> KeyScan<'t> {
    fn add(&mut self, name: &'t str, top: bool, rest: &'t str) {
        let name = name.trim().trim_matches(['"', '\'']);
        let at = (name.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.keys.push(Key { name, at, top, rest: rest.trim() });
    }

    fn add_block(&mut self) {
        let mut margin = None;
        for Line { indent, body } in content_lines(self.text) {
            let margin = *margin.get_or_insert(indent);
            let is_item = body.starts_with('-');
            let top = (indent == 0 || indent == margin) && !is_item;
            let entry = if is_item { body.trim_start_matches([' ', '\t', '-']) } else { body };
            let Some((name, rest)) = split_key(entry) else { continue };
            self.add(name, top, rest);
            if rest.trim_start().starts_with('{') {
                self.add_flow(rest, 1);
            }
        }
    }

    /// Adds keys of a flow collection; `depth` braces are open already.
    fn add_flow(&mut self, text: &'t str, mut depth: usize) {
        let mut rest = text;
        let mut line_end = 0;
        while let Some(c) = rest.chars().next() {
            let token = match c {
                '"' | '\'' => quoted_len(rest, c),
                c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                c => c.len_utf8(),
            };
            let (word, after) = rest.split_at(token);
            match c {
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                c if c.is_whitespace() || c == ',' => {}
                _ => {
                    if let Some(value) = after.trim_start().strip_prefix(':') {
                        let start = text.len() - value.len();
                        if start > line_end {
                            line_end = value.find('\n').map_or(text.len(), |len| start + len);
                        }
                        self.add(word, depth <= 1, &text[start..line_end]);
                    }
                }
            }
            rest = after;
        }
    }

    fn add_toml(&mut self) {
        let mut in_table = false;
        for line in content_lines(self.text).map(|line| line.body.trim_end()) {
            if let Some(header) = line.strip_prefix('[') {
                let header = header.trim_start_matches('[');
                if let Some((path, _)) = header.split_once(']') {
                    in_table = true;
                    self.add_path(path, true, "");
                }
            } else if let Some((path, rest)) = line.split_once('=') {
                self.add_path(path, !in_table, rest);
            }
        }
    }

    /// Adds a dotted key, of which only the first part can be at the top level.
    fn add_path(&mut self, path: &'t str, top: bool, rest: &'t str) {
        for (depth, name) in path.split('.').enumerate() {
            self.add(name, top && depth == 0, rest);
        }
    }
}

/// A key ends at a colon followed by a space or the end of the line. After a capitalised word, as
/// Refinery's keys are, the space may be missing.
fn split_key(line: &str) -> Option<(&str, &str)> {
    let bytes = line.as_bytes();
    let mut colons = memchr::memchr_iter(b':', bytes);
    let first = colons.next()?;
    let ends = |at: &usize| matches!(bytes.get(at + 1), None | Some(b' ' | b'\t'));
    let is_word = |name: &[u8]| {
        name.first().is_some_and(u8::is_ascii_uppercase)
            && name.iter().all(u8::is_ascii_alphanumeric)
    };
    let end = Some(first).filter(ends).or_else(|| colons.find(ends));
    let at = end.or_else(|| is_word(&bytes[..first]).then_some(first))?;
    Some((&line[..at], &line[at + 1..]))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The length of a quoted string with its quotes; an unclosed one ends with its line.
fn quoted_len(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The top-level keys, a bar, and the others.
    fn keys(format: DataFormat, text: &str) -> String {
        let all = key_scan(format, text);
        for key in &all {
            assert!(text[key.at..].starts_with(key.name), "{text}");
        }
        let names = |top| {
            let names: Vec<_> = all.iter().filter(|k| k.top == top).map(|k| k.name).collect();
            names.join(" ")
        };
        format!("{}|{}", names(true), names(false))
    }

    #[test]
    fn scans_valid_and_broken_texts() {
        use DataFormat::{Json, Toml, Yaml};
        for (format, text, expected) in [
            (Yaml, "", "|"),
            (Yaml, "# only: a comment\n", "|"),
            (Yaml, "\u{feff}a:\n  b: 1\nc : 2\n\"d\": x", "a c d|b"),
            (Yaml, "---\n%x: y\na: {b: 1, 'c': {d: 2}}\n", "a|b c d"),
            (Yaml, "  a:\n    b: 1\n  c: 2\n", "a c|b"),
            (Yaml, " a:\n  b: 1\nc: 2\n", "a c|b"),
            (Yaml, "- a: 1\n  b: 2\n", "|a b"),
            (Yaml, "a:\n\tb: [1\nc: \"x\nd: }\n", "a c d|b"),
            (Yaml, "a: http://x:1\nb:c\n", "a|"),
            (Yaml, "General:\n  Version:2\nTraces:{}\nFoo Bar:1\n", "General Traces|Version"),
            (Yaml, "{a: {b: 1}, \"c\": 2", "a c|b"),
            (Yaml, "{{- if .x }}\na: 1\n", "a|"),
            (Json, "{\"a\": {\"b\": [{\"c\": 1}]}, \"d\": \"e: {\"}", "a d|b c"),
            (Json, "\"a\": {\"b\": 1,,}", "a b|"),
            (Json, "[{\"a\": 1}]", "|a"),
            (Toml, "a = 1\n[b]\nc = \"x\"\n[[d.'e'.f]]\ng.h = 1\n", "a b d|c e f g h"),
            (Toml, "a = [\n[b\n", "a|"),
        ] {
            assert_eq!(keys(format, text), expected, "{text}");
        }
    }

    #[test]
    fn keeps_the_rest_of_the_line() {
        let rest = |format, text| key_scan(format, text)[0].rest;
        assert_eq!(rest(DataFormat::Yaml, "a:  b # c\n"), "b # c");
        assert_eq!(rest(DataFormat::Toml, "a = 'b'\nc = 1"), "'b'");
        assert_eq!(rest(DataFormat::Json, "{\"a\": \"b\",\n\"c\": 1}"), "\"b\",");
    }
}
