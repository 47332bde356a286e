//! Files that a document copies to a path of Refinery's, such as `copy` and `template` of Ansible,
//! `contents.local` of Butane or `write_files.source` of cloud-init.
//!
//! The path makes the file Refinery's whatever it contains. One that is not in sight is reported.

use super::content::{Content, DataEntry, Loaded, load};
use super::deployment_spec::{DeploymentSpec, FileRef};
use super::launch::LaunchSpec;
use super::loader::Loader;
use super::near::{resolve, resolve_folder};
use super::placed::PATHS;
use super::resolve::UNKNOWN_FILE;
use super::{Opened, Outer};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::schema::Kind;
use crate::sniff::containers::has_template;
use crate::sniff::file_name::{is_about_refinery, kind_of_name};
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The maximum nesting depth at which copies are found.
const DEEPEST: usize = 32;

/// Keys of what is copied, and of mappings around it.
const SOURCES: [&str; 5] = ["src", "local", "source", "uri", "url"];
const AROUND: [&str; 3] = ["contents", "content", "source"];

/// A path of Refinery's and what is copied there.
struct Copied<'i> {
    target: &'i str,
    source: &'i str,
    span: Option<Span>,
    /// The keys and positions that lead to it.
    place: String,
}

/// Adds the files that a document copies to paths of Refinery's, by the folder of these paths.
///
/// # Errors
/// A file cannot be read.
pub fn open_copied(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    // Mounts of compose services have sources and targets too, and a reader of their own.
    if document.get("services").is_some() {
        return Ok(());
    }
    let mut all = Vec::new();
    search(document, "", 0, &mut all);
    let mut folders: BTreeMap<&str, DeploymentSpec> = BTreeMap::new();
    for copied in &all {
        for (target, entry) in entries(outer, copied, loader, opened) {
            let Some(kind) = kind_of_name(&target) else { continue };
            let name = SourceName::within(outer.name, split(copied.target).0);
            match load(kind, &target, &entry, outer.file, loader)? {
                Loaded::File(file) => {
                    let spec = folders.entry(split(copied.target).0).or_insert_with(|| empty(name));
                    half(spec, kind).push(file);
                }
                Loaded::Unchecked(finding) => opened.unchecked.push(finding),
                Loaded::Silent(why) => opened.notices.push(Notice::on(name, why)),
            }
        }
    }
    // Of several variants for one place only one is used at a time.
    let is_single = |spec: &DeploymentSpec| spec.config.len() < 2 && spec.rules.len() < 2;
    let (single, others): (Vec<_>, Vec<_>) = folders.into_values().partition(is_single);
    opened.described.extend(single);
    opened.described.extend(others.into_iter().flat_map(variants));
    Ok(())
}

fn empty(name: SourceName) -> DeploymentSpec {
    let launch = LaunchSpec::default();
    DeploymentSpec { name, config: Vec::new(), rules: Vec::new(), launch, findings: Vec::new() }
}

fn half(spec: &mut DeploymentSpec, kind: Kind) -> &mut Vec<FileRef> {
    match kind {
        Kind::Config => &mut spec.config,
        Kind::Rules => &mut spec.rules,
    }
}

/// A deployment for each file.
fn variants(spec: DeploymentSpec) -> Vec<DeploymentSpec> {
    let DeploymentSpec { name, config, rules, .. } = spec;
    let config = config.into_iter().map(|file| (Kind::Config, file));
    let all = config.chain(rules.into_iter().map(|file| (Kind::Rules, file)));
    let alone = all.enumerate().map(|(at, (kind, file))| {
        let name = SourceName::within(name.file(), format!("{}[{at}]", name.place()));
        let mut spec = empty(name);
        half(&mut spec, kind).push(file);
        spec
    });
    alone.collect()
}

fn search<'i>(item: &'i Item, place: &str, depth: usize, found: &mut Vec<Copied<'i>>) {
    if depth >= DEEPEST {
        return;
    }
    let target = PATHS.iter().find_map(|key| item.get(key)?.text());
    found.extend(target.and_then(|target| copied(target, item, place)));
    for entry in item.entries() {
        let inner = format!("{place}{}.", entry.key);
        found.extend(copied(&entry.key, &entry.item, &inner));
        search(&entry.item, &inner, depth + 1, found);
    }
    for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
        search(element, &format!("{}[{index}].", place.trim_end_matches('.')), depth + 1, found);
    }
}

/// `None` if the target is neither a config or rules file of Refinery nor a folder for it.
fn copied<'i>(target: &'i str, item: &'i Item, place: &str) -> Option<Copied<'i>> {
    let is_file = format_of(target).is_some() && kind_of_name(target).is_some();
    let is_ours =
        target.starts_with('/') && (is_about_refinery(target) && is_file || is_folder(target));
    let source = is_ours.then(|| source_of(item))??;
    let place = place.trim_end_matches('.').to_owned();
    Some(Copied { target, source: source.text()?, span: source.span, place })
}

/// Whether a path is a folder about Refinery.
fn is_folder(path: &str) -> bool {
    let name = split(path).1;
    !name.contains('.') && is_about_refinery(&format!("{path}/"))
}

/// The text that says what is copied.
fn source_of(item: &Item) -> Option<&Item> {
    let direct = SOURCES.iter().find_map(|key| item.get(key).filter(|it| it.text().is_some()));
    direct.or_else(|| AROUND.iter().find_map(|key| source_of(item.get(key)?)))
}

/// The files at the target. What is not in sight is reported.
fn entries(
    outer: Outer<'_>,
    copied: &Copied<'_>,
    loader: &Loader<'_>,
    opened: &mut Opened,
) -> Vec<(String, DataEntry)> {
    let Copied { target, source, span, place } = copied;
    let place_of_source = span.unwrap_or(Span::new(outer.file, outer.start, outer.start));
    if let Some(text) = data_of(source) {
        let name = SourceName::within(outer.name, place.clone());
        let pieces = vec![Piece::written(0..text.len(), place_of_source)];
        let content = Content::Within { name, text, pieces, fault: None };
        let entry = DataEntry { key: (*target).to_owned(), content, is_binary: false };
        return vec![((*target).to_owned(), entry)];
    }
    let folder = split(outer.name).0;
    let on_disk = |target: &str, name: String| {
        (target.to_owned(), DataEntry::on_disk(target, name, place_of_source))
    };
    if let Some(name) = resolve(folder, source, loader.store) {
        let target =
            if is_folder(target) { join(target, split(&name).1) } else { (*target).into() };
        return vec![on_disk(&target, name)];
    }
    if let Some(inner) = resolve_folder(folder, source, loader.store) {
        let names = loader.names(&inner).into_iter();
        return names.map(|name| on_disk(&join(target, &name), join(&inner, &name))).collect();
    }
    // A variable may name a file that is checked elsewhere.
    if has_template(source) || source.contains('$') {
        let what = format!("what is copied to `{target}` depends on variables; not checked");
        opened.notices.push(Notice::on(outer.name, what));
    } else if !is_folder(target) {
        let message = format!("`{source}`, copied to `{target}`, is not in sight");
        let help = "check the path, or exclude this file in the settings, with a reason";
        let finding = Finding::new(&UNKNOWN_FILE, message).at(place_of_source, "not checked");
        opened.unchecked.push(finding.help(help));
    }
    Vec::new()
}

/// The content of a URL that contains it.
fn data_of(source: &str) -> Option<String> {
    let (kind, data) = source.strip_prefix("data:")?.split_once(',')?;
    let bytes: Vec<u8> = percent_decode_str(data).collect();
    let bytes = if kind.ends_with(";base64") { STANDARD.decode(bytes).ok()? } else { bytes };
    String::from_utf8(bytes).ok()
}
