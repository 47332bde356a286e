//! `configMapGenerator` and `secretGenerator`: maps of files, literals and variables.

use super::build_state::BuildState;
use super::kustomization::{GENERATORS, Kustomization, key_and_path};
use crate::deploy::content::DataEntry;
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::Map;
use crate::deploy::{at, block, list, read_item};
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::vfs::path::split;

/// What a generator does if the map exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Create,
    Merge,
    Replace,
}

/// The maps that the generators of a kustomization make, in order.
pub fn generate(here: &Kustomization, state: &mut BuildState<'_, '_>) -> Vec<(Behaviour, Map)> {
    let mut made = Vec::new();
    for (key, kind) in GENERATORS {
        for generator in here.list(key) {
            let name = generator.get("name").and_then(Item::text);
            made.extend(name.map(|name| make(here, (kind, name), generator, state)));
        }
    }
    for path in here.words("generators") {
        made.extend(of_file(here, path, state));
    }
    made
}

/// The maps that a file under `generators` makes. Other kinds of generators are not supported.
fn of_file(
    here: &Kustomization,
    path: &str,
    state: &mut BuildState<'_, '_>,
) -> Vec<(Behaviour, Map)> {
    const KINDS: [(&str, &str); 2] =
        [("ConfigMapGenerator", "ConfigMap"), ("SecretGenerator", "Secret")];
    let name = here.path(path);
    let read = (!path.contains('\n')).then(|| state.loader.text_in_sight(&name).ok()).flatten();
    let Some((file, text)) = read.flatten() else {
        state.doubt(here, path, "`generators` is not supported", None);
        return Vec::new();
    };
    let mut made = Vec::new();
    for range in documents(&text) {
        let document = text.get(range.clone()).unwrap_or_default();
        let Ok(item) = read_item(file, document) else { continue };
        let item = item.moved(range.start);
        let own = at(&item, &["metadata", "name"]).and_then(Item::text);
        let kind = item.get("kind").and_then(Item::text);
        let kind = KINDS.iter().find(|(generator, _)| kind == Some(generator));
        // Its paths start in the folder of the kustomization.
        let is_here = split(&name).0 == split(&here.name).0 || item.get("files").is_none();
        if let (Some((_, kind)), Some(own), true) = (kind, own, is_here) {
            let (name, text) = (name.clone(), text.clone());
            let within = Kustomization { name, file, text, item: item.clone() };
            made.push(make(&within, (kind, own), &item, state));
        } else {
            state.doubt(here, path, "`generators` is not supported", None);
        }
    }
    made
}

fn make(
    here: &Kustomization,
    (kind, name): (&str, &str),
    generator: &Item,
    state: &mut BuildState<'_, '_>,
) -> (Behaviour, Map) {
    let word = |key| generator.get(key).and_then(Item::text);
    let behaviour = match word("behavior") {
        Some("merge") => Behaviour::Merge,
        Some("replace") => Behaviour::Replace,
        _ => Behaviour::Create,
    };
    let namespace = word("namespace").unwrap_or_default().to_owned();
    let identity = Identity {
        kind: kind.to_owned(),
        names: vec![name.to_owned()],
        namespace,
        file: here.name.clone(),
        ..Identity::default()
    };
    let mut data = Vec::new();
    for path in list(generator, "envs").iter().chain(generator.get("env")).filter_map(Item::text) {
        let absent = format!("the variables file `{path}` does not exist");
        let file = here.path(path);
        // Files of secrets are made before the build.
        if kind == "Secret" && state.loader.peek(&file).is_ok_and(|text| text.is_none()) {
            let what = format!("{absent}, so the variables in it are unknown");
            state.notices.push(Notice::on(&here.name, what));
            continue;
        }
        let text = state.peek(here, &file, path, &absent);
        data.extend(variables(&text.unwrap_or_default()));
    }
    let literals = list(generator, "literals").iter();
    data.extend(literals.filter_map(|literal| literal_of(here, name, literal)));
    data.extend(list(generator, "files").iter().filter_map(|file| file_of(here, file)));
    let is_plain = |options: Option<&Item>| {
        let option = options.and_then(|options| options.get("disableNameSuffixHash"));
        option.is_some_and(|option| option.value == Value::Bool(true))
    };
    let is_hashed =
        !is_plain(generator.get("options")) && !is_plain(here.item.get("generatorOptions"));
    (behaviour, Map { is_hashed, ..Map::new(identity, data) })
}

fn file_of(here: &Kustomization, entry: &Item) -> Option<DataEntry> {
    let (key, path) = key_and_path(entry.text()?)?;
    let named = entry.span.unwrap_or(Span::new(here.file, 0, 0));
    Some(DataEntry::on_disk(key, here.path(path), named))
}

/// `key=value`; quotes around the value are removed.
fn literal_of(here: &Kustomization, map: &str, literal: &Item) -> Option<DataEntry> {
    let text = literal.text()?;
    let (key, value) = text.split_once('=').filter(|(key, _)| !key.is_empty())?;
    let bare = ['"', '\''].iter().find_map(|&q| value.strip_prefix(q)?.strip_suffix(q));
    let quote = usize::from(bare.is_some());
    let name = SourceName::within(&here.name, format!("{map}:{key}"));
    let pieces = block::pieces(here.outer(), literal.span?, text);
    Some(DataEntry::cut(name, key, bare.unwrap_or(value), key.len() + 1 + quote, pieces))
}

/// Lines of `NAME=VALUE`. Names without a value are looked up when it is built.
fn variables(text: &str) -> impl Iterator<Item = DataEntry> {
    let lines = text.lines().map(str::trim_start);
    let known = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    known.map(|(name, value)| DataEntry::cut(SourceName::default(), name, value, 0, Vec::new()))
}
