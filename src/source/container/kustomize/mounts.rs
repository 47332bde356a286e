//! What lies where in the file system of a container, as far as it comes of maps.

use super::objects::{Built, Datum, Identity};
use crate::source::container::at;
use crate::source::path::join;
use crate::syntax::Item;
use std::collections::BTreeMap;

/// The texts of maps by the whole paths under which a process finds them.
#[derive(Default)]
pub struct Mounts<'b> {
    files: BTreeMap<String, &'b Datum>,
    /// Folders and files that come of maps which are made elsewhere, with the maps' names.
    strange: Vec<(String, String)>,
}

/// A map that a volume shows.
struct Source<'i> {
    kind: &'static str,
    name: &'i str,
    /// Which keys are shown and under which paths; all under their own names where it is silent.
    items: Option<&'i [Item]>,
}

impl<'b> Mounts<'b> {
    pub fn of(identity: &Identity, pod: &Item, container: &Item, built: &'b Built) -> Self {
        let list =
            |item: &Item, key| item.get(key).and_then(Item::list).unwrap_or_default().to_vec();
        let volumes = list(pod, "volumes");
        let mut mounts = Self::default();
        for mount in list(container, "volumeMounts") {
            let name = mount.get("name").and_then(Item::text);
            let volume = volumes.iter().find(|v| v.get("name").and_then(Item::text) == name);
            let sources = volume.filter(|_| name.is_some()).map(sources).unwrap_or_default();
            for source in sources {
                mounts.show(&mount, &source, built.map(source.kind, source.name, identity));
            }
        }
        mounts
    }

    fn show(&mut self, mount: &Item, source: &Source<'_>, map: Option<&'b super::objects::Map>) {
        let word = |key| mount.get(key).and_then(Item::text);
        let (Some(at), None) = (word("mountPath"), word("subPathExpr")) else { return };
        let Some(map) = map else {
            self.strange.push((join("/", at), source.name.to_owned()));
            return;
        };
        for datum in &map.data {
            let path = source.path_of(&datum.key);
            let path = match (path, word("subPath").map(|part| part.trim_matches('/'))) {
                (Some(path), None | Some("")) => join(&join("/", at), path),
                (Some(path), Some(part)) if path == part => join("/", at),
                _ => continue,
            };
            self.files.insert(path, datum);
        }
    }

    pub fn get(&self, path: &str) -> Option<&'b Datum> {
        self.files.get(path).copied()
    }

    /// The map made elsewhere that a path leads into.
    pub fn strange(&self, path: &str) -> Option<&str> {
        let leads = |at: &str| {
            path.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.strange.iter().find(|(at, _)| leads(at)).map(|(_, name)| name.as_str())
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &'b Datum)> {
        self.files.iter().map(|(path, datum)| (path.as_str(), *datum))
    }
}

impl<'i> Source<'i> {
    fn of(item: &'i Item, key: &str) -> Option<Self> {
        let (kind, names) = match key {
            "configMap" => ("ConfigMap", ["name", "name"]),
            "secret" => ("Secret", ["secretName", "name"]),
            _ => return None,
        };
        let name = names.iter().find_map(|name| item.get(name).and_then(Item::text))?;
        Some(Self { kind, name, items: item.get("items").and_then(Item::list) })
    }

    fn path_of<'p>(&'p self, key: &'p str) -> Option<&'p str> {
        let Some(items) = self.items else { return Some(key) };
        let is_it = |item: &&Item| item.get("key").and_then(Item::text) == Some(key);
        items.iter().find(is_it)?.get("path")?.text()
    }
}

fn sources(volume: &Item) -> Vec<Source<'_>> {
    let projected = at(volume, &["projected", "sources"]).and_then(Item::list).unwrap_or_default();
    let all = std::iter::once(volume).chain(projected);
    all.flat_map(Item::entries).filter_map(|entry| Source::of(&entry.item, &entry.key)).collect()
}
