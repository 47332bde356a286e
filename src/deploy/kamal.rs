//! Kamal: accessories of a `config/deploy.yml` that run Refinery.

use super::compose::{as_service, open_container};
use super::loader::Loader;
use super::{Opened, Outer, list, word};
use crate::syntax::{Item, Value};
use crate::vfs::input_error::InputError;

/// Describes the deployment of each accessory that runs Refinery. Its keys are those of a service under
/// other names.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_accessories(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let accessories = document.get("accessories").map(Item::entries).unwrap_or_default();
    for accessory in accessories {
        let title = Item::new(Value::Text(accessory.key.clone()), accessory.key_span);
        let of = |key: &str| accessory.item.get(key).cloned();
        let variables = accessory.item.get("env").map(|env| env.get("clear").unwrap_or(env));
        let settings = [
            ("name", Some(title)),
            ("image", of("image")),
            ("command", of("cmd")),
            ("environment", variables.cloned()),
            ("volumes", Some(Item::new(Value::List(mounts(&accessory.item)), None))),
        ];
        let service = as_service(settings, accessory.key_span);
        open_container(outer, &service, Vec::new(), loader, opened)?;
    }
    Ok(())
}

/// Files and folders of the repository, whose paths are relative to the folder around `config`, and
/// volumes.
fn mounts(accessory: &Item) -> Vec<Item> {
    let local = |item: &Item| {
        let part = |key| item.get(key).and_then(word);
        let written = || Some(format!("{}:{}", part("local")?, part("remote")?));
        let path = word(item).or_else(written).filter(|path| !path.starts_with('/'))?;
        Some(Item::new(Value::Text(format!("../{path}")), item.beginning()))
    };
    let files = list(accessory, "files").iter().filter_map(local);
    // Kamal creates `directories` on the host; they have no content here.
    files.chain(list(accessory, "volumes").iter().cloned()).collect()
}
