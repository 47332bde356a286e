//! The other files of a module of Terraform, which is a folder.

use crate::deploy::Outer;
use crate::deploy::chart::layers::Values;
use crate::deploy::loader::Loader;
use crate::sniff::file_name::is_terraform;
use crate::syntax::{Item, Value};
use crate::vfs::path::{join, split};

/// The other files of the module of a file that may have its local values.
pub fn siblings(outer: Outer<'_>, loader: &mut Loader<'_>) -> Vec<Values> {
    let (folder, own) = split(outer.name);
    if !outer.text.contains("local.") || !is_terraform(own) {
        return Vec::new();
    }
    let names = loader.names(folder).into_iter();
    let names: Vec<String> = names
        .filter(|name| is_terraform(name) && name != own)
        .map(|name| join(folder, &name))
        .collect();
    let has_locals = |name: &String| {
        loader.peek(name).ok().flatten().is_some_and(|text| text.contains("locals"))
    };
    let names: Vec<String> = names.into_iter().filter(has_locals).collect();
    let mut found = Vec::new();
    for name in names {
        if let Ok(Some((file, text))) = loader.text_in_sight(&name) {
            found.push(Values { name, file, text, item: Item::new(Value::Null, None) });
        }
    }
    found
}
