//! Files that a document or command copies to one of Refinery's paths, such as Ansible's `copy` and
//! `template`, Butane's `contents.local`, cloud-init's `write_files.source`, Kamal's `files` or
//! nFPM's `contents`.
//!
//! The path makes the file Refinery's whatever it contains. One that does not exist is reported.

use super::chart::render::Rendered;
use super::content::{Content, DataEntry, Loaded, load};
use super::deployment_spec::DeploymentSpec;
use super::encoded::{Encoding, decode_base64};
use super::launch::LaunchSpec;
use super::loader::Loader;
use super::near::{places, resolve, resolve_folder};
use super::placed::PATH_KEYS;
use super::resolve::UNKNOWN_FILE;
use super::script::copy_command::CopyCommand;
use super::script::words::{commands, lines};
use super::unit::{InstalledFiles, InstalledVariables, holds_variables};
use super::{Opened, Outer, list, word};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::schema::Kind;
use crate::sniff::containers::has_template;
use crate::sniff::file_name::{is_about_refinery, kind_of_name, without_template};
use crate::sniff::flaw::first_action;
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum nesting depth at which copies are found.
const DEEPEST: usize = 32;

/// Keys of what is copied, and of mappings around it.
const SOURCES: [&str; 5] = ["src", "local", "source", "uri", "url"];
const AROUND: [&str; 3] = ["contents", "content", "source"];

/// A path of Refinery's and what is copied there.
pub struct Copied {
    target: String,
    source: String,
    span: Option<Span>,
    /// The keys and positions that lead to it.
    place: String,
    encoding: Encoding,
    certainty: Certainty,
}

/// Whether what is copied is certainly a file of the repository.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// A command may run anywhere, and others may make the file.
    Open,
    /// A document names it, or a similar name exists, but something else may fill a folder.
    Document,
    /// The source is missing, although it was certainly meant to be in the repository.
    Known,
}

impl Copied {
    /// A file or folder that is written as it is.
    fn new(target: &str, source: &str, span: Option<Span>, certainty: Certainty) -> Self {
        let (target, source) = (target.to_owned(), source.to_owned());
        let (place, encoding) = (String::new(), Encoding::default());
        Self { target, source, span, place, encoding, certainty }
    }

    /// The path of what is copied.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether Refinery reads what is copied: a file named like one of its own, or a folder, which may be
    /// written without a slash.
    pub fn is_read(&self, is_recursive: bool) -> bool {
        let path = if is_folder(&self.target) { &self.source } else { &self.target };
        let is_file = format_of(path).is_some() && kind_of_name(path).is_some();
        let has_folder_name = !split(&self.source).1.contains('.');
        let is_inner = self.source.ends_with('/') || is_recursive && has_folder_name;
        is_file || is_folder(&self.target) && is_inner
    }

    /// One whose source is named like something in the repository.
    #[must_use]
    pub fn certain(self) -> Self {
        Self { certainty: Certainty::Document, ..self }
    }

    /// Marks the source as one that was certainly meant to be in the repository.
    #[must_use]
    pub fn known(self) -> Self {
        Self { certainty: Certainty::Known, ..self }
    }

    /// One from another path.
    #[must_use]
    pub fn from(self, source: String) -> Self {
        Self { source, ..self }
    }

    /// A file whose content a command gives to a chart.
    pub fn of_value(kind: Kind, path: &str, place: Span) -> Self {
        Self::new(kind.locating().default, path, Some(place), Certainty::Document)
    }
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
    let mut all = Vec::new();
    search(document, "", 0, &mut all);
    open_all(outer, &all, loader, opened)?;
    open_moved(outer, document, loader, opened)
}

/// Adds the files that a document copies to other paths of the machine, from where its commands move them to
/// those of Refinery's.
///
/// # Errors
/// A file cannot be read.
pub fn open_moved(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut moves = Vec::new();
    find_moves(document, 0, &mut moves);
    let mut all = Vec::new();
    if !moves.is_empty() {
        search_moved(document, "", 0, &moves, &mut all);
    }
    open_all(outer, &all, loader, opened)
}

/// Adds copied files.
///
/// # Errors
/// A file cannot be read.
pub fn open_all(
    outer: Outer<'_>,
    all: &[Copied],
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut folders: BTreeMap<&str, DeploymentSpec> = BTreeMap::new();
    let mut installed: BTreeMap<&str, InstalledFiles> = BTreeMap::new();
    for copied in all {
        let entries = entries(outer, copied, loader, opened);
        if entries.is_empty() {
            let touched = vec![copied.target.clone()];
            opened.installed.push(InstalledFiles::unknown(outer.name, touched));
        }
        for (target, entry) in entries {
            let entry = rendered(entry, loader)?;
            if holds_variables(&target) {
                opened.variables.extend(variables_in(&target, &entry, loader));
                continue;
            }
            let Some(kind) = kind_of_name(&target) else { continue };
            let name = SourceName::within(outer.name, split(&copied.target).0);
            match load(kind, &target, &entry, outer.file, loader)? {
                Loaded::File(file) => {
                    // Its rendered text is checked instead.
                    let source = match &entry.content {
                        Content::File { name, .. } => name,
                        Content::Within { name, .. } => name.file(),
                        _ => "",
                    };
                    if without_template(source).is_some() {
                        loader.loaded.rendered.borrow_mut().insert(source.to_owned());
                    }
                    let folder = split(&copied.target).0;
                    let new = || InstalledFiles::of(name.clone());
                    installed.entry(folder).or_insert_with(new).paths.push((kind, target));
                    let new = || DeploymentSpec::new(name, LaunchSpec::default());
                    folders.entry(folder).or_insert_with(new).push(kind, file);
                }
                Loaded::Unchecked(finding) => opened.unchecked.push(finding),
                Loaded::Silent(why) => opened.notices.push(Notice::on(name, why)),
            }
        }
    }
    opened.installed.extend(installed.into_values());
    // Of several variants for one place only one is used at a time.
    let is_single = |spec: &DeploymentSpec| spec.config.len() < 2 && spec.rules.len() < 2;
    let (single, others): (Vec<_>, Vec<_>) = folders.into_values().partition(is_single);
    opened.described.extend(single);
    opened.described.extend(others.into_iter().flat_map(variants));
    Ok(())
}

/// A deployment for each file.
fn variants(spec: DeploymentSpec) -> Vec<DeploymentSpec> {
    let DeploymentSpec { name, config, rules, launch, .. } = spec;
    let config = config.into_iter().map(|file| (Kind::Config, file));
    let all = config.chain(rules.into_iter().map(|file| (Kind::Rules, file)));
    let alone = all.enumerate().map(|(at, (kind, file))| {
        let name = SourceName::within(name.file(), format!("{}[{at}]", name.place()));
        let mut spec = DeploymentSpec::new(name, launch.clone());
        spec.push(kind, file);
        spec
    });
    alone.collect()
}

/// A path of the machine from which a command moves or copies something, and where.
struct Move {
    from: String,
    to: String,
}

impl Move {
    /// Where a file ends that was copied to a path, if it is what this command moves.
    fn end_of(&self, path: &str, source: &str) -> Option<String> {
        let own = split(source.trim_end_matches('/')).1;
        let file = if path.ends_with('/') { join(path, own) } else { path.to_owned() };
        let from = ["/*", "/."].iter().find_map(|end| self.from.strip_suffix(end));
        if from == Some(path.trim_end_matches('/')) {
            return Some(self.to.clone());
        }
        let moved = split(&self.from).1;
        let to = if is_folder(&self.to) { join(&self.to, moved) } else { self.to.clone() };
        (self.from == file).then_some(to)
    }
}

/// Finds what the commands of a document move from elsewhere on the machine to paths of Refinery's.
fn find_moves(item: &Item, depth: usize, found: &mut Vec<Move>) {
    if depth >= DEEPEST {
        return;
    }
    let text = item.text().filter(|text| text.contains("/tmp/"));
    for words in text.iter().flat_map(|text| lines(text)).flat_map(|line| commands(&line.text)) {
        let Some(CopyCommand { target, sources, .. }) = CopyCommand::read(&words) else { continue };
        let sources =
            sources.into_iter().filter(|from| from.starts_with('/') && is_target(&target));
        found.extend(sources.map(|from| Move { from, to: target.clone() }));
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        find_moves(inner, depth + 1, found);
    }
}

fn search_moved(item: &Item, place: &str, depth: usize, moves: &[Move], found: &mut Vec<Copied>) {
    if depth >= DEEPEST {
        return;
    }
    let target = PATH_KEYS.iter().find_map(|key| item.get(key)?.text());
    if let Some(target) = target.filter(|target| !is_target(target)) {
        let sources = list(item, "sources").iter().chain(source_of(item)).filter_map(Item::text);
        let ends = sources.flat_map(|it| moves.iter().filter_map(|one| one.end_of(target, it)));
        let ends: BTreeSet<String> = ends.collect();
        found.extend(ends.iter().flat_map(|end| copied(end, item, place)));
    }
    let inner = item.entries().iter().map(|own| (format!("{place}{}.", own.key), &own.item));
    let elements = item.list().unwrap_or_default().iter().enumerate();
    let elements =
        elements.map(|(at, one)| (format!("{}[{at}].", place.trim_end_matches('.')), one));
    for (place, inner) in inner.chain(elements) {
        search_moved(inner, &place, depth + 1, moves, found);
    }
}

fn search(item: &Item, place: &str, depth: usize, found: &mut Vec<Copied>) {
    if depth >= DEEPEST {
        return;
    }
    let target = PATH_KEYS.iter().find_map(|key| item.get(key)?.text());
    found.extend(target.into_iter().flat_map(|target| copied(target, item, place)));
    for entry in item.entries() {
        let inner = format!("{place}{}.", entry.key);
        found.extend(
            entry.item.text().and_then(|text| parse_arguments(text, entry.item.span, &inner)),
        );
        found.extend(copied(&entry.key, &entry.item, &inner));
        let pairs = entry.item.list().filter(|_| entry.key == "files").unwrap_or_default();
        found.extend(pairs.iter().filter_map(|pair| copied_pair(pair, &inner)));
        search(&entry.item, &inner, depth + 1, found);
    }
    for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
        let inner = format!("{}[{index}].", place.trim_end_matches('.'));
        search(element, &inner, depth + 1, found);
    }
}

/// Empty if the target is neither a file of Refinery nor a folder for them. A source may be several, in a list or
/// between commas.
fn copied(target: &str, item: &Item, place: &str) -> Vec<Copied> {
    if !is_target(target) && !holds_variables(target) {
        return Vec::new();
    }
    let place = place.trim_end_matches('.').to_owned();
    let encoding = if is_compressed(item) { Encoding::GZIP } else { Encoding::default() };
    // Packer says so of a file that another provisioner makes.
    let is_generated = item.get("generated").and_then(word).as_deref() == Some("true");
    let certainty = if is_generated { Certainty::Open } else { Certainty::Document };
    let one = |source: &str, span| {
        let (place, copied) = (place.clone(), Copied::new(target, source, span, certainty));
        Copied { place, encoding, ..copied }
    };
    let all = source_of(item).into_iter().chain(list(item, "sources"));
    let all = all.filter_map(|source| Some((source.text()?, source.span)));
    let each = all.flat_map(|(text, span)| {
        let is_list = is_folder(target) && !text.contains([':', ' ']);
        text.split(move |c| is_list && c == ',').map(move |source| (source, span))
    });
    // A file of a list keeps its name, which is that of the target if a command moves it there.
    let is_meant = |source: &str| {
        item.get("sources").is_none() || is_folder(target) || split(source).1 == split(target).1
    };
    each.filter(|(source, _)| is_meant(source)).map(|(source, span)| one(source, span)).collect()
}

/// `SOURCE:TARGET` in a list of files, as Kamal takes it.
fn copied_pair(pair: &Item, place: &str) -> Option<Copied> {
    let (source, target) = pair.text()?.split_once(':')?;
    let is_ours = is_target_file(target) && !source.starts_with(['/', '~']);
    let place = place.trim_end_matches('.').to_owned();
    let copied = || Copied::new(target, source, pair.span, Certainty::Document);
    is_ours.then(|| Copied { place, ..copied() })
}

/// Whether a path is one of Refinery's files, or a folder for them.
pub fn is_target(path: &str) -> bool {
    is_target_file(path) || path.starts_with('/') && is_folder(path)
}

/// Whether a path is one of Refinery's files.
pub fn is_target_file(path: &str) -> bool {
    let is_file = format_of(path).is_some() && kind_of_name(path).is_some();
    path.starts_with('/') && is_about_refinery(path) && is_file
}

/// A copy as a line of `name=value`, as Ansible takes it too.
fn parse_arguments(text: &str, span: Option<Span>, place: &str) -> Option<Copied> {
    let value = |name: &str| {
        let mut words = text.split_whitespace().filter_map(|word| word.split_once('='));
        words.find(|(known, _)| *known == name).map(|(_, value)| value.trim_matches(['"', '\'']))
    };
    let (source, target) = value("src").zip(value("dest"))?;
    let place = place.trim_end_matches('.').to_owned();
    let copied = || Copied::new(target, source, span, Certainty::Document);
    is_target(target).then(|| Copied { place, ..copied() })
}

/// The copies that a command makes from the repository.
pub fn of_command(command: &CopyCommand, span: Span) -> Vec<Copied> {
    let copied = |source| Copied::new(&command.target, source, Some(span), Certainty::Open);
    let is_ours = is_target(&command.target) || holds_variables(&command.target);
    let sources = command.sources.iter().filter(|_| is_ours);
    sources.filter(|source| !source.starts_with('/')).map(|source| copied(source)).collect()
}

/// Whether a path is a folder about Refinery.
fn is_folder(path: &str) -> bool {
    let name = split(path).1;
    !name.contains('.') && is_about_refinery(&format!("{path}/")) && !holds_variables(path)
}

/// The text that says what is copied.
fn source_of(item: &Item) -> Option<&Item> {
    let direct = SOURCES.iter().find_map(|key| item.get(key).filter(|it| it.text().is_some()));
    direct.or_else(|| AROUND.iter().find_map(|key| source_of(item.get(key)?)))
}

/// Whether Ignition expands what is copied.
fn is_compressed(item: &Item) -> bool {
    let own = item.get("compression").and_then(Item::text) == Some("gzip");
    own || AROUND.iter().filter_map(|key| item.get(key)).any(is_compressed)
}

/// The files at the target. A source that does not exist is reported.
fn entries(
    outer: Outer<'_>,
    copied: &Copied,
    loader: &Loader<'_>,
    opened: &mut Opened,
) -> Vec<(String, DataEntry)> {
    let Copied { target, source, span, place, encoding, certainty } = copied;
    let place_of_source = span.unwrap_or(Span::new(outer.file, outer.start, outer.start));
    if let Some(text) = data_of(source, *encoding) {
        let name = SourceName::within(outer.name, place.clone());
        let pieces = vec![Piece::written(0..text.len(), place_of_source)];
        let content = Content::Within { name, text, pieces, fault: None };
        let entry = DataEntry { key: target.clone(), content, is_binary: false };
        return vec![(target.clone(), entry)];
    }
    let folder = split(outer.name).0;
    let on_disk = |target: &str, name: String| {
        (target.to_owned(), DataEntry::on_disk(target, name, place_of_source))
    };
    if let Some(name) = resolve(folder, source, loader.store) {
        let own = split(without_template(&name).unwrap_or(&name)).1;
        let target = if is_folder(target) { join(target, own) } else { target.clone() };
        let is_ours = format_of(&target).is_some() || holds_variables(&target);
        return is_ours.then(|| on_disk(&target, name)).into_iter().collect();
    }
    if let Some(inner) = resolve_folder(folder, source, loader.store) {
        // Refinery reads no other file, such as a unit for systemd.
        let names = loader.names(&inner).into_iter().filter(|name| format_of(name).is_some());
        return names.map(|name| on_disk(&join(target, &name), join(&inner, &name))).collect();
    }
    let is_lost = || match certainty {
        Certainty::Open => false,
        Certainty::Document => !is_folder(target) || is_expected(source, folder, loader),
        Certainty::Known => true,
    };
    // A variable may name a file that is checked elsewhere.
    if has_template(source) || source.contains('$') {
        let what = format!("not checked: the file copied to `{target}` depends on variables");
        opened.notices.push(Notice::on(outer.name, what));
    } else if is_lost() {
        let message = format!("no such file: `{}`, copied to `{target}`", shown(source));
        let help =
            "check the path, or exclude this file: `[[exclude]]` in the settings, with a `reason`";
        let finding = Finding::new(&UNKNOWN_FILE, message).at(place_of_source, "not checked");
        opened.unchecked.push(finding.help(help));
    }
    Vec::new()
}

/// Whether what is copied to a folder was most likely meant to be in the repository: it is named like one of
/// Refinery's files or like something next to it, and what is around it is there.
fn is_expected(source: &str, folder: &str, loader: &Loader<'_>) -> bool {
    let source = source.trim_end_matches('/');
    let (parent, own) = split(source);
    let is_file = format_of(own).is_some() && kind_of_name(own).is_some();
    let is_there = |at: &str| loader.is_folder(at) && !["", "."].contains(&parent);
    let is_near = |path: &String| {
        let at = split(path).0;
        is_file && is_there(at) || loader.has_similar(at, own)
    };
    let all = places(folder, source, loader.store);
    !source.starts_with(['/', '~'])
        && !all.iter().any(|path| loader.is_ignored(path))
        && all.iter().any(is_near)
}

/// The variables in a file.
fn variables_in(
    path: &str,
    entry: &DataEntry,
    loader: &mut Loader<'_>,
) -> Option<InstalledVariables> {
    let text = match &entry.content {
        Content::File { name, .. } => loader.peek(name).ok().flatten()?,
        _ => entry.text()?.to_owned(),
    };
    InstalledVariables::read(path, &text)
}

/// The beginning of a long source, such as a URL with the content.
fn shown(source: &str) -> String {
    const LONGEST: usize = 60;
    let start: String = source.chars().take(LONGEST).collect();
    if start.len() < source.len() { start + "…" } else { start }
}

/// The text of a template that was rendered, or without actions, which its program copies as it is.
fn rendered(entry: DataEntry, loader: &mut Loader<'_>) -> Result<DataEntry, InputError> {
    let Content::File { name, .. } = &entry.content else { return Ok(entry) };
    let known = loader.loaded.rendered_texts.borrow().get(name).cloned();
    let plain = match known {
        None if without_template(name).is_some() => loader.text(name)?,
        _ => None,
    };
    let plain = plain.filter(|(_, text)| first_action(text).is_none()).map(|(file, text)| {
        let pieces = vec![Piece::written(0..text.len(), Span::new(file, 0, text.len()))];
        Rendered { text, pieces }
    });
    let Some(Rendered { text, pieces }) = known.or(plain) else { return Ok(entry) };
    let content = Content::Within { name: SourceName::of_file(name), text, pieces, fault: None };
    Ok(DataEntry { content, ..entry })
}

/// The content of a URL that contains it.
fn data_of(source: &str, encoding: Encoding) -> Option<String> {
    let (kind, data) = source.strip_prefix("data:")?.split_once(',')?;
    let bytes: Vec<u8> = percent_decode_str(data).collect();
    let bytes = if kind.ends_with(";base64") { decode_base64(&bytes)? } else { bytes };
    String::from_utf8(encoding.decode(&bytes)?).ok()
}
