//! Defaults that Refinery fills in if a value is missing or zero; it cannot distinguish the two.
//!
//! The defaults are in `schemas/`. Rules files have none.

use super::decode::decode;
use super::effective_value::{EffectiveValue, Origin, Record, Typed};
use crate::schema::Key;
use crate::value::{Duration, MemorySize};
use std::collections::BTreeMap;

/// Every declared key of a config, in the order of the schema, filled in from the loaded ones.
pub fn complete(root: Key<'_>, mut loaded: Record) -> Record {
    let groups = root.children().filter(|(_, group)| group.is_decoded());
    groups.map(|(name, group)| complete_group(name, group, loaded.take(name))).collect()
}

fn complete_group(
    name: &str,
    group: Key<'_>,
    loaded: Option<EffectiveValue>,
) -> (String, EffectiveValue) {
    let origin = loaded.as_ref().map_or(Origin::Default, |s| s.origin.clone());
    let mut keys = match loaded.map(|s| s.typed) {
        Some(Typed::Record(record)) => record,
        _ => Record::default(),
    };
    let fields = group.children().filter(|(_, key)| key.is_decoded());
    let fields = fields.map(|(name, key)| (name.to_owned(), effective(key, keys.take(name))));
    let record = Typed::Record(fields.collect());
    (name.to_owned(), EffectiveValue::new(record, origin))
}

/// A zero is replaced by the default; the position of its key stays. An unknown value may not be zero.
fn effective(key: Key<'_>, written: Option<EffectiveValue>) -> EffectiveValue {
    match written {
        Some(setting) if !(setting.typed.is_zero() && setting.unknown.is_empty()) => setting,
        zero => EffectiveValue { key_span: zero.and_then(|s| s.key_span), ..default(key) },
    }
}

fn default(key: Key<'_>) -> EffectiveValue {
    let written = key.default().and_then(|item| decode(key, &item));
    EffectiveValue::new(written.unwrap_or_else(|| zero(key.go_type())), Origin::Default)
}

/// The zero value of a Go type.
pub(super) fn zero(go_type: &str) -> Typed {
    match go_type {
        "any" | "interface {}" => Typed::Nil,
        "bool" => Typed::Bool(false),
        "*bool" | "*DefaultTrue" => Typed::DefaultTrue(true),
        "uint" | "uint64" => Typed::Uint(0),
        "float64" => Typed::Float(0.0),
        "string" | "Level" => Typed::Text(String::new()),
        "Duration" => Typed::Duration(Duration(0)),
        "MemorySize" => Typed::MemorySize(MemorySize(0)),
        "[]string" => Typed::Texts(Vec::new()),
        "map[string]string" => Typed::Attributes(BTreeMap::new()),
        _ => Typed::Int(0),
    }
}
