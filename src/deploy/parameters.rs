//! The parameters of templates in objects that install charts, as far as the repository says: those of
//! the generators of an `ApplicationSet`, and the environments of a helmfile.

use super::documents::documents;
use super::loader::Loader;
use super::path_pattern::{is_match, matching};
use super::{Outer, list, read_document, read_item, word};
use crate::sniff::file_name::is_helmfile;
use crate::span::FileId;
use crate::syntax::{Entry, Item};
use crate::vfs::path::split;
use std::collections::BTreeMap;

/// The parameters of one application.
type Parameters = BTreeMap<String, String>;

/// The parameters of all applications whose generators are known (lists, and folders and files of the
/// repository), or those of all environments.
pub fn find(outer: Outer<'_>, set: &Item, loader: &Loader<'_>) -> Vec<Parameters> {
    if is_helmfile(outer.name) {
        return environments(outer);
    }
    if set.get("kind").and_then(Item::text) != Some("ApplicationSet") {
        return Vec::new();
    }
    let generators = set.get("spec").map(|spec| list(spec, "generators")).unwrap_or_default();
    generators.iter().flat_map(|generator| of_generator(generator, loader)).collect()
}

fn environments(outer: Outer<'_>) -> Vec<Parameters> {
    let read = |range| read_document(outer, outer.text.get(range)?).ok();
    let all: Vec<Item> = documents(outer.text).into_iter().filter_map(read).collect();
    let all = all.iter().filter_map(|item| item.get("environments")).flat_map(Item::entries);
    let of_one = |entry: &Entry| ("Environment.Name".to_owned(), entry.key.clone());
    all.map(|entry| [of_one(entry)].into()).collect()
}

fn of_generator(generator: &Item, loader: &Loader<'_>) -> Vec<Parameters> {
    if let Some(elements) = generator.get("list") {
        return list(elements, "elements").iter().map(of_element).collect();
    }
    let git = generator.get("git");
    let listed = |key| git.map(|git| list(git, key)).unwrap_or_default();
    let folders = selected(listed("directories"), loader).into_iter();
    let folders = folders.filter(|path| loader.is_folder(path)).map(|path| of_folder(&path));
    let files = selected(listed("files"), loader);
    folders.chain(files.iter().flat_map(|file| of_file(file, loader))).collect()
}

/// The paths that patterns of a generator match.
fn selected(patterns: &[Item], loader: &Loader<'_>) -> Vec<String> {
    let pattern = |item: &Item| item.get("path").and_then(Item::text).map(str::to_owned);
    let is_excluded = |item: &&Item| item.get("exclude").is_some();
    let excluded: Vec<String> = patterns.iter().filter(is_excluded).filter_map(pattern).collect();
    let included = patterns.iter().filter(|item| !is_excluded(item)).filter_map(pattern);
    let is_left = |path: &String| !excluded.iter().any(|pattern| is_match(pattern, path));
    included.flat_map(|pattern| matching(&pattern, loader)).filter(is_left).collect()
}

/// The values in a file, and its folder.
fn of_file(name: &str, loader: &Loader<'_>) -> Vec<Parameters> {
    let text = loader.peek(name).ok().flatten();
    let Some(Ok(content)) = text.map(|text| read_item(FileId(0), &text)) else {
        return Vec::new();
    };
    let (folder, own) = split(name);
    let elements = content.list().unwrap_or(std::slice::from_ref(&content));
    let with_place = |element: &Item| {
        let mut found = of_element(element);
        found.extend(of_folder(folder));
        found.insert("path.filename".to_owned(), own.to_owned());
        found
    };
    elements.iter().map(with_place).collect()
}

/// The values of an element, by their paths.
fn of_element(element: &Item) -> Parameters {
    let mut found = Parameters::new();
    let mut waiting = vec![(String::new(), element)];
    while let Some((path, item)) = waiting.pop() {
        for entry in item.entries() {
            waiting.push((format!("{path}{}.", entry.key), &entry.item));
        }
        found.extend(word(item).map(|word| (path.trim_end_matches('.').to_owned(), word)));
    }
    found
}

fn of_folder(folder: &str) -> Parameters {
    let own = split(folder).1;
    let mut found: Parameters =
        ["path", "path.path"].map(|name| (name.to_owned(), folder.to_owned())).into();
    found.insert("path.basename".to_owned(), own.to_owned());
    for (at, part) in folder.split('/').enumerate() {
        found.insert(format!("path[{at}]"), part.to_owned());
        found.insert(format!("index path.segments {at}"), part.to_owned());
    }
    found
}

/// A text with its parameters; `None` if some are unknown.
pub fn filled(text: &str, parameters: &Parameters) -> Option<String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}")?;
        let name = inside.trim_matches(['-', ' ']).replace(" .", " ");
        filled.push_str(before);
        filled.push_str(parameters.get(name.trim_start_matches('.'))?);
        rest = after;
    }
    Some(filled + rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn fills_parameters() {
        let element = read_item(FileId(0), "{env: eu, a: {b: 1}}").unwrap();
        let (element, folder) = (of_element(&element), of_folder("clusters/eu"));
        for (text, parameters, expected) in [
            ("values/{{env}}.yaml", &element, Some("values/eu.yaml")),
            ("values/{{ .env }}-{{.a.b}}.yaml", &element, Some("values/eu-1.yaml")),
            ("values/{{.x}}.yaml", &element, None),
            ("{{path}}/{{path.basename}}", &folder, Some("clusters/eu/eu")),
            ("{{.path.path}}/{{ index .path.segments 0 }}", &folder, Some("clusters/eu/clusters")),
            ("{{path[1]}}", &folder, Some("eu")),
            ("a", &folder, Some("a")),
            ("{{ open", &folder, None),
        ] {
            assert_eq!(filled(text, parameters).as_deref(), expected, "{text}");
        }
    }
}
