//! The Kubernetes objects and generated maps in a text, by name: every release looks up those near
//! it.

use super::documents::documents;
use super::kubernetes::made::secret;
use super::kustomize::kustomization::{GENERATORS, key_and_path};
use super::{at, list, read_item};
use crate::span::FileId;
use crate::syntax::Item;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The kinds of maps.
pub const MAPS: [&str; 2] = ["ConfigMap", "Secret"];

/// The names of groups of entries in maps.
const GROUPS: [&str; 3] = ["data", "stringData", "binaryData"];

/// What is in a text.
#[derive(Default)]
pub struct ObjectIndex {
    /// By name.
    objects: HashMap<String, Vec<Object>>,
    /// The words of each document with a syntax error.
    broken: Vec<HashSet<String>>,
    /// The text, if it generates maps: prefixes and variables may be part of their names.
    generating: Option<String>,
}

/// An object, or a map that Kustomize generates.
struct Object {
    kind: String,
    /// The keys of a map; `None` if some are in another file.
    keys: Option<HashSet<String>>,
}

impl ObjectIndex {
    pub fn of(text: &str) -> Self {
        let mut index = Self::default();
        if text.contains("Generator:") && text.contains("name:") {
            index.generating = Some(text.to_owned());
        }
        for range in documents(text) {
            let document = text.get(range).unwrap_or_default();
            match read_item(FileId(0), document) {
                Ok(item) => index.add(&item),
                Err(_) => index.broken.push(words(document)),
            }
        }
        index
    }

    fn add(&mut self, item: &Item) {
        for (key, kind) in GENERATORS {
            for generator in list(item, key) {
                let name = generator.get("name").and_then(Item::text);
                self.insert(name, kind, generated(generator));
            }
        }
        let made = secret(item);
        let item = made.as_ref().unwrap_or(item);
        let kind = item.get("kind").and_then(Item::text).unwrap_or_default();
        let name = at(item, &["metadata", "name"]).and_then(Item::text);
        self.insert(name, kind, Some(written(item)));
    }

    fn insert(&mut self, name: Option<&str>, kind: &str, keys: Option<HashSet<String>>) {
        if let Some(name) = name {
            let object = Object { kind: kind.to_owned(), keys };
            self.objects.entry(name.to_owned()).or_default().push(object);
        }
    }

    /// Whether it has an object of one of these kinds with this name. The words of a document with a
    /// syntax error decide.
    pub fn has(&self, kinds: &[&str], name: &str) -> bool {
        let is_kind = |object: &Object| kinds.contains(&object.kind.as_str());
        let named = self.objects.get(name).is_some_and(|objects| objects.iter().any(is_kind));
        let may_have = |words: &HashSet<String>| {
            words.contains(name) && kinds.iter().any(|&kind| words.contains(kind))
        };
        named || self.broken.iter().any(may_have)
    }

    /// Whether it has, or generates, a map of this name with this key, or may have it.
    pub fn has_map(&self, name: &str, key: Option<&str>) -> bool {
        let is_generated = || self.generating.as_ref().is_some_and(|text| text.contains(name));
        (self.has(&MAPS, name) || is_generated())
            && key.is_none_or(|key| self.may_have_key(name, key))
    }

    fn may_have_key(&self, name: &str, key: &str) -> bool {
        let has_key = |object: &Object| object.keys.as_ref().is_none_or(|keys| keys.contains(key));
        let named = self.objects.get(name).is_some_and(|objects| objects.iter().any(has_key));
        named || !self.broken.is_empty()
    }
}

/// The words of a text, without what YAML has around them.
fn words(text: &str) -> HashSet<String> {
    let word = |word: &str| word.trim_matches(['"', '\'', ',', '}']).to_owned();
    text.split_whitespace().map(word).collect()
}

/// The keys of a map.
fn written(item: &Item) -> HashSet<String> {
    let groups = GROUPS.iter().filter_map(|group| item.get(group));
    groups.flat_map(Item::entries).map(|entry| entry.key.clone()).collect()
}

/// The keys of a map that Kustomize generates; `None` if they are in another file.
fn generated(generator: &Item) -> Option<HashSet<String>> {
    let is_open = ["env", "envs"].iter().any(|key| generator.get(key).is_some());
    let words = |group| list(generator, group).iter().filter_map(Item::text);
    let files = words("files").filter_map(|word| Some(key_and_path(word)?.0));
    let literals = words("literals").filter_map(|word| Some(word.split_once('=')?.0));
    let keys = files.chain(literals).map(str::to_owned).collect();
    (!is_open).then_some(keys)
}

/// The indexes of the files that were looked up, by name.
#[derive(Default)]
pub struct ObjectIndexes(RefCell<HashMap<String, Rc<ObjectIndex>>>);

impl ObjectIndexes {
    /// The index of a file.
    pub fn get(&self, file: &str, read: impl FnOnce() -> String) -> Rc<ObjectIndex> {
        if let Some(known) = self.0.borrow().get(file) {
            return Rc::clone(known);
        }
        let index = Rc::new(ObjectIndex::of(&read()));
        self.0.borrow_mut().insert(file.to_owned(), Rc::clone(&index));
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_maps_by_name_and_key() {
        let index = ObjectIndex::of(
            "kind: ConfigMap\nmetadata: {name: a}\ndata: {x: '1'}\n---\n\
             kind: Service\nmetadata: {name: s}\n---\n\
             configMapGenerator:\n- name: g\n  files: [y.yaml, z=w.yaml]\n- name: e\n  envs: [f]\n",
        );
        for (name, key, is_there) in [
            ("a", None, true),
            ("a", Some("x"), true),
            ("a", Some("y"), false),
            // Any word of a text that generates maps may be a part of a name.
            ("s", None, true),
            ("g", Some("y.yaml"), true),
            ("g", Some("z"), true),
            ("g", Some("w.yaml"), false),
            ("e", Some("any"), true),
            ("other", None, false),
        ] {
            assert_eq!(index.has_map(name, key), is_there, "{name} {key:?}");
        }
        assert!(index.has(&["Service"], "s") && !index.has(&MAPS, "s"));
    }

    #[test]
    fn words_of_broken_documents_may_be_names() {
        let index = ObjectIndex::of("kind: Secret\nmetadata: {name: \"a\"}\ndata: [\n");
        assert!(index.has_map("a", None) && index.has_map("a", Some("x")));
        assert!(!index.has_map("b", None) && !index.has(&["HelmRelease"], "a"));
    }
}
