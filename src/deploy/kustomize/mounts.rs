//! What lies where in the file system of a container, as far as it comes of maps.

use super::objects::{Built, Datum, Identity, Map};
use crate::deploy::list;
use crate::syntax::Item;
use crate::vfs::path::{below, join};
use std::collections::{BTreeMap, HashMap};

/// No container has more mounts, as far as is looked.
const MOST: usize = 1000;

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
    items: Option<HashMap<&'i str, &'i str>>,
}

impl<'b> Mounts<'b> {
    pub fn of(identity: &Identity, pod: &Item, container: &Item, built: &'b Built) -> Self {
        let mut shown: Vec<&Item> = list(container, "volumeMounts").iter().take(MOST).collect();
        // What is mounted deeper lies on top, whatever comes first in the file.
        shown.sort_by_key(|mount| place_of(mount).matches('/').count());
        let mut mounts = Self::default();
        for mount in shown {
            let at = place_of(mount);
            mounts.files.retain(|path, _| below(path, &at).is_none());
            mounts.strange.retain(|(path, _)| below(path, &at).is_none());
            let Some(name) = name_of(mount) else { continue };
            let volume = list(pod, "volumes").iter().find(|volume| name_of(volume) == Some(name));
            for source in volume.map(sources).unwrap_or_default() {
                mounts.show(mount, &at, &source, built.map(source.kind, source.name, identity));
            }
        }
        mounts
    }

    fn show(&mut self, mount: &Item, at: &str, source: &Source<'_>, map: Option<&'b Map>) {
        if mount.get("subPathExpr").is_some() {
            return;
        }
        let Some(map) = map else {
            self.strange.push((at.to_owned(), source.name.to_owned()));
            return;
        };
        let part = mount.get("subPath").and_then(Item::text).unwrap_or_default();
        for datum in &map.data {
            let path = source.path_of(&datum.key);
            if let Some(rest) = path.and_then(|path| below(path, part.trim_matches('/'))) {
                self.files.insert(join(at, rest), datum);
            }
        }
    }

    pub fn get(&self, path: &str) -> Option<&'b Datum> {
        self.files.get(path).copied()
    }

    /// The map made elsewhere that a path leads into.
    pub fn strange(&self, path: &str) -> Option<&str> {
        let mut strange = self.strange.iter();
        strange.find(|(at, _)| below(path, at).is_some()).map(|(_, name)| name.as_str())
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
        let path = |item: &'i Item| Some((item.get("key")?.text()?, item.get("path")?.text()?));
        let items = item.get("items").and_then(Item::list);
        let items = items.map(|items| items.iter().filter_map(path).collect());
        Some(Self { kind, name, items })
    }

    fn path_of<'p>(&'p self, key: &'p str) -> Option<&'p str> {
        match &self.items {
            Some(items) => items.get(key).copied(),
            None => Some(key),
        }
    }
}

fn name_of(item: &Item) -> Option<&str> {
    item.get("name").and_then(Item::text)
}

/// The folder or file of the container in which a volume is shown.
fn place_of(mount: &Item) -> String {
    join("/", mount.get("mountPath").and_then(Item::text).unwrap_or_default())
}

fn sources(volume: &Item) -> Vec<Source<'_>> {
    let projected = volume.get("projected").map(|all| list(all, "sources")).unwrap_or_default();
    let all = std::iter::once(volume).chain(projected);
    all.flat_map(Item::entries).filter_map(|entry| Source::of(&entry.item, &entry.key)).collect()
}
