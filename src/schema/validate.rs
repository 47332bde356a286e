//! Validates a file against the schema of one release.
//!
//! The `jsonschema` crate decides; this maps each of its errors to the key or value at violation. The
//! messages are in the modules beside this one.

use super::choice::not_a_choice;
use super::compiled::{Validator, validator};
use super::misplaced::explain_misplaced;
use super::place::{Place, Places};
use super::removed::find_removed;
use super::unknown::{misspelt_required, unknown_key};
use super::unknown_type::find_unknown_types;
use super::unvalidated::find_unvalidated;
use super::violation::Violation;
use super::wrong_file::find_wrong_file;
use super::{Kind, Schema, formats, wording};
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};
use crate::value::replaced::is_replaced;
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use std::collections::HashSet;

/// At most this many unknown keys of one mapping are reported: each of them prevents start-up.
const MANY: usize = 1000;

/// At most this many violations are described: each of them prevents start-up.
const MAX_VIOLATIONS: usize = 2000;

/// Validates a whole file, or several merged into one.
pub fn validate(schema: &Schema, item: &Item) -> Vec<Finding> {
    find_violations(schema, item).into_iter().map(|violation| violation.finding).collect()
}

/// The same, with the paths.
pub fn find_violations(schema: &Schema, item: &Item) -> Vec<Violation> {
    find_violations_among(schema, item, item)
}

/// The violations of a file in which only some keys may be invalid: those that `doubted` has, too.
pub fn find_violations_among(schema: &Schema, item: &Item, doubted: &Item) -> Vec<Violation> {
    if let Some(finding) = find_wrong_file(schema, item) {
        return vec![Violation { path: String::new(), finding }];
    }
    match validator(schema.document, doubted) {
        Ok(validator) => find_violations_with(validator.as_deref(), schema, item),
        // What cannot be validated must not pass.
        Err(error) => {
            let finding = wording::lost(item, error.instance_path().as_str(), "$schema");
            vec![Violation { path: String::new(), finding }]
        }
    }
}

/// The violations that a validator of the schema, or of the part that the file uses, finds. Without
/// one the schema accepts every value.
pub(super) fn find_violations_with(
    validator: Option<&Validator>,
    schema: &Schema,
    item: &Item,
) -> Vec<Violation> {
    let errors: Vec<_> = validator.into_iter().flat_map(|all| all.iter_errors(item)).collect();
    let places = Places::new(schema, item);
    let misspelt = find_misspelt(&places, &errors);
    let mistyped: HashSet<&str> = errors.iter().filter(|e| is_about_type(e)).map(path).collect();
    // A value of the wrong type needs no further findings.
    let malformed: HashSet<&str> = errors.iter().filter(|e| is_about_format(e)).map(path).collect();
    let counts = |e: &&ValidationError<'_>| {
        (!is_about_limit(e) || !malformed.contains(path(e)))
            && (!is_about_value(e) || !mistyped.contains(path(e)))
            && !is_misspelt(e, &misspelt)
    };
    let mut violations: Vec<Violation> = errors
        .iter()
        .filter(counts)
        .flat_map(|error| describe(schema, &places, item, error))
        .take(MAX_VIOLATIONS)
        .collect();
    violations.extend(find_unvalidated(schema, item));
    violations.extend(find_unknown_types(schema, item));
    if schema.kind == Kind::Config {
        violations.extend(find_removed(schema, item));
    }
    explain_misplaced(schema, item, &mut violations);
    violations.sort_by_key(|violation| violation.finding.primary());
    violations
}

/// Required keys that are there under another name, by the path of their mapping.
fn find_misspelt<'s>(
    places: &Places<'s, '_>,
    errors: &[ValidationError<'_>],
) -> HashSet<(String, &'s str)> {
    let mut misspelt = HashSet::new();
    for error in errors {
        let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() else {
            continue;
        };
        let Some(place) = Place::follow(places, path(error)) else { continue };
        let unknown = unexpected.iter().take(MANY).filter_map(|name| place.item.entry(name));
        let required = unknown.filter_map(|entry| misspelt_required(&place, entry));
        misspelt.extend(required.map(|name| (path(error).to_owned(), name)));
    }
    misspelt
}

fn is_misspelt(error: &ValidationError<'_>, misspelt: &HashSet<(String, &str)>) -> bool {
    let ValidationErrorKind::Required { property } = error.kind() else { return false };
    let name = property.as_str().filter(|_| !misspelt.is_empty());
    name.is_some_and(|name| misspelt.contains(&(path(error).to_owned(), name)))
}

fn path<'e>(error: &'e ValidationError<'_>) -> &'e str {
    error.instance_path().as_str()
}

/// The value is missing or has the wrong type.
fn is_about_type(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { .. } | ValidationErrorKind::MinLength { .. })
}

/// The value cannot be read.
fn is_about_format(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Custom { keyword, .. } if keyword == "format")
}

/// The value is too large or too small, as far as it can be read.
fn is_about_limit(error: &ValidationError<'_>) -> bool {
    let ValidationErrorKind::Custom { keyword, .. } = error.kind() else { return false };
    ["minimum", "maximum", "quantity"].iter().any(|limit| keyword.starts_with(limit))
}

/// The value has the right type, but is invalid.
fn is_about_value(error: &ValidationError<'_>) -> bool {
    use ValidationErrorKind::{Constant, Custom, Enum};
    matches!(error.kind(), Enum { .. } | Constant { .. } | Custom { .. })
}

fn describe(
    schema: &Schema,
    places: &Places<'_, '_>,
    item: &Item,
    error: &ValidationError<'_>,
) -> Vec<Violation> {
    let Some(place) = Place::follow(places, path(error)) else {
        let finding = wording::lost(item, path(error), error.kind().keyword());
        return vec![Violation { path: String::new(), finding }];
    };
    // The value is not known yet.
    if place.item.text().is_some_and(is_replaced) {
        return Vec::new();
    }
    if is_about_value(error) && !place.item.unknown.is_empty() {
        return Vec::new();
    }
    let findings = word(schema, &place, error.kind());
    findings.into_iter().map(|finding| Violation { path: place.path.clone(), finding }).collect()
}

fn word(schema: &Schema, place: &Place<'_, '_>, kind: &ValidationErrorKind) -> Vec<Finding> {
    match kind {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let unexpected: HashSet<&String> = unexpected.iter().collect();
            let entries = place.item.entries().iter().filter(|e| unexpected.contains(&e.key));
            let finding = |entry| unknown_key(schema, place, entry);
            entries.take(MANY).map(finding).collect()
        }
        ValidationErrorKind::Required { property } => {
            vec![wording::missing_key(place, property.as_str().unwrap_or_default())]
        }
        ValidationErrorKind::Type { .. } if place.item.value == Value::Null => {
            vec![wording::empty(place)]
        }
        ValidationErrorKind::Type { .. } => vec![wording::wrong_type(schema, place)],
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            vec![not_a_choice(schema, place)]
        }
        ValidationErrorKind::MinLength { .. } => vec![wording::empty(place)],
        ValidationErrorKind::MaxProperties { .. } => {
            place.item.entries().iter().map(|entry| unknown_key(schema, place, entry)).collect()
        }
        ValidationErrorKind::PropertyNames { .. } => wording::reserved_headers(place),
        ValidationErrorKind::Custom { keyword, .. } => vec![custom(schema, place, keyword)],
        other => vec![wording::other_rule(place, other.keyword())],
    }
}

/// Violations of custom keywords.
fn custom(schema: &Schema, place: &Place<'_, '_>, keyword: &str) -> Finding {
    match keyword {
        "format" => formats::bad_format(schema, place),
        "sameType" => wording::mixed_list(place),
        "conflicting" => wording::conflicting(place),
        _ => formats::out_of_range(place, keyword),
    }
}
