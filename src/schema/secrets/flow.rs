//! Secrets in YAML flow style and JSON: lists and mappings in brackets, closed or not.

use super::lines::{quoted_end, skip_spaces};
use super::scan::{Around, Scan, key_length, looks_like_secret, near};

impl Scan<'_> {
    /// A list or mapping in brackets.
    pub(super) fn flow(&mut self, open: usize, around: Around) -> usize {
        let text = self.text;
        let bytes = text.as_bytes();
        let (mut at, mut depth) = (open, 0_usize);
        while at < bytes.len() {
            match bytes[at] {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1;
                    }
                }
                b'\n' => {
                    let first = skip_spaces(text, at + 1);
                    let line = &text[first..self.lines.end(first)];
                    let is_out = first - at - 1 <= around.column && key_length(line).is_some();
                    // The brackets are not closed.
                    if is_out && !line.starts_with(['"', '\'']) {
                        return at;
                    }
                }
                b' ' | b'\t' | b'\r' | b',' | b':' | b'=' => {}
                b'#' if at > 0 && bytes[at - 1].is_ascii_whitespace() => {
                    at = self.lines.end(at);
                    continue;
                }
                b'"' | b'\'' => {
                    let line = self.lines.end(at);
                    let end = quoted_end(text, at, line).unwrap_or(line);
                    let rest_of_line = text[end..line].trim_start();
                    if !rest_of_line.starts_with([':', '=']) {
                        let inner = text[at + 1..end].trim_end_matches(['"', '\'']).len();
                        self.hide(at + 1..at + 1 + inner);
                    }
                    at = end + usize::from(rest_of_line.starts_with([':', '=']));
                    continue;
                }
                _ => {
                    at = self.flow_word(at);
                    continue;
                }
            }
            at += 1;
        }
        at
    }

    /// Skips a key or value without quotes; returns its end.
    fn flow_word(&mut self, at: usize) -> usize {
        let end = self.lines.end(at);
        let rest = &self.text[at..end];
        // Searches only what it skips, or a long line would be searched repeatedly.
        if let Some(key) = key_length(near(rest)) {
            let name = rest[..key].trim_end_matches([':', ' ', '=']);
            if looks_like_secret(name) {
                self.hide(at..at + name.len());
            }
            return at + key;
        }
        let length = rest.find([',', ']', '}']).unwrap_or(rest.len());
        let length = rest[..length].find(" #").unwrap_or(length);
        if rest.starts_with('*') {
            self.note_alias(at);
        } else {
            let start = self.skip_properties(at, at + length);
            self.hide(start..at + length);
        }
        at + length.max(1)
    }
}
