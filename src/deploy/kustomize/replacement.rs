//! `replacements`, `vars` and `transformers`, which change objects. They are not applied; this finds
//! the objects that they change.

use super::build_state::BuildState;
use super::kustomization::Kustomization;
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::Objects;
use crate::deploy::{list, read_item};
use crate::span::FileId;
use crate::syntax::Item;

/// The beginnings of field paths that change nothing that Refinery reads.
const HARMLESS: [&str; 5] = [
    "metadata.labels",
    "metadata.annotations",
    "spec.selector",
    "spec.template.metadata.labels",
    "spec.template.metadata.annotations",
];

/// The kinds of transformers that change nothing that Refinery reads.
const HARMLESS_KINDS: [&str; 2] = ["kind: LabelTransformer", "kind: AnnotationsTransformer"];

/// Notes the objects that may be changed.
pub fn note_replacements(
    here: &Kustomization,
    state: &mut BuildState<'_, '_>,
    built: &mut Objects,
) {
    let identities: Vec<Identity> =
        built.identities_mut().map(|identity| identity.clone()).collect();
    for identity in &identities {
        for name in &identity.names {
            let is_var = |item: &Item| item.any(&|item: &Item| item.text() == Some(name));
            if here.item.get("vars").is_some_and(is_var) {
                state.doubt(here, name, "`vars` is not supported", Some(name));
            }
        }
    }
    for path in here.words("transformers") {
        let text = state.loader.peek(&here.path(path)).ok().flatten().unwrap_or_default();
        if HARMLESS_KINDS.iter().any(|kind| text.contains(kind)) {
            continue;
        }
        for identity in &identities {
            let what = "`transformers` is not supported";
            state.doubt(here, path, what, Some(identity.name()));
        }
    }
    for (written, replacement) in replacements(here, state) {
        let targets = list(&replacement, "targets").iter().filter(|target| is_felt(target));
        for target in targets {
            for identity in identities.iter().filter(|identity| selects(target, identity)) {
                let what = "`replacements` is not supported";
                state.doubt(here, &written, what, Some(identity.name()));
            }
        }
    }
}

/// All replacements, each with the words that the kustomization has for it.
fn replacements(here: &Kustomization, state: &mut BuildState<'_, '_>) -> Vec<(String, Item)> {
    let mut all = Vec::new();
    for item in here.list("replacements") {
        let Some(path) = item.get("path").and_then(Item::text) else {
            let mut paths = list(item, "targets").iter().flat_map(|it| list(it, "fieldPaths"));
            let first = paths.next().and_then(Item::text).unwrap_or_default();
            all.push((first.to_owned(), item.clone()));
            continue;
        };
        let absent = format!("`{path}` does not exist, so its replacements are unknown");
        let Some(text) = state.peek(here, &here.path(path), path, &absent) else { continue };
        for range in documents(&text) {
            match read_item(FileId(0), text.get(range).unwrap_or_default()) {
                Ok(found) => {
                    let found = found.list().map_or(vec![found.clone()], <[Item]>::to_vec);
                    all.extend(found.into_iter().map(|item| (path.to_owned(), item)));
                }
                Err(_) => state.stop(here, path, &format!("cannot read `{path}`")),
            }
        }
    }
    all
}

/// Whether a target changes something that Refinery may read.
fn is_felt(target: &Item) -> bool {
    let is_harmless = |path: &str| HARMLESS.iter().any(|start| path.starts_with(start));
    let paths = list(target, "fieldPaths");
    paths.is_empty() || !paths.iter().filter_map(Item::text).all(is_harmless)
}

/// Whether a target selects an object; names may be patterns.
fn selects(target: &Item, identity: &Identity) -> bool {
    let word = |key| target.get("select").and_then(|select| select.get(key)?.text());
    let is_plain = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "-.".contains(c));
    word("kind").is_none_or(|kind| kind == identity.kind || !is_plain(kind))
        && word("name").is_none_or(|name| identity.has_name(name) || !is_plain(name))
}
