//! A value against the schema of one release → findings on its shape.
//!
//! The `jsonschema` crate decides; this follows each of its errors back to the key or value that
//! is at fault. The wording is in `wording`.

use super::removed::find_removed;
use super::wording::{self, Place};
use super::{Kind, Schema};
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

/// Judges a whole file, or several merged into one.
pub fn validate(schema: &Schema, item: &Item) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        schema.validator.iter_errors(item).flat_map(|e| describe(schema, item, &e)).collect();
    if schema.kind == Kind::Config && schema.behaviour().checks_removed_keys {
        findings.extend(find_removed(schema, item));
    }
    findings.sort_by_key(Finding::primary);
    findings
}

fn describe(schema: &Schema, item: &Item, error: &ValidationError<'_>) -> Vec<Finding> {
    let Some(place) = follow(schema, item, error) else {
        return vec![wording::lost(item, error.instance_path().as_str(), error.kind().keyword())];
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .filter_map(|name| place.item.entry(name))
            .map(|entry| wording::unknown_key(schema, &place, entry))
            .collect(),
        ValidationErrorKind::Required { property } => {
            vec![wording::missing_key(&place, property.as_str().unwrap_or_default())]
        }
        ValidationErrorKind::Type { .. } if place.item.value == Value::Null => {
            vec![wording::empty(&place)]
        }
        ValidationErrorKind::Type { .. } => vec![wording::wrong_type(&place)],
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            vec![wording::not_a_choice(&place)]
        }
        ValidationErrorKind::MinLength { .. } => vec![wording::empty(&place)],
        ValidationErrorKind::MaxProperties { .. } => place
            .item
            .entries()
            .iter()
            .map(|entry| wording::unknown_key(schema, &place, entry))
            .collect(),
        ValidationErrorKind::PropertyNames { .. } => wording::reserved_headers(&place),
        ValidationErrorKind::Custom { keyword, .. } => vec![wording::custom(&place, keyword)],
        other => vec![wording::other(&place, other.keyword())],
    }
}

/// Walks an error's path through the value and the schema at once.
fn follow<'s, 'i>(
    schema: &'s Schema,
    item: &'i Item,
    error: &ValidationError<'_>,
) -> Option<Place<'s, 'i>> {
    let mut place = Place { path: String::new(), key_span: None, item, key: schema.root() };
    // The value says whether a number is an index or a name: a target may be called `2024`.
    for token in error.instance_path().as_str().split('/').skip(1) {
        if let Value::List(items) = &place.item.value {
            place.path = format!("{}[{token}]", place.path);
            place.item = items.get(token.parse::<usize>().ok()?)?;
            place.key = place.key.element()?;
        } else {
            let name = token.replace("~1", "/").replace("~0", "~");
            let entry = place.item.entry(&name)?;
            let dot = if place.path.is_empty() { "" } else { "." };
            place.path = format!("{}{dot}{name}", place.path);
            place.key_span = entry.key_span;
            place.item = &entry.item;
            place.key = place.key.child(&name)?;
        }
    }
    Some(place)
}
