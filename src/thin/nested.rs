//! The parts of mappings that conditions look up by paths.

use super::field_use::{FieldUse, Treatment};
use super::hasher::Hasher;
use crate::engine::name::Name;
use crate::engine::{Fields, Value};
use std::collections::BTreeMap;

/// The steps of paths into a mapping.
#[derive(Debug, Default)]
pub struct Steps {
    next: BTreeMap<String, Steps>,
    /// How a value is used whose path ends here.
    uses: Option<FieldUse>,
}

/// Whether a path only has plain keys, so that other keys do not matter to it.
pub fn is_plain(path: &str) -> bool {
    let is_special = |c: char| matches!(c, '*' | '?' | '\\' | '|' | '#' | '@' | '!' | '[' | '{');
    !path.contains(is_special) && path.split('.').all(|key| !key.is_empty())
}

impl Steps {
    /// How the value at the end of a path is used.
    pub fn end_of(&mut self, path: &str) -> &mut FieldUse {
        let end =
            path.split('.').fold(self, |steps, key| steps.next.entry(key.to_owned()).or_default());
        let uses = end.uses.get_or_insert_default();
        uses.is_nested = true;
        uses
    }

    /// The fields that begin a path of several keys.
    pub fn beginnings(&self) -> impl Iterator<Item = (&str, &Self)> {
        let longer = self.next.iter().filter(|(_, steps)| !steps.next.is_empty());
        longer.map(|(key, steps)| (key.as_str(), steps))
    }

    /// The part of a value that the paths reach; `None` if they reach nothing in it.
    pub fn prune(
        &self,
        path: &str,
        value: &Value,
        hasher: &Hasher,
        count: &mut dyn FnMut(&str, Treatment),
    ) -> Option<Value> {
        if self.next.is_empty() {
            let (value, treatment) = self.uses.as_ref()?.replace(value, hasher);
            count(path, treatment);
            return Some(value);
        }
        match value {
            Value::Map(fields) if self.uses.is_none() => {
                let mut kept = Vec::new();
                for (key, steps) in &self.next {
                    let Some(inner) = fields.get(&Name::new(key)) else { continue };
                    let path = format!("{path}.{key}");
                    let inner = steps.prune(&path, inner, hasher, count);
                    kept.extend(inner.map(|inner| (key.as_str(), inner)));
                }
                Some(Value::Map(Fields::new(kept)))
            }
            // Also used as a whole, or by places in a list.
            Value::Map(_) | Value::List(_) => {
                count(path, Treatment::Kept);
                Some(value.clone())
            }
            other => {
                let (value, treatment) = self.uses.as_ref()?.replace(other, hasher);
                count(path, treatment);
                Some(value)
            }
        }
    }
}
