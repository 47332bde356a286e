//! Paths into nested fields, like Refinery's JSON library (gjson) reads the field name of a
//! condition.
//!
//! `a.b` selects from mappings, `a.0` from lists; `*` and `?` are wildcards, `\` escapes a
//! character, `#` counts a list and `#.x` collects from it, `|` continues from what was found.
//! Queries (`#(…)`) are not supported and find nothing here; for other syntax see `special_path`.

use super::json_text::json_text;
use super::number_text::plain_float;
use super::value::Fields;
use super::value::Value;
use crate::value::float_text::with_digits_of;
use std::borrow::Cow;

/// The text of what `path` finds. Values that JSON cannot represent have nothing nested.
pub fn find_text(fields: &Fields, path: &str) -> Option<String> {
    if !fields.is_finite() {
        return None;
    }
    let (path, pipe) = split_pipe(path);
    let found = find_in_map(fields, path)?;
    match pipe {
        Some(pipe) => go_on(&found, pipe).map(|value| text_of(&value)),
        None => Some(text_of(&found)),
    }
}

/// Continues after a pipe, in what the path before it has found.
fn go_on<'v>(value: &'v Value, path: &str) -> Option<Found<'v>> {
    let (path, pipe) = split_pipe(path);
    let found = find(value, path)?;
    match pipe {
        Some(pipe) => go_on(&found, pipe).map(|value| Cow::Owned(value.into_owned())),
        None => Some(found),
    }
}

/// Splits at the first pipe that is not escaped.
pub fn split_pipe(path: &str) -> (&str, Option<&str>) {
    let mut chars = path.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '|' => return (path.get(..at).unwrap_or_default(), path.get(at + 1..)),
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    (path, None)
}

/// The target of a path: a value of the span, or one created on the way.
type Found<'v> = Cow<'v, Value>;

/// Formats a result like the library: strings as they are, everything else as JSON.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Float(n) => plain_float(*n),
        Value::Float32(n) => plain_float(with_digits_of(*n)),
        Value::List(_) | Value::Map(_) => json_text(value),
        word => word.text().into_owned(),
    }
}

fn find<'v>(value: &'v Value, path: &str) -> Option<Found<'v>> {
    match value {
        Value::Map(fields) => find_in_map(fields, path),
        Value::List(items) => find_in_list(items, path),
        _ => None,
    }
}

fn find_in_map<'v>(fields: &'v Fields, path: &str) -> Option<Found<'v>> {
    let step = KeyStep::split(path);
    let mut matching = fields.iter().filter(|(name, _)| step.matches(name)).map(|(_, value)| value);
    match step.rest {
        None => matching.next().map(Cow::Borrowed),
        Some(rest) => matching.find_map(|value| find(value, rest)),
    }
}

/// The first step of a path into a mapping.
pub struct KeyStep<'p> {
    pub key: Cow<'p, str>,
    pub wild: bool,
    /// The path after the dot, if any.
    pub rest: Option<&'p str>,
}

impl<'p> KeyStep<'p> {
    fn split(path: &'p str) -> Self {
        let (head, tail) = path.split_at(path.find(['.', '\\']).unwrap_or(path.len()));
        let wild = head.contains(['*', '?']);
        if tail.starts_with('\\') {
            return Self::split_escaped(head, tail, wild);
        }
        Self { key: Cow::Borrowed(head), wild, rest: tail.strip_prefix('.') }
    }

    /// `tail` starts with the first backslash.
    fn split_escaped(head: &str, tail: &'p str, wild: bool) -> Self {
        let mut step = Self { key: Cow::Owned(head.to_owned()), wild, rest: None };
        let mut chars = tail.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => step.key.to_mut().extend(chars.next().map(|(_, c)| c)),
                '.' => {
                    step.rest = tail.get(at + 1..);
                    return step;
                }
                _ => {
                    step.wild |= matches!(c, '*' | '?');
                    step.key.to_mut().push(c);
                }
            }
        }
        step
    }

    pub fn matches(&self, name: &str) -> bool {
        if self.wild { is_like(name, &self.key) } else { name == self.key }
    }
}

/// Whether `name` matches `pattern`: `*` is any number of characters, `?` is one.
fn is_like(name: &str, pattern: &str) -> bool {
    let (mut name, mut pattern) = (name.chars(), pattern.chars());
    // Where to continue if a star must match one more character.
    let mut star = None;
    loop {
        let before = name.clone();
        match (pattern.next(), name.next()) {
            (Some('*'), _) => {
                star = Some((before.clone(), pattern.clone()));
                name = before;
            }
            (None, None) => return true,
            (Some('?'), Some(_)) => {}
            (Some(p), Some(n)) if p == n => {}
            _ => {
                let Some((mut longer, after)) = star.take() else { return false };
                if longer.next().is_none() {
                    return false;
                }
                star = Some((longer.clone(), after.clone()));
                (name, pattern) = (longer, after);
            }
        }
    }
}

fn find_in_list<'v>(items: &'v [Value], path: &str) -> Option<Found<'v>> {
    if let Some(path) = path.strip_prefix("#.") {
        return Some(collect(items, path));
    }
    if path == "#" {
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        return Some(Cow::Owned(Value::Int(count)));
    }
    let (step, rest) = path.split_once('.').map_or((path, None), |(s, rest)| (s, Some(rest)));
    let is_index = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
    let item = items.get(step.parse::<usize>().ok().filter(|_| is_index)?)?;
    match rest {
        None => Some(Cow::Borrowed(item)),
        Some(rest) => find(item, rest),
    }
}

/// The list of results of a path in each item.
fn collect<'v>(items: &'v [Value], path: &str) -> Found<'v> {
    let parts = items.iter().filter_map(|item| find(item, path));
    Cow::Owned(Value::List(parts.map(Cow::into_owned).collect()))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn value(json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(*b),
            serde_json::Value::Number(n) => {
                n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap()), Value::Int)
            }
            serde_json::Value::String(text) => Value::Text(text.clone()),
            serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
            serde_json::Value::Object(map) => {
                Value::Map(Fields::new(map.iter().map(|(name, v)| (name.clone(), value(v)))))
            }
        }
    }

    #[test]
    fn follows_paths() {
        let span = serde_json::json!({
            "n": { "x": 1, "y": { "z": [1, 2.50, "a<b", null] }, "ab": { "q": true } },
            "l": [{ "k": 1 }, { "k": { "d": 2 } }, { "o": 3 }],
            "a.b": { "c.d": "dots" }, "s": "text", "nul": null, "big": 1e21, "*": "star",
            "@timestamp": 5, "": { "": "empty" }, "root": { "x": "nested root" },
        });
        let Value::Map(span) = value(&span) else { unreachable!() };
        for (path, text) in [
            ("n.x", Some("1")),
            ("n.y.z", Some(r#"[1,2.5,"a\u003cb",null]"#)),
            ("n.y.z.2", Some("a<b")),
            ("n.y.z.3", Some("")),
            ("n.y.z.4", None),
            ("n.y.z.#", Some("4")),
            ("n.y.z.-1", None),
            ("n.y.z.+1", None),
            ("n.y.z.01", Some("2.5")),
            ("n.*.q", Some("true")),
            ("n.?b.q", Some("true")),
            ("?.x", Some("1")),
            ("n.*.nothing", None),
            ("n*.y|z|0", Some("1")),
            ("n.*|q", Some("true")),
            ("n.?|z.0", None),
            ("l.#.k", Some(r#"[1,{"d":2}]"#)),
            ("l.#.nothing", Some("[]")),
            ("l.#.k.d", Some("[2]")),
            ("l.1.k.d", Some("2")),
            ("a.b", None),
            ("a\\.b.c\\.d", Some("dots")),
            ("\\*", Some("star")),
            ("s.x", None),
            ("s|x", None),
            ("nul", Some("")),
            ("big", Some("1000000000000000000000")),
            (".", Some("empty")),
            ("root.x", Some("nested root")),
        ] {
            assert_eq!(find_text(&span, path).as_deref(), text, "{path}");
        }
    }

    #[test]
    fn finds_nothing_in_values_that_json_cannot_represent() {
        let inner = Value::Map(Fields::new([("x".to_owned(), Value::Int(1))]));
        let nan = Value::Float(f64::NAN);
        let span = Fields::new([("n".to_owned(), inner), ("f".to_owned(), nan)]);
        assert_eq!(find_text(&span, "n.x"), None);
    }

    #[test]
    fn matches_wildcards() {
        for (name, pattern, like) in [
            ("abc", "a*c", true),
            ("abcbc", "*bc", true),
            ("ab", "a?b", false),
            ("é", "?", true),
            ("", "*", true),
            ("abc", "*d*", false),
            ("aXbXc", "a*X?", true),
            ("a", "**", true),
        ] {
            assert_eq!(is_like(name, pattern), like, "{name} {pattern}");
        }
    }
}
