//! Decodes values into typed settings, like Refinery's YAML decoder fills its structs.
//!
//! Works on the files as written: before merging, before `${NAME}` is replaced. Ignores undeclared
//! keys, which the validator reports.

use super::effective_value::{EffectiveValue, Origin, Record, Typed};
use super::expand::refers;
use super::foreign::{foreign_scalar, is_toml_zero};
use super::key_path::KeyPath;
use super::loaded_shape::find_loaded;
use super::scalar::{DecodeError, scalar, text};
use crate::check;
use crate::diagnostic::{Effect, Finding};
use crate::schema::{Key, Quirk, ReleaseQuirks, Violation};
use crate::span::Span;
use crate::syntax::{DataFormat, Item, Value};
use crate::value::ValueError;
use crate::value::replaced::{is_replaced, placeholders};
use std::collections::BTreeMap;

check!(
    UNDECODABLE,
    "start/undecodable-value",
    Error,
    kind: Verdict,
    "the value cannot be decoded into the type of its key",
    "Refinery's loader rejects the file even if its validator accepts the value, also with \
     `--no-validate`, and Refinery exits."
);
check!(
    VARIABLE_NOT_SUPPORTED,
    "start/variable-not-supported",
    Error,
    kind: Verdict,
    "Refinery does not replace `${NAME}` in this key",
    "Refinery only replaces variables in strings, lists of strings and mappings of strings. It \
     parses a duration, memory size, log level or boolean before that, as written."
);

/// Fills settings from items and collects the values that do not fit.
#[derive(Debug)]
pub struct Decoder {
    format: DataFormat,
    quirks: Option<ReleaseQuirks>,
    pub violations: Vec<Violation>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { format: DataFormat::Yaml, quirks: None, violations: Vec::new() }
    }
}

/// A value in the type of its key; `None` if it does not fit.
pub fn decode(key: Key<'_>, item: &Item) -> Option<Typed> {
    let mut setting = EffectiveValue::nil();
    let mut decoder = Decoder::default();
    decoder.setting(key, KeyPath::Root, item, &mut setting);
    decoder.violations.is_empty().then_some(setting.typed)
}

impl Decoder {
    /// A release's decoder for files of this format.
    pub fn of(format: DataFormat, quirks: ReleaseQuirks) -> Self {
        Self { format, quirks: Some(quirks), violations: Vec::new() }
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.is_some_and(|quirks| quirks.has(quirk))
    }

    /// Fills the declared keys of `into` from a file.
    pub fn file(&mut self, root: Key<'_>, item: &Item, into: &mut Record) {
        self.record(root, KeyPath::Root, item, into);
    }

    /// Fills the declared keys of `into` from a mapping; null changes nothing.
    fn record(&mut self, key: Key<'_>, path: KeyPath<'_>, item: &Item, into: &mut Record) {
        let Some(pairs) = text_pairs(item) else {
            if item.value != Value::Null {
                self.reject(key, path, item, &DecodeError::Type);
            }
            return;
        };
        for Pair { name, key_span, item } in pairs {
            if let Some((name, child)) = find_loaded(self.format, key, name) {
                let path = KeyPath::Key(&path, name);
                // Refinery does nothing with a value that only some formats can hold.
                let mut unused = EffectiveValue::nil();
                let is_used = child.is_decoded();
                let setting = if is_used { into.get_mut(name) } else { &mut unused };
                self.setting(child, path, item, setting);
                setting.key_span = key_span;
            }
        }
    }

    fn setting(&mut self, key: Key<'_>, path: KeyPath<'_>, item: &Item, into: &mut EffectiveValue) {
        let origin = item.span.map_or(Origin::Default, Origin::File);
        let typed = match key.go_type() {
            go if item.is_empty_header() && !go.starts_with("[]") && go != "*struct" => {
                let creates = go.starts_with('*') && !self.has(Quirk::IgnoresEmptyTomlTables);
                creates.then_some(Typed::DefaultTrue(false))
            }
            "struct" | "*struct" => self.nested(key, path, item, into),
            "map[string]*struct" => Some(self.entries(key, path, item, into)),
            "[]*struct" => Some(self.records(key, path, item)),
            "[]string" => Some(self.texts(key, path, item)),
            "map[string]string" => Some(self.attributes(key, path, item, into)),
            "*DefaultTrue" | "*bool" if item.value == Value::Null => Some(Typed::Nil),
            "any" | "interface {}" => self.any(key, path, item, into),
            _ if item.value == Value::Null => None,
            go => match self.scalar(key, go, item) {
                Ok(typed) => Some(typed),
                Err(_) if item.text().is_some_and(is_replaced) => self.stand_in(key, go),
                Err(error) => {
                    self.reject(key, path, item, &error);
                    None
                }
            },
        };
        if let Some(typed) = typed {
            *into = EffectiveValue::new(typed, origin);
            let text = item.text().unwrap_or_default();
            into.unknown.extend(placeholders(text).map(str::to_owned));
        }
    }

    /// A valid value in place of one that a tool fills in: the default, or any other.
    fn stand_in(&self, key: Key<'_>, go: &str) -> Option<Typed> {
        let others = [Value::Int(1), Value::Text("1s".to_owned()), Value::Bool(true)];
        // Sizes and booleans are parsed from the raw text.
        let others = others.map(|value| match &value {
            Value::Int(_) => Item { raw: "1".to_owned(), ..Item::new(value, None) },
            _ => Item::new(value, None),
        });
        let mut items = key.default().into_iter().chain(others);
        items.find_map(|item| self.scalar(key, go, &item).ok())
    }

    fn scalar(&self, key: Key<'_>, go: &str, item: &Item) -> Result<Typed, DecodeError> {
        match self.format {
            DataFormat::Yaml => scalar(key, go, item),
            DataFormat::Toml
                if go == "float64" && is_toml_zero(item) && self.has(Quirk::CrashesOnTomlZero) =>
            {
                Err(DecodeError::TomlZero)
            }
            format => foreign_scalar(format, key, go, item),
        }
    }

    /// A string in a list or mapping; YAML accepts any scalar.
    fn text<'i>(&self, item: &'i Item) -> Option<&'i str> {
        let is_text = matches!(item.value, Value::Text(_) | Value::Null);
        text(item).filter(|_| is_text || self.format == DataFormat::Yaml)
    }

    /// A struct keeps the other keys of earlier files.
    fn nested(
        &mut self,
        key: Key<'_>,
        path: KeyPath<'_>,
        item: &Item,
        into: &mut EffectiveValue,
    ) -> Option<Typed> {
        let is_pointer = key.go_type() == "*struct";
        let is_header = item.is_empty_header() && self.has(Quirk::IgnoresEmptyTomlTables);
        if item.value == Value::Null || is_pointer && is_header {
            return is_pointer.then_some(Typed::Nil);
        }
        let mut record = match std::mem::replace(&mut into.typed, Typed::Nil) {
            Typed::Record(record) => record,
            _ => Record::default(),
        };
        self.record(key, path, item, &mut record);
        Some(Typed::Record(record))
    }

    /// A value of any type, which TOML's reader fills if there is one already.
    fn any(
        &mut self,
        key: Key<'_>,
        path: KeyPath<'_>,
        item: &Item,
        into: &EffectiveValue,
    ) -> Option<Typed> {
        let earlier = match &into.typed {
            Typed::Any(earlier) if self.format == DataFormat::Toml => &earlier.value,
            _ => &Value::Null,
        };
        let fits = match &item.value {
            Value::List(_) => matches!(earlier, Value::Null | Value::List(_)),
            Value::Map(_) if item.is_inline_table() => {
                matches!(earlier, Value::Null | Value::Map(_))
            }
            _ => true,
        };
        if !fits {
            self.reject(key, path, item, &DecodeError::Type);
        }
        fits.then(|| Typed::Any(item.clone()))
    }

    /// A mapping of targets: targets of earlier files stay. One with the same name is replaced
    /// entirely, but TOML adds to it unless it is in braces.
    fn entries(
        &mut self,
        key: Key<'_>,
        path: KeyPath<'_>,
        item: &Item,
        into: &mut EffectiveValue,
    ) -> Typed {
        let mut record = match std::mem::replace(&mut into.typed, Typed::Nil) {
            Typed::Record(record) => record,
            _ => Record::default(),
        };
        let Some(pairs) = text_pairs(item) else { return self.no_list(key, path, item) };
        for Pair { name, key_span, item } in pairs {
            let Some(child) = key.child(name) else { continue };
            let target = record.get_mut(name);
            if self.format != DataFormat::Toml || item.is_inline_table() {
                *target = EffectiveValue::nil();
            }
            if !item.is_empty_header() {
                self.setting(child, KeyPath::Key(&path, name), item, target);
            }
            target.key_span = key_span;
        }
        Typed::Record(record)
    }

    fn records(&mut self, key: Key<'_>, path: KeyPath<'_>, item: &Item) -> Typed {
        let (Value::List(items), Some(element)) = (&item.value, key.element()) else {
            return self.no_list(key, path, item);
        };
        let mut settings = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let mut setting = EffectiveValue::nil();
            // An empty TOML table creates nothing in a list or a mapping.
            if !item.is_empty_header() {
                self.setting(element, KeyPath::Element(&path, index), item, &mut setting);
            }
            settings.push(setting);
        }
        Typed::Records(settings)
    }

    fn texts(&mut self, key: Key<'_>, path: KeyPath<'_>, item: &Item) -> Typed {
        let Value::List(items) = &item.value else { return self.no_list(key, path, item) };
        let mut texts = Vec::with_capacity(items.len());
        // The YAML decoder drops null elements.
        let is_kept = |item: &Item| item.value != Value::Null || self.format != DataFormat::Yaml;
        let written: Vec<_> = items.iter().enumerate().filter(|(_, item)| is_kept(item)).collect();
        for (index, item) in written {
            match self.text(item) {
                Some(text) => texts.push(text.to_owned()),
                None => self.reject(key, KeyPath::Element(&path, index), item, &DecodeError::Type),
            }
        }
        Typed::Texts(texts)
    }

    /// A null empties a list or mapping; any other type is rejected.
    fn no_list(&mut self, key: Key<'_>, path: KeyPath<'_>, item: &Item) -> Typed {
        if item.value != Value::Null {
            self.reject(key, path, item, &DecodeError::Type);
        }
        Typed::Nil
    }

    /// A mapping is merged with that of earlier files.
    fn attributes(
        &mut self,
        key: Key<'_>,
        path: KeyPath<'_>,
        item: &Item,
        into: &EffectiveValue,
    ) -> Typed {
        let Some(pairs) = text_pairs(item) else { return self.no_list(key, path, item) };
        let mut attributes = match &into.typed {
            Typed::Attributes(map) => map.clone(),
            _ => BTreeMap::new(),
        };
        for Pair { name, key_span, item } in pairs {
            match self.text(item) {
                Some(_) if item.value == Value::Null && attributes.contains_key(name) => {}
                Some(text) => {
                    attributes.insert(name.to_owned(), text.to_owned());
                }
                None => {
                    let path = KeyPath::Key(&path, name);
                    self.reject_at(key_span, key, path, item, &DecodeError::Type);
                }
            }
        }
        Typed::Attributes(attributes)
    }

    fn reject(&mut self, key: Key<'_>, path: KeyPath<'_>, item: &Item, error: &DecodeError) {
        self.reject_at(item.beginning(), key, path, item, error);
    }

    fn reject_at(
        &mut self,
        span: Option<Span>,
        key: Key<'_>,
        path: KeyPath<'_>,
        item: &Item,
        error: &DecodeError,
    ) {
        let written = text(item).unwrap_or_default();
        let finding = if refers(written) && !key.is_expanded() {
            Finding::new(
                &VARIABLE_NOT_SUPPORTED,
                format!("`{path}` cannot be set by a variable reference"),
            )
            .help("write the value itself, or let deployment tooling fill it in")
        } else {
            let reason = match error {
                DecodeError::Type => format!("it is {}", item.value.noun()),
                DecodeError::Negative => "it is negative".to_owned(),
                DecodeError::TomlZero => {
                    "the TOML reader of this release crashes on an integer here".to_owned()
                }
                DecodeError::Parse(error) => error.to_string(),
            };
            Finding::new(&UNDECODABLE, format!("cannot load `{path}`: {reason}"))
                .help(format!("write {}", repair(key, item, error)))
        };
        let finding = match span {
            Some(span) => finding.at(span, "rejected by the loader"),
            None => finding,
        };
        let effect = if self.panics(key, item, error) { Effect::Crashes } else { Effect::Refuses };
        self.violations.push(Violation { path: path.to_string(), finding: finding.with(effect) });
    }

    /// Whether Refinery's reader panics on the value, instead of rejecting it.
    fn panics(&self, key: Key<'_>, item: &Item, error: &DecodeError) -> bool {
        let is_time = self.format == DataFormat::Toml && item.value == Value::Time;
        let is_map = key.go_type().starts_with("map");
        matches!(error, DecodeError::TomlZero)
            || is_time && !is_map && self.has(Quirk::CrashesOnTomlTimes)
    }
}

fn repair(key: Key<'_>, item: &Item, error: &DecodeError) -> String {
    match (error, &item.value) {
        (DecodeError::Negative, _) => "0 or more".to_owned(),
        (DecodeError::TomlZero, _) => "`0.0`".to_owned(),
        (DecodeError::Parse(_), Value::Int(n)) => format!("it in decimal: `{n}`"),
        (DecodeError::Parse(ValueError { suggestion: Some(text), .. }), _) => format!("`{text}`"),
        (DecodeError::Type, _) if key.is_expanded() => "text".to_owned(),
        _ => key.wanted(),
    }
}

/// The entries of a mapping for a struct or a mapping of strings. Keys that are not strings count
/// as written; null keys do not count.
fn text_pairs(item: &Item) -> Option<Vec<Pair<'_>>> {
    match &item.value {
        Value::Map(entries) => Some(
            entries
                .iter()
                .map(|e| Pair { name: &e.key, key_span: e.key_span, item: &e.item })
                .collect(),
        ),
        Value::Mixed(pairs) => Some(
            pairs
                .iter()
                .filter(|(key, _)| key.value != Value::Null)
                .filter_map(|(key, item)| Some(Pair { name: text(key)?, key_span: key.span, item }))
                .collect(),
        ),
        _ => None,
    }
}

/// A key with its value.
struct Pair<'i> {
    name: &'i str,
    key_span: Option<Span>,
    item: &'i Item,
}
