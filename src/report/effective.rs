//! The effective values, as YAML with the origin of each value, or as JSON.
//!
//! Values have the form in which Refinery's own YAML writer prints them; secrets are redacted.

use super::escape;
use super::place::Texts;
use crate::config::effective_value::{Origin, Record, Typed};
use crate::config::write::write_shown;
use crate::schema::secrets::mask;
use crate::schema::{Key, Schema};
use crate::span::Span;
use crate::syntax::{Entry, Item, Value, is_plain_text};
use serde_json::{Map, Value as Json, json};

/// Replaces a secret value.
const HIDDEN: &str = "********";

/// The effective values in one release; a kind without a file is left out.
pub struct Effective<'a> {
    pub texts: Texts<'a>,
    pub config: Option<(&'a Schema, &'a Record)>,
    pub rules: Option<(&'a Schema, &'a Record)>,
}

impl Effective<'_> {
    /// `{"config": {"Group.Key": {"value": …, "origin": …}}, "rules": {"<target>": {…}}}`.
    pub fn to_json(&self) -> Json {
        let mut whole = Map::new();
        if let Some((schema, record)) = self.config {
            whole.insert("config".to_owned(), Json::Object(self.config_json(schema, record)));
        }
        if let Some((schema, record)) = self.rules {
            whole.insert("rules".to_owned(), targets_json(schema, record));
        }
        Json::Object(whole)
    }

    fn config_json(&self, schema: &Schema, record: &Record) -> Map<String, Json> {
        let mut leaves = Map::new();
        for leaf in leaves_of(schema, record) {
            let value = to_json(&leaf.entry.item);
            let origin = self.describe(leaf.origin);
            let name = format!("{}.{}", leaf.group, leaf.entry.key);
            leaves.insert(name, json!({ "value": value, "origin": origin }));
        }
        leaves
    }

    /// Each value on its own line, followed by its origin in a comment.
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        if let Some((schema, record)) = self.config {
            let mut group = String::new();
            for leaf in leaves_of(schema, record) {
                if group != leaf.group {
                    group.clone_from(&leaf.group);
                    text.extend([group.as_str(), ":\n"]);
                }
                let value = flow(&leaf.entry.item);
                let origin = self.describe(leaf.origin);
                let name = name(&leaf.entry.key);
                text.extend(["  ", &name, ": ", &value, "  # ", &origin, "\n"]);
            }
        }
        if let Some((schema, record)) = self.rules {
            if self.config.is_some() {
                text.push_str("---\n");
            }
            self.block(&write_shown(schema, record), "", "", &mut text);
        }
        text
    }

    /// Writes a mapping or list on several lines. The first line starts with `lead`, all others
    /// with `indent`.
    fn block(&self, item: &Item, lead: &str, indent: &str, text: &mut String) {
        match &item.value {
            Value::Map(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    let lead = if index == 0 { lead } else { indent };
                    text.extend([lead, &name(&entry.key), ":"]);
                    self.below(&entry.item, indent, text);
                }
            }
            Value::List(items) => {
                for item in items {
                    self.block(item, &format!("{indent}- "), &format!("{indent}  "), text);
                }
            }
            _ => text.extend([lead, &flow(item), &self.comment(item.span), "\n"]),
        }
    }

    /// Writes the value of a key on its line, or below it.
    fn below(&self, item: &Item, indent: &str, text: &mut String) {
        if fits_on_a_line(item) {
            text.extend([" ", &flow(item), &self.comment(item.span), "\n"]);
            return;
        }
        let deeper = format!("{indent}  ");
        text.push('\n');
        self.block(item, &deeper, &deeper, text);
    }

    fn comment(&self, span: Option<Span>) -> String {
        span.map_or_else(String::new, |span| format!("  # {}", self.place(span)))
    }

    fn describe(&self, origin: &Origin) -> String {
        match origin {
            Origin::File(span) => self.place(*span),
            other => other.to_string(),
        }
    }

    fn place(&self, span: Span) -> String {
        let Some(text) = self.texts.get(span.file) else { return String::new() };
        let (start, _) = text.positions(span);
        escape::one_line(&format!("{}:{}:{}", text.name, start.line, start.column))
    }
}

/// A key of a group, with its value.
struct Leaf<'r> {
    group: String,
    entry: Entry,
    origin: &'r Origin,
}

fn leaves_of<'r>(schema: &Schema, record: &'r Record) -> Vec<Leaf<'r>> {
    let Value::Map(groups) = write_shown(schema, record).value else {
        return Vec::new();
    };
    let mut leaves = Vec::new();
    for group in groups {
        let settings = record.get(&group.key).and_then(|s| s.record());
        let keys = schema.root().child(&group.key);
        let Value::Map(entries) = group.item.value else { continue };
        for mut entry in entries {
            if keys.and_then(|keys| keys.child(&entry.key)).is_some_and(|k: Key<'_>| k.is_secret())
            {
                hide(&mut entry.item);
            }
            if let Some(setting) = settings.and_then(|s| s.get(&entry.key)) {
                let origin = &setting.origin;
                leaves.push(Leaf { group: group.key.clone(), entry, origin });
            }
        }
    }
    leaves
}

/// Redacts a value. A reference to an unknown variable reveals nothing and is kept.
fn hide(item: &mut Item) {
    match &mut item.value {
        Value::Text(text) if !text.is_empty() && item.unknown.is_empty() => {
            HIDDEN.clone_into(text);
        }
        Value::List(items) => items.iter_mut().for_each(hide),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| hide(&mut entry.item)),
        _ => {}
    }
}

fn targets_json(schema: &Schema, record: &Record) -> Json {
    let empty = Record::default();
    let targets = match record.get("Samplers").map(|s| &s.typed) {
        Some(Typed::Record(_)) => record,
        _ => &empty,
    };
    match write_shown(schema, targets).get("Samplers") {
        Some(samplers) => to_json(samplers),
        None => json!({}),
    }
}

/// Numbers without a fraction become integers, as in Refinery's YAML; infinities become strings.
pub(super) fn to_json(item: &Item) -> Json {
    match &item.value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Int(n) | Value::Long(n) => json!(n),
        Value::Unsigned(n) => json!(n),
        Value::Float(n) => float(*n),
        Value::Time => json!(item.raw),
        Value::Text(text) => json!(mask(text)),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => {
            entries.iter().map(|e| (e.key.clone(), to_json(&e.item))).collect::<Map<_, _>>().into()
        }
        Value::Mixed(pairs) => pairs
            .iter()
            .map(|(key, value)| (flow(key), to_json(value)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "only whole numbers within the range")]
fn float(n: f64) -> Json {
    if n.fract() == 0.0 && n.abs() < 9e15 {
        return json!(n as i64);
    }
    match serde_json::Number::from_f64(n) {
        Some(number) => Json::Number(number),
        None if n.is_nan() => json!(".nan"),
        None => json!(if n > 0.0 { ".inf" } else { "-.inf" }),
    }
}

fn fits_on_a_line(item: &Item) -> bool {
    let is_leaf = |item: &Item| !matches!(item.value, Value::List(_) | Value::Map(_));
    match &item.value {
        Value::List(items) => items.iter().all(is_leaf),
        Value::Map(entries) => entries.is_empty(),
        _ => true,
    }
}

/// A value on one line.
pub(super) fn flow(item: &Item) -> String {
    match &item.value {
        Value::Text(text) => name(&mask(text)),
        Value::List(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => {
            let pairs = entries.iter().map(|e| format!("{}: {}", name(&e.key), flow(&e.item)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Float(_) => match to_json(item) {
            Json::String(infinite) => infinite,
            number => number.to_string(),
        },
        _ => to_json(item).to_string(),
    }
}

/// A string in YAML, without quotes if it cannot be read as anything else.
fn name(text: &str) -> String {
    let is_plain = is_plain_text(text) && escape::one_line(text) == text;
    if is_plain { text.to_owned() } else { escape::yaml(&json!(text).to_string()) }
}
