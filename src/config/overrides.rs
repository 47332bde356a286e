//! Flags and environment variables that override keys, with the quirks of Refinery's parser.
//!
//! A flag overrides its variable, and both override the files. An empty or zero value overrides
//! nothing.

use super::command_line::CommandLine;
use super::effective_value::{EffectiveValue, Origin, Record, Typed};
use super::environment::{Environment, Lookup};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Node;
use crate::schema::{Key, Schema};
use crate::value::{Grammar, MemorySize};
use std::collections::HashMap;

check!(
    BAD_OVERRIDE,
    "start/bad-override",
    Error,
    kind: Verdict,
    "a flag or environment variable cannot be parsed",
    "Refinery parses its command line and environment first, and exits before it opens a file."
);

/// Values that override keys, by Refinery's name of the option.
#[derive(Debug, Default)]
pub struct Overrides<'s> {
    values: HashMap<&'s str, EffectiveValue>,
}

impl<'s> Overrides<'s> {
    /// Collects the overrides of the command line and the environment.
    pub fn read(
        schema: &'s Schema,
        line: &CommandLine,
        environment: &Environment,
    ) -> (Self, Vec<Finding>) {
        let mut overrides = Self::default();
        let mut findings = Vec::new();
        for (name, option) in schema.options() {
            let option = Given::of(option, line, environment);
            let grammar = || memory_grammar(schema, name);
            match option.map(|given| given.read(grammar)).transpose() {
                Ok(Some(setting)) if !setting.typed.is_empty() => {
                    overrides.values.insert(name, setting);
                }
                Ok(_) => {}
                Err(finding) => findings.push(*finding),
            }
        }
        (overrides, findings)
    }

    /// Applies the overrides. The first option of a key that has a value is used.
    pub fn apply(&self, root: Key<'_>, record: &mut Record) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.values.is_empty() {
            return findings;
        }
        for (group, key) in root.children() {
            for (name, key) in key.children().filter(|(_, key)| key.is_decoded()) {
                let Some(setting) = self.of(key) else { continue };
                if matches!((&setting.typed, key.go_type()), (Typed::Text(_), "MemorySize")) {
                    findings.push(clash(&setting.origin));
                } else if let Typed::Record(keys) = &mut record.get_mut(group).typed {
                    let value = keys.get_mut(name);
                    *value = EffectiveValue { key_span: value.key_span, ..setting.clone() };
                }
            }
        }
        findings
    }

    fn of(&self, key: Key<'_>) -> Option<&EffectiveValue> {
        options(key).find_map(|name| self.values.get(name))
    }
}

/// The options that override a key, in the order in which Refinery looks at them.
fn options(key: Key<'_>) -> impl Iterator<Item = &'static str> + use<> {
    let names = key.fact("options").and_then(Node::as_array).unwrap_or_default();
    names.iter().filter_map(Node::as_str)
}

/// How the release reads an option that is a memory size: as it reads the key in a file.
fn memory_grammar(schema: &Schema, option: &str) -> Grammar {
    let mut keys = schema.root().children().flat_map(|(_, group)| group.children());
    let key = keys.find_map(|(_, key)| options(key).any(|name| name == option).then_some(key));
    Grammar::named(key.and_then(|key| key.text("format")).unwrap_or_default())
}

/// Before v2.2.0 Refinery parses the option as a string and cannot assign it to a memory size.
fn clash(origin: &Origin) -> Finding {
    let finding =
        Finding::new(&BAD_OVERRIDE, format!("this release exits if {origin} is set to any value"));
    let help = "set the key in the file instead, or use v2.2.0 or later";
    origin.attribute(finding.help(help).refuses())
}

/// The unparsed values of one option.
struct Given {
    go_type: String,
    delimiter: String,
    values: Vec<String>,
    /// The variable, if its value is unknown.
    unknown: Vec<String>,
    origin: Origin,
}

impl Given {
    fn of(option: &Node, line: &CommandLine, environment: &Environment) -> Option<Self> {
        let text = |name| option.get(name).and_then(Node::as_str).unwrap_or_default();
        let delimiter = text("delimiter").to_owned();
        let go_type = text("go").to_owned();
        let flag = line.values(text("flag"));
        if !flag.is_empty() {
            let origin = Origin::Flag(text("flag").to_owned());
            let unknown = Vec::new();
            return Some(Self { go_type, delimiter, values: flag.to_vec(), unknown, origin });
        }
        let name = text("env");
        let origin = Origin::Variable(name.to_owned());
        let given = |values| Self {
            go_type,
            delimiter: delimiter.clone(),
            values,
            unknown: Vec::new(),
            origin,
        };
        match environment.look_up(name) {
            Lookup::Set(value) => Some(given(match delimiter.as_str() {
                "" => vec![value.to_owned()],
                delimiter => value.split(delimiter).map(str::to_owned).collect(),
            })),
            Lookup::Unknown if environment.is_set(name) => {
                Some(Self { unknown: vec![name.to_owned()], ..given(vec![format!("${{{name}}}")]) })
            }
            Lookup::Unknown | Lookup::Unset => None,
        }
    }

    fn read(self, grammar: impl FnOnce() -> Grammar) -> Result<EffectiveValue, Box<Finding>> {
        let typed = match self.go_type.as_str() {
            // Only strings can hold an unknown value; other keys keep the value of the files.
            "MemorySize" | "map[string]string" if !self.unknown.is_empty() => Typed::Nil,
            "MemorySize" => Typed::MemorySize(self.memory_size(grammar())?),
            // Refinery uses only the first of several values, and splits it again.
            "[]string" => {
                let first = self.values.first().map(String::as_str).unwrap_or_default();
                Typed::Texts(first.split(&self.delimiter).map(str::to_owned).collect())
            }
            "map[string]string" => {
                Typed::Attributes(self.values.iter().map(|text| pair(text)).collect())
            }
            _ => Typed::Text(self.values.last().cloned().unwrap_or_default()),
        };
        Ok(EffectiveValue { unknown: self.unknown, ..EffectiveValue::new(typed, self.origin) })
    }

    /// The last value is used, but Refinery parses each.
    fn memory_size(&self, grammar: Grammar) -> Result<MemorySize, Box<Finding>> {
        let mut sizes = self.values.iter().map(|written| grammar.parse(written));
        let last = sizes.try_fold(MemorySize(0), |_, size| size);
        last.map_err(|error| {
            let name = self.origin.to_string();
            let finding =
                Finding::new(&BAD_OVERRIDE, format!("{name} is not a memory size: {error}"));
            let help = match error.suggestion {
                Some(suggestion) => format!("use `{suggestion}`"),
                None => "use a size such as `4Gb`, or remove it".to_owned(),
            };
            Box::new(self.origin.attribute(finding.help(help).refuses()))
        })
    }
}

/// `key:value`; without a colon, a key with an empty value.
fn pair(text: &str) -> (String, String) {
    let (key, value) = text.split_once(':').unwrap_or((text, ""));
    (key.to_owned(), value.to_owned())
}
