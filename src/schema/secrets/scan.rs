//! Finds secrets in a text by their keys.
//!
//! Handles YAML, JSON, TOML, env files, Dockerfiles and command lines, valid or not: it searches
//! for a key, and then for its value in any of these formats. Prefers masking too much to too
//! little. Takes time linear in the text.

use super::documents::SecretDocuments;
use super::keys::is_secret_key;
use super::lines::{Lines, Openings, quoted_end, skip_spaces, trim};
use super::shape;
use std::borrow::Cow;
use std::ops::Range;

/// The largest distance between the name of a variable and its value, in bytes.
pub(super) const NEAR: usize = 400;

/// Shorter keys are not secrets.
const SHORTEST_KEY: usize = 8;

/// Keys of a mapping that refers to a secret without revealing it.
const REFERENCES: [&str; 14] = [
    "valueFrom",
    "secretKeyRef",
    "configMapKeyRef",
    "fieldRef",
    "resourceFieldRef",
    "name",
    "key",
    "optional",
    "secretName",
    "secretKey",
    "existingSecret",
    "fieldPath",
    "enabled",
    "ref",
];

/// The byte ranges of a text that no report may show, sorted and disjoint.
pub fn find_secrets(text: &str) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text,
        lines: Lines::of(text),
        found: shape::find(text).collect(),
        aliases: Vec::new(),
        properties: Vec::new(),
        filter: is_any,
    };
    scan.keys();
    scan.instructions();
    scan.tables();
    scan.flags();
    scan.mask_pairs();
    scan.mask_quoted_pairs();
    scan.mask_anchored();
    let mut found = scan.found;
    found.sort_unstable_by_key(|range| (range.start, range.end));
    found.dedup_by(|later, earlier| {
        let overlaps = later.start < earlier.end;
        if overlaps {
            earlier.end = earlier.end.max(later.end);
        }
        overlaps
    });
    found
}

/// Whether the value is only a reference or wildcard: `${NAME}`, `{{ .Values.x }}`, `*`.
pub fn is_reference(value: &str) -> bool {
    let within = |open: &str, close: &str| {
        let inner = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.contains(close) && !inner.contains(":-"))
    };
    value.bytes().all(|b| b == b'*') || within("${", "}") || within("$(", ")") || within("{{", "}}")
}

/// Selects the values to mask.
type Filter = fn(&str) -> bool;

fn is_any(_: &str) -> bool {
    true
}

fn is_base64(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
}

pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    pub(super) lines: Lines<'t>,
    found: Vec<Range<usize>>,
    /// The names of aliases that are the values of secret keys.
    pub(super) aliases: Vec<Range<usize>>,
    /// The anchors and tags before the values of secret keys.
    pub(super) properties: Vec<Range<usize>>,
    filter: Filter,
}

/// A key and where its value starts.
pub(super) struct Key<'t> {
    name: Cow<'t, str>,
    /// The column of its first byte, including quotes and dashes.
    pub(super) start: usize,
    /// After `:` or `=`.
    pub(super) value: usize,
}

/// The context of a value.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// Lines of the value are indented further than this.
    pub(super) column: usize,
    /// It ends at a comma or a bracket.
    pub(super) is_flow: bool,
    /// It ends at this quote.
    pub(super) quote: Option<u8>,
}

impl<'t> Scan<'t> {
    fn keys(&mut self) {
        let (text, mut at) = (self.text, 0);
        let mut openings = Openings::default();
        let mut secret_documents = SecretDocuments::of(text);
        while let Some(length) = memchr::memchr2(b':', b'=', &text.as_bytes()[at..]) {
            let sign = at + length;
            at = sign + 1;
            let Some(key) = self.key_before(sign) else { continue };
            openings.read_to(text, key.start);
            let around = Around {
                column: self.column(key.start),
                is_flow: openings.brackets > 0,
                quote: openings.quote,
            };
            let end = match &*key.name {
                _ if self.is_secret(&key) => self.value(key.value, around),
                "name" if self.names_secret(&key) => self.paired(&key, around.column),
                "data" | "stringData" if secret_documents.at(sign) => {
                    self.filter = if key.name == "data" { is_base64 } else { is_any };
                    let end = self.entries(key.value, around, key.name == "stringData");
                    self.filter = is_any;
                    end
                }
                _ => continue,
            };
            at = at.max(end);
        }
    }

    /// The key before a `:` or `=`.
    fn key_before(&self, sign: usize) -> Option<Key<'t>> {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut end = self.text[..sign].trim_end_matches([' ', '\t']).len();
        // A `:` on its own line belongs to the key above.
        if bytes[..end].last().is_none_or(|&b| b == b'\n') {
            end = text[..end].trim_end().len();
        }
        let quote = bytes[..end].last().copied().filter(|b| matches!(b, b'"' | b'\''));
        if let Some(quote) = quote {
            let open = bytes[..end - 1].iter().rev().take(NEAR).position(|&b| b == quote)?;
            let start = end - 2 - open;
            let raw = text.get(start + 1..end - 1)?;
            // JSON has no `\x4b`, which YAML and TOML have.
            let json = || format!("\"{}\"", raw.replace("\\x", "\\u00"));
            let decoded = || serde_json::from_str(&json()).ok().map(Cow::Owned);
            let name = raw.contains('\\').then(decoded).flatten();
            let name = name.unwrap_or(Cow::Borrowed(raw.rsplit('.').next().unwrap_or(raw)));
            return Some(Key { name, start, value: sign + 1 });
        }
        let is_word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let start = end - bytes[..end].iter().rev().take(NEAR).take_while(is_word).count();
        let name = text.get(start..end)?.trim_start_matches('-');
        (!name.is_empty()).then_some(Key { name: Cow::Borrowed(name), start, value: sign + 1 })
    }

    /// Whether the key is secret, or in TOML and `--set`, the mapping that contains it.
    fn is_secret(&self, key: &Key<'_>) -> bool {
        let before = self.text[..key.start].strip_suffix('.');
        let parent = || {
            let before = before?;
            let bytes = before.bytes().rev().take(NEAR);
            let length = bytes.take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
            before.get(before.len() - length..)
        };
        is_secret_key(&key.name) || parent().is_some_and(is_secret_key)
    }

    /// The column of a byte; the content of a list item is further right than its dash.
    fn column(&self, at: usize) -> usize {
        let limit = at.saturating_sub(NEAR);
        let before = &self.text.as_bytes()[limit..at];
        before.iter().rev().position(|&b| b == b'\n').unwrap_or(before.len())
    }

    pub(super) fn hide(&mut self, range: Range<usize>) {
        let range = trim(self.text, range);
        let value = &self.text[range.clone()];
        if !value.is_empty() && !is_reference(value) && (self.filter)(value) {
            self.found.push(range);
        }
    }

    /// Masks a value that starts after its key; returns its end.
    pub(super) fn value(&mut self, at: usize, around: Around) -> usize {
        let text = self.text;
        let end = self.lines.end(at);
        let start = self.skip_properties(skip_spaces(text, at), end);
        let rest = &text[start..end];
        match rest.as_bytes().first() {
            _ if around.quote.is_some() => self.within_quote(start, end, around),
            None if around.is_flow && end < text.len() => self.below(end, around),
            None | Some(b'#') => self.block(end, around),
            Some(b'|' | b'>') if is_block_header(rest) => self.block_text(end, around.column),
            Some(b'"' | b'\'') => self.quoted(start, around),
            Some(b'[' | b'{') => self.flow(start, around),
            Some(b'*') if !rest.trim_matches('*').trim().is_empty() => {
                self.note_alias(start);
                end
            }
            _ => self.plain(start, end, around),
        }
    }

    /// Masks a value in brackets that starts on a line below its key.
    fn below(&mut self, end: usize, around: Around) -> usize {
        let rest = &self.text[end..];
        let start = end + (rest.len() - rest.trim_start().len());
        if start < self.text.len() { self.value(start, around) } else { start }
    }

    /// Skips tags and anchors.
    pub(super) fn skip_properties(&mut self, mut at: usize, end: usize) -> usize {
        while at < end && matches!(self.text.as_bytes()[at], b'!' | b'&') {
            let length = self.text[at..end].find([' ', '\t']);
            match length {
                Some(length) => {
                    self.properties.push(at..at + length);
                    at = skip_spaces(self.text, at + length);
                }
                // After a lone anchor or tag the value is below; a lone `!` or `&` is the value.
                None if end - at > 1 && self.lines.next(end).is_some() => {
                    self.properties.push(at..end);
                    return end;
                }
                None => break,
            }
        }
        at
    }

    /// Masks a value that is quoted together with its key, as in `"NAME=value"`.
    fn within_quote(&mut self, start: usize, end: usize, around: Around) -> usize {
        let quote = around.quote.unwrap_or(b'"');
        let bytes = &self.text.as_bytes()[start..end];
        // JSON in JSON: the quotes of the value are escaped.
        let skip = if bytes.starts_with(b"\\\"") { 2 } else { 0 };
        let close = bytes.iter().skip(skip).position(|&b| b == quote).map(|n| start + skip + n);
        let close = close.unwrap_or(end);
        self.hide(start + skip..close);
        close
    }

    fn plain(&mut self, start: usize, end: usize, around: Around) -> usize {
        let text = self.text;
        let rest = &text[start..end];
        let close = if around.is_flow { rest.find([',', '}', ']']) } else { None };
        let length = close.unwrap_or(rest.len());
        let length = rest[..length].find(" #").unwrap_or(length);
        self.hide(start..start + length);
        if around.is_flow || length < rest.len() {
            return start + length;
        }
        // A string may continue below, unless that looks like a wrongly indented key.
        let mut last = end;
        while let Some(line) = self.lines.next(last) {
            let (first, stop) = (skip_spaces(text, line), self.lines.end(line));
            let content = &text[first..stop];
            let is_below = first - line > around.column && !content.is_empty();
            if !is_below || content.starts_with('#') || key_length(content).is_some() {
                break;
            }
            self.hide(first..stop);
            last = stop;
        }
        last
    }

    fn quoted(&mut self, start: usize, around: Around) -> usize {
        let text = self.text;
        let triple = ["\"\"\"", "'''"].into_iter().find(|quotes| text[start..].starts_with(quotes));
        if let Some(quotes) = triple {
            let inner = start + 3;
            let end = text[inner..].find(quotes).map_or(text.len(), |n| inner + n);
            self.hide_lines(inner..end);
            return end;
        }
        let limit = self.limit_of(start, around.column);
        let Some(close) = quoted_end(text, start, limit) else {
            self.hide_lines(start + 1..limit);
            return limit;
        };
        self.hide_lines(start + 1..close - 1);
        let line = self.lines.end(close);
        // The text after a quote that is closed too early.
        if text[close..line].starts_with(|c: char| !c.is_whitespace() && !",]}:;\"'`".contains(c)) {
            return self.plain(close, line, around);
        }
        close
    }

    /// The end of all lines that are indented further than a column.
    fn limit_of(&self, at: usize, column: usize) -> usize {
        let text = self.text;
        let mut end = self.lines.end(at);
        while let Some(line) = self.lines.next(end) {
            let first = skip_spaces(text, line);
            let is_blank = first == self.lines.end(line);
            if !is_blank && first - line <= column {
                break;
            }
            end = self.lines.end(line);
        }
        end
    }

    /// Masks line by line, to keep line breaks and indentation.
    fn hide_lines(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let end = self.lines.end(at).min(range.end);
            self.hide(at..end);
            at = self.lines.next(end).unwrap_or(range.end);
        }
    }

    /// Masks a block scalar: all lines below that are indented further.
    fn block_text(&mut self, header_end: usize, column: usize) -> usize {
        let end = self.limit_of(header_end, column);
        if let Some(first) = self.lines.next(header_end).filter(|first| *first < end) {
            self.hide_lines(first..end);
        }
        end
    }

    /// Masks a list, mapping or string that starts below its key.
    fn block(&mut self, key_end: usize, around: Around) -> usize {
        let text = self.text;
        let mut end = key_end;
        while let Some(line) = self.lines.next(end) {
            let (first, stop) = (skip_spaces(text, line), self.lines.end(line));
            let content = &text[first..stop];
            let column = first - line;
            let is_item = content.starts_with("- ") || content == "-";
            // A value that is not indented, which is a syntax error.
            let is_alone = end == key_end
                && text[..key_end].trim_end().ends_with(':')
                && !content.contains(char::is_whitespace)
                && content.starts_with(|c: char| c.is_ascii_alphanumeric())
                && key_length(content).is_none();
            let is_below =
                column > around.column || column == around.column && (is_item || is_alone);
            if content.is_empty() || content.starts_with('#') && is_below {
                end = stop;
                continue;
            }
            if !is_below {
                break;
            }
            end = self.entry(first, stop, false).max(stop);
        }
        end
    }

    /// Masks a line below a secret key; with `keeps_texts`, block scalars are searched for keys
    /// instead.
    fn entry(&mut self, first: usize, stop: usize, keeps_texts: bool) -> usize {
        let text = self.text;
        let mut at = first;
        while text[at..stop].starts_with("- ") {
            at = skip_spaces(text, at + 1);
        }
        at = self.skip_properties(at, stop);
        let around = Around { column: self.column(at), is_flow: false, quote: None };
        let content = &text[at..stop];
        let Some(length) = key_length(content) else {
            let value = Around { column: self.column(first), ..around };
            return match content.as_bytes().first() {
                None | Some(b'-') if content.len() < 2 => stop,
                // Values with several lines.
                Some(b'[' | b'{' | b'"' | b'\'' | b'*' | b'|' | b'>') => self.value(at, value),
                _ => {
                    self.hide(at..at + content.find(" #").unwrap_or(content.len()));
                    stop
                }
            };
        };
        let key = content[..length].trim_end_matches([':', ' ', '=']).trim_matches(['"', '\'']);
        let rest = text[at + length..stop].trim_start();
        let is_left = keeps_texts && is_block_header(rest) || REFERENCES.contains(&key);
        if looks_like_secret(key) && !keeps_texts {
            let start = at + content.find(key).unwrap_or_default();
            self.hide(start..start + key.len());
        }
        if is_left || rest.is_empty() { stop } else { self.value(at + length, around) }
    }

    /// Masks the entries of a Kubernetes Secret.
    fn entries(&mut self, at: usize, around: Around, keeps_texts: bool) -> usize {
        let text = self.text;
        let end = self.lines.end(at);
        let start = skip_spaces(text, at);
        if text[start..end].starts_with('{') {
            return self.flow(start, around);
        }
        if start < end && !text[start..end].starts_with('#') {
            return end;
        }
        let mut last = end;
        let mut child = None;
        while let Some(line) = self.lines.next(last) {
            let (first, stop) = (skip_spaces(text, line), self.lines.end(line));
            let column = first - line;
            let is_blank = first == stop;
            if !is_blank && column <= around.column {
                break;
            }
            last = stop;
            let is_child = !is_blank && column <= *child.get_or_insert(column);
            // Deeper lines are block scalars, which have their own keys if not encoded.
            if is_child || !is_blank && !keeps_texts {
                last = self.entry(first, stop, keeps_texts).max(stop);
            }
        }
        // Texts that are not encoded are searched for keys as if they were files.
        if keeps_texts { end } else { last }
    }
}

/// Whether a key in the value of a secret key looks like a secret itself, and not like a word.
pub(super) fn looks_like_secret(key: &str) -> bool {
    key.len() >= SHORTEST_KEY && key.contains(|c: char| c.is_ascii_digit())
}

/// Whether this is a block scalar header such as `|`, `>-` or `|2`, possibly with a comment.
fn is_block_header(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let Some(header) = words.next().and_then(|word| word.strip_prefix(['|', '>'])) else {
        return false;
    };
    header.bytes().all(|b| matches!(b, b'+' | b'-' | b'0'..=b'9'))
        && words.next().is_none_or(|word| word.starts_with('#'))
}

/// The first bytes of a text, as many as a key may have.
pub(super) fn near(text: &str) -> &str {
    let end = (0..=NEAR.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or_default()]
}

/// The length of `key:` or `key =` at the start of a line, if there is one.
pub(super) fn key_length(line: &str) -> Option<usize> {
    let name = match line.as_bytes().first()? {
        b'"' | b'\'' => quoted_end(line, 0, line.len())?,
        _ => line.find(|c: char| !c.is_ascii_alphanumeric() && !"_-./".contains(c))?,
    };
    let rest = &line[name..];
    let sign = rest.trim_start_matches([' ', '\t']);
    let is_key = name > 0
        && (sign == ":"
            || sign.starts_with(": ")
            || sign.starts_with(":\t")
            || sign.starts_with("= ")
            || line.starts_with('"') && sign.starts_with(':'));
    is_key.then(|| line.len() - sign.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find_secrets(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn finds_values_of_secret_keys_and_values_that_look_secret() {
        let text = format!(
            "Password: hunter2 # mine\nQueryAuthToken = \"sesame\"\nx: [hcaik_{}]\n\
             y: EMADynamicSampler12345\nDataset: rules\n",
            "0z".repeat(29)
        );
        let found = found(&text);
        assert_eq!(found[..2], ["hunter2", "sesame"]);
        assert!(found[2].starts_with("hcaik_"), "{found:?}");
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn finds_values_in_every_layout() {
        for (text, secrets) in [
            ("Password: a b c\n", &["a b c"][..]),
            ("Password: \"a # b\" # c\n", &["a # b"]),
            ("Password: 'it''s'\n", &["it''s"]),
            ("Password: one\n  two\nb: 1\n", &["one", "two"]),
            ("Password: one\n  Timeout: 5s\n", &["one"]),
            ("Password: |\n  one: 1\n\n  two\nb: 1\n", &["one: 1", "two"]),
            ("Password: \"one\n  two\"\nb: 1\n", &["one", "two"]),
            ("Password: \"one\nb: 1\n", &["one"]),
            ("Password:\n  one\nb: 1\n", &["one"]),
            ("Password: !!str one\n", &["one"]),
            ("Password: &a one\nb: *a\n", &["one"]),
            ("x: &a one\nPassword: *a\n", &["one"]),
            ("ReceiveKeys: [one, \"two\", 'three']\nb: 1\n", &["one", "two", "three"]),
            ("ReceiveKeys: [one,\n  two]\nb: 1\n", &["one", "two"]),
            ("ReceiveKeys: [one, two\nb: 1\n", &["one", "two"]),
            ("ReceiveKeys:\n- one\n- 'two'\nb: 1\n", &["one", "two"]),
            ("ReceiveKeys:\n  - one # c\n  - two\nb: 1\n", &["one", "two"]),
            ("AdditionalHeaders:\n  a: one\n  b: 'two'\nc: 1\n", &["one", "two"]),
            ("AdditionalHeaders: {a: one, \"b\": \"two\"}\nc: 1\n", &["one", "two"]),
            ("{x: {Password: one, b: 1}}\n", &["one"]),
            ("{\"Password\":\"one\",\"b\":1}", &["one"]),
            ("{\"Pass\\u0077ord\":\n \"one\",\"b\":1}", &["one"]),
            ("Password = 'one'\n", &["one"]),
            ("Password = \"\"\"\none\ntwo\"\"\"\nb = 1\n", &["one", "two"]),
            ("AdditionalHeaders.x = \"one\"\n", &["one"]),
            ("[a.AdditionalHeaders]\nx = \"one\"\n[b]\nx = \"two\"\n", &["one"]),
            ("X_API_KEY=one two\n", &["one two"]),
            ("- X_API_KEY=one\n", &["one"]),
            ("- \"X_API_KEY=one, two\"\n- b\n", &["one, two"]),
            ("ENV X_API_KEY one two\n", &["one two"]),
            ("[\"--redis-password\", \"one\", \"-c\"]", &["one"]),
            ("- --redis-password=one\n- -c\n", &["one"]),
            ("x --redis-password one -c y", &["one"]),
            ("- name: X_API_KEY\n  value: one\n- name: b\n  value: c\n", &["one"]),
            ("- value: one\n  name: X_API_KEY\n", &["one"]),
            ("- {name: X_API_KEY, value: one}\n- {name: b, value: c}\n", &["one"]),
            ("- {value: a, name: b}\n- {name: X_API_KEY, value: \"one\"}\n", &["one"]),
            ("[{\"name\":\"X_API_KEY\",\"value\":\"one\"}]", &["one"]),
            ("kind: Secret\ndata:\n  x: b25l\n  y: 'dHdv'\nb: c\n", &["b25l", "dHdv"]),
            ("kind: Secret\nstringData:\n  x: one\n  y: |\n    a: 1\n", &["one"]),
            ("? Password\n: one\n", &["one"]),
            ("# Password: one\n", &["one"]),
            ("ReceiveKeys: {pa55word: *}\n", &["pa55word"]),
            ("ReceiveKeys:\n  pa55word:\n", &["pa55word"]),
            ("APIKey:\n  value: pa55word\n", &["pa55word"]),
            ("a:\n  APIKey pa55word\n", &["pa55word"]),
            ("a:\n- \"APIKey\" \"pa55word\"\n", &["pa55word"]),
            ("a:\n  APIKey:\n  pa55word\n", &["pa55word"]),
            ("a:\n  Password;pa55word\n  SendKey - one\n", &["pa55word", "one"]),
            ("a: {\"AuthCode\" \"one\", b: 1}\n", &["one"]),
            ("\"API\\x4bey\": one", &["one"]),
            ("r --redis-pasword one --honeycombapikey two --redis-host h", &["one", "two"]),
            ("Password:one\n", &["one"]),
        ] {
            assert_eq!(found(text), secrets, "{text}");
        }
    }

    #[test]
    fn ignores_references_and_empty_values() {
        for text in [
            "Password: ${REDIS}\n",
            "Password: \"{{ .Values.password }}\"\n",
            "Password: ''\nb: 1\n",
            "Password:\nb: 1\n",
            "ReceiveKeys: ['*']\n",
            "ReceiveKeys:\n  - \"*\"\n",
            "- name: X_API_KEY\n  valueFrom:\n    secretKeyRef:\n      name: a\n      key: b\n",
            "- name: a\n  value: 1\n- name: X_API_KEY\n  valueFrom: x\n",
            "kind: ConfigMap\ndata:\n  x: b25l\n",
            "SendKeyMode: all\nTraceTimeout: 90s\n",
            "Password:\nother: 1\n",
            "Password for redis\nAPIKey\n",
            "PASSWORD=\nRUN\n",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn large_texts_take_linear_time() {
        for part in
            ["Password: [", "\"APIKey\":\"x\",", "APIKey:\n", "- name: X_API_KEY\n", "::", "\""]
        {
            let text = part.repeat((2 << 20) / part.len());
            assert!(find_secrets(&text).len() < text.len(), "{part}");
        }
    }
}
