//! A compose file → its documents, each with the keys that its `!reset` and `!override` tags
//! replace.

use crate::deploy::documents::documents;
use crate::deploy::loader::Loader;
use crate::deploy::{at, read_item};
use crate::span::FileId;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A document of a compose file, of which copies are cheap.
#[derive(Clone)]
pub struct Layer {
    pub name: Rc<str>,
    pub file: FileId,
    pub item: Rc<Item>,
    /// Where each service is in the list of services.
    places: Rc<HashMap<String, usize>>,
    /// By service, its keys whose values in earlier documents are ignored. The key is empty for a whole
    /// service.
    replaced: Rc<BTreeMap<String, BTreeSet<String>>>,
}

/// The result of reading a file.
pub enum Read {
    /// Its documents, in the order in which they are merged.
    Layers(Rc<[Layer]>),
    Missing,
    /// It exists, but none of its documents is valid YAML.
    Unreadable,
}

impl Layer {
    fn new(name: &str, file: FileId, text: &str, mut item: Item) -> Self {
        let mut replaced: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for services in item.entries_mut().iter_mut().filter(|entry| entry.key == "services") {
            let Value::Map(services) = &mut services.item.value else { continue };
            services.retain(|service| match tag(text, service) {
                None => true,
                Some(tag) => {
                    replaced.entry(service.key.clone()).or_default().insert(String::new());
                    tag != Tag::Reset
                }
            });
            for service in services {
                let Value::Map(keys) = &mut service.item.value else { continue };
                keys.retain(|key| match tag(text, key) {
                    None => true,
                    Some(tag) => {
                        let keys = replaced.entry(service.key.clone()).or_default();
                        keys.insert(key.key.clone());
                        tag != Tag::Reset
                    }
                });
            }
        }
        let mut places = HashMap::new();
        let services = at(&item, &["services"]).map(Item::entries).unwrap_or_default();
        for (place, service) in services.iter().enumerate() {
            places.entry(service.key.clone()).or_insert(place);
        }
        let (item, places, replaced) = (Rc::new(item), Rc::new(places), Rc::new(replaced));
        Self { name: name.into(), file, item, places, replaced }
    }

    /// The keys of a service whose values in earlier documents are ignored.
    pub fn replaced(&self, service: &str) -> impl Iterator<Item = &str> {
        self.replaced.get(service).into_iter().flatten().map(String::as_str)
    }

    /// The entry of a service.
    pub fn service(&self, name: &str) -> Option<&Entry> {
        at(&self.item, &["services"])?.entries().get(*self.places.get(name)?)
    }
}

/// A tag that changes how compose merges a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// `!reset` ignores this value and earlier ones.
    Reset,
    /// `!override` replaces earlier values.
    Override,
}

/// The tag before the value of a key.
fn tag(text: &str, entry: &Entry) -> Option<Tag> {
    let rest = text.get(entry.key_span?.range().end..)?;
    let value = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?.trim_start();
    let word = value.split(|c: char| c.is_whitespace() || ",}]".contains(c)).next()?;
    match word {
        "!reset" => Some(Tag::Reset),
        "!override" => Some(Tag::Override),
        _ => None,
    }
}

/// Reads all documents of a file. Kubernetes objects and invalid YAML are skipped.
///
/// # Errors
/// The file cannot be read.
pub fn read(loader: &mut Loader<'_>, name: &str) -> Result<Read, InputError> {
    let Some((file, text)) = loader.text_in_sight(name)? else { return Ok(Read::Missing) };
    let (mut layers, mut is_broken) = (Vec::new(), false);
    for range in documents(&text) {
        let document = text.get(range.clone()).unwrap_or_default();
        match read_item(file, document) {
            Ok(item) if item.get("apiVersion").is_none() => {
                layers.push(Layer::new(name, file, &text, item.moved(range.start)));
            }
            Ok(_) => {}
            Err(_) => is_broken = true,
        }
    }
    Ok(if layers.is_empty() && is_broken { Read::Unreadable } else { Read::Layers(layers.into()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_replace_earlier_values() {
        let text = "services:\n  a:\n    command: !reset []\n    volumes: !override ['x:/y']\n    \
                    image: b # !reset\n  b: !reset\n  c: {\"ports\": !reset null, image: x}\n";
        let item = read_item(FileId(0), text).unwrap();
        let layer = Layer::new("f", FileId(0), text, item);
        let shown = |name: &str| layer.replaced(name).collect::<Vec<_>>().join(" ");
        assert_eq!(
            (shown("a"), shown("b"), shown("c")),
            ("command volumes".to_owned(), String::new(), "ports".to_owned())
        );
        assert_eq!(layer.replaced("b").count(), 1);
        let keys = |name: &str| {
            let keys = layer.service(name)?.item.entries().iter().map(|entry| entry.key.as_str());
            Some(keys.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(keys("a").as_deref(), Some("volumes image"));
        assert_eq!((keys("b"), keys("c").as_deref()), (None, Some("image")));
    }
}
