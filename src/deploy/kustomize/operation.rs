//! An operation of a JSON patch: add, replace or remove the value at a path.

use super::transform::get_mut;
use crate::deploy::chart::items::{entry, text};
use crate::deploy::content::DataEntry;
use crate::deploy::content::Group;
use crate::deploy::kubernetes::objects::Map;
use crate::syntax::{Entry, Item, Value};

/// An operation at a path.
pub struct Operation<'o> {
    /// The path without its last part.
    way: Vec<String>,
    last: String,
    /// `None` to remove the value.
    value: Option<&'o Item>,
    is_added: bool,
    /// Whether it only compares, and stops Kustomize if the values differ.
    is_test: bool,
}

impl<'o> Operation<'o> {
    /// `None` for other or malformed operations.
    pub fn of(item: &'o Item) -> Option<Self> {
        let word = |key| item.get(key).and_then(Item::text);
        let value = match word("op")? {
            "add" | "replace" | "test" => Some(item.get("value")?),
            "remove" => None,
            _ => return None,
        };
        let plain = |part: &str| part.replace("~1", "/").replace("~0", "~");
        let mut way: Vec<String> = word("path")?.strip_prefix('/')?.split('/').map(plain).collect();
        let last = way.pop()?;
        let is_op = |name| word("op") == Some(name);
        Some(Self { way, last, value, is_added: is_op("add"), is_test: is_op("test") })
    }

    /// Changes an object; `None` if the path does not exist.
    pub fn change(&self, object: &mut Item) -> Option<()> {
        if self.is_test {
            return Some(());
        }
        let at = self.way.iter().try_fold(object, |item, part| step(item, part))?;
        match &mut at.value {
            Value::List(items) => self.change_list(items),
            Value::Map(entries) => {
                let place = entries.iter().position(|entry| entry.key == self.last);
                match (place, self.value) {
                    (Some(place), Some(value)) => entries.get_mut(place)?.item = value.clone(),
                    (Some(place), None) => drop(entries.remove(place)),
                    (None, Some(value)) => entries.push(entry(&self.last, value.clone())),
                    (None, None) => return None,
                }
                Some(())
            }
            _ => None,
        }
    }

    fn change_list(&self, items: &mut Vec<Item>) -> Option<()> {
        let place = if self.last == "-" { items.len() } else { self.last.parse().ok()? };
        match self.value {
            Some(value) if self.is_added => {
                (place <= items.len()).then(|| items.insert(place, value.clone()))
            }
            Some(value) => items.get_mut(place).map(|item| *item = value.clone()),
            None => (place < items.len()).then(|| drop(items.remove(place))),
        }
    }

    /// Changes the entries of a map; other changes are ignored.
    pub fn change_map(
        &self,
        map: &mut Map,
        datum: &dyn Fn(Group, &Entry) -> DataEntry,
    ) -> Option<()> {
        if self.is_test {
            return Some(());
        }
        let group_of = |key: &str| Group::of(key, &map.identity.kind);
        match &self.way[..] {
            [group] => {
                let Some(group) = group_of(group) else { return Some(()) };
                let value = self.value.cloned();
                let made = value.map(|item| Entry { item, ..entry(&self.last, text("")) });
                let made = made.map(|entry| datum(group, &entry));
                map.data.retain(|known| known.key != self.last);
                map.data.extend(made);
            }
            [] if group_of(&self.last).is_some() => return None,
            _ => {}
        }
        Some(())
    }
}

fn step<'i>(item: &'i mut Item, part: &str) -> Option<&'i mut Item> {
    if item.list().is_none() {
        return get_mut(item, part);
    }
    let Value::List(items) = &mut item.value else { return None };
    items.get_mut(part.parse::<usize>().ok()?)
}
