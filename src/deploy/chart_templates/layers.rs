//! The values of a user's own chart: `values.yaml`, and the files in its folder that are merged
//! over it, each as a separate layer.

use super::chart::{Layer, UnreadValues};
use crate::deploy::CHART_FILE;
use crate::deploy::chart::facts::merge;
use crate::deploy::chart::unusable::is_mapping;
use crate::deploy::loader::Loader;
use crate::deploy::read_item;
use crate::sniff::containers::is_template;
use crate::sniff::file_name::is_values;
use crate::span::{Piece, Span};
use crate::syntax::{DataFormat, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join};

/// The maximum number of files that are merged over the values of a chart.
const MOST: usize = 40;

/// Reads a values file that another file names. `None` if there is no such file, or if it is a
/// template, whose values are unknown.
///
/// # Errors
/// It cannot be read.
pub fn read_values(
    name: String,
    loader: &mut Loader<'_>,
) -> Result<Option<Result<Item, UnreadValues>>, InputError> {
    let Some((file, text)) = loader.text(&name)? else { return Ok(None) };
    Ok(match read_item(file, &text) {
        Ok(item) if is_mapping(&item) => Some(Ok(item)),
        Err(fault) if is_template(&text, fault) => None,
        _ => {
            let pieces = vec![Piece::written(0..text.len(), Span::new(file, 0, text.len()))];
            Some(Err(UnreadValues { name, text, pieces }))
        }
    })
}

/// All values of the chart in a folder, its own first.
///
/// # Errors
/// One of the files cannot be read.
pub fn read_layers(folder: &str, loader: &mut Loader<'_>) -> Result<Vec<Layer>, InputError> {
    let bases = ["values.yaml", "values.yml"].map(|name| join(folder, name));
    let nothing = || Item::new(Value::Map(Vec::new()), None);
    let (mut base, mut unread) = (nothing(), None);
    for name in &bases {
        match read_values(name.clone(), loader)? {
            Some(Ok(values)) => base = values,
            Some(Err(fault)) => unread = Some(fault),
            None => continue,
        }
        break;
    }
    let mut layers = vec![Layer { over: None, values: base.clone(), sets: Vec::new(), unread }];
    for name in overlays(folder, &bases, loader) {
        let over = Some(name.clone());
        let (values, unread) = match read_values(name, loader)? {
            Some(Ok(item)) => (merge(&item, base.clone()), None),
            Some(Err(unread)) => (base.clone(), Some(unread)),
            None => continue,
        };
        layers.push(Layer { over, values, sets: Vec::new(), unread });
    }
    Ok(layers)
}

/// The files named like values in the folder of a chart and the folders in it.
fn overlays(folder: &str, bases: &[String], loader: &Loader<'_>) -> Vec<String> {
    let within = loader.names(folder).into_iter().map(|name| join(folder, &name));
    let (folders, files): (Vec<_>, Vec<_>) = within.partition(|name| loader.is_folder(name));
    let is_open = |inner: &String| {
        let names = loader.names(inner);
        !inner.ends_with("/templates")
            && !inner.ends_with("/charts")
            && !names.iter().any(|name| name == CHART_FILE)
    };
    let inner = folders.into_iter().filter(is_open);
    let inner = inner.flat_map(|folder| {
        let names = loader.names(&folder).into_iter();
        names.map(|name| join(&folder, &name)).collect::<Vec<_>>()
    });
    let is_layer = |name: &String| {
        let own = super::own_name(name);
        format_of(own) == Some(DataFormat::Yaml) && is_values(own) && !bases.contains(name)
    };
    files.into_iter().chain(inner).filter(is_layer).take(MOST).collect()
}
