//! Compose files that are valid YAML, but that compose rejects.

use crate::check;
use crate::deploy::documents::documents;
use crate::deploy::{Outer, read_item};
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::span::FileId;
use crate::syntax::{DUPLICATE_KEY, DataFormat, Dialect, Entry, Item, parse, read_document_as};

check!(
    INVALID,
    "start/invalid-compose-file",
    Error,
    kind: Verdict,
    "Compose rejects a file that runs Refinery",
    "Compose rejects the whole project, so nothing is rolled out."
);

/// Keys of a service with lists of mounts, whose elements may be mappings.
const MOUNTS: [&str; 3] = ["volumes", "configs", "secrets"];

/// Reports what compose rejects in the documents of a file with services, if they are about Refinery.
pub fn find_invalid(outer: Outer<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for range in documents(outer.text) {
        let document = &outer.text[range.clone()];
        if !is_about_refinery(document) {
            continue;
        }
        let Ok(item) = read_item(outer.file, document) else { continue };
        let item = item.moved(range.start);
        let services = item.get("services").map(Item::entries).unwrap_or_default();
        if services.is_empty() || item.get("apiVersion").is_some() {
            continue;
        }
        found.extend(services.iter().flat_map(|service| find_paths_as_keys(&service.item)));
        let repeats = repeats(outer.file, document).into_iter();
        found.extend(repeats.map(|finding| as_compose_says(finding.moved(range.start))));
    }
    found
}

/// Whether a document runs Refinery or mounts its files.
fn is_about_refinery(document: &str) -> bool {
    let is_image =
        |line: &str| line.trim_start().starts_with("image:") && line.contains("refinery");
    let has_path = Kind::ALL.iter().any(|kind| document.contains(kind.locating().folder()));
    has_path || document.lines().any(is_image)
}

/// Keys that are defined twice in one mapping.
fn repeats(file: FileId, text: &str) -> Vec<Finding> {
    let Some(tree) = parse(file, DataFormat::Yaml, text).tree else { return Vec::new() };
    let (_, findings) = read_document_as(Dialect::Helm, &tree);
    findings.into_iter().filter(|finding| finding.check == &DUPLICATE_KEY).collect()
}

fn as_compose_says(finding: Finding) -> Finding {
    Finding { check: &INVALID, ..finding }.refuses()
}

/// Reports paths that a space after a colon makes keys: `- ./a.yaml: /b.yaml`.
fn find_paths_as_keys(service: &Item) -> Vec<Finding> {
    let lists = MOUNTS.iter().filter_map(|key| Some((*key, service.get(key)?.list()?)));
    let keys = lists.flat_map(|(section, list)| {
        list.iter().flat_map(Item::entries).map(move |entry| (section, entry))
    });
    keys.filter(|(_, entry)| entry.key.contains('/')).map(path_as_key).collect()
}

fn path_as_key((section, entry): (&str, &Entry)) -> Finding {
    let key = &entry.key;
    let message = format!("unknown field `{key}` in an element of `{section}`");
    Finding::new(&INVALID, message)
        .at_some(entry.key_span, "a key, because a space follows `:`")
        .help(format!("remove the space after `{key}:`"))
        .refuses()
}
