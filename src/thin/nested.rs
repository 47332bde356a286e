//! The parts of mappings that conditions look up by paths.

use super::asked::{Asked, Treatment};
use super::hasher::Hasher;
use crate::engine::name::Name;
use crate::engine::{Fields, Value};
use std::collections::BTreeMap;

/// The steps of paths into a mapping.
#[derive(Debug, Default)]
pub struct Steps {
    next: BTreeMap<String, Steps>,
    /// What is asked of a value whose path ends here.
    asked: Option<Asked>,
}

/// Whether a path only has plain keys, so that other keys do not matter to it.
pub fn is_plain(path: &str) -> bool {
    let is_special = |c: char| matches!(c, '*' | '?' | '\\' | '|' | '#' | '@' | '!' | '[' | '{');
    !path.contains(is_special) && path.split('.').all(|key| !key.is_empty())
}

impl Steps {
    /// What is asked at the end of a path.
    pub fn end_of(&mut self, path: &str) -> &mut Asked {
        let end =
            path.split('.').fold(self, |steps, key| steps.next.entry(key.to_owned()).or_default());
        let asked = end.asked.get_or_insert_default();
        asked.is_nested = true;
        asked
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
            let (value, treatment) = self.asked.as_ref()?.replace(value, hasher);
            count(path, treatment);
            return Some(value);
        }
        match value {
            Value::Map(fields) if self.asked.is_none() => {
                let mut kept = Vec::new();
                for (key, steps) in &self.next {
                    let Some(inner) = fields.get(&Name::new(key)) else { continue };
                    let path = format!("{path}.{key}");
                    let inner = steps.prune(&path, inner, hasher, count);
                    kept.extend(inner.map(|inner| (key.as_str(), inner)));
                }
                Some(Value::Map(Fields::new(kept)))
            }
            // Also asked as a whole, or by places in a list.
            Value::Map(_) | Value::List(_) => {
                count(path, Treatment::Kept);
                Some(value.clone())
            }
            other => {
                let (value, treatment) = self.asked.as_ref()?.replace(other, hasher);
                count(path, treatment);
                Some(value)
            }
        }
    }
}
