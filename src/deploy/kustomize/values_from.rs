//! Maps with values that a `HelmRelease` names, and that have another name or kind.

use crate::deploy::gitops::names_chart;
use crate::deploy::kubernetes::objects::{Map, Objects};
use crate::deploy::resolve::UNKNOWN_FILE;
use crate::deploy::{at, list};
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};

/// Reports references in releases of the Refinery chart to maps that have another kind, or another name:
/// Kustomize only adds a hash to references in other kinds of objects if `configurations` say where they
/// are.
pub fn find_unfollowed_maps(built: &Objects) -> Vec<Finding> {
    let releases = built.releases.iter();
    let specs = releases.filter_map(|release| at(&release.item, &["spec"]));
    let all = specs.filter(|spec| names_chart(spec)).flat_map(|spec| list(spec, "valuesFrom"));
    let is_needed =
        |from: &&Item| from.get("optional").is_none_or(|it| it.value != Value::Bool(true));
    all.filter(is_needed)
        .filter_map(|from| find_hash(from, built).or_else(|| find_other_kind(from, &built.maps)))
        .collect()
}

fn find_hash(from: &Item, built: &Objects) -> Option<Finding> {
    let (kind, name) = reference(from)?;
    let mut named = built.maps.iter().filter(|map| map.identity.is(kind, name)).peekable();
    named.peek()?;
    if built.has_references || !named.all(|map| map.is_hashed) {
        return None;
    }
    let message = format!(
        "Kustomize adds a hash to the name of the {kind} `{name}`, but not to this reference"
    );
    Some(find(from, message).help(
        "set `disableNameSuffixHash: true` in `options` of the generator, or list this field under \
         `nameReference` in `configurations`",
    ))
}

fn find_other_kind(from: &Item, maps: &[Map]) -> Option<Finding> {
    let (kind, name) = reference(from)?;
    let mut named = maps.iter().filter(|map| map.identity.has_name(name)).peekable();
    let other = named.peek()?.identity.kind.clone();
    if named.any(|map| map.identity.kind == kind) {
        return None;
    }
    let message = format!("no {kind} `{name}`, only a {other} of that name");
    Some(find(from, message).help(format!("write `kind: {other}`")))
}

fn reference(from: &Item) -> Option<(&str, &str)> {
    let text = |key| from.get(key).and_then(Item::text);
    Some((text("kind")?, text("name")?))
}

fn find(from: &Item, message: String) -> Finding {
    let place = from.get("name").and_then(|it| it.span).or(from.span);
    Finding::new(&UNKNOWN_FILE, message).at_some(place, "does not exist")
}
