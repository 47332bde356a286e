//! `docker_container` of Terraform → a container like those of compose.

use super::paths::{from_here, is_from_here, path_in};
use super::read::{Given, has_expression};
use super::siblings::documents_with;
use super::value_content::content_of;
use crate::deploy::chart::items::{entry, map, text};
use crate::deploy::compose::open_container;
use crate::deploy::content::{Content, DataEntry};
use crate::deploy::encoded::decode_base64;
use crate::deploy::loader::Loader;
use crate::deploy::{Opened, Outer, at, list, word};
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;

const CONTAINER: &str = "docker_container";
const IMAGE: &str = "docker_image";

/// Attributes that are those of a service of compose, and their names there.
const ATTRIBUTES: [(&str, &str); 7] = [
    ("image", "image"),
    ("command", "command"),
    ("entrypoint", "entrypoint"),
    ("env", "environment"),
    ("working_dir", "working_dir"),
    ("restart", "restart"),
    ("ports", "ports"),
];

/// Describes the deployments of the containers in a document that run Refinery.
///
/// # Errors
/// A file that one of them names cannot be read.
pub fn open_containers(
    outer: Outer<'_>,
    document: &Item,
    given: &Given,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let containers = at(document, &["resource", CONTAINER]).map(Item::entries).unwrap_or_default();
    if containers.is_empty() {
        return Ok(());
    }
    let others = documents_with(IMAGE, outer, given, loader);
    for labelled in containers {
        for item in labelled.item.list().unwrap_or_default() {
            // Blocks that an expression repeats may be any mounts.
            if item.get("dynamic").is_some() {
                continue;
            }
            let documents = std::iter::once(document).chain(&others);
            let service = service(outer, &labelled.key, item, documents);
            let uploads = list(item, "upload").iter().enumerate();
            let uploads = uploads.filter_map(|(number, upload)| {
                let place = format!("resource.{CONTAINER}.{}[0].upload[{number}]", labelled.key);
                upload_of(outer, upload, &SourceName::within(outer.name, place), loader)
            });
            let uploads = uploads.collect();
            open_container(outer, &service, uploads, loader, opened)?;
        }
    }
    Ok(())
}

/// The service of compose that is the same container.
fn service<'i>(
    outer: Outer<'_>,
    label: &str,
    item: &Item,
    documents: impl Iterator<Item = &'i Item>,
) -> Item {
    let mut entries = vec![entry("name", text(label))];
    for (own, key) in ATTRIBUTES {
        let Some(written) = item.entry(own) else { continue };
        let mut item = written.item.clone();
        mark_unknown(&mut item);
        entries.push(Entry { key: key.to_owned(), key_span: written.key_span, item });
    }
    let image = entries.iter_mut().find(|entry| entry.key == "image");
    if let Some(Entry { item, .. }) = image
        && let Some(name) = item.text().and_then(|text| name_of_image(text, documents))
    {
        *item = name;
        mark_unknown(item);
    }
    let memory = item.get("memory").and_then(word).map(|size| text(&format!("{size}m")));
    entries.extend(memory.map(|memory| entry("mem_limit", memory)));
    let volumes = list(item, "volumes").iter().map(|one| (one, "host_path", "container_path"));
    let mounts = list(item, "mounts").iter().map(|one| (one, "source", "target"));
    let mounts = volumes.chain(mounts).map(|(one, source, target)| {
        let from = one.get(source).filter(|it| it.text().is_some_and(|text| !text.is_empty()));
        let mut volume = map(Vec::new());
        let kind = if from.is_some_and(is_path) { "bind" } else { "volume" };
        let from = from.map(|from| entry("source", host_path(outer, from)));
        let to = one.get(target).map(|target| entry("target", target.clone()));
        let parts = [Some(entry("type", text(kind))), from, to];
        volume.value = Value::Map(parts.into_iter().flatten().collect());
        volume.span = one.beginning();
        volume
    });
    entries.push(entry("volumes", Item::new(Value::List(mounts.collect()), None)));
    Item::new(Value::Map(entries), item.span)
}

/// The name of the image that a resource of the module pulls.
fn name_of_image<'i>(
    reference: &str,
    mut documents: impl Iterator<Item = &'i Item>,
) -> Option<Item> {
    let label = reference.strip_prefix("${")?.strip_prefix(IMAGE)?.strip_prefix('.')?;
    let label = label.split(['.', '[', '}']).next()?;
    let image = documents.find_map(|document| at(document, &["resource", IMAGE, label]))?;
    let [image] = image.list()? else { return None };
    image.get("name").cloned()
}

/// Whether the source of a mount is a path, and not the name of a volume.
fn is_path(source: &Item) -> bool {
    source.text().is_some_and(|text| text.contains('/') || has_expression(text))
}

/// A path of the host, relative to the folder of the file if it starts there.
fn host_path(outer: Outer<'_>, source: &Item) -> Item {
    let written = source.text().unwrap_or_default();
    let is_here = is_from_here(written) && path_in(outer, written).is_some();
    let mut path = source.clone();
    if is_here {
        path.value = Value::Text(format!("./{}", from_here(written)));
    }
    mark_unknown(&mut path);
    path
}

/// Marks the strings that depend on expressions.
fn mark_unknown(item: &mut Item) {
    match &mut item.value {
        Value::Text(text) if has_expression(text) => {
            let expression = text.split("${").nth(1).and_then(|rest| rest.split('}').next());
            item.unknown = vec![expression.unwrap_or_default().to_owned()];
        }
        Value::List(items) => items.iter_mut().for_each(mark_unknown),
        _ => {}
    }
}

/// A file that is copied into a container: `file` is its path there.
fn upload_of(
    outer: Outer<'_>,
    upload: &Item,
    name: &SourceName,
    loader: &Loader<'_>,
) -> Option<DataEntry> {
    let written = |key: &str| upload.get(key).filter(|item| item.text().is_some());
    let key = written("file")?.text()?.to_owned();
    let of_path = |source: &Item| {
        let named = source.span.unwrap_or(Span::new(outer.file, 0, 0));
        Some(Content::File { name: path_in(outer, source.text()?)?, named })
    };
    let decoded = |item: &Item| {
        let (text, span) = (item.text()?, item.span?);
        let text = String::from_utf8(decode_base64(text.as_bytes())?).ok()?;
        let pieces = vec![Piece::written(0..text.len(), span)];
        Some(Content::Within { name: name.clone(), text, pieces, fault: None })
    };
    let content = written("content").and_then(|item| content_of(outer, item, name.clone(), loader));
    let content = content.or_else(|| written("content_base64").and_then(decoded));
    let content = content.or_else(|| written("source").and_then(of_path));
    let content = content.unwrap_or_else(|| Content::Unevaluated {
        name: name.clone(),
        text: String::new(),
        pieces: Vec::new(),
        is_of_caller: true,
    });
    Some(DataEntry { key, content, is_binary: false })
}
