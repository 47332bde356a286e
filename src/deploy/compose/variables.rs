//! Variables in a compose file: those of `.env`, and how compose replaces them.
//!
//! The shell may set others or override these: a name without a value is unknown; values and
//! defaults are used as written. Must not know keys of a compose file.

use super::words::known;
use crate::deploy::command::Word;
use crate::syntax::{Item, Value};
use crate::vfs::Vfs;
use crate::vfs::environment;
use crate::vfs::input_error::InputError;
use std::collections::BTreeMap;
use std::path::Path;

/// The maximum nesting depth of defaults.
const DEEPEST: usize = 16;

/// The maximum number of bytes that values may add to the strings of a project.
const MAX_ADDED: usize = 4 << 20;

/// Variables with known values.
#[derive(Debug, Default)]
pub struct Variables {
    known: BTreeMap<String, String>,
    added: usize,
}

/// The result of reading a file of variables.
pub enum EnvFile {
    Known(BTreeMap<String, String>),
    Missing,
    /// Why it is invalid.
    Bad(String),
}

/// Reads a file of variables. Values that refer to other variables are dropped, so they are
/// unknown.
///
/// # Errors
/// It cannot be read.
pub fn read_env_file(store: &dyn Vfs, name: &str) -> Result<EnvFile, InputError> {
    let bytes = match store.read(Path::new(name), name) {
        Ok(bytes) => bytes,
        Err(error) if error.problem.is_absence() => return Ok(EnvFile::Missing),
        Err(error) => return Err(error),
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(EnvFile::Bad(format!("`{name}` is not valid UTF-8")));
    };
    Ok(match environment::parse(&text) {
        Ok(mut variables) => {
            variables.retain(|_, value| !value.contains('$'));
            EnvFile::Known(variables)
        }
        Err((line, why)) => EnvFile::Bad(format!("`{name}` line {line}: {why}")),
    })
}

impl Variables {
    pub fn new(known: BTreeMap<String, String>) -> Self {
        Self { known, added: 0 }
    }

    /// All variables with known values.
    pub fn known(&self) -> &BTreeMap<String, String> {
        &self.known
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    /// Sets or removes a variable.
    pub fn set(&mut self, name: &str, value: Option<String>) {
        match value {
            Some(value) => drop(self.known.insert(name.to_owned(), value)),
            None => drop(self.known.remove(name)),
        }
    }

    /// Replaces variables in all strings of a value. Strings with unknown variables stay and list
    /// them in `unknown`.
    pub fn fill(&mut self, item: &mut Item) {
        match &mut item.value {
            Value::Text(text) => {
                if let Some(filled) = self.filled(text) {
                    match filled {
                        Ok(filled) => *text = filled,
                        Err(unknown) => item.unknown = unknown,
                    }
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.fill(&mut entry.item)),
            _ => {}
        }
    }

    /// A string with variables replaced, or the unknown names; `None` if it has no variables.
    pub fn filled(&mut self, text: &str) -> Option<Result<String, Vec<String>>> {
        if !text.contains('$') {
            return None;
        }
        let mut filled = Filled::default();
        self.replace(text, &mut filled, 0);
        self.added = self.added.saturating_add(filled.text.len().saturating_sub(text.len()));
        filled.unknown.dedup();
        Some(if filled.unknown.is_empty() { Ok(filled.text) } else { Err(filled.unknown) })
    }

    fn replace(&self, text: &str, filled: &mut Filled, depth: usize) {
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            filled.text.push_str(&rest[..at]);
            let tail = &rest[at + 1..];
            let name = name_at(tail);
            rest = if let Some(tail) = tail.strip_prefix('$') {
                filled.text.push('$');
                tail
            } else if !name.is_empty() {
                self.put(name, filled);
                &tail[name.len()..]
            } else if tail.starts_with('{') {
                let end = closing(tail);
                self.replace_braced(end.and_then(|end| tail.get(1..end)), filled, depth);
                end.and_then(|end| tail.get(end + 1..)).unwrap_or_default()
            } else {
                filled.text.push('$');
                tail
            };
        }
        filled.text.push_str(rest);
    }

    /// Replaces the content of braces: a name, and what to do if it has no value.
    fn replace_braced(&self, inner: Option<&str>, filled: &mut Filled, depth: usize) {
        let inner = inner.unwrap_or_default();
        let name = name_at(inner);
        let rest = &inner[name.len()..];
        let (is_soft, sign) = match rest.strip_prefix(':') {
            Some(sign) => (true, sign),
            None => (false, rest),
        };
        let value = self.get(name).filter(|value| !(is_soft && value.is_empty()));
        match (sign.chars().next(), value) {
            _ if name.is_empty() || depth >= DEEPEST => {
                filled.unknown.push(format!("${{{inner}}}"));
            }
            (None, _) if !is_soft => self.put(name, filled),
            (Some('-'), None) | (Some('+'), Some(_)) => self.replace(&sign[1..], filled, depth + 1),
            (Some('-' | '?'), Some(_)) => self.put(name, filled),
            _ => filled.unknown.push(name.to_owned()),
        }
    }

    fn put(&self, name: &str, filled: &mut Filled) {
        match self.get(name) {
            Some(value) if self.added + filled.text.len() <= MAX_ADDED => {
                filled.text.push_str(value);
            }
            _ => filled.unknown.push(name.to_owned()),
        }
    }
}

/// The result so far.
#[derive(Default)]
struct Filled {
    text: String,
    unknown: Vec<String>,
}

/// The variable name at the start of a string.
pub fn name_at(text: &str) -> &str {
    let is_part = |(at, c): (usize, char)| {
        c == '_' || c.is_ascii_alphabetic() || at > 0 && c.is_ascii_digit()
    };
    let end = text.char_indices().find(|&place| !is_part(place)).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// The position of the brace that closes the first one.
pub fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads `environment`, a mapping or a list of `NAME=VALUE`.
pub fn read_variables(
    item: &Item,
    outside: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, Word> {
    let of_entry = |(key, item): (&str, &Item)| {
        let text = match item.value {
            Value::Null => outside(key),
            _ => known(item),
        };
        (key.to_owned(), Word { text, span: item.span })
    };
    let of_line = |item: &Item| {
        let line = item.text()?;
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (line, outside(line)),
        };
        let value = value.filter(|value| item.unknown.is_empty() || !value.contains('$'));
        Some((name.to_owned(), Word { text: value, span: item.span }))
    };
    match item.list() {
        Some(lines) => lines.iter().filter_map(of_line).collect(),
        None => item.entries().iter().map(|e| of_entry((&e.key, &e.item))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result, or the unknown names in brackets.
    fn filled(text: &str) -> String {
        let known = [("A", "a"), ("B", "b c"), ("EMPTY", "")];
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned()));
        match Variables::new(known.into()).filled(text) {
            None => text.to_owned(),
            Some(Ok(text)) => text,
            Some(Err(unknown)) => format!("{unknown:?}"),
        }
    }

    #[test]
    fn replaces_variables_like_compose() {
        for (text, expected) in [
            ("x", "x"),
            ("$A-${B}.", "a-b c."),
            ("$$A $${A}", "$A ${A}"),
            ("$1 $( $", "$1 $( $"),
            ("${A:-d}${X:-d}${EMPTY:-d}${EMPTY-d}", "add"),
            ("${X-d:e}", "d:e"),
            ("${X:-${A}/${Y:-z}}/b", "a/z/b"),
            ("${X:-{}}", "{}"),
            ("${A:+d}${A+e}${EMPTY+f}", "def"),
            ("${A:?why}${EMPTY?why}", "a"),
            ("$X ${Y}", "[\"X\", \"Y\"]"),
            ("${X:?why} ${EMPTY:?why} ${X:+y}", "[\"X\", \"EMPTY\", \"X\"]"),
            ("${1} ${A", "[\"${1}\", \"${}\"]"),
            ("${A/b}", "[\"A\"]"),
        ] {
            assert_eq!(filled(text), expected, "{text}");
        }
    }

    #[test]
    fn limits_nesting_and_growth() {
        let nested = "${X:-".repeat(100_000) + &"}".repeat(100_000);
        assert!(filled(&nested).starts_with('['));
        let mut variables = Variables::new([("A".to_owned(), "a".repeat(1 << 20))].into());
        assert!(variables.filled("$A$A").is_some_and(|filled| filled.is_ok()));
        for _ in 0..3 {
            variables.filled("$A$A");
        }
        assert!(variables.filled("$A").is_some_and(|filled| filled.is_err()));
    }
}
