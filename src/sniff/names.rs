//! The names by which Refinery's files are recognised, derived from the schemas of all releases.
//!
//! Only collects names; `recognise` decides what they prove.

use crate::schema::{Key, Kind};
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Names of keys.
pub struct Names {
    /// The groups of a config and their keys.
    pub groups: HashMap<&'static str, HashSet<&'static str>>,
    /// Keys of any group with names of several words, which are rare in other files.
    pub telling: HashSet<&'static str>,
    /// Names of samplers.
    pub samplers: HashSet<&'static str>,
    /// The path of a key in a 1.x config → its current path.
    pub moved: BTreeMap<String, String>,
}

/// The names; derived on first use.
pub fn names() -> &'static Names {
    static NAMES: LazyLock<Names> = LazyLock::new(Names::derive);
    &NAMES
}

impl Names {
    fn derive() -> Self {
        let mut names = Self {
            groups: HashMap::new(),
            telling: HashSet::new(),
            samplers: sampler_names().collect(),
            moved: BTreeMap::new(),
        };
        for (group, keys) in Kind::Config.root().children() {
            for (name, key) in keys.children() {
                names.add(group, name, key);
            }
        }
        names
    }

    fn add(&mut self, group: &'static str, name: &'static str, key: Key<'_>) {
        self.groups.entry(group).or_default().insert(name);
        if is_compound(name) {
            self.telling.insert(name);
        }
        // Unless the schema says otherwise, 1.x had the key at the top level.
        for before in former_paths(key.fact_text("v1").unwrap_or(name)) {
            self.moved.entry(before).or_insert_with(|| format!("{group}.{name}"));
        }
    }

    /// Words of which every file of Refinery's has at least one.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let groups = self.groups.keys().chain(&self.telling).chain(&self.samplers).copied();
        let tops = self.moved.keys().filter_map(|path| path.split('.').next());
        let words: BTreeSet<&str> = groups.chain(tops).chain(["RulesVersion", "Sampler"]).collect();
        words.into_iter().map(str::to_owned).collect::<Vec<_>>().into_iter()
    }

    /// Whether only a 1.x config has this top-level key, and current configs have no such key at
    /// all.
    pub fn is_legacy_only(&self, top: &str) -> bool {
        let is_new = self.groups.contains_key(top) || self.telling.contains(top);
        !is_new && is_compound(top) && self.is_legacy_top(top)
    }

    /// Whether a 1.x config has this top-level key.
    pub fn is_legacy_top(&self, top: &str) -> bool {
        self.moved.range(top.to_owned()..).next().is_some_and(|(path, _)| {
            path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

fn sampler_names() -> impl Iterator<Item = &'static str> {
    let target = Kind::Rules.root().child("Samplers").and_then(|samplers| samplers.child(""));
    let choices = target.into_iter().flat_map(|target| target.children());
    choices.filter(|(_, key)| !key.is("misplaced")).map(|(name, _)| name)
}

/// `A/B.c` stands for `A.c` and `B.c`.
fn former_paths(path: &str) -> Vec<String> {
    let (tops, rest) = path.split_at(path.find('.').unwrap_or(path.len()));
    tops.split('/').map(|top| format!("{top}{rest}")).collect()
}

/// Whether a name has several words, such as `SendDelay`.
pub fn is_compound(name: &str) -> bool {
    let is_seam =
        |pair: &[u8]| matches!(pair, [a, b] if !a.is_ascii_uppercase() && b.is_ascii_uppercase());
    name.as_bytes().windows(2).any(is_seam) || name.starts_with("API")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_names_from_the_schemas() {
        let names = names();
        assert!(names.groups["General"].contains("ConfigurationVersion"));
        assert!(names.groups.contains_key("LegacyMetrics"), "groups of earlier releases count");
        assert!(names.samplers.contains("EMADynamicSampler") && names.samplers.len() >= 7);
        assert!(!names.samplers.contains("Rules") && !names.samplers.contains("Samplers"));
        assert!(names.telling.contains("SendDelay") && !names.telling.contains("Type"));
    }

    #[test]
    fn maps_old_names_to_new_ones() {
        let names = names();
        assert_eq!(names.moved["InMemCollector.CacheCapacity"], "Collection.CacheCapacity");
        assert_eq!(names.moved["SampleCache.KeptSize"], "SampleCache.KeptSize");
        assert_eq!(names.moved["SampleCacheConfig.KeptSize"], "SampleCache.KeptSize");
        assert_eq!(names.moved["SendDelay"], "Traces.SendDelay");
        assert!(names.is_legacy_only("InMemCollector") && names.is_legacy_only("APIKeys"));
        assert!(!names.is_legacy_only("PeerManagement") && names.is_legacy_top("PeerManagement"));
        assert!(!names.is_legacy_only("InMem") && !names.is_legacy_top("InMem"));
    }
}
