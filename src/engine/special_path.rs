//! Paths with modifiers (`@keys`), literals (`!true`), multipaths (`[a,b]`, `{a,b}`) and lines (`..`).
//!
//! This follows the JSON library step by step, on a tree that keeps the order of created mappings.
//! Queries (`#(…)`), `@pretty`, `@dig`, `@fromstr`, arguments of modifiers, and literals other than
//! words are not supported and find nothing here.

use super::json_text::json_text;
use super::path::{self, KeyStep, split_pipe, text_of};
use super::value::{Fields, Value};
use std::borrow::Cow;

/// The library's modifiers; any other word after `@` is a key.
const MODIFIERS: [&str; 13] = [
    "dig", "flatten", "fromstr", "group", "join", "keys", "pretty", "reverse", "this", "tostr",
    "ugly", "valid", "values",
];

/// Whether a path may have special syntax.
fn is_special(path: &str) -> bool {
    path.contains(['@', '!', '[', '{']) || path.starts_with("..")
}

/// Whether a name means more than the key with this name.
pub fn is_path(name: &str) -> bool {
    let has_start = name.len() > 1 && name.starts_with(['!', '[', '{']);
    name.contains(['.', '*', '?', '\\', '|', '#']) || has_start || split_modifier(name).is_some()
}

/// The text of what any path finds. Values that JSON cannot represent have nothing nested.
pub fn find_text(fields: &Fields, path: &str) -> Option<String> {
    if is_special(path) { find_any(fields, path) } else { path::find_text(fields, path) }
}

/// The same for any path, by a copy of the fields. For paths without special syntax `path` is faster.
fn find_any(fields: &Fields, path: &str) -> Option<String> {
    if !fields.is_finite() {
        return None;
    }
    let found = get(Some(&Json::of_map(fields)), path)?;
    Some(match &found {
        Json::Scalar(value) => text_of(value),
        created => created.text(),
    })
}

/// A JSON value.
#[derive(Clone, Debug)]
enum Json {
    Scalar(Value),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    fn of(value: &Value) -> Self {
        match value {
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Map(fields) => Self::of_map(fields),
            scalar => Self::Scalar(scalar.clone()),
        }
    }

    fn of_map(fields: &Fields) -> Self {
        Self::Map(fields.iter().map(|(name, value)| (name.to_owned(), Self::of(value))).collect())
    }

    fn of_text(text: String) -> Self {
        Self::Scalar(Value::Text(text))
    }

    /// As JSON.
    fn text(&self) -> String {
        let joined = |parts: Vec<String>| parts.join(",");
        match self {
            Self::Scalar(value) => json_text(value),
            Self::List(items) => format!("[{}]", joined(items.iter().map(Self::text).collect())),
            Self::Map(pairs) => {
                let name = |name: &String| json_text(&Value::Text(name.clone()));
                let pair =
                    |(key, value): &(String, Self)| format!("{}:{}", name(key), value.text());
                format!("{{{}}}", joined(pairs.iter().map(pair).collect()))
            }
        }
    }

    /// The parts of a list or a mapping; any other value is its only part.
    fn parts(&self) -> Vec<Self> {
        match self {
            Self::Scalar(_) => vec![self.clone()],
            Self::List(items) => items.clone(),
            Self::Map(pairs) => pairs.iter().map(|(_, value)| value.clone()).collect(),
        }
    }
}

/// What a path finds; a pipe may continue from nothing.
fn get(json: Option<&Json>, mut path: &str) -> Option<Json> {
    if path.len() > 1 {
        if path.starts_with('@')
            && let Some((name, rest)) = split_modifier(path)
        {
            return go_on(modify(json, name)?, skip_argument(name, rest)?);
        }
        if let Some(literal) = path.strip_prefix('!') {
            let (name, rest) = literal.split_at(literal.find(['.', '|']).unwrap_or(literal.len()));
            if let Some(value) = word(name) {
                return go_on(Some(Json::Scalar(value)), rest);
            }
            if is_other_literal(literal) {
                return None;
            }
        }
        if path.starts_with(['[', '{']) {
            // Without the closing bracket, the path becomes empty.
            let (selectors, rest) = split_selectors(path).unwrap_or_default();
            if !selectors.is_empty() && (rest.is_empty() || rest.starts_with(['.', '|'])) {
                return go_on(Some(select(json, &selectors, path.starts_with('{'))), rest);
            }
            path = rest;
        }
    }
    let mut walk = Walk { found: None, pipe: None };
    match (json, path.strip_prefix("..")) {
        (Some(json), Some(rest)) => drop(walk.list(std::slice::from_ref(json), rest)),
        (Some(Json::Map(pairs)), None) => drop(walk.map(pairs, path)),
        (Some(Json::List(items)), None) => drop(walk.list(items, path)),
        _ => {}
    }
    match walk.pipe {
        Some(pipe) => get(walk.found.as_ref(), pipe),
        None => walk.found,
    }
}

/// Continues after a modifier, a literal or a multipath.
fn go_on(json: Option<Json>, rest: &str) -> Option<Json> {
    match rest.strip_prefix(['.', '|']) {
        Some(rest) => get(json.as_ref(), rest),
        None => json,
    }
}

/// The name of the modifier at the start, and the path after it.
pub fn split_modifier(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('@')?;
    let (name, rest) = path.split_at(path.find(['.', '|', ':']).unwrap_or(path.len()));
    MODIFIERS.contains(&name).then_some((name, rest))
}

/// The path after the argument of a modifier; `None` if the argument is not supported.
fn skip_argument<'p>(name: &str, rest: &'p str) -> Option<&'p str> {
    let Some(argument) = rest.strip_prefix(':').filter(|argument| !argument.is_empty()) else {
        return Some(rest.strip_prefix(':').unwrap_or(rest));
    };
    let is_ignored = !matches!(name, "flatten" | "join");
    if argument.starts_with(['{', '[', '"']) {
        return argument.get(end_of_brackets(argument)..).filter(|_| is_ignored);
    }
    let mut at = 0;
    while let Some(c) = argument.get(at..).and_then(|rest| rest.chars().next()) {
        at += match c {
            '|' => break,
            '{' | '[' | '(' | '"' => end_of_brackets(&argument[at..]),
            _ => c.len_utf8(),
        };
    }
    argument.get(at..).filter(|_| is_ignored)
}

/// Where the string at the start ends, or otherwise what any other first character opens.
fn end_of_brackets(text: &str) -> usize {
    let mut depth = 1;
    let mut chars = text.char_indices();
    if chars.next().is_some_and(|(_, c)| c == '"') {
        skip_string(&mut chars);
        return text.len() - chars.as_str().len();
    }
    while let Some((_, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '"' => skip_string(&mut chars),
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.len() - chars.as_str().len();
        }
    }
    text.len()
}

/// The result of a modifier; `None` if it is not supported.
#[expect(clippy::option_option, reason = "a modifier may also find nothing")]
fn modify(json: Option<&Json>, name: &str) -> Option<Option<Json>> {
    Some(match (name, json) {
        ("keys" | "values", None) => Some(Json::List(Vec::new())),
        ("keys", Some(Json::Map(pairs))) => {
            Some(Json::List(pairs.iter().map(|(key, _)| Json::of_text(key.clone())).collect()))
        }
        ("keys", Some(json)) => {
            Some(Json::List(json.parts().iter().map(|_| Json::Scalar(Value::Null)).collect()))
        }
        ("values", Some(json)) => Some(Json::List(json.parts())),
        ("reverse", Some(Json::List(items))) => {
            Some(Json::List(items.iter().rev().cloned().collect()))
        }
        ("reverse", Some(Json::Map(pairs))) => {
            Some(Json::Map(pairs.iter().rev().cloned().collect()))
        }
        ("flatten", Some(Json::List(items))) => Some(Json::List(flatten(items))),
        ("join", Some(Json::List(items))) => Some(Json::Map(join(items))),
        ("this" | "ugly" | "valid" | "reverse" | "flatten" | "join", _) => json.cloned(),
        ("tostr", _) => Some(Json::of_text(json.map(Json::text).unwrap_or_default())),
        ("group", Some(Json::Map(pairs))) => Some(Json::List(group(pairs))),
        ("group", _) => None,
        _ => return None,
    })
}

/// The items, with those of lists in their place.
fn flatten(items: &[Json]) -> Vec<Json> {
    let of_item = |item: &Json| match item {
        Json::List(inner) => inner.clone(),
        other => vec![other.clone()],
    };
    items.iter().flat_map(of_item).collect()
}

/// One mapping of those in a list; the last value of each key counts.
fn join(items: &[Json]) -> Vec<(String, Json)> {
    let mut joined: Vec<(String, Json)> = Vec::new();
    for item in items {
        let Json::Map(pairs) = item else { continue };
        for (key, value) in pairs {
            match joined.iter_mut().find(|(name, _)| name == key) {
                Some((_, last)) => last.clone_from(value),
                None => joined.push((key.clone(), value.clone())),
            }
        }
    }
    joined
}

/// A mapping for each position of the lists in a mapping.
fn group(pairs: &[(String, Json)]) -> Vec<Json> {
    let mut rows: Vec<Vec<(String, Json)>> = Vec::new();
    for (key, value) in pairs {
        let Json::List(items) = value else { continue };
        rows.resize_with(rows.len().max(items.len()), Vec::new);
        for (row, item) in rows.iter_mut().zip(items) {
            row.push((key.clone(), item.clone()));
        }
    }
    rows.into_iter().map(Json::Map).collect()
}

fn word(name: &str) -> Option<Value> {
    Some(match name {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => return None,
    })
}

/// A literal that is not supported.
fn is_other_literal(literal: &str) -> bool {
    let name = literal.split(['.', '|']).next().unwrap_or_default().to_ascii_lowercase();
    literal.starts_with(|c: char| "{[\"+-".contains(c) || c.is_ascii_digit())
        || matches!(name.as_str(), "true" | "false" | "null" | "nan" | "inf")
}

/// A path of a multipath, with its name if it has one.
type Selector<'p> = (Option<&'p str>, &'p str);

/// The paths between the brackets at the start, and the path after them.
fn split_selectors(path: &str) -> Option<(Vec<Selector<'_>>, &str)> {
    let mut selectors = Vec::new();
    let mut chars = path.char_indices();
    let (_, '[' | '{') = chars.next()? else { return None };
    let (mut depth, mut start, mut colon, mut in_modifier) = (1, 1, None, false);
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let closes = matches!(c, ']' | ')' | '}');
        depth -= i32::from(closes);
        if (c == ',' && depth == 1) || (closes && depth == 0) {
            let selector = match colon.take() {
                Some(colon) => (path.get(start..colon), path.get(colon + 1..at)?),
                None => (None, path.get(start..at)?),
            };
            selectors.push(selector);
            (in_modifier, start) = (false, at + 1);
            if closes {
                return Some((selectors, &path[start..]));
            }
        }
        match c {
            '\\' => drop(chars.next()),
            '@' => in_modifier |= matches!(before, '.' | '|'),
            ':' if depth == 1 && !in_modifier && colon.is_none() => colon = Some(at),
            '"' => skip_string(&mut chars),
            '[' | '(' | '{' => depth += 1,
            _ => {}
        }
        before = c;
    }
    None
}

fn skip_string(chars: &mut std::str::CharIndices<'_>) {
    while let Some((_, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '"' => return,
            _ => {}
        }
    }
}

/// A list or a mapping of what the paths find.
fn select(json: Option<&Json>, selectors: &[Selector<'_>], is_map: bool) -> Json {
    let found = selectors.iter().filter_map(|(name, path)| Some((*name, *path, get(json, path)?)));
    if !is_map {
        return Json::List(found.map(|(_, _, json)| json).collect());
    }
    let named = |(name, path, json): (Option<&str>, &str, Json)| {
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| last_name(path));
        (name.trim_matches('"').to_owned(), json)
    };
    Json::Map(found.map(named).collect())
}

/// The name that a path without one gets.
fn last_name(path: &str) -> &str {
    let is_end = |(at, c): &(usize, char)| {
        matches!(c, '.' | '|') && !path.get(..*at).is_some_and(|head| head.ends_with('\\'))
    };
    let last = path.char_indices().rev().find(is_end).and_then(|(at, _)| path.get(at + 1..));
    let last = last.unwrap_or(path);
    let is_plain = |c: char| !c.is_ascii_control() && !"[]{}()#|!".contains(c);
    if last.chars().all(is_plain) { last } else { "_" }
}

/// A walk along a path. The path after a pipe is applied to the result, if the walk reached the pipe.
struct Walk<'p> {
    found: Option<Json>,
    pipe: Option<&'p str>,
}

impl<'p> Walk<'p> {
    /// Whether something was found in a mapping.
    fn map(&mut self, pairs: &[(String, Json)], path: &'p str) -> bool {
        let (end, step) = split_key(path);
        let rest = self.split_rest(&path[end..], true);
        let mut matching = pairs.iter().filter(|(name, _)| step.matches(name));
        matching.any(|(_, value)| self.go_into(value, rest))
    }

    fn list(&mut self, items: &[Json], path: &'p str) -> bool {
        if let Some(path) = path.strip_prefix("#.") {
            return self.collect(items, path);
        }
        let (step, rest) = path.split_at(path.find(['.', '|']).unwrap_or(path.len()));
        let rest = self.split_rest(rest, !step.contains('#'));
        if step == "#" && rest.is_none() {
            let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
            self.found = Some(Json::Scalar(Value::Int(count)));
            return true;
        }
        let is_index = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
        let index = step.parse::<usize>().ok().filter(|_| is_index);
        index.and_then(|at| items.get(at)).is_some_and(|item| self.go_into(item, rest))
    }

    /// The path after a dot. After a pipe it is applied later, and so is one after a dot that starts
    /// with special syntax.
    fn split_rest(&mut self, rest: &'p str, has_pipes: bool) -> Option<&'p str> {
        let (is_pipe, rest) = match rest.strip_prefix('|') {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix('.')?),
        };
        let is_special = rest.starts_with(['[', '{']) || split_modifier(rest).is_some();
        if is_pipe || (has_pipes && is_special) {
            self.pipe = Some(rest);
            return None;
        }
        Some(rest)
    }

    fn go_into(&mut self, value: &Json, rest: Option<&'p str>) -> bool {
        match (rest, value) {
            (None, _) => {
                self.found = Some(value.clone());
                true
            }
            (Some(rest), Json::Map(pairs)) => self.map(pairs, rest),
            (Some(rest), Json::List(items)) => self.list(items, rest),
            _ => false,
        }
    }

    /// The list of results of a path in each item.
    fn collect(&mut self, items: &[Json], path: &'p str) -> bool {
        let (path, pipe) = match path.strip_prefix('{') {
            Some(rest) => {
                let (inner, rest) = rest.split_at(end_of_brackets(rest));
                match rest.strip_prefix('|') {
                    Some(pipe) => (&path[..=inner.len()], Some(pipe)),
                    None => (path, None),
                }
            }
            None => split_pipe(path),
        };
        self.pipe = pipe.or(self.pipe);
        self.found = Some(Json::List(items.iter().filter_map(|i| get(Some(i), path)).collect()));
        true
    }
}

/// The first key of a path into a mapping, and where it ends.
fn split_key(path: &str) -> (usize, KeyStep<'_>) {
    let mut step = KeyStep { key: Cow::Owned(String::new()), wild: false, rest: None };
    let mut chars = path.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '.' | '|' => return (at, step),
            '\\' => step.key.to_mut().extend(chars.next().map(|(_, c)| c)),
            c => {
                step.wild |= matches!(c, '*' | '?');
                step.key.to_mut().push(c);
            }
        }
    }
    (path.len(), step)
}

#[cfg(test)]
mod tests {
    use super::super::path::tests::value;
    use super::*;

    /// Our spans and paths with results recorded from the library.
    const RECORDED: [&str; 2] = [
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/paths/gjson-v1.18.0.jsonl")),
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/paths/gjson-v1.18.0-special.jsonl"
        )),
    ];

    #[test]
    fn finds_the_recorded_results() {
        for line in RECORDED.iter().flat_map(|text| text.lines()) {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let Value::Map(span) = value(&case["json"]) else { unreachable!() };
            for pair in case["paths"].as_array().unwrap() {
                let path = pair[0].as_str().unwrap();
                for find in [find_text, find_any] {
                    assert_eq!(find(&span, path).as_deref(), pair[1].as_str(), "{path} {line}");
                }
            }
        }
    }
}
