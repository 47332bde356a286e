//! Configuration keys as checks see them: the effective value of each, and where it is set.

use super::CheckContext;
use crate::config::command_line::CommandLine;
use crate::config::effective_value::{EffectiveValue, Origin, Record, Typed};
use crate::config::environment::Lookup;
use crate::diagnostic::Finding;
use crate::schema::Node;
use crate::schema::{Key, Schema};
use crate::span::Span;
use crate::syntax::{Document, Item, Value};

/// A configuration key and its effective value.
#[derive(Clone, Copy)]
pub struct ConfigKey<'a> {
    pub group: &'a str,
    pub name: &'a str,
    pub setting: &'a EffectiveValue,
    pub schema: Key<'a>,
}

impl<'a> CheckContext<'a> {
    /// A key; `None` if the release does not have it, or there is no config.
    pub fn config_key(&self, group: &str, name: &str) -> Option<ConfigKey<'a>> {
        self.config_keys().find(|key| key.name == name && key.group == group)
    }

    /// A key whose value does not depend on an unknown environment variable, or on what a tool fills in.
    pub fn known(&self, group: &str, name: &str) -> Option<ConfigKey<'a>> {
        self.config_key(group, name).filter(ConfigKey::is_known)
    }

    /// The number of a key; `None` if it depends on an unknown environment variable, or on what a tool
    /// fills in.
    pub fn number(&self, group: &str, name: &str) -> Option<i128> {
        (!self.stage.is_unknown(group, name)).then(|| self.stage.number(group, name))
    }

    /// Whether a boolean is certainly `true`.
    pub fn is_on(&self, group: &str, name: &str) -> bool {
        self.stage.is_on(group, name) && !self.stage.is_unknown(group, name)
    }

    /// Whether a boolean is certainly `false`.
    pub fn is_off(&self, group: &str, name: &str) -> bool {
        !self.stage.is_on(group, name) && !self.stage.is_unknown(group, name)
    }

    /// Every key of the config, in the order of the schema. Most checks need them, so they are
    /// computed once.
    pub fn config_keys(&self) -> impl Iterator<Item = ConfigKey<'a>> + '_ {
        self.config_keys.iter().copied()
    }

    pub fn keys_of_group(&self, group: &'a str) -> impl Iterator<Item = ConfigKey<'a>> + '_ {
        self.config_keys().filter(move |key| key.group == group)
    }

    /// The value in the last file that sets the key.
    pub fn item(&self, group: &str, name: &str) -> Option<&'a Item> {
        let said = |document: &'a Document| document.item.as_ref()?.get(group)?.get(name);
        self.written.config.iter().rev().filter_map(said).find(|item| item.value != Value::Null)
    }

    /// Every string in the files for a key, also in lists and mappings, if not overridden.
    pub fn texts(&self) -> Vec<(ConfigKey<'a>, &'a Item)> {
        let from_files = self.config_keys().filter(ConfigKey::is_from_file);
        from_files
            .filter_map(|key| Some((key, self.item(key.group, key.name)?)))
            .flat_map(|(key, item)| strings_in(item).into_iter().map(move |text| (key, text)))
            .collect()
    }

    /// Refinery's command line.
    pub fn command_line(&self) -> CommandLine {
        CommandLine::parse(self.schema, self.arguments).0
    }

    /// Whether no unknown environment variable may set it.
    pub fn has_certain_value(&self, key: ConfigKey<'_>) -> bool {
        let is_known = |name| self.stage.environment.look_up(name) != Lookup::Unknown;
        self.variables_of(key).all(is_known)
    }

    /// Whether an environment variable sets it, to any value.
    pub fn is_set_by_variable(&self, key: ConfigKey<'_>) -> bool {
        self.variables_of(key).any(|name| self.stage.environment.is_set(name))
    }

    /// The environment variables that override the key.
    fn variables_of(&self, key: ConfigKey<'a>) -> impl Iterator<Item = &'a str> {
        let names = key.schema.fact("options").and_then(Node::as_array).into_iter().flatten();
        let options = self.schema.options();
        names.filter_map(Node::as_str).filter_map(move |name| {
            let (_, option) = options.iter().find(|(known, _)| *known == name)?;
            option.get("env")?.as_str()
        })
    }

    /// Whether spans of another node's traces are sent there.
    pub fn has_peers(&self) -> bool {
        if self.is_alone() {
            return false;
        }
        match self.stage.text("PeerManagement", "Type") {
            "redis" => true,
            _ => self
                .config_key("PeerManagement", "Peers")
                .is_some_and(|key| !key.texts().is_empty()),
        }
    }
}

/// The effective value of every key that the release has.
pub fn collect<'a>(schema: &'a Schema, config: &'a Record) -> Vec<ConfigKey<'a>> {
    let root = schema.root();
    let mut all = Vec::new();
    for (group, setting) in config.iter() {
        let (Some(keys), Some(record)) = (root.child(group), setting.record()) else { continue };
        all.extend(record.iter().filter_map(|(name, setting)| {
            Some(ConfigKey { group, name, setting, schema: keys.child(name)? })
        }));
    }
    all
}

/// The strings in a value, in order.
pub fn strings_in(item: &Item) -> Vec<&Item> {
    match &item.value {
        Value::Text(_) => vec![item],
        Value::List(items) => items.iter().flat_map(strings_in).collect(),
        Value::Map(entries) => entries.iter().flat_map(|e| strings_in(&e.item)).collect(),
        _ => Vec::new(),
    }
}

impl ConfigKey<'_> {
    /// `Group.Key` in backticks.
    pub fn path(&self) -> String {
        format!("`{}.{}`", self.group, self.name)
    }

    pub fn is_known(&self) -> bool {
        self.setting.unknown.is_empty()
    }

    /// Whether a file sets it, even if an override replaces that value.
    pub fn is_written(&self) -> bool {
        self.setting.key_span.is_some()
    }

    /// Whether the effective value comes from a file.
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

    /// The value for use in a message.
    pub fn display_value(&self) -> String {
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

    /// Its value, or its name if the value is overridden or spans several lines.
    pub fn span(&self) -> Option<Span> {
        let is_long = matches!(self.setting.typed, Typed::Texts(_) | Typed::Attributes(_));
        let value = self.setting.span().filter(|_| !is_long);
        value.or(self.setting.key_span).or_else(|| self.setting.span())
    }

    /// Adds a label at the key, or names the override in the message.
    pub fn place(&self, finding: Finding, text: &str) -> Finding {
        if self.is_overridden() {
            let message = format!("{} (by {})", finding.message, self.setting.origin);
            return self.setting.origin.attribute(Finding { message, ..finding });
        }
        finding.at_some(self.span(), text)
    }
}
