//! The layers of values that an object passes to the Refinery chart, merged as Helm merges them: values
//! files and maps, values of its own, and single values over them.

use super::items::entry;
use super::layers::{Values, merged};
use super::set::{PARAMETERS, Setting, Step, named, typed, value_of};
use super::unusable::find_in_entry;
use crate::deploy::documents::documents;
use crate::deploy::encoded::decode_base64;
use crate::deploy::gitops::{is_key_of_values, names_chart, uses};
use crate::deploy::kubernetes::made::secret;
use crate::deploy::loader::Loader;
use crate::deploy::near::resolve;
use crate::deploy::placeholder::is_reference;
use crate::deploy::{Outer, at, block, list, read_item};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::sniff::containers::has_template;
use crate::span::{FileId, Piece, Span, Window};
use crate::syntax::{DataFormat, Item, Value};
use crate::value::replaced::of_template;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};

/// The maximum depth of an object that installs a chart.
const DEEPEST: usize = 16;

/// The key of values in a map, unless the reference names another.
const VALUES_KEY: &str = "values.yaml";

/// A map, and a key in it.
#[derive(Clone, Debug)]
pub struct MapKey {
    kind: String,
    name: String,
    key: String,
}

/// Finds the file that a text names.
pub type FindFile<'f> = dyn Fn(&str, &Loader<'_>) -> Option<String> + 'f;

/// Merges all layers of each use of the chart in a document into the last one that is in the document
/// itself. Returns the files among them; those that cannot be read are left out, and reported when
/// they are checked themselves.
///
/// # Errors
/// A file cannot be read.
pub fn merge_layers(
    outer: Outer<'_>,
    document: &mut Item,
    find_file: &FindFile<'_>,
    loader: &mut Loader<'_>,
) -> Result<Vec<Values>, InputError> {
    let mut files = Vec::new();
    let mut waiting = vec![(document, 0)];
    while let Some((item, depth)) = waiting.pop() {
        if names_chart(item) {
            merge_use(outer, item, find_file, loader, &mut files)?;
        } else if depth < DEEPEST {
            match &mut item.value {
                Value::Map(entries) => {
                    waiting.extend(entries.iter_mut().map(|entry| (&mut entry.item, depth + 1)));
                }
                Value::List(items) => {
                    waiting.extend(items.iter_mut().map(|item| (item, depth + 1)));
                }
                _ => {}
            }
        }
    }
    Ok(files)
}

/// The values file of a plain path; `None` if it has variables.
pub fn find_plain(folder: &str, path: &str, loader: &Loader<'_>) -> Option<String> {
    let is_plain = !has_template(path) && !path.contains(['*', '\n', ':']);
    is_plain.then(|| resolve(folder, path, loader.store)).flatten()
}

/// Whether a use of the chart has values of its own, or single values.
pub fn has_own(item: &Item) -> bool {
    // Values in a string are not parsed here.
    let is_own = |layer: &Layer| match layer {
        Layer::Own(_) => true,
        Layer::File(text) => text.contains(['\n', ':']),
        Layer::Map(_) => false,
    };
    layers(item).iter().any(is_own) || !settings(item, &mut |_| None).is_empty()
}

/// A layer of values.
enum Layer {
    /// The text that names a file.
    File(String),
    Map(MapKey),
    /// Values in the object, at this path.
    Own(Vec<Step>),
}

/// The mappings in which a use of the chart has values: itself, and `helm` in it.
fn places(item: &Item) -> impl Iterator<Item = (Option<&'static str>, &Item)> {
    let inner = item.get("helm").map(|inner| (Some("helm"), inner));
    std::iter::once((None, item)).chain(inner)
}

/// The layers of a use of the chart, lowest first.
fn layers(item: &Item) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (place, values) in places(item) {
        // Argo CD ignores `values` then.
        let has_object = values.get("valuesObject").is_some();
        let is_read = |key: &str| is_key_of_values(key) && !(has_object && key == "values");
        let mut entries: Vec<_> =
            values.entries().iter().filter(|entry| is_read(&entry.key)).collect();
        // Tools read files and maps first.
        entries.sort_by_key(|entry| {
            let key = entry.key.to_lowercase();
            !(key.contains("file") || key.contains("from"))
        });
        for entry in entries {
            let start = place.into_iter().chain([entry.key.as_str()]);
            let start: Vec<Step> = start.map(|key| Step::Key(key.to_owned())).collect();
            match &entry.item.value {
                Value::Map(_) if !is_set(&entry.key) => layers.push(Layer::Own(start)),
                Value::Text(path) => layers.push(Layer::File(path.clone())),
                Value::List(items) => {
                    for (number, item) in items.iter().enumerate() {
                        let place = || [&start[..], &[Step::Index(number)]].concat();
                        layers.extend(layer(&entry.key, item, place));
                    }
                }
                _ => {}
            }
        }
    }
    layers
}

fn layer(key: &str, item: &Item, place: impl Fn() -> Vec<Step>) -> Option<Layer> {
    match &item.value {
        Value::Text(path) => Some(Layer::File(path.clone())),
        Value::Map(_) if key == "valuesFrom" => {
            let is_whole = item.get("targetPath").is_none();
            map_key(item).filter(|_| is_whole).map(Layer::Map)
        }
        Value::Map(_) if !is_set(key) => Some(Layer::Own(place())),
        _ => None,
    }
}

/// The entry of a map that a release takes values from.
fn map_key(from: &Item) -> Option<MapKey> {
    let text = |key| from.get(key).and_then(Item::text).map(str::to_owned);
    let key = text("valuesKey").unwrap_or_else(|| VALUES_KEY.to_owned());
    Some(MapKey { kind: text("kind")?, name: text("name")?, key })
}

/// Whether a key of single values looks like a key of values.
fn is_set(key: &str) -> bool {
    matches!(key, "set_values" | "setValues" | "setValueTemplates")
}

/// The single values of a use of the chart, in order. Those from maps that are not in sight are unknown.
pub fn settings(item: &Item, read_map: &mut dyn FnMut(&MapKey) -> Option<String>) -> Vec<Setting> {
    let mut found = Vec::new();
    for (_, place) in places(item) {
        for key in PARAMETERS {
            let one = place.get(key).filter(|item| item.get("name").is_some());
            let all = list(place, key).iter().chain(one);
            found.extend(all.filter_map(|item| named(item, key)));
        }
        for key in ["setValues", "set"] {
            let mapping = place.get(key).filter(|item| item.get("name").is_none());
            let entries = mapping.map(Item::entries).unwrap_or_default().iter();
            found.extend(entries.map(|entry| Setting {
                name: entry.key.clone(),
                value: value_of(&entry.item, false),
            }));
        }
        for pair in list(place, "set_values") {
            let is_text = pair.get("value_type").and_then(Item::text) == Some("string");
            let written = pair.get("value").and_then(Item::text);
            found.extend(written.and_then(|it| Setting::written(it, is_text)));
        }
        for from in list(place, "valuesFrom") {
            let Some(path) = from.get("targetPath").and_then(Item::text) else { continue };
            let known = map_key(from).and_then(|key| read_map(&key));
            let map = from.get("name").and_then(Item::text).unwrap_or_default();
            let value = known.map_or_else(
                || Item::new(Value::Text(of_template(map)), None),
                |text| typed(text.trim_end(), false),
            );
            found.push(Setting { name: path.to_owned(), value: Item { span: from.span, ..value } });
        }
    }
    found
}

fn merge_use(
    outer: Outer<'_>,
    item: &mut Item,
    find_file: &FindFile<'_>,
    loader: &mut Loader<'_>,
    files: &mut Vec<Values>,
) -> Result<(), InputError> {
    let layers = layers(item);
    let mut failed = None;
    let settings = settings(item, &mut |key| {
        let found = find_entry(outer.name, key, loader);
        found
            .unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
            .map(|found| found.content)
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let place = |layer: &Layer| match layer {
        Layer::Own(place) => Some(place.clone()),
        _ => None,
    };
    let own: Vec<Vec<Step>> = layers.iter().filter_map(place).collect();
    let is_single = own.is_empty() || layers.len() == 1;
    if is_single && settings.is_empty() {
        return Ok(());
    }
    let mut stack = Vec::new();
    for layer in layers {
        let values = match layer {
            Layer::Own(place) => value_at(item, &place).map(|own| own_values(outer, own, loader)),
            Layer::File(text) => match find_file(&text, loader) {
                Some(name) => Values::read(name, loader)?.and_then(Result::ok),
                None => None,
            },
            Layer::Map(key) => find_entry(outer.name, &key, loader)?.and_then(MapEntry::values),
        };
        stack.extend(values);
    }
    let nothing = || Item::new(Value::Map(Vec::new()), None);
    let mut whole = merged(&stack).unwrap_or_else(nothing);
    for setting in settings {
        setting.apply(&mut whole);
    }
    put(item, &own, whole);
    files.extend(stack.into_iter().filter(|values| values.file != outer.file));
    Ok(())
}

/// Values in a document. Those of a file that Terraform reads are in that file.
fn own_values(outer: Outer<'_>, own: &Item, loader: &Loader<'_>) -> Values {
    let file = own.span.map_or(outer.file, |span| span.file);
    let source = loader.loaded.files.get(file);
    let (name, text) = (source.name.file().to_owned(), source.text.clone());
    Values { name, file, text, item: own.clone() }
}

fn value_at<'i>(item: &'i Item, place: &[Step]) -> Option<&'i Item> {
    place.iter().try_fold(item, |item, step| match step {
        Step::Key(key) => item.get(key),
        Step::Index(number) => item.list()?.get(*number),
    })
}

fn value_at_mut<'i>(item: &'i mut Item, place: &[Step]) -> Option<&'i mut Item> {
    place.iter().try_fold(item, |item, step| match (step, &mut item.value) {
        (Step::Key(key), Value::Map(entries)) => {
            entries.iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.item)
        }
        (Step::Index(number), Value::List(items)) => items.get_mut(*number),
        _ => None,
    })
}

/// Puts merged values in place of the last of an object's own, or adds them.
fn put(item: &mut Item, own: &[Vec<Step>], whole: Item) {
    for place in own {
        if let Some(value) = value_at_mut(item, place) {
            value.value = Value::Null;
        }
    }
    if let Some(value) = own.last().and_then(|place| value_at_mut(item, place)) {
        *value = whole;
        return;
    }
    let has_helm = item.get("helm").is_some_and(|inner| matches!(inner.value, Value::Map(_)));
    let place: &[Step] = if has_helm { &[Step::Key("helm".to_owned())] } else { &[] };
    let Some(Value::Map(entries)) = value_at_mut(item, place).map(|it| &mut it.value) else {
        return;
    };
    match entries.iter_mut().find(|entry| entry.key == "values").map(|it| &mut it.item.value) {
        Some(Value::List(items)) => items.push(whole),
        Some(value) => *value = whole.value,
        None => entries.push(entry("values", whole)),
    }
}

/// An entry of a map, and the file that it is in.
struct MapEntry {
    name: String,
    file: FileId,
    text: String,
    content: String,
    pieces: Vec<Piece>,
}

impl MapEntry {
    /// `None` if it is not YAML, which is reported where it is checked itself.
    fn values(self) -> Option<Values> {
        let Self { name, file, text, content, pieces } = self;
        let window = Window::new(file, pieces);
        let item = read_item(file, &content).ok()?.relocated(&|span| window.outward(span));
        Some(Values { name, file, text, item })
    }
}

/// The maps from which uses of the chart in a document take whole values.
fn maps_in(document: &Item) -> Vec<MapKey> {
    let all = uses(document).into_iter().flat_map(|item| list(item, "valuesFrom"));
    all.filter(|from| from.get("targetPath").is_none()).filter_map(map_key).collect()
}

/// Reports entries of maps with values for the chart that Helm cannot read, and mentions those that
/// another program decrypts or looks up.
///
/// # Errors
/// A file with maps cannot be read.
pub fn find_unusable_maps(
    from: &str,
    document: &Item,
    loader: &mut Loader<'_>,
) -> Result<(Vec<Finding>, Vec<Notice>), InputError> {
    let (mut found, mut notices) = (Vec::new(), Vec::new());
    for key in maps_in(document) {
        let Some(MapEntry { name, content, pieces, .. }) = find_entry(from, &key, loader)? else {
            continue;
        };
        if is_reference(&content) {
            let what =
                format!("`{}` of `{}` is encrypted or looked up; not checked", key.key, key.name);
            notices.push(Notice::on(name, what));
            continue;
        }
        // Those generated from a file, and those with files of Refinery's, are opened themselves.
        let is_opened = pieces.iter().any(|piece| piece.outer.range().start == 0)
            || ["config:", "rules:"].iter().any(|key| content.contains(key));
        let span = pieces.first().map(|piece| piece.outer);
        if let Some(span) = span.filter(|_| !is_opened) {
            let place = format!("`{}` of `{}` in `{name}`", key.key, key.name);
            found.extend(find_in_entry(&place, &content, span));
        }
    }
    Ok((found, notices))
}

/// The files from which the maps with values for the chart are generated.
pub fn generated_values(from: &str, document: &Item, loader: &Loader<'_>) -> Vec<String> {
    let generated = |key: MapKey| {
        let file = |name: String| {
            let text = loader.peek(&name).ok().flatten()?;
            let kustomization = read_item(FileId(0), &text).ok()?;
            Some(join(split(&name).0, generated_from(&kustomization, &key)?))
        };
        files_naming(from, &key.name, loader).into_iter().find_map(file)
    };
    maps_in(document).into_iter().filter_map(generated).collect()
}

/// The entry of a `ConfigMap` or Secret near a file, written or generated from a file.
fn find_entry(
    from: &str,
    key: &MapKey,
    loader: &mut Loader<'_>,
) -> Result<Option<MapEntry>, InputError> {
    for name in files_naming(from, &key.name, loader) {
        if let Some(entry) = entry_in(&name, key, loader)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// YAML files in the folder of a file or an adjacent one that contain this word.
fn files_naming(from: &str, word: &str, loader: &Loader<'_>) -> Vec<String> {
    let folder = split(from).0.to_owned();
    let folders = std::iter::once(folder.clone()).chain(loader.adjacent(&folder));
    let names = folders.flat_map(|folder| {
        let names = loader.names(&folder).into_iter();
        names.map(|name| join(&folder, &name)).collect::<Vec<_>>()
    });
    let is_it = |name: &String| {
        let text = || loader.peek(name).ok().flatten();
        format_of(name) == Some(DataFormat::Yaml) && text().is_some_and(|text| text.contains(word))
    };
    names.filter(is_it).collect()
}

fn entry_in(
    name: &str,
    wanted: &MapKey,
    loader: &mut Loader<'_>,
) -> Result<Option<MapEntry>, InputError> {
    let Some((file, text)) = loader.text(name)? else { return Ok(None) };
    for range in documents(&text) {
        let document = read_item(file, text.get(range.clone()).unwrap_or_default());
        let Ok(document) = document.map(|document| document.moved(range.start)) else { continue };
        if let Some(path) = generated_from(&document, wanted) {
            let name = join(split(name).0, path);
            return Ok(loader.text(&name)?.map(|(file, text)| {
                let place = Span::new(file, 0, text.len());
                let pieces = vec![Piece::written(0..text.len(), place)];
                MapEntry { name, file, content: text.clone(), text, pieces }
            }));
        }
        let made = secret(&document);
        let map = made.as_ref().unwrap_or(&document);
        let is_it = map.get("kind").and_then(Item::text) == Some(&wanted.kind)
            && at(map, &["metadata", "name"]).and_then(Item::text) == Some(&wanted.name);
        let groups = ["data", "stringData"].iter().filter(|_| is_it);
        let mut groups = groups.filter_map(|group| at(map, &[group, &wanted.key]));
        if let Some((content, span)) = groups.next().and_then(|it| Some((it.text()?, it.span?))) {
            let is_encoded = wanted.kind == "Secret" && at(map, &["data", &wanted.key]).is_some();
            let decoded = || String::from_utf8(decode_base64(content.as_bytes())?).ok();
            let (content, pieces) = if is_encoded {
                let Some(decoded) = decoded() else { return Ok(None) };
                let pieces = vec![Piece::written(0..decoded.len(), span)];
                (decoded, pieces)
            } else {
                let pieces = block::pieces(Outer::of(name, file, &text), span, content);
                (content.to_owned(), pieces)
            };
            return Ok(Some(MapEntry { name: name.to_owned(), file, text, content, pieces }));
        }
    }
    Ok(None)
}

/// The file from which a kustomization generates the entry of a map.
fn generated_from<'i>(document: &'i Item, wanted: &MapKey) -> Option<&'i str> {
    let generators = ["configMapGenerator", "secretGenerator"].into_iter();
    let mut all = generators.flat_map(|generators| list(document, generators));
    let is_it = |item: &&Item| item.get("name").and_then(Item::text) == Some(&*wanted.name);
    let generator = all.find(is_it)?;
    let sources = list(generator, "files").iter().filter_map(Item::text);
    let mut pairs = sources.map(|it| it.split_once('=').unwrap_or((split(it).1, it)));
    pairs.find(|(own, _)| *own == wanted.key).map(|(_, path)| path)
}
