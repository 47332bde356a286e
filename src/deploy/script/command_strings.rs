//! Commands in strings of documents, such as `cmds` of a Taskfile, `scripts` of a `package.json`, `run`
//! of a workflow and tasks in `mise.toml`.
//!
//! Only commands with files of the repository count, since any string may have one. Objects of
//! Kubernetes and compose files have readers of their own.

use super::applied::PendingApplied;
use super::copy_command::CopyCommand;
use super::extended::extend_jobs;
use super::made_files::{MadeFiles, makes_nothing};
use super::map;
use super::matrix;
use super::mentions::Mentions;
use super::own_folder::without_own_folder;
use super::pending::{PendingCopy, PendingMap, PendingValues};
use super::run::Run;
use super::scope::Scope;
use super::site::Site;
use super::unique;
use super::values_files;
use super::words::{commands, lines};
use crate::deploy::copied::open_all;
use crate::deploy::documents::documents;
use crate::deploy::loader::Loader;
use crate::deploy::named_map::not_found;
use crate::deploy::resolve::resolve;
use crate::deploy::texts::through;
use crate::deploy::{Opened, Outer, block, read_item};
use crate::notice::Notice;
use crate::sniff::containers::applies_path;
use crate::source_name::SourceName;
use crate::span::{File, FileId, Piece, Span};
use crate::syntax::{DataFormat, Dialect, Entry, Item, parse, read_document_as};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join};
use std::collections::HashSet;
use std::mem::take;
use std::rc::Rc;

/// The maximum nesting depth at which commands are found.
const DEEPEST: usize = 32;

/// Keys of the folder where commands start.
pub const FOLDERS: [&str; 7] = [
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
        search.find(item, "", &CommandContext::default(), 0);
    }
    let (mut names, mut made) = (HashSet::new(), MadeFiles::by(&search.words));
    let copies = PendingCopy::settle(take(&mut search.copies), &search.mentions, loader);
    open_all(outer, &copies, loader, &mut opened)?;
    for command in &search.charts {
        open_chart(outer, command, &search.mentions, &mut made, loader, &mut opened);
    }
    for applied in take(&mut search.applied) {
        opened.report(applied.find_missing(&search.mentions, loader));
    }
    for command in &search.maps {
        open_map(outer, command, &search.mentions, &mut made, loader, &mut opened);
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

/// Adds the values files with which a command installs a chart.
fn open_chart(
    outer: Outer<'_>,
    CommandAt { words, place, folder, site, is_of_matrix }: &CommandAt,
    mentions: &Mentions,
    made: &mut MadeFiles<'_>,
    loader: &Loader<'_>,
    opened: &mut Opened,
) {
    let values = values_files::find(words, outer.name, folder, loader);
    // An earlier command may make the files of all values of a matrix.
    let mut is_missing =
        |path: &String| !is_of_matrix && site.expects_any(path, loader) && !made.may_have(path);
    let (missing, doubtful): (Vec<_>, Vec<_>) =
        values.missing.into_iter().partition(|path| is_missing(path));
    let missing =
        missing.iter().map(|path| not_found(&format!("values file `{path}`"), Some(*place)));
    opened.unchecked.extend(missing);
    for name in doubtful.into_iter().chain(values.unmatched) {
        let pending = PendingValues { name, place: *place, site: Rc::clone(site) };
        pending.open(mentions, loader, opened);
    }
    opened.top_values.extend(values.top);
    opened.values.extend(values.found);
}

/// Adds the map that a command creates.
fn open_map(
    outer: Outer<'_>,
    CommandAt { words, place, folder, site, .. }: &CommandAt,
    mentions: &Mentions,
    made: &mut MadeFiles<'_>,
    loader: &Loader<'_>,
    opened: &mut Opened,
) {
    let Some(created) = map::create(outer, words, *place, folder, loader) else { return };
    let pending = PendingMap::of(created, site, loader, |path| made.may_have(path));
    pending.open(outer, mentions, loader, opened);
}

/// The documents of a file that can be parsed.
fn items(outer: Outer<'_>) -> Vec<Item> {
    if format_of(outer.name) == Some(DataFormat::Toml) {
        let tree = parse(outer.file, DataFormat::Toml, outer.text).tree;
        return tree.iter().map(|tree| read_document_as(Dialect::Engine, tree).0).collect();
    }
    let read = |range: std::ops::Range<usize>| {
        let mut item = read_item(outer.file, &outer.text[range.clone()]).ok()?.moved(range.start);
        extend_jobs(&mut item);
        Some(item)
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

/// Keys of the variables of commands.
const VARIABLES: [&str; 4] = ["env", "environment", "variables", "vars"];

/// What a document says about the commands in it.
#[derive(Clone, Default)]
struct CommandContext {
    /// The folder where they start.
    folder: String,
    /// Whether it may be outside of the repository.
    is_elsewhere: bool,
    /// Their variables, as assignments.
    variables: Vec<String>,
    /// The loops over the values of a matrix.
    loops: Vec<Vec<String>>,
}

impl CommandContext {
    /// The context of the commands inside an item.
    fn inside(&self, item: &Item) -> Self {
        let folder = FOLDERS.iter().find_map(|key| item.get(key)?.text());
        let is_elsewhere =
            folder.map(|folder| folder.contains(['$', '{']) || folder.starts_with(['/', '~']));
        let is_elsewhere = is_elsewhere.unwrap_or(self.is_elsewhere);
        let folder = folder.filter(|folder| !folder.contains(['$', '{']));
        let folder = folder.map(|folder| join("", folder.trim_start_matches('/')));
        let own = VARIABLES.iter().filter_map(|key| item.get(key)).flat_map(Item::entries);
        let own = own.filter_map(|entry| Some(format!("{}={}", entry.key, entry.item.text()?)));
        let variables = self.variables.iter().cloned().chain(own).collect();
        let folder = folder.unwrap_or_else(|| self.folder.clone());
        let loops = self.loops.iter().cloned().chain(matrix::loops(item)).collect();
        Self { folder, is_elsewhere, variables, loops }
    }

    /// Changes the folder as the commands of a string do.
    fn follow(&mut self, item: &Item) {
        let Some(text) = item.text().filter(|text| text.contains("cd ")) else { return };
        let mut scope = Scope::of("");
        self.folder.clone_into(&mut scope.folder);
        scope.is_elsewhere = self.is_elsewhere;
        for words in lines(text).iter().flat_map(|line| commands(&line.text)) {
            scope.follow(&words, false);
        }
        self.folder = scope.folder;
        self.is_elsewhere = scope.is_elsewhere;
    }
}

/// Whether the words of a text are those of a shell.
fn is_plain(text: &str) -> bool {
    shlex::split(text).is_some_and(|words| !words.is_empty())
}

/// Keys of names in pipelines, which are no commands.
const NAMES: [&str; 6] = ["name", "stage", "stages", "extends", "needs", "environment"];

/// Whether an entry has names, or the variables of commands, and none of them is a command.
fn has_no_command(entry: &Entry) -> bool {
    if NAMES.contains(&&*entry.key) && entry.item.entries().is_empty() {
        return true;
    }
    let mut values = entry.item.entries().iter().map(|entry| &entry.item);
    VARIABLES.contains(&&*entry.key) && values.all(|value| value.entries().is_empty())
}

/// A command, its place and its current folder.
struct CommandAt {
    words: Vec<String>,
    place: Span,
    folder: String,
    site: Rc<Site>,
    is_of_matrix: bool,
}

struct Search<'o> {
    outer: Outer<'o>,
    runs: Vec<Found>,
    copies: Vec<PendingCopy>,
    /// Commands that may install the chart.
    charts: Vec<CommandAt>,
    /// Files, folders and charts that commands apply.
    applied: Vec<PendingApplied>,
    /// Commands that may create a map.
    maps: Vec<CommandAt>,
    /// All other words, which may make files.
    words: Vec<String>,
    mentions: Mentions,
}

impl<'o> Search<'o> {
    fn of(outer: Outer<'o>) -> Self {
        Self {
            outer,
            runs: Vec::new(),
            copies: Vec::new(),
            charts: Vec::new(),
            applied: Vec::new(),
            maps: Vec::new(),
            words: Vec::new(),
            mentions: Mentions::default(),
        }
    }

    /// Finds commands in an item at this place.
    fn find(&mut self, item: &Item, place: &str, context: &CommandContext, depth: usize) {
        if depth >= DEEPEST {
            return;
        }
        if let Some(text) = item.text() {
            let is_read = text.contains("refinery") || applies_path(text);
            match item.span.filter(|_| is_read) {
                Some(span) => self.read(text, span, place, context),
                None => self.mentions.add_text(text),
            }
            match item.span.filter(|_| is_read) {
                Some(_) => {}
                None if commands(text).iter().all(|words| makes_nothing(words))
                    && is_plain(text) => {}
                None => self.words.extend(text.split_whitespace().map(str::to_owned)),
            }
        }
        let mut context = context.inside(item);
        for entry in item.entries().iter().filter(|entry| !has_no_command(entry)) {
            let dot = if place.is_empty() { "" } else { "." };
            let inner = format!("{place}{dot}{}", entry.key);
            self.mentions.add_entry(&entry.key, entry.item.text());
            if FOLDERS.contains(&&*entry.key) {
                continue;
            }
            self.find(&entry.item, &inner, &context, depth + 1);
        }
        for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
            self.find(element, &format!("{place}[{index}]"), &context, depth + 1);
            // The commands of a list run in the same shell.
            context.follow(element);
        }
    }

    /// Reads the commands of a string.
    fn read(&mut self, text: &str, span: Span, place: &str, context: &CommandContext) {
        let name = SourceName::within(self.outer.name, place);
        let pieces = block::pieces(self.outer, span, text);
        let mut scope = Scope::of("");
        context.folder.clone_into(&mut scope.folder);
        scope.is_elsewhere = context.is_elsewhere;
        scope.follow(&[&["export".to_owned()], &context.variables[..]].concat(), false);
        for words in &context.loops {
            scope.follow(words, false);
        }
        for line in lines(text) {
            let inner = Span::new(span.file, line.start, line.end);
            let found = through(vec![Piece::written(0..inner.range().len(), inner)], &pieces);
            let place = found.first().map_or(span, |piece| piece.outer);
            let line_text = without_own_folder(&line.text);
            let text = matrix::with_variables(&line_text, &context.loops);
            for (at, words) in commands(&text).into_iter().enumerate() {
                for (variant, words) in scope.filled(&words).into_iter().enumerate() {
                    let folder = scope.folder.clone();
                    let site = Site::of(self.outer.name, &folder, scope.is_elsewhere);
                    let site = Rc::new(site);
                    self.find_copies(&words, place, &site);
                    if !text.contains("||") {
                        let all = PendingApplied::of(&words, place, &site).into_iter();
                        self.applied.extend(all.filter(|one| one.is_certain(self.outer.text)));
                    }
                    let command = |words| {
                        let is_of_matrix = text != line_text;
                        CommandAt { words, place, folder, site, is_of_matrix }
                    };
                    if words.iter().any(|word| word.ends_with("helm")) {
                        self.charts.push(command(words));
                        continue;
                    }
                    if words.iter().any(|word| word.starts_with("--from-file")) {
                        self.maps.push(command(words));
                        continue;
                    }
                    match Run::of(&words, place, scope.environment(variant)) {
                        Some(run) if run.prints_and_exits() => {}
                        Some(run) => {
                            let (name, folder) = (name.clone(), scope.folder.clone());
                            self.runs.push(Found { run, place, name, folder });
                        }
                        None if makes_nothing(&words) => {}
                        None => self.words.extend(words),
                    }
                }
                scope.follow(&words, at > 0 && text.contains("||"));
            }
        }
    }

    /// Finds files that a command copies to Refinery's paths; if there are none, records what it may make.
    fn find_copies(&mut self, words: &[String], place: Span, site: &Rc<Site>) {
        // Any machine may run a command that does not copy to another.
        let is_optional = CopyCommand::read(words).is_none_or(|command| !command.is_sent);
        let is_named_twice = |source: &str| self.outer.text.matches(source).count() != 1;
        let copies = PendingCopy::of(words, place, site, is_optional, is_named_twice);
        if copies.is_empty() {
            self.mentions.add(words);
        }
        self.copies.extend(copies);
    }
}
