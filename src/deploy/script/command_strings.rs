//! Commands in strings of documents, such as `cmds` of a Taskfile, `scripts` of a `package.json`, `run`
//! of a workflow and tasks in `mise.toml`.
//!
//! Only commands with files of the repository count, since any string may have one. Objects of
//! Kubernetes and compose files have readers of their own.

use super::made_files::MadeFiles;
use super::map;
use super::run::Run;
use super::scope::{Scope, assignment, without_own_folder};
use super::unique;
use super::values_files;
use super::words::{commands, lines};
use crate::deploy::copied::{Copied, of_command, open_all};
use crate::deploy::documents::documents;
use crate::deploy::loader::Loader;
use crate::deploy::resolve::resolve;
use crate::deploy::texts::through;
use crate::deploy::{Opened, Outer, block, read_item};
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::span::{File, FileId, Piece, Span};
use crate::syntax::{DataFormat, Dialect, Item, parse, read_document_as};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join};
use std::collections::HashSet;

/// The maximum nesting depth at which commands are found.
const DEEPEST: usize = 32;

/// Keys of the folder where commands start.
const FOLDERS: [&str; 7] = [
    "dir",
    "cwd",
    "directory",
    "working_dir",
    "working_directory",
    "working-directory",
    "workingDirectory",
];

/// Opens the commands of a loaded document.
///
/// # Errors
/// A file that one of them names cannot be read.
pub fn open_commands(file: FileId, loader: &mut Loader<'_>) -> Result<Opened, InputError> {
    let File { name, text, .. } = loader.loaded.files.get(file).clone();
    let outer = Outer::of(name.as_str(), file, &text);
    let mut opened = Opened::default();
    let mut search = Search::of(outer);
    for item in items(outer).iter().filter(|item| !has_own_reader(item)) {
        search.find(item, "", "", 0);
    }
    // Steps before may make those that are not there, or change the folder.
    for (words, folder) in &search.charts {
        let values = values_files::find(words, outer.name, folder, loader);
        let top = values.found.iter().filter(|_| values.is_top).cloned();
        opened.top_values.extend(top);
        opened.values.extend(values.found);
    }
    open_all(outer, &search.copies, loader, &mut opened)?;
    let (mut names, mut made) = (HashSet::new(), MadeFiles::by(&search.words));
    for (words, place, folder) in &search.maps {
        let created = map::create(outer, words, *place, folder, loader);
        if let Some(created) = created.filter(|created| created.has_file) {
            created.open(outer, &mut |path| made.may_have(path), loader, &mut opened);
        }
    }
    for Found { mut run, place, name, folder } in search.runs {
        run.load_variables(outer, &folder, loader);
        let Some(context) = run.nearest(outer, &folder, loader) else { continue };
        let unknown = run.unknown();
        let is_certain = run.needs_files(&mut made);
        let mut workload = run.workload(outer, place, (&context, is_certain), &[]);
        workload.name = unique(&name, &mut names);
        opened.take(&workload, resolve(&workload, loader)?);
        opened.notices.extend(unknown.into_iter().map(|kind| {
            let what = format!("the location of the {} is unknown; not checked", kind.word());
            Notice::on(name.clone(), what)
        }));
    }
    Ok(opened)
}

/// The documents of a file that can be parsed.
fn items(outer: Outer<'_>) -> Vec<Item> {
    if format_of(outer.name) == Some(DataFormat::Toml) {
        let tree = parse(outer.file, DataFormat::Toml, outer.text).tree;
        return tree.iter().map(|tree| read_document_as(Dialect::Engine, tree).0).collect();
    }
    let read = |range: std::ops::Range<usize>| {
        let item = read_item(outer.file, &outer.text[range.clone()]).ok()?;
        Some(item.moved(range.start))
    };
    documents(outer.text).into_iter().filter_map(read).collect()
}

/// Whether it is an object of Kubernetes or a compose file.
fn has_own_reader(item: &Item) -> bool {
    let is_compose = item.get("services").is_some_and(|services| services.list().is_none());
    item.get("apiVersion").is_some() || is_compose
}

/// A command that runs Refinery.
struct Found {
    run: Run,
    place: Span,
    name: SourceName,
    folder: String,
}

struct Search<'o> {
    outer: Outer<'o>,
    runs: Vec<Found>,
    copies: Vec<Copied>,
    /// Commands that may install the chart, with the current folder.
    charts: Vec<(Vec<String>, String)>,
    /// Commands that may create a map, where they are, and the current folder.
    maps: Vec<(Vec<String>, Span, String)>,
    /// All other words, which may make files.
    words: Vec<String>,
}

impl<'o> Search<'o> {
    fn of(outer: Outer<'o>) -> Self {
        Self {
            outer,
            runs: Vec::new(),
            copies: Vec::new(),
            charts: Vec::new(),
            maps: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Finds commands in an item at this place, which start in `folder`.
    fn find(&mut self, item: &Item, place: &str, folder: &str, depth: usize) {
        if depth >= DEEPEST {
            return;
        }
        if let Some(text) = item.text() {
            match item.span.filter(|_| text.contains("refinery")) {
                Some(span) => self.read(text, span, place, folder),
                None => self.words.extend(text.split_whitespace().map(str::to_owned)),
            }
        }
        let own = FOLDERS.iter().find_map(|key| item.get(key)?.text());
        let own = own.filter(|own| !own.contains(['$', '{']));
        let folder = own.map_or(folder.to_owned(), |own| join("", own.trim_start_matches('/')));
        for entry in item.entries() {
            let dot = if place.is_empty() { "" } else { "." };
            let inner = format!("{place}{dot}{}", entry.key);
            self.find(&entry.item, &inner, &folder, depth + 1);
        }
        for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
            self.find(element, &format!("{place}[{index}]"), &folder, depth + 1);
        }
    }

    /// Reads the commands of a string.
    fn read(&mut self, text: &str, span: Span, place: &str, folder: &str) {
        let name = SourceName::within(self.outer.name, place);
        let pieces = block::pieces(self.outer, span, text);
        let mut scope = Scope::of("");
        folder.clone_into(&mut scope.folder);
        for line in lines(text) {
            let inner = Span::new(span.file, line.start, line.end);
            let found = through(vec![Piece::written(0..inner.range().len(), inner)], &pieces);
            let place = found.first().map_or(span, |piece| piece.outer);
            let text = without_own_folder(&line.text);
            for (at, words) in commands(&text).into_iter().enumerate() {
                for (variant, words) in scope.filled(&words).into_iter().enumerate() {
                    self.copies.extend(of_command(&words, place));
                    if words.iter().any(|word| word.ends_with("helm")) {
                        self.charts.push((words.clone(), scope.folder.clone()));
                    }
                    if words.iter().any(|word| word.starts_with("--from-file")) {
                        self.maps.push((words, place, scope.folder.clone()));
                        continue;
                    }
                    match Run::of(&words, place, scope.environment(variant)) {
                        Some(run) if run.prints_and_exits() => {}
                        Some(run) => {
                            let (name, folder) = (name.clone(), scope.folder.clone());
                            self.runs.push(Found { run, place, name, folder });
                        }
                        None if words.iter().all(|word| assignment(word).is_some()) => {}
                        None => self.words.extend(words),
                    }
                }
                scope.follow(&words, at > 0 && text.contains("||"));
            }
        }
    }
}
