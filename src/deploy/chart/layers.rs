//! Values files that are merged over others in the same folder, such as `values-production.yaml`
//! over `values.yaml`, as with `helm -f`.
//!
//! Files belong together by their names, but only if both are for the Refinery chart: a folder may
//! also hold the values of other charts.

use super::facts::layer;
use super::find::{find, is_ours};
use super::unusable::is_mapping;
use super::what;
use crate::deploy::loaded::LoadedFile;
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, at, read_item};
use crate::notice::Notice;
use crate::schema::Kind;
use crate::sniff::containers::may_contain;
use crate::span::FileId;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{join, split};

/// A parsed values file.
#[derive(Clone)]
pub struct Values {
    pub name: String,
    pub file: FileId,
    pub text: String,
    pub item: Item,
}

/// A values file, or a notice if Helm cannot read it as values.
type Layer = Result<Values, Notice>;

impl Values {
    pub fn of(outer: Outer<'_>, item: &Item) -> Self {
        let (name, text) = (outer.name.to_owned(), outer.text.to_owned());
        Self { name, file: outer.file, text, item: item.clone() }
    }

    /// A file whose values are not needed, only its text.
    pub fn unread(name: &str, file: FileId, text: &str) -> Self {
        let (name, text) = (name.to_owned(), text.to_owned());
        Self { name, file, text, item: Item::new(Value::Null, None) }
    }

    /// Reads a file that must exist.
    ///
    /// # Errors
    /// The file cannot be read, or not as values.
    pub fn demand(name: &str, loader: &mut Loader<'_>) -> Result<Self, InputError> {
        let loaded = loader.demand(name)?;
        Self::of_loaded(name.to_owned(), &loaded, loader).map_err(|notice| {
            InputError::new(InputProblem::Unreadable, notice.text, "check it with `helm lint`")
        })
    }

    /// `None` if there is no such file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(name: String, loader: &mut Loader<'_>) -> Result<Option<Layer>, InputError> {
        let loaded = loader.file(&name)?;
        Ok(loaded.map(|loaded| Self::of_loaded(name, &loaded, loader)))
    }

    fn of_loaded(name: String, loaded: &LoadedFile, loader: &Loader<'_>) -> Layer {
        let file = loaded.source.file;
        let text = loader.loaded.files.get(file).text.clone();
        match read_item(file, &text) {
            Ok(item) if loaded.fault().is_none() && is_mapping(&item) => {
                Ok(Self { name, file, text, item })
            }
            _ => Err(Notice::on(name, "not checked: not a YAML mapping that Helm can read")),
        }
    }
}

/// Merges values, base first. `None` for an empty list.
pub fn merged(stack: &[Values]) -> Option<Item> {
    let items = stack.iter().map(|values| values.item.clone());
    items.reduce(|below, values| layer(&values, below))
}

/// The base file that the values in this file are merged over, if any.
///
/// # Errors
/// It cannot be read.
pub fn find_base(
    name: &str,
    item: &Item,
    loader: &mut Loader<'_>,
) -> Result<Option<Values>, InputError> {
    let (folder, own) = split(name);
    if !is_layer(own) {
        return Ok(None);
    }
    for base in BASES {
        // Faults in the base are reported when it is checked itself.
        let base = Values::read(join(folder, base), loader)?.and_then(Result::ok);
        if let Some(base) = base.filter(|base| overlays(own, item, &base.item)) {
            return Ok(Some(base));
        }
    }
    Ok(None)
}

/// Overlays of these values that are not recognised as Refinery's on their own.
///
/// # Errors
/// One of them cannot be read.
pub fn find_overlays(
    name: &str,
    item: &Item,
    loader: &mut Loader<'_>,
) -> Result<Vec<Layer>, InputError> {
    let (folder, own) = split(name);
    let mut layers = Vec::new();
    if !BASES.contains(&own) || find(item).is_empty() {
        return Ok(layers);
    }
    for layer in loader.names(folder).iter().filter(|layer| is_layer(layer)) {
        let values = Values::read(join(folder, layer), loader)?;
        layers.extend(values.filter(|values| match values {
            Ok(Values { text, item: own, .. }) => !may_contain(text) && overlays(layer, own, item),
            Err(_) => layer.starts_with("values"),
        }));
    }
    Ok(layers)
}

const BASES: [&str; 2] = ["values.yaml", "values.yml"];

/// Whether the name looks like `values-x.yaml`, `values.x.yaml` or `x-values.yaml`.
fn is_layer(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or(name.strip_suffix(".yml"));
    stem.is_some_and(|stem| {
        let rest = stem.strip_prefix("values").or(stem.strip_suffix("values"));
        rest.is_some_and(|rest| rest.contains(|c: char| c.is_alphanumeric()))
    })
}

/// Whether these values, in a file of this name, change Refinery's values in the base.
fn overlays(name: &str, layer: &Item, base: &Item) -> bool {
    let is_close = name.starts_with("values");
    find(base).iter().any(|found| {
        let keys: Vec<&str> = found.path.iter().map(String::as_str).collect();
        let (Some(layer), base) = (at(layer, &keys), found.values) else { return false };
        let is_known = |key: &str| key == "image" || base.get(key).is_some();
        let has_files = Kind::ALL.iter().any(|kind| layer.get(kind.word()).is_some());
        let touches = layer.entries().iter().any(|entry| is_known(&entry.key));
        (has_files || is_close && touches) && is_consistent(layer)
    })
}

/// Whether its `config` and `rules`, if any, can be Refinery's.
fn is_consistent(layer: &Item) -> bool {
    is_ours(layer)
        || Kind::ALL.iter().all(|kind| match layer.get(kind.word()) {
            None => true,
            Some(item) => match &item.value {
                Value::Map(entries) => {
                    let is_known = |entry: &Entry| kind.root().child(&entry.key).is_some();
                    entries.is_empty() || entries.iter().any(is_known)
                }
                _ => what(item).is_some(),
            },
        })
}
