//! Changes to all objects of a kustomization: names, images, replicas.

use super::kustomization::Kustomization;
use crate::deploy::chart::items::{entry, map, text};
use crate::deploy::kubernetes::objects::{Objects, Pods};
use crate::deploy::kubernetes::{needs_selector, path_to_pod};
use crate::deploy::{at, word};
use crate::syntax::{Item, Value};

/// Applies `namePrefix`, `nameSuffix` and `namespace`.
pub fn change_names(here: &Kustomization, built: &mut Objects) {
    let affix = |key| here.word(key).unwrap_or_default();
    let (prefix, suffix) = (affix("namePrefix"), affix("nameSuffix"));
    for identity in built.identities_mut() {
        if !(prefix.is_empty() && suffix.is_empty()) {
            let name = format!("{prefix}{}{suffix}", identity.name());
            identity.names.push(name);
            identity.affixes = format!("{prefix} {} {suffix}", identity.affixes);
        }
        if let Some(namespace) = here.word("namespace") {
            namespace.clone_into(&mut identity.namespace);
        }
    }
    if let Some(namespace) = here.word("namespace") {
        for scaling in &mut built.scaling {
            namespace.clone_into(&mut scaling.namespace);
        }
    }
}

/// Applies `labels`, `commonLabels` and `commonAnnotations`.
pub fn change_labels(here: &Kustomization, built: &mut Objects) {
    let pairs = |item: Option<&Item>| {
        let entries = item.map(Item::entries).unwrap_or_default().iter();
        let pairs = entries.filter_map(|entry| Some((entry.key.clone(), word(&entry.item)?)));
        pairs.collect::<Vec<_>>()
    };
    let labels = here.list("labels").iter().flat_map(|labels| pairs(labels.get("pairs")));
    let labels: Vec<_> = labels.chain(pairs(here.item.get("commonLabels"))).collect();
    let annotations = pairs(here.item.get("commonAnnotations"));
    for identity in built.identities_mut() {
        put(&mut identity.labels, &labels);
        put(&mut identity.annotations, &annotations);
    }
    let is_selecting = |labels: &&Item| {
        labels.get("includeSelectors").is_some_and(|is| is.value == Value::Bool(true))
    };
    let selecting = here.list("labels").iter().filter(is_selecting);
    let selecting = selecting.filter_map(|labels| labels.get("pairs"));
    for labels in selecting.chain(here.item.get("commonLabels")) {
        built.pods.iter_mut().for_each(|pods| add_selector(labels, pods));
    }
}

/// Adds a selector with these labels to an object that needs one and has none.
fn add_selector(labels: &Item, pods: &mut Pods) {
    let has_pairs = !labels.entries().is_empty();
    if has_pairs && needs_selector(&pods.item) && at(&pods.item, &["spec", "selector"]).is_none() {
        let selector = map(vec![entry("matchLabels", labels.clone())]);
        set(&mut pods.item, &["spec"], "selector", selector);
    }
}

fn put(known: &mut Vec<(String, String)>, pairs: &[(String, String)]) {
    known.retain(|(key, _)| pairs.iter().all(|(new, _)| new != key));
    known.extend_from_slice(pairs);
}

/// Applies `replicas`.
pub fn change_replicas(here: &Kustomization, built: &mut Objects) {
    for change in here.list("replicas") {
        let (Some(name), Some(count)) =
            (change.get("name").and_then(Item::text), change.get("count"))
        else {
            continue;
        };
        let named = |pods: &&mut Pods| pods.identity.names.iter().any(|known| known == name);
        for pods in built.pods.iter_mut().filter(named) {
            set(&mut pods.item, &["spec"], "replicas", count.clone());
        }
    }
}

/// Applies `images`.
pub fn change_images(here: &Kustomization, built: &mut Objects) {
    for change in here.list("images").iter().chain(here.list("imageTags")) {
        for pods in &mut built.pods {
            change_image(here, change, pods);
        }
    }
}

fn change_image(here: &Kustomization, change: &Item, pods: &mut Pods) {
    let Some(way) = path_to_pod(&pods.item) else { return };
    let Some(pod) = at_mut(&mut pods.item, way) else { return };
    for kind in ["containers", "initContainers"] {
        let Some(Value::List(containers)) = get_mut(pod, kind).map(|item| &mut item.value) else {
            continue;
        };
        for container in containers {
            let image = container.get("image").and_then(word).unwrap_or_default();
            if let Some((image, is_tagged)) = changed(&image, change) {
                set(container, &[], "image", text(&image));
                if is_tagged {
                    pods.tagged = Some(format!("`images` in {}", here.name));
                }
            }
        }
    }
}

/// The changed image, and whether its tag or digest changed; `None` if the change is for another
/// image.
fn changed(image: &str, change: &Item) -> Option<(String, bool)> {
    let of = |key| change.get(key).and_then(word).filter(|word| !word.is_empty());
    let (rest, digest) =
        image.split_once('@').map_or((image, None), |(r, d)| (r, Some(d.to_owned())));
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
        _ => (rest, None),
    };
    if of("name")? != name {
        return None;
    }
    let (tag, digest, is_tagged) = match (of("newTag"), of("digest")) {
        (None, None) => match (tag, of("tagSuffix")) {
            (tag, Some(suffix)) => (Some(tag.unwrap_or_default() + &suffix), None, true),
            (tag, None) => (tag, digest, false),
        },
        (tag, digest) => (tag, digest, true),
    };
    let mut image = of("newName").unwrap_or(name.to_owned());
    for (sign, part) in [(':', tag), ('@', digest)] {
        image.extend(part.map(|part| format!("{sign}{part}")));
    }
    Some((image, is_tagged))
}

pub fn get_mut<'i>(item: &'i mut Item, key: &str) -> Option<&'i mut Item> {
    item.entries_mut().iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.item)
}

fn at_mut<'i>(item: &'i mut Item, path: &[&str]) -> Option<&'i mut Item> {
    path.iter().try_fold(item, |item, key| get_mut(item, key))
}

/// Sets a key at a path, if the path exists.
fn set(item: &mut Item, path: &[&str], key: &str, value: Item) {
    let Some(at) = at_mut(item, path) else { return };
    match get_mut(at, key) {
        Some(known) => *known = value,
        None => match &mut at.value {
            Value::Map(entries) => entries.push(entry(key, value)),
            _ => *at = map(vec![entry(key, value)]),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_images_like_kustomize() {
        let change = |pairs: &[(&str, &str)]| {
            map(pairs.iter().map(|(key, value)| entry(key, text(value))).collect())
        };
        let name = ("name", "honeycombio/refinery");
        for (image, pairs, expected) in [
            ("honeycombio/refinery", vec![name, ("newTag", "3.1")], "honeycombio/refinery:3.1"),
            (
                "honeycombio/refinery:2@sha256:0",
                vec![name, ("newTag", "3")],
                "honeycombio/refinery:3",
            ),
            (
                "honeycombio/refinery:2",
                vec![name, ("digest", "sha256:1")],
                "honeycombio/refinery@sha256:1",
            ),
            ("honeycombio/refinery:2", vec![name, ("newName", "a:5000/b")], "a:5000/b:2"),
            ("honeycombio/refinery:2", vec![name, ("tagSuffix", "-x")], "honeycombio/refinery:2-x"),
            ("a:5000/b", vec![("name", "a:5000/b"), ("newTag", "1")], "a:5000/b:1"),
        ] {
            let (changed, _) = changed(image, &change(&pairs)).expect(image);
            assert_eq!(changed, expected, "{image}");
        }
        assert_eq!(changed("x/refinery:2", &change(&[name])), None);
        assert_eq!(changed("honeycombio/refinery", &change(&[])), None);
    }
}
