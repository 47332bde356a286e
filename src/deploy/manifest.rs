//! Kubernetes objects: the texts in `ConfigMap`s and Secrets, and the pods that run with them.

use super::block;
use super::kubernetes::{kind, name, namespace};
use super::launch::LaunchSpec;
use super::scaling::ScalingObject;
use super::workload::{Workload, release_of_labels};
use super::{EmbeddedFile, HOW_TO_RENDER, Opened, Outer, list};
use crate::sniff::containers::{has_template, is_unrendered};
use crate::sniff::recognise::recognise;
use crate::syntax::{Entry, Item};
use crate::vfs::path::format_of;

/// The bond of all texts in the `ConfigMap`s of a namespace: which belong together their names and
/// places say.
pub fn bond(namespace: &str) -> String {
    format!("configmap {namespace}")
}

/// Takes out what an object holds; nothing where it is of another kind.
pub fn open_manifest(outer: Outer<'_>, object: &Item, opened: &mut Opened) {
    let data = match kind(object) {
        Some("ConfigMap") => object.get("data"),
        Some("Secret") => object.get("stringData"),
        Some("List") => {
            for item in list(object, "items") {
                open_manifest(outer, item, opened);
            }
            return;
        }
        _ => {
            opened.workloads.extend(Workload::of(outer, object));
            opened.companions.extend(ScalingObject::of(outer, object));
            return;
        }
    };
    for entry in data.map(Item::entries).unwrap_or_default() {
        open_entry(outer, object, entry, opened);
    }
}

fn open_entry(outer: Outer<'_>, object: &Item, entry: &Entry, opened: &mut Opened) {
    let (Some(text), Some(span)) = (entry.item.text(), entry.item.span) else { return };
    let format = format_of(&entry.key);
    let recognised = recognise(format, text);
    let name = format!("{}#{}:{}", outer.name, name(object), entry.key);
    if has_template(text) && (recognised.is_some() || is_unrendered(outer.text)) {
        let notice = format!("{name}: a template, not judged; {HOW_TO_RENDER}");
        opened.notices.push(notice);
        return;
    }
    let Some(recognised) = recognised else { return };
    let place = "its labels".to_owned();
    opened.parts.push(EmbeddedFile {
        name,
        recognised,
        format,
        text: text.to_owned(),
        pieces: block::pieces(outer, span, text),
        bond: bond(namespace(object)),
        given: LaunchSpec { release: release_of_labels(object, place), ..LaunchSpec::default() },
        file: outer.file,
    });
}
