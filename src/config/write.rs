//! Writes settings as values, like Refinery does before it validates again, and for the `effective`
//! command.

use super::defaults::zero;
use super::effective_value::{EffectiveValue, Origin, Record, Typed};
use crate::schema::{Key, Kind, Quirk, ReleaseQuirks, Schema};
use crate::syntax::{Entry, Item, Value};

/// Writes all settings of a file. Refinery omits empty values in rules, and in a config if the key
/// says so.
pub fn write(schema: &Schema, record: &Record) -> Item {
    Writer::new(schema, false).record(schema.root(), record)
}

/// The same for people: what a tool fills in is shown as it is written, instead of the value that
/// stands for it.
pub fn write_shown(schema: &Schema, record: &Record) -> Item {
    Writer::new(schema, true).record(schema.root(), record)
}

struct Writer {
    omits: bool,
    shows_unknown: bool,
    quirks: ReleaseQuirks,
}

impl Writer {
    fn new(schema: &Schema, shows_unknown: bool) -> Self {
        Self { omits: schema.kind == Kind::Rules, shows_unknown, quirks: schema.quirks() }
    }

    fn record(&self, key: Key<'_>, record: &Record) -> Item {
        let fields = record.iter().filter_map(|(name, setting)| {
            let key = key.child(name)?;
            let omitted = omission(key).unwrap_or(self.omits) && setting.typed.is_empty();
            (!omitted).then(|| entry(name, self.setting(key, setting)))
        });
        let unwritten = key.children().filter_map(|(name, key)| {
            let is_missing = omission(key) == Some(false) && record.get(name).is_none();
            let zero = || EffectiveValue::new(zero(key.go_type()), Origin::Default);
            is_missing.then(|| entry(name, self.setting(key, &zero())))
        });
        Item::new(Value::Map(fields.chain(unwritten).collect()), None)
    }

    fn setting(&self, key: Key<'_>, setting: &EffectiveValue) -> Item {
        let value = match &setting.typed {
            Typed::Record(record) => {
                return Item { span: setting.span(), ..self.record(key, record) };
            }
            Typed::Records(settings) => {
                let element = key.element().unwrap_or(key);
                Value::List(settings.iter().map(|s| self.setting(element, s)).collect())
            }
            Typed::Any(item) => return item.clone(),
            Typed::Text(_) | Typed::Texts(_) | Typed::Attributes(_) => {
                leaf(&setting.typed, setting)
            }
            _ if self.shows_unknown && !setting.unknown.is_empty() => {
                Value::Text(setting.unknown.join(" "))
            }
            Typed::DefaultTrue(b) if key.go_type() == "*bool" => Value::Bool(*b),
            Typed::MemorySize(m) if self.quirks.has(Quirk::WritesLargeSizesWithExponents) => {
                Value::Text(m.with_exponent())
            }
            other => leaf(other, setting),
        };
        let raw = match &value {
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Unsigned(n) => n.to_string(),
            _ => String::new(),
        };
        Item { raw, unknown: setting.unknown.clone(), ..Item::new(value, setting.span()) }
    }
}

/// Whether Refinery omits an empty value, if the key specifies that.
fn omission(key: Key<'_>) -> Option<bool> {
    key.fact("omitempty")?.as_bool()
}

fn leaf(typed: &Typed, setting: &EffectiveValue) -> Value {
    let text = |text: &String| Item {
        unknown: setting.unknown.clone(),
        ..Item::new(Value::Text(text.clone()), setting.span())
    };
    match typed {
        Typed::Bool(b) => Value::Bool(*b),
        Typed::DefaultTrue(b) => Value::Text(b.to_string()),
        Typed::Int(n) => Value::Int(*n),
        Typed::Uint(n) => i64::try_from(*n).map_or(Value::Unsigned(*n), Value::Int),
        Typed::Float(n) => Value::Float(*n),
        Typed::Text(text) => Value::Text(text.clone()),
        Typed::Duration(d) => Value::Text(d.to_string()),
        Typed::MemorySize(m) => Value::Text(m.to_string()),
        Typed::Texts(texts) => Value::List(texts.iter().map(text).collect()),
        Typed::Attributes(map) => {
            Value::Map(map.iter().map(|(key, value)| entry(key, text(value))).collect())
        }
        Typed::Nil | Typed::Any(_) | Typed::Record(_) | Typed::Records(_) => Value::Null,
    }
}

fn entry(key: &str, item: Item) -> Entry {
    Entry { key: key.to_owned(), key_span: item.span, item }
}
