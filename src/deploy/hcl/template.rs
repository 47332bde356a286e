//! Values that a template of Terraform is given.

use super::has_expression;
use crate::deploy::word;
use crate::syntax::{Entry, Item, Value};

/// A part of a template.
enum Part<'t> {
    /// Text, or an expression that is not a variable, as it is written.
    Written(&'t str),
    Variable {
        name: &'t str,
        written: &'t str,
    },
}

/// A template with the known values in place of variables. Other expressions are as written.
pub fn with_values(template: &str, given: &[Entry]) -> String {
    let value = |part| match part {
        Part::Written(text) => text.to_owned(),
        Part::Variable { name, written } => {
            value_of(name, given).unwrap_or_else(|| written.to_owned())
        }
    };
    parts(template).into_iter().map(value).collect()
}

/// Whether a template certainly uses a variable that it is not given, which stops Terraform.
pub fn lacks_variable(template: &str, given: &Item) -> bool {
    let Value::Map(entries) = &given.value else { return false };
    let is_closed = entries.iter().all(|entry| !entry.key.is_empty());
    // Directives have variables of their own.
    let is_plain = !template.contains("%{");
    let is_missing = |part: &Part<'_>| match part {
        Part::Written(_) => false,
        Part::Variable { name, .. } => entries.iter().all(|entry| entry.key != *name),
    };
    is_closed && is_plain && parts(template).iter().any(is_missing)
}

fn parts(template: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), template);
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        let (written, after) = from.split_at(from.find('}').map_or(from.len(), |end| end + 1));
        let name = written.trim_start_matches("${").trim_end_matches('}').trim();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        // `$${` is not an expression.
        let is_variable = !before.ends_with('$') && !name.is_empty() && name.chars().all(is_word);
        parts.push(Part::Written(before));
        parts.push(if is_variable {
            Part::Variable { name, written }
        } else {
            Part::Written(written)
        });
        rest = after;
    }
    parts.push(Part::Written(rest));
    parts
}

/// The value of a variable, if it is on one line.
fn value_of(name: &str, given: &[Entry]) -> Option<String> {
    let value = word(&given.iter().find(|entry| entry.key == name)?.item)?;
    (!has_expression(&value) && !value.contains('\n')).then_some(value)
}
