//! Config keys as checks look at them: what is in force of each, and where it is written.
//!
//! Must not judge.

use super::Subject;
use crate::config::command_line::CommandLine;
use crate::config::environment::Lookup;
use crate::config::setting::{Field, Origin, Record, Setting, Typed};
use crate::diagnostic::Finding;
use crate::schema::{Key, Schema};
use crate::span::Span;
use crate::syntax::{Document, Item, Value};
use serde_json::Value as Json;

/// A key of a config with what is in force of it.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    pub group: &'a str,
    pub name: &'a str,
    pub setting: &'a Setting,
    pub key: Key<'a>,
}

impl<'a> Subject<'a> {
    /// A key; none where the release does not have it, or no config is judged.
    pub fn held(&self, group: &str, name: &str) -> Option<Held<'a>> {
        self.all_held().find(|held| held.name == name && held.group == group)
    }

    /// A key whose value hangs on no variable that nobody knows.
    pub fn known(&self, group: &str, name: &str) -> Option<Held<'a>> {
        self.held(group, name).filter(Held::is_known)
    }

    /// Every key of the config, in the schema's order. Most checks ask, so it is put together once.
    pub fn all_held(&self) -> impl Iterator<Item = Held<'a>> + '_ {
        self.held.iter().copied()
    }

    pub fn held_of(&self, group: &'a str) -> impl Iterator<Item = Held<'a>> + '_ {
        self.all_held().filter(move |held| held.group == group)
    }

    /// What the last file that says anything of a key says.
    pub fn item(&self, group: &str, name: &str) -> Option<&'a Item> {
        let said = |document: &'a Document| document.item.as_ref()?.get(group)?.get(name);
        self.written.config.iter().rev().filter_map(said).find(|item| item.value != Value::Null)
    }

    /// Every text that a file in force says of a key, alone, in a list or in a map.
    pub fn texts(&self) -> Vec<(Held<'a>, &'a Item)> {
        let from_files = self.all_held().filter(Held::is_from_file);
        from_files
            .filter_map(|held| Some((held, self.item(held.group, held.name)?)))
            .flat_map(|(held, item)| texts_below(item).into_iter().map(move |text| (held, text)))
            .collect()
    }

    /// The engine's command line.
    pub fn command_line(&self) -> CommandLine {
        CommandLine::parse(self.schema, self.arguments).0
    }

    /// No variable that nobody knows may set it.
    pub fn is_settled(&self, held: Held<'_>) -> bool {
        let names = held.key.fact("options").and_then(Json::as_array).into_iter().flatten();
        let mut names = names.filter_map(Json::as_str);
        let options = self.schema.options();
        names.all(|name| {
            let option = options.iter().find(|(known, _)| *known == name).map(|(_, option)| option);
            let variable = option.and_then(|option| option.get("env")?.as_str());
            variable.is_none_or(|name| self.ground.environment.look_up(name) != Lookup::Unknown)
        })
    }

    /// Spans that belong to a trace of another node are sent there.
    pub fn has_peers(&self) -> bool {
        if self.is_alone() {
            return false;
        }
        match self.ground.text("PeerManagement", "Type") {
            "redis" => true,
            _ => self.held("PeerManagement", "Peers").is_some_and(|held| !held.texts().is_empty()),
        }
    }
}

/// What is in force of every key that the release has.
pub fn collect<'a>(schema: &'a Schema, config: &'a Record) -> Vec<Held<'a>> {
    let root = schema.root();
    let mut all = Vec::new();
    for Field { name: group, setting } in &config.0 {
        let (Some(keys), Some(record)) = (root.child(group), setting.record()) else { continue };
        all.extend(record.0.iter().filter_map(|Field { name, setting }| {
            Some(Held { group, name, setting, key: keys.child(name)? })
        }));
    }
    all
}

/// The texts in a value, in their order.
pub fn texts_below(item: &Item) -> Vec<&Item> {
    match &item.value {
        Value::Text(_) => vec![item],
        Value::List(items) => items.iter().flat_map(texts_below).collect(),
        Value::Map(entries) => entries.iter().flat_map(|e| texts_below(&e.item)).collect(),
        _ => Vec::new(),
    }
}

impl Held<'_> {
    /// As people write it.
    pub fn title(&self) -> String {
        format!("`{}.{}`", self.group, self.name)
    }

    pub fn is_known(&self) -> bool {
        self.setting.unknown.is_empty()
    }

    /// A file says something of it, if only what an override has replaced.
    pub fn is_written(&self) -> bool {
        self.setting.key_span.is_some()
    }

    /// What a file says is in force.
    pub fn is_from_file(&self) -> bool {
        matches!(self.setting.origin, Origin::File(_))
    }

    pub fn is_overridden(&self) -> bool {
        matches!(self.setting.origin, Origin::Variable(_) | Origin::Flag(_))
    }

    pub fn text(&self) -> &str {
        match &self.setting.typed {
            Typed::Text(text) => text,
            _ => "",
        }
    }

    pub fn texts(&self) -> &[String] {
        match &self.setting.typed {
            Typed::Texts(texts) => texts,
            _ => &[],
        }
    }

    /// The value in words.
    pub fn shown(&self) -> String {
        match &self.setting.typed {
            Typed::Bool(b) | Typed::DefaultTrue(b) => b.to_string(),
            Typed::Int(n) => n.to_string(),
            Typed::Uint(n) => n.to_string(),
            Typed::Duration(duration) => duration.to_string(),
            Typed::MemorySize(size) => size.to_string(),
            Typed::Text(text) => format!("`{text}`"),
            _ => "its default".to_owned(),
        }
    }

    /// Its value; its name where the value has given way, or takes many lines.
    pub fn span(&self) -> Option<Span> {
        let is_long = matches!(self.setting.typed, Typed::Texts(_) | Typed::Attributes(_));
        let value = self.setting.span().filter(|_| !is_long);
        value.or(self.setting.key_span).or_else(|| self.setting.span())
    }

    /// Places a finding on it, or names where an override came from.
    pub fn place(&self, finding: Finding, text: &str) -> Finding {
        if self.is_overridden() {
            let message = format!("{} (by {})", finding.message, self.setting.origin);
            return Finding { message, ..finding };
        }
        finding.at_some(self.span(), text)
    }
}
