//! Values that are laid over others: `values-production.yaml` over `values.yaml` in one folder, as
//! `helm -f` is used.
//!
//! Files go together by their names, and only where both are of the Refinery chart: a folder may
//! hold the values of other charts as well.

use super::facts::merge;
use super::{find, is_ours, what};
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, at, read_item};
use crate::schema::Kind;
use crate::sniff::containers::may_contain;
use crate::span::FileId;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{join, split};

/// A values file, read.
pub struct Values {
    pub name: String,
    pub file: FileId,
    pub text: String,
    pub item: Item,
}

/// A values file that is there; a line that says so where Helm cannot read it.
type Layer = Result<Values, String>;

impl Values {
    pub fn of(outer: Outer<'_>, item: &Item) -> Self {
        let (name, text) = (outer.name.to_owned(), outer.text.to_owned());
        Self { name, file: outer.file, text, item: item.clone() }
    }

    /// A file that has to be there.
    ///
    /// # Errors
    /// It cannot be read, or Helm could not.
    pub fn demand(name: &str, around: &mut Loader<'_>) -> Result<Self, InputError> {
        let file = around.demand(name)?.source.file;
        let text = around.shelf.files.get(file).text.clone();
        Self::of_text(name.to_owned(), file, text).map_err(|message| {
            InputError::new(InputProblem::Unreadable, message, "check it with `helm lint`")
        })
    }

    /// None where there is no such file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(name: String, around: &mut Loader<'_>) -> Result<Option<Layer>, InputError> {
        let text = around.text(&name)?;
        Ok(text.map(|(file, text)| Self::of_text(name, file, text)))
    }

    fn of_text(name: String, file: FileId, text: String) -> Layer {
        match read_item(file, &text) {
            Ok(item) => Ok(Self { name, file, text, item }),
            Err(_) => Err(format!("{name}: not judged, for it is no YAML that Helm can read")),
        }
    }
}

/// Values laid over one another, the lowest first; none where there are none.
pub fn merged(stack: &[Values]) -> Option<Item> {
    let items = stack.iter().map(|values| values.item.clone());
    items.reduce(|below, values| merge(&values, below))
}

/// What the values in this file are laid over, if there is such a file and they are.
///
/// # Errors
/// It cannot be read.
pub fn beneath(
    name: &str,
    item: &Item,
    around: &mut Loader<'_>,
) -> Result<Option<Values>, InputError> {
    let (folder, own) = split(name);
    if !is_layer(own) {
        return Ok(None);
    }
    for base in BASES {
        // What is wrong with it is said where it is judged itself.
        let base = Values::read(join(folder, base), around)?.and_then(Result::ok);
        if let Some(base) = base.filter(|base| goes_over(own, item, &base.item)) {
            return Ok(Some(base));
        }
    }
    Ok(None)
}

/// Files that are laid over these values and that nobody would take for ours without them.
///
/// # Errors
/// One of them cannot be read.
pub fn above(name: &str, item: &Item, around: &mut Loader<'_>) -> Result<Vec<Layer>, InputError> {
    let (folder, own) = split(name);
    let mut layers = Vec::new();
    if !BASES.contains(&own) || find(item).is_empty() {
        return Ok(layers);
    }
    for layer in around.names(folder).iter().filter(|layer| is_layer(layer)) {
        let values = Values::read(join(folder, layer), around)?;
        layers.extend(values.filter(|values| match values {
            Ok(Values { text, item: own, .. }) => !may_contain(text) && goes_over(layer, own, item),
            Err(_) => layer.starts_with("values"),
        }));
    }
    Ok(layers)
}

const BASES: [&str; 2] = ["values.yaml", "values.yml"];

/// `values-x.yaml`, `values.x.yaml`, `x-values.yaml` and such.
fn is_layer(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or(name.strip_suffix(".yml"));
    stem.is_some_and(|stem| {
        let rest = stem.strip_prefix("values").or(stem.strip_suffix("values"));
        rest.is_some_and(|rest| rest.contains(|c: char| c.is_alphanumeric()))
    })
}

/// Do these values, in a file of this name, change something of ours beneath?
fn goes_over(name: &str, layer: &Item, base: &Item) -> bool {
    let is_close = name.starts_with("values");
    find(base).iter().any(|path| {
        let (Some(layer), Some(base)) = (at(layer, path), at(base, path)) else { return false };
        let is_known = |key: &str| key == "image" || base.get(key).is_some();
        let has_files = Kind::ALL.iter().any(|kind| layer.get(kind.word()).is_some());
        let touches = layer.entries().iter().any(|entry| is_known(&entry.key));
        (has_files || is_close && touches) && is_consistent(layer)
    })
}

/// What it says of config and rules, if anything, is of ours.
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
