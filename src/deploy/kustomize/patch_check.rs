//! Patches that Kustomize rejects: those of an object that is not among the resources, and those that are
//! neither an object nor a list of operations.
//!
//! Must not apply patches (`patch` does).

use super::build_state::BuildState;
use super::kustomization::Kustomization;
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::Objects;
use crate::deploy::kubernetes::{has_pods, kind, name};
use crate::deploy::read_item_as;
use crate::span::FileId;
use crate::syntax::{Dialect, Item};

/// The kinds of objects, besides those with pods, that are collected from all files that are read.
const COLLECTED: [&str; 3] = ["ConfigMap", "HelmRelease", "Application"];

/// A patch before it is applied.
pub struct CheckedPatch<'p> {
    /// Its value in the kustomization.
    pub named: &'p str,
    pub text: &'p str,
    pub target: Option<&'p Item>,
}

/// Stops at a patch that Kustomize rejects. Returns whether all objects in it can be read.
pub fn check_patch(
    here: &Kustomization,
    state: &mut BuildState<'_, '_>,
    built: &mut Objects,
    patch: &CheckedPatch<'_>,
) -> bool {
    let CheckedPatch { named, text, target } = *patch;
    if is_only_yaml(text) {
        state.stop(here, named, "a patch that starts with `[` must be valid JSON");
    }
    let is_list = ["-", "["].iter().any(|start| text.trim_start().starts_with(start))
        && !text.trim_start().starts_with("---");
    if is_list && target.is_none() {
        state.stop(here, named, "missing required key `target` for a JSON patch");
    }
    if is_list || target.is_some() {
        return true;
    }
    let mut is_read = true;
    for range in documents(text) {
        let document = text.get(range).unwrap_or_default();
        let Ok(object) = read_item_as(Dialect::Kustomize, FileId(0), document) else {
            is_read = false;
            continue;
        };
        let (Some(kind), name) = (kind(&object), name(&object)) else { continue };
        if !may_exist(kind, name, state, built) {
            let what = format!("no {kind} `{name}` among the resources for this patch");
            state.stop(here, named, &what);
        }
    }
    is_read
}

/// Whether an object may be among the resources.
fn may_exist(kind: &str, name: &str, state: &BuildState<'_, '_>, built: &mut Objects) -> bool {
    let is_it = |identity: &mut Identity| identity.is(kind, name);
    let is_collected = COLLECTED.contains(&kind) || has_pods(kind);
    let may_have = |file: &String| {
        if is_collected && state.collected.contains(file) {
            return false;
        }
        let text = state.loader.peek(file).ok().flatten().unwrap_or_default();
        let has = |wanted: &str| text.split(is_end).any(|word| word == wanted);
        // Prefixes and suffixes may be part of the name.
        has(kind) && (state.is_renamed || has(name))
    };
    state.has_unknown_resources
        || built.identities_mut().any(is_it)
        || state.resources.iter().any(may_have)
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || "{}[],:\"'".contains(c)
}

/// Whether a patch that starts with a bracket is a list in YAML and not in JSON, as which Kustomize reads it.
fn is_only_yaml(text: &str) -> bool {
    let is_yaml =
        || read_item_as(Dialect::Kustomize, FileId(0), &format!("operations: {text}")).is_ok();
    let is_json = || serde_json::from_str::<serde_json::Value>(text).is_ok();
    text.starts_with('[') && is_yaml() && !is_json()
}
