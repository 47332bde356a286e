//! Secrets that operators generate from templates in other objects: those of External Secrets and
//! of Sealed Secrets.

use super::{kind, name};
use crate::deploy::chart::items::{entry, map, text};
use crate::deploy::{at, list};
use crate::syntax::Item;
use crate::vfs::path::format_of;

/// The Secret that an operator makes of an object, if all of its files were found.
pub fn secret(object: &Item) -> Option<Item> {
    let spec = object.get("spec")?;
    let (spec, own) = match kind(object)? {
        "ExternalSecret" => (spec, None),
        "ClusterExternalSecret" => {
            (spec.get("externalSecretSpec")?, spec.get("externalSecretName"))
        }
        "SealedSecret" => return sealed(object, spec),
        _ => return None,
    };
    let target = spec.get("target")?;
    let data = at(target, &["template", "data"])?;
    let merges = at(target, &["template", "mergePolicy"]).and_then(Item::text) == Some("Merge");
    let others = list(spec, "data").iter().filter_map(|one| one.get("secretKey")?.text());
    let is_file = |key: &str| format_of(key).is_some() && data.get(key).is_none();
    if target.get("manifest").is_some() || merges && others.into_iter().any(is_file) {
        return None;
    }
    let name_of = target.get("name").or(own).and_then(Item::text);
    Some(made(object, name_of.unwrap_or_else(|| name(object)), data))
}

fn sealed(object: &Item, spec: &Item) -> Option<Item> {
    let data = at(spec, &["template", "data"])?;
    let sealed = spec.get("encryptedData").map(Item::entries).unwrap_or_default().iter();
    let is_file = |key: &String| format_of(key).is_some() && data.get(key).is_none();
    if sealed.map(|entry| &entry.key).any(is_file) {
        return None;
    }
    let own = at(spec, &["template", "metadata", "name"]).and_then(Item::text);
    Some(made(object, own.unwrap_or_else(|| name(object)), data))
}

fn made(object: &Item, name: &str, data: &Item) -> Item {
    let mut metadata = vec![entry("name", text(name))];
    let namespace = at(object, &["metadata", "namespace"]).cloned();
    metadata.extend(namespace.map(|namespace| entry("namespace", namespace)));
    map(vec![
        entry("apiVersion", text("v1")),
        entry("kind", text("Secret")),
        entry("metadata", map(metadata)),
        entry("stringData", data.clone()),
    ])
}
