//! Files of Refinery's that Sealed Secrets encrypts.

use super::{kind, name};
use crate::deploy::{Outer, at};
use crate::diagnostic::Finding;
use crate::sniff::file_name::{is_about_refinery, kind_of_name};
use crate::sniff::flaw::ENCRYPTED;
use crate::syntax::Item;
use crate::vfs::path::format_of;

/// Reports the encrypted entries of an object that are named like files of Refinery's, if its name or that of
/// its file is about Refinery.
pub fn find_sealed(outer: Outer<'_>, object: &Item) -> Vec<Finding> {
    let is_ours = is_about_refinery(name(object)) || is_about_refinery(outer.name);
    if kind(object) != Some("SealedSecret") || !is_ours {
        return Vec::new();
    }
    let data = at(object, &["spec", "encryptedData"]).map(Item::entries).unwrap_or_default();
    let is_file = |key: &str| format_of(key).is_some() && kind_of_name(key).is_some();
    let files = data.iter().filter(|entry| is_file(&entry.key));
    let find =
        |key: &str| Finding::new(&ENCRYPTED, format!("`{key}` is encrypted by Sealed Secrets"));
    files.map(|entry| find(&entry.key).at_some(entry.key_span, "cannot be read")).collect()
}
