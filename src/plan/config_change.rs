//! Which effective values of the config change, and when running processes apply them.

use super::side::Side;
use crate::config::effective_value::{EffectiveValue, Origin, Record};
use crate::config::write::write;
use crate::rehearse::change::takes_effect;
use crate::schema::{Key, Schema, TakesEffect};
use crate::syntax::Item;
use std::collections::BTreeSet;

/// A key whose effective value changes.
#[derive(Clone, Debug)]
pub struct ConfigChange {
    /// `Traces.SendDelay`.
    pub key: String,
    /// As Refinery writes the value; `None` if the release does not know the key, or it is empty.
    pub old: Option<Item>,
    pub new: Option<Item>,
    /// Whether the values must not be shown.
    pub is_secret: bool,
    /// When running processes take it; `None` if the change starts new processes anyway.
    pub takes_effect: Option<TakesEffect>,
}

/// All changes, in the order of the new release's keys.
pub fn find_config_changes(old: &Side<'_>, new: &Side<'_>) -> Vec<ConfigChange> {
    let (Some(was), Some(is)) = (&old.config, &new.config) else { return Vec::new() };
    let (written_before, written) =
        (write(&old.schemas.config, was), write(&new.schemas.config, is));
    let is_restarted = new.restarts.config || old.verdict.release != new.verdict.release;
    let mut changes = Vec::new();
    for (group, name) in names(&new.schemas.config, &old.schemas.config) {
        let keys = [old, new].map(|side| key(&side.schemas.config, &group, &name));
        let values = [was, is].map(|record| value(record, &group, &name));
        if !differ(values) {
            continue;
        }
        let item = |written: &Item| written.get(&group)?.get(&name).cloned();
        let effect = keys[0].or(keys[1]).map(|key| takes_effect(key, &group, &name, was));
        changes.push(ConfigChange {
            key: format!("{group}.{name}"),
            old: item(&written_before),
            new: item(&written),
            is_secret: keys.iter().flatten().any(Key::is_secret),
            takes_effect: effect.filter(|_| !is_restarted),
        });
    }
    changes
}

/// Group and name of every key that one of the releases reads, each once.
fn names(new: &Schema, old: &Schema) -> Vec<(String, String)> {
    let mut known = BTreeSet::new();
    let mut names = Vec::new();
    for schema in [new, old] {
        for (group, keys) in schema.root().children() {
            for (name, _) in keys.children().filter(|(_, key)| key.is_decoded()) {
                let both = (group.to_owned(), name.to_owned());
                if known.insert(both.clone()) {
                    names.push(both);
                }
            }
        }
    }
    names
}

fn key<'s>(schema: &'s Schema, group: &str, name: &str) -> Option<Key<'s>> {
    schema.root().child(group)?.child(name)
}

fn value<'r>(record: &'r Record, group: &str, name: &str) -> Option<&'r EffectiveValue> {
    record.get(group)?.record()?.get(name)
}

/// Whether two values differ. A key that only one of the releases knows matters if it is set.
fn differ([old, new]: [Option<&EffectiveValue>; 2]) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => old.typed != new.typed,
        (Some(one), None) | (None, Some(one)) => one.origin != Origin::Default,
        (None, None) => false,
    }
}
