//! Secrets with an anchor or alias, and those that only begin like one: a password may begin with any
//! character.

use super::lines::skip_spaces;
use super::scan::{Around, NEAR, Scan};
use std::collections::BTreeSet;
use std::ops::Range;

/// Tags of YAML that other programs resolve.
const TAGS: [&str; 10] = [
    "vault",
    "Ref",
    "Sub",
    "GetAtt",
    "ImportValue",
    "reference",
    "secret",
    "env",
    "file",
    "include",
];

impl Scan<'_> {
    /// Notes that the alias at a place is the value of a secret key.
    pub(super) fn note_alias(&mut self, at: usize) {
        let end = self.lines.end(at);
        let written = &self.text[at..end];
        let start = end - written.trim_start_matches('*').len();
        self.aliases.push(self.name_at(start));
    }

    /// Masks the values of anchors that secret keys refer to. An alias without an anchor, an anchor without
    /// an alias and an unknown tag may be the secret itself.
    pub(super) fn mask_anchored(&mut self) {
        if self.aliases.is_empty() && self.properties.is_empty() {
            return;
        }
        let text = self.text;
        let wanted: BTreeSet<&str> = self.aliases.iter().map(|name| &text[name.clone()]).collect();
        let (mut defined, mut used) = (BTreeSet::new(), BTreeSet::new());
        for at in memchr::memchr2_iter(b'&', b'*', text.as_bytes()) {
            let name = self.name_at(at + 1);
            let end = name.end;
            let name = &text[name];
            if text.as_bytes()[at] == b'*' {
                used.insert(name);
            } else if wanted.contains(name) {
                defined.insert(name);
                let line = self.lines.start(at);
                let column = skip_spaces(text, line) - line;
                let is_flow = text[line..at].contains(['[', '{']);
                self.value(end, Around { column, is_flow, quote: None });
            }
        }
        for name in std::mem::take(&mut self.aliases) {
            if !defined.contains(&text[name.clone()]) {
                self.hide(name);
            }
        }
        for property in std::mem::take(&mut self.properties) {
            let (sign, name) = text[property.clone()].split_at(1);
            let is_known = if sign == "&" {
                used.contains(name)
            } else {
                name.starts_with('!') || TAGS.contains(&name)
            };
            if !is_known {
                self.hide(property.start + 1..property.end);
            }
        }
    }

    /// The name of an anchor or alias that starts here.
    fn name_at(&self, start: usize) -> Range<usize> {
        let rest = &self.text[start..self.lines.end(start)];
        let is_part = |c: &char| !c.is_whitespace() && !",]}".contains(*c);
        let length: usize = rest.chars().take(NEAR).take_while(is_part).map(char::len_utf8).sum();
        start..start + length
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::secrets::find_secrets;

    #[test]
    fn finds_anchored_values_and_what_only_looks_like_an_anchor() {
        for (text, secrets) in [
            ("a: &x one\nPassword: *x\n", &["one"][..]),
            ("Password: &x one\nb: *x\n", &["one"]),
            ("Password: *pa55word\n", &["pa55word"]),
            ("Password: !pa55word\n", &["!pa55word"]),
            ("Password: !pa55word\na: 1\n", &["pa55word"]),
            ("Password: !pa55 word\n", &["pa55", "word"]),
            ("Password: &pa55word\na: 1\n", &["pa55word"]),
            ("Password: !vault |\n  one\n", &["one"]),
            ("Password: !!str one\n", &["one"]),
            ("ReceiveKeys: [*pa55word, &x one, *x]\n", &["pa55word", "one"]),
        ] {
            let found: Vec<&str> =
                find_secrets(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, secrets, "{text}");
        }
    }
}
