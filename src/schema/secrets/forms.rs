//! Secrets that do not follow their own key: next to the name of a variable, below a table header,
//! in a Dockerfile instruction, after a flag.

use super::keys::{is_secret_flag, is_secret_key};
use super::lines::skip_spaces;
use super::scan::{Around, Key, NEAR, Scan, key_length};

impl Scan<'_> {
    /// Whether the value of a `name:` is a secret variable, whose value is a sibling.
    pub(super) fn names_secret(&self, key: &Key<'_>) -> bool {
        let end = self.lines.end(key.value);
        let value = self.text[key.value..end].trim_start().trim_start_matches(['"', '\'']);
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let word = &value[..value.find(|c| !is_word(c)).unwrap_or(value.len())];
        is_secret_key(word.rsplit('.').next().unwrap_or(word))
    }

    /// Masks the `value:` next to a `name:`; returns where the search for keys continues.
    pub(super) fn paired(&mut self, key: &Key<'_>, column: usize) -> usize {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut window = key.value..bytes.len().min(key.value + NEAR);
        while !text.is_char_boundary(window.end) {
            window.end -= 1;
        }
        let after = &text[window.clone()];
        let next = after.find("name").filter(|&n| {
            after[n + 4..].trim_start_matches(['"', '\'']).trim_start().starts_with([':', '='])
        });
        let stop = [after.find('}'), after.find("\n- "), after.find(" - "), next];
        let stop = stop.into_iter().flatten().min().unwrap_or(after.len());
        let mut start = key.start.saturating_sub(NEAR);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        let before = &text[start..key.start];
        let item = [before.rfind('{'), before.rfind('}'), before.rfind("- ")];
        let from = start + item.into_iter().flatten().max().unwrap_or(before.len());
        for part in [key.value..key.value + stop, from..key.start] {
            for (at, word) in text[part.clone()].match_indices("value") {
                let end = part.start + at + word.len();
                let rest = text[end..].trim_start_matches(['"', '\'']).trim_start();
                if rest.starts_with([':', '=']) {
                    let is_flow = text[self.lines.start(end)..end].contains('{');
                    let around = Around { column, is_flow, quote: None };
                    self.value(text.len() - rest.len() + 1, around);
                }
            }
        }
        key.value
    }

    /// Masks `ENV NAME value` in Dockerfiles.
    pub(super) fn instructions(&mut self) {
        let text = self.text;
        for line in self.lines.starts().collect::<Vec<_>>() {
            let end = self.lines.end(line);
            let content = text[line..end].trim_start();
            let head = content.get(..4).filter(|head| head.eq_ignore_ascii_case("ENV "));
            if let Some((name, value)) =
                head.and_then(|_| content[4..].trim_start().split_once([' ', '\t']))
                && is_secret_key(name)
            {
                self.hide(end - value.len()..end);
            }
        }
    }

    /// Masks the word after a secret key on a line if the colon between them is missing.
    pub(super) fn mask_pairs(&mut self) {
        const SIGNS: [char; 7] = ['"', '\'', ';', ',', '-', '}', ']'];
        let text = self.text;
        let is_between = |c: char| c.is_whitespace() || SIGNS.contains(&c);
        for line in self.lines.starts().collect::<Vec<_>>() {
            let end = self.lines.end(line);
            let content = text[line..end].trim_start_matches(is_between);
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = content.find(|c| !is_part(c)).unwrap_or(content.len());
            let value = content[length..].trim_start_matches(is_between);
            let start = end - value.len();
            let value = value.trim_end_matches(is_between);
            let is_alone = !value.is_empty() && !value.contains(char::is_whitespace);
            if is_alone && !value.starts_with([':', '=']) && is_secret_key(&content[..length]) {
                self.hide(start..start + value.len());
            }
        }
    }

    /// The same between brackets, where both are in quotes.
    pub(super) fn mask_quoted_pairs(&mut self) {
        let text = self.text;
        for (at, gap) in text.match_indices("\" \"") {
            let name = text[..at].rsplit('"').next().unwrap_or_default();
            let start = at + gap.len();
            let length = text[start..self.lines.end(start)].find('"');
            if let Some(length) = length.filter(|_| name.len() < NEAR && is_secret_key(name)) {
                self.hide(start..start + length);
            }
        }
    }

    /// Masks the values below a header such as `[Network.AdditionalHeaders]`.
    pub(super) fn tables(&mut self) {
        let text = self.text;
        let mut is_secret = false;
        for line in self.lines.starts().collect::<Vec<_>>() {
            let end = self.lines.end(line);
            let first = skip_spaces(text, line);
            let content = &text[first..end];
            if let Some(header) = content.strip_prefix('[') {
                let name = header.split(']').next().unwrap_or_default();
                let last = name.rsplit('.').next().unwrap_or_default();
                is_secret = is_secret_key(last.trim_matches(['"', '\'', ' ']));
            } else if is_secret && let Some(length) = key_length(content) {
                let around = Around { column: first - line, is_flow: false, quote: None };
                self.value(first + length, around);
            }
        }
    }

    /// Masks `--redis-password value`, in one string or as two list elements. With `=`, it is a
    /// key.
    pub(super) fn flags(&mut self) {
        let text = self.text;
        for (at, dashes) in text.match_indices("--") {
            let start = at + dashes.len();
            let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
            let length =
                text.as_bytes()[start..].iter().take(NEAR).take_while(|b| is_word(b)).count();
            let end = start + length;
            let word = &text[start..end];
            // A misspelled flag is named like the key, after its group.
            let is_near = || word.split_once('-').is_some_and(|(_, key)| is_secret_key(key));
            if !(is_secret_flag(word) || is_near() || is_secret_key(word)) {
                continue;
            }
            let is_between = |c: char| c.is_whitespace() || "\"',[]-".contains(c);
            let rest = &text[end..];
            let gap = rest.len() - rest.trim_start_matches(is_between).len();
            let value = &rest[gap..];
            let length = value.find(|c: char| c.is_whitespace() || "\"',]".contains(c));
            if gap > 0 && gap < NEAR {
                self.hide(end + gap..end + gap + length.unwrap_or(value.len()));
            }
        }
    }
}
