//! `replacements`, `vars` and `transformers`, which change objects. Only replacements of fields of pods
//! and of objects that install charts are applied; for all others this finds the objects that they change.

use super::build_state::BuildState;
use super::kustomization::Kustomization;
use super::transform::get_mut;
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::Objects;
use crate::deploy::{list, read_item, word};
use crate::span::{FileId, Span};
use crate::syntax::{Item, Value};

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
    for name in here.list("vars").iter().filter_map(|var| var.get("name")?.text()) {
        let reference = format!("$({name})");
        let refers = |text: Option<&str>| text.is_some_and(|text| text.contains(&reference));
        let maps = built.maps.iter().filter(|map| map.data.iter().any(|it| refers(it.text())));
        let pods = built.pods.iter();
        let pods = pods.filter(|pods| pods.item.any(&|item: &Item| refers(item.text())));
        let all = maps.map(|map| &map.identity).chain(pods.map(|pods| &pods.identity));
        for identity in all {
            state.doubt(here, name, "`vars` is not supported", Some(identity.name()));
        }
    }
    for path in here.words("transformers") {
        let read = state.loader.text_in_sight(&here.path(path)).ok().flatten();
        let text = read.as_ref().map_or(path, |(_, text)| text);
        if HARMLESS_KINDS.iter().any(|kind| text.contains(kind)) {
            continue;
        }
        for identity in &identities {
            let what = "`transformers` is not supported";
            // A change of the transformer changes what is not followed.
            let place = read
                .as_ref()
                .map(|(file, text)| Span::new(*file, 0, text.lines().next().map_or(0, str::len)));
            state.doubt_at(here, (path, place), what, Some(identity.name()));
        }
    }
    for (written, replacement) in replacements(here, state) {
        if apply(here, &replacement, built) {
            continue;
        }
        let targets = list(&replacement, "targets").iter().filter(|target| is_felt(target));
        for target in targets {
            for identity in identities.iter().filter(|identity| selects(target, identity)) {
                let what = "`replacements` is not supported";
                state.doubt(here, &written, what, Some(identity.name()));
            }
        }
    }
}

/// Replaces fields of pods by a text of a map or of other pods; returns whether that is all that
/// the replacement changes.
fn apply(here: &Kustomization, replacement: &Item, built: &mut Objects) -> bool {
    let Some(value) = replacement.get("source").and_then(|source| value_of(source, built)) else {
        return false;
    };
    let mut is_applied = true;
    for target in list(replacement, "targets").iter().filter(|target| is_felt(target)) {
        is_applied &= !built.maps.iter().any(|map| selects(target, &map.identity));
        for release in built.releases.iter_mut().filter(|it| selects(target, &it.identity)) {
            for path in list(target, "fieldPaths").iter().filter_map(Item::text) {
                is_applied &= set_at(&mut release.item, &parts(path), &|known| {
                    part_replaced(known, &value, target.get("options"))
                });
                release.is_changed = true;
            }
        }
        for pods in built.pods.iter_mut().filter(|pods| selects(target, &pods.identity)) {
            for path in list(target, "fieldPaths").iter().filter_map(Item::text) {
                let is_set = set_at(&mut pods.item, &parts(path), &|known| {
                    part_replaced(known, &value, target.get("options"))
                });
                is_applied &= is_set;
                if parts(path).last().is_some_and(|part| part == "image") {
                    pods.tagged = Some(format!("`replacements` in {}", here.name));
                }
            }
        }
    }
    is_applied
}

/// The text of a source; `None` if it is not modelled.
fn value_of(source: &Item, built: &Objects) -> Option<String> {
    let word_of = |key| source.get(key).and_then(Item::text);
    let (kind, name) = (word_of("kind")?, word_of("name")?);
    let path = parts(word_of("fieldPath").unwrap_or("metadata.name"));
    let map = built.maps.iter().find(|map| map.identity.is(kind, name));
    let value = match (map, &path[..]) {
        (Some(map), [group, key]) if group == "data" => map.get(key)?.text()?.to_owned(),
        _ => {
            let pods = built.pods.iter().find(|pods| pods.identity.is(kind, name))?;
            word(path.iter().try_fold(&pods.item, |item, part| inner(item, part))?)?
        }
    };
    let Some(options) = source.get("options") else { return Some(value) };
    let (delimiter, index) = (options.get("delimiter")?.text()?, index_of(options)?);
    value.split(delimiter).nth(index).map(str::to_owned)
}

/// A text of which a part is replaced.
fn part_replaced(known: &str, value: &str, options: Option<&Item>) -> Option<String> {
    let delimiter = options.and_then(|options| options.get("delimiter")?.text());
    let Some(delimiter) = delimiter else { return Some(value.to_owned()) };
    let index = options.and_then(index_of)?;
    let mut all: Vec<&str> = known.split(delimiter).collect();
    *all.get_mut(index)? = value;
    Some(all.join(delimiter))
}

fn index_of(options: &Item) -> Option<usize> {
    options.get("index").map_or(Some(0), |index| word(index)?.parse().ok())
}

/// The parts of a path such as `spec.containers.[name=a].image`.
fn parts(path: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut is_bracket, mut is_escaped) = (false, false);
    for c in path.chars() {
        let last = all.len() - 1;
        match c {
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            '.' if !is_bracket && !is_escaped => all.push(String::new()),
            c => {
                is_bracket = c == '[' || is_bracket && c != ']';
                all[last].push(c);
            }
        }
        is_escaped = false;
    }
    all
}

fn inner<'i>(item: &'i Item, part: &str) -> Option<&'i Item> {
    match item.list() {
        Some(items) => items.iter().enumerate().find(|(at, it)| is_element(part, *at, it)),
        None => return item.get(part),
    }
    .map(|(_, item)| item)
}

/// Whether a part of a path means an element of a list.
fn is_element(part: &str, at: usize, item: &Item) -> bool {
    let pair = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')?.split_once('='));
    match pair {
        Some((key, value)) => item.get(key).and_then(Item::text) == Some(value),
        None => part == "*" || part.parse() == Ok(at),
    }
}

/// Changes all texts at a path; returns whether there is one, and all could be changed.
fn set_at(item: &mut Item, path: &[String], change: &dyn Fn(&str) -> Option<String>) -> bool {
    let Some((part, rest)) = path.split_first() else {
        let Some(new) = word(item).and_then(|known| change(&known)) else { return false };
        // Kustomize leaves the type of the value as it is.
        let is_string = item.text().is_some();
        let read = || read_item(FileId(0), &format!("value: {new}")).ok()?.get("value").cloned();
        let read = if is_string { None } else { read() };
        item.value = read.map_or(Value::Text(new), |read| read.value);
        return true;
    };
    if let Value::List(items) = &mut item.value {
        let meant = items.iter_mut().enumerate().filter(|(at, item)| is_element(part, *at, item));
        let all: Vec<bool> = meant.map(|(_, item)| set_at(item, rest, change)).collect();
        return !all.is_empty() && all.iter().all(|&is_set| is_set);
    }
    get_mut(item, part).is_some_and(|inner| set_at(inner, rest, change))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_fields() {
        let object =
            "{spec: {replicas: 1, containers: [{name: a, image: 'x:1'}, {name: b.c, image: z}]}}";
        for (path, options, expected) in [
            ("spec.containers.[name=a].image", "{delimiter: ':', index: 1}", Some("x:NEW z 1")),
            ("spec.containers.[name=b.c].image", "{}", Some("x:1 NEW 1")),
            ("spec.containers.*.image", "{}", Some("NEW NEW 1")),
            ("spec.containers.0.image", "{delimiter: ':'}", Some("NEW:1 z 1")),
            ("spec.replicas", "{}", Some("x:1 z NEW")),
            ("spec.containers.0.image", "{delimiter: ':', index: 2}", None),
            ("spec.containers.2.image", "{}", None),
            ("spec.other", "{}", None),
        ] {
            let mut item = read_item(FileId(0), object).unwrap();
            let options = read_item(FileId(0), options).unwrap();
            let change = |known: &str| part_replaced(known, "NEW", Some(&options));
            let is_set = set_at(&mut item, &parts(path), &change);
            assert_eq!(is_set, expected.is_some(), "{path}");
            let places = ["containers.0.image", "containers.1.image", "replicas"];
            let shown = places.map(|place| {
                let path = parts(&format!("spec.{place}"));
                path.iter().try_fold(&item, |item, part| inner(item, part)).and_then(word).unwrap()
            });
            assert_eq!(shown.join(" "), expected.unwrap_or("x:1 z 1"), "{path}");
        }
        assert_eq!(parts("a.b\\.c/d.[x=e.f]"), ["a", "b.c/d", "[x=e.f]"]);
    }
}
