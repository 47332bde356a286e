//! Shell scripts, Makefiles, Procfiles, systemd units and Supervisor programs: commands that run
//! Refinery or create maps of its files, and Refinery's files in here-documents.
//!
//! Where a script runs is unknown: relative paths are resolved from the nearest enclosing folder
//! that has one of the files. Only files of the repository are followed. Must not resolve locations
//! (`resolve` does).

mod applied;
pub mod command_strings;
pub mod copy_command;
mod documents;
mod extended;
mod functions;
mod made_files;
mod map;
mod matrix;
mod mentions;
pub mod own_folder;
mod pending;
mod printed;
mod run;
pub mod scope;
mod site;
mod values_files;
pub mod windows;
pub mod words;

use super::chart_templates::is_own;
use super::copied::{Copied, open_all};
use super::helm_command::HelmCommand;
use super::here_document::HereDocument;
use super::loader::Loader;
use super::named_map::not_found;
use super::placed::joined;
use super::resolve::resolve;
use super::unit::{InstalledFiles, Unit};
use super::workload::Workload;
use super::{Opened, Outer, block, gitops};
use crate::notice::Notice;
use crate::release::Pin;
use crate::schema::Kind;
use crate::sniff::file_name::{is_makefile, is_procfile, is_unit, kind_of_name};
use crate::source_name::SourceName;
use crate::span::{FileId, Span};
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use applied::PendingApplied;
use copy_command::CopyCommand;
use documents::{open_documents, written_files};
use functions::Functions;
use made_files::{MadeFiles, makes_nothing};
use mentions::Mentions;
use own_folder::without_own_folder;
use pending::{PendingCopy, PendingMap, PendingValues};
use printed::printed;
use run::Run;
use scope::{KEYWORDS, Scope};
use site::{Site, contexts};
use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::ops::Range;
use std::rc::Rc;
use words::{appends, commands, documents, lines, target};

/// The maximum depth of scripts that scripts read.
const DEEPEST: usize = 4;

/// The maximum nesting depth of strings that are scripts.
const DEEPEST_ITEM: usize = 32;

/// Functions that show a text are not longer than this, in lines.
const MAX_FUNCTION_LINES: usize = 500;

/// Opens a file.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_script(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let documents = texts_in(outer.file, outer.text);
    open_documents(outer, &documents, loader, opened)?;
    let written = written_files(outer, &documents);
    let scope = Scope::of(outer.name);
    let mut script = Script::new(outer, scope);
    if is_unit(outer.name) {
        script.declare_all(loader);
    }
    script.read(outer.text, 0, loader, opened);
    script.open_pending(loader, opened)?;
    let mut names = HashSet::new();
    let mut lines = LineNumbers { text: outer.text, at: 0, line: 1 };
    let units = Run::of_unit(outer).map(|(run, place)| (run, place, String::new()));
    let mut made = MadeFiles::by(&script.words);
    for (mut run, place, folder) in script.runs.into_iter().chain(units) {
        let line = lines.of(place);
        let variables = run.env_files_on_machine();
        run.place_variables(place, outer.text);
        let site = Site::of(outer.name, &folder, false);
        run.find_missing_env_files(&site, place, outer.text, loader);
        run.load_variables(outer, &folder, loader);
        let unknown = run.unknown();
        let context = run.context(outer, &folder, &written, loader);
        let paths = run.paths_on_machine().filter(|_| context.is_none());
        if paths.is_some() || context.is_none() && run.is_on_machine() {
            let mut workload = run.workload(outer, place, ("", true), &[]);
            let name = SourceName::within(outer.name, format!("line {line}"));
            workload.name = unique(&name, &mut names);
            let is_known = paths.is_some();
            opened.units.push(unit(&workload, place, paths.unwrap_or_default(), variables));
            if !is_known {
                // What its mounts certainly do not provide is missing.
                opened.take(&workload, resolve(&workload, loader)?);
            }
        } else if let Some(context) = context {
            let is_certain = run.needs_files(&mut made);
            let mut workload = run.workload(outer, place, (&context, is_certain), &written);
            let name = SourceName::within(outer.name, format!("line {line}"));
            workload.name = unique(&name, &mut names);
            opened.take(&workload, resolve(&workload, loader)?);
        }
        opened.notices.extend(unknown.into_iter().map(|kind| {
            let what = format!("the location of the {} is unknown; not checked", kind.word());
            Notice::on(SourceName::within(outer.name, format!("line {line}")), what)
        }));
    }
    Ok(())
}

/// The commands with files of the machine in the text of a unit at a path, which is at this place in another
/// file.
pub fn units_in(
    outer: Outer<'_>,
    (path, text): (&str, &str),
    name: &SourceName,
    place: Span,
    loader: &Loader<'_>,
) -> Vec<Unit> {
    let inner = Outer { name: path, text, ..outer };
    let mut script = Script::new(inner, Scope::of(path));
    for line in lines(text) {
        script.scope.declare(&line.text);
    }
    script.read(text, 0, loader, &mut Opened::default());
    let on_machine = |(run, ..): (Run, Span, String)| {
        let (paths, variables) = (run.paths_on_machine()?, run.env_files_on_machine());
        let mut workload = run.workload(inner, place, ("", false), &[]);
        workload.name = name.clone();
        Some(unit(&workload, place, paths, variables))
    };
    script.runs.into_iter().filter_map(on_machine).collect()
}

/// A workload as a command with files of the machine.
fn unit(
    workload: &Workload<'_>,
    place: Span,
    paths: Vec<(Kind, String)>,
    variables: Vec<String>,
) -> Unit {
    let launch = workload.launch();
    let is_certain =
        workload.runs_refinery() && !launch.release.as_ref().is_some_and(Pin::is_first_generation);
    Unit { name: workload.name.clone(), place, launch, paths, variables, is_certain }
}

/// The texts that a script writes: in here-documents, and by commands that print.
fn texts_in(file: FileId, script: &str) -> Vec<HereDocument> {
    let mut all = documents(file, script);
    all.retain(|document| !is_shown(script, document));
    let printed = printed(file, script).into_iter();
    // The furthest end of each document and those before it.
    let ends = all.iter().scan(0, |furthest, one| {
        *furthest = one.place.end.max(*furthest);
        Some(*furthest)
    });
    let ends: Vec<_> = ends.collect();
    let is_inside = |one: &HereDocument| {
        let before = all.partition_point(|around| around.place.start < one.place.start);
        before
            .checked_sub(1)
            .and_then(|last| ends.get(last))
            .is_some_and(|end| one.place.end <= *end)
    };
    let printed: Vec<HereDocument> = printed.filter(|one| !is_inside(one)).collect();
    let is_fragment = |one: &HereDocument| one.delimiter.is_empty() && appends(&one.command);
    all.extend(printed);
    all.sort_by_key(|one| one.place.start);
    let mut joined: Vec<HereDocument> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for one in all {
        let path = target(&one.command);
        let place = path.as_ref().and_then(|path| places.get(path)).copied();
        match place.filter(|_| appends(&one.command)).and_then(|place| joined.get_mut(place)) {
            Some(known) => known.append(one),
            None if is_fragment(&one) => {}
            None => {
                places.extend(path.map(|path| (path, joined.len())));
                joined.push(one);
            }
        }
    }
    joined
}

/// Whether a document is only shown to a person: on standard error, or by a function for help.
fn is_shown(script: &str, document: &HereDocument) -> bool {
    if target(&document.command).is_some() || document.command.contains('|') {
        return false;
    }
    let before = script.get(..document.place.range().start).unwrap_or_default();
    let around = before.lines().rev().take(MAX_FUNCTION_LINES);
    let around = around.take_while(|line| !line.starts_with('}'));
    let function = around.filter_map(|line| line.split_once("()")).map(|(name, _)| name).next();
    let is_help = function.is_some_and(|name| ["usage", "help"].iter().any(|it| name.contains(it)));
    is_help || document.command.contains(">&2")
}

/// Opens the texts that scripts in strings of a document write, such as those of `runcmd` of
/// cloud-init, `UserData` of AWS or the steps of a workflow.
///
/// # Errors
/// A file that one of them names cannot be read.
pub fn open_embedded(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut all = Vec::new();
    search(outer, document, 0, &mut all);
    open_documents(outer, &all, loader, opened)
}

fn search(outer: Outer<'_>, item: &Item, depth: usize, found: &mut Vec<HereDocument>) {
    if depth >= DEEPEST_ITEM {
        return;
    }
    let joined = joined(item);
    let text = joined.as_deref().or(item.text()).unwrap_or_default();
    let span = item.span.or_else(|| item.beginning());
    if let Some(span) = span.filter(|_| text.contains("refinery") && text.contains(['<', '>', '|']))
    {
        let pieces = block::pieces(outer, span, text);
        let writes_file = |document: &HereDocument| target(&document.command).is_some();
        let texts = texts_in(outer.file, text).into_iter().filter(writes_file);
        found.extend(texts.map(|document| document.within(&pieces)));
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        search(outer, inner, depth + 1, found);
    }
}

/// A script, and what its lines have said so far.
struct Script<'s> {
    outer: Outer<'s>,
    scope: Scope,
    /// Files that commands copy to paths of Refinery's.
    copies: Vec<PendingCopy>,
    /// The content of files that commands give to charts.
    contents: Vec<Copied>,
    /// Maps that commands create, and values files that they name.
    maps: Vec<PendingMap>,
    values: Vec<PendingValues>,
    /// Files, folders and charts that they apply.
    applied: Vec<PendingApplied>,
    functions: Functions,
    mentions: Mentions,
    /// Here-documents, whose commands may run elsewhere.
    inner: Vec<Range<usize>>,
    /// Commands that run Refinery, with the current folder.
    runs: Vec<(Run, Span, String)>,
    /// The words of all other commands, which may make files.
    words: Vec<String>,
}

impl<'s> Script<'s> {
    fn new(outer: Outer<'s>, scope: Scope) -> Self {
        let inner = documents(outer.file, outer.text).into_iter();
        Self {
            outer,
            scope,
            copies: Vec::new(),
            contents: Vec::new(),
            maps: Vec::new(),
            values: Vec::new(),
            applied: Vec::new(),
            functions: Functions::of(outer.text),
            mentions: Mentions::default(),
            inner: inner.map(|document| document.place.range()).collect(),
            runs: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Reads what a unit, and the files that change it, say in any order.
    fn declare_all(&mut self, loader: &Loader<'_>) {
        let folder = format!("{}.d", self.outer.name);
        let mut names = loader.names(&folder);
        names.sort();
        let read = |name: &String| loader.peek(&join(&folder, name)).ok().flatten();
        let others: Vec<String> = names.iter().filter_map(read).collect();
        for text in std::iter::once(self.outer.text).chain(others.iter().map(String::as_str)) {
            for line in lines(text) {
                self.scope.declare(&line.text);
            }
        }
    }

    /// Follows all lines of the script, or of another one that it reads.
    fn read(&mut self, text: &str, depth: usize, loader: &Loader<'_>, opened: &mut Opened) {
        let own_shells = is_makefile(self.outer.name) || is_procfile(self.outer.name);
        for line in lines(text) {
            let text = without_own_folder(&line.text);
            if self.scope.declare(&text) {
                continue;
            }
            let is_branch = text.starts_with([' ', '\t']) && !own_shells;
            let before = self.scope.current_folder();
            let subshell = text.trim_start().strip_prefix('(').and_then(|it| it.rsplit_once(')'));
            let subshell = subshell.map(|(inside, after)| format!("{inside} {after}"));
            let text = subshell.as_ref().unwrap_or(&text);
            let line_commands = commands(self.scope.commands_of(text));
            for (at, words) in line_commands.into_iter().enumerate() {
                let place = Span::new(self.outer.file, line.start, line.end);
                if depth == 0 {
                    self.find(&words, place, may_fail(text), loader, opened);
                    self.call(&words, place, loader, opened);
                }
                match &words[..] {
                    [source, path, ..] if source == "." || source == "source" => {
                        self.source(path, depth, loader, opened);
                    }
                    _ => self.scope.follow(&words, is_branch || at > 0 && text.contains("&&")),
                }
            }
            if own_shells || subshell.is_some() {
                self.scope.restore_folder(before);
            }
        }
    }

    /// Opens what commands name, once all commands are known.
    fn open_pending(
        &mut self,
        loader: &mut Loader<'_>,
        opened: &mut Opened,
    ) -> Result<(), InputError> {
        for map in take(&mut self.maps) {
            map.open(self.outer, &self.mentions, loader, opened);
        }
        for applied in take(&mut self.applied) {
            opened.report(applied.find_missing(&self.mentions, loader));
        }
        for values in take(&mut self.values) {
            values.open(&self.mentions, loader, opened);
        }
        let mut all = PendingCopy::settle(take(&mut self.copies), &self.mentions, loader);
        all.append(&mut self.contents);
        let touched = self.mentions.machine_paths();
        opened.installed.push(InstalledFiles::unknown(self.outer.name, touched));
        open_all(self.outer, &all, loader, opened)
    }

    /// Whether another command of the script may make a file that one command names.
    fn may_make(&self, name: &str) -> bool {
        let path = name.trim_start_matches("./");
        match self.outer.text.matches(path).count() {
            // It is written with variables.
            0 => self.words.iter().any(|word| word.contains(split(path).1)),
            count => path.starts_with('.') || count > 1,
        }
    }

    /// Finds what a command runs or creates. With `is_optional` it may fail.
    fn find(
        &mut self,
        words: &[String],
        place: Span,
        is_optional: bool,
        loader: &Loader<'_>,
        opened: &mut Opened,
    ) {
        let is_inner = self.inner.iter().any(|text| {
            let start = place.range().start;
            text.contains(&start) && self.outer.text[text.start..start].contains('\n')
        });
        let is_elsewhere = self.scope.is_elsewhere || is_inner;
        let site = Rc::new(Site::of(self.outer.name, &self.scope.folder, is_elsewhere));
        // Whoever runs a Makefile may choose other values.
        if let Some(open) = self.scope.with_open_defaults(words) {
            let values = values_files::find(&open, self.outer.name, &self.scope.folder, loader);
            opened.top_values.extend(values.top);
            opened.values.extend(values.found);
        }
        for (variant, words) in self.scope.filled(words).into_iter().enumerate() {
            self.find_map(&words, place, &site, loader);
            self.find_copies(&words, place, is_optional, &site);
            self.find_chart(&words, place, &site, loader, opened);
            if !is_optional {
                let all = PendingApplied::of(&words, place, &site).into_iter();
                self.applied.extend(all.filter(|one| one.is_certain(self.outer.text)));
            }
            let run = Run::of(&words, place, self.scope.environment(variant));
            match run {
                Some(run) if !run.prints_and_exits() => {
                    let run = run.with_env_files(&self.scope.env_files);
                    let run = run.within(self.scope.machine_folder.as_deref());
                    self.runs.push((run, place, self.scope.folder.clone()));
                }
                Some(_) => {}
                None if makes_nothing(&words) => {}
                None => self.words.extend(words),
            }
        }
    }

    /// Finds what a function does with the arguments of a call.
    fn call(&mut self, words: &[String], place: Span, loader: &Loader<'_>, opened: &mut Opened) {
        let skipped = words.iter().take_while(|word| KEYWORDS.contains(&word.as_str())).count();
        let Some((name, arguments)) = words.get(skipped..).and_then(<[String]>::split_first) else {
            return;
        };
        let Some(body) = self.functions.body(name).map(<[String]>::to_vec) else { return };
        let before = self.scope.clone();
        for arguments in before.filled(arguments) {
            self.scope.set_arguments(&arguments);
            for line in &body {
                let text = without_own_folder(line);
                for words in commands(self.scope.commands_of(&text)) {
                    self.find(&words, place, may_fail(&text), loader, opened);
                    self.scope.follow(&words, false);
                }
            }
            self.scope = before.clone();
        }
    }

    /// Finds a map that a command creates.
    fn find_map(&mut self, words: &[String], place: Span, site: &Rc<Site>, loader: &Loader<'_>) {
        let folder = &self.scope.folder;
        let Some(created) = map::create(self.outer, words, place, folder, loader) else { return };
        let pending = PendingMap::of(created, site, loader, |path| self.may_make(path));
        self.maps.push(pending);
    }

    /// Finds files that a command copies to Refinery's paths.
    fn find_copies(&mut self, words: &[String], place: Span, is_optional: bool, site: &Rc<Site>) {
        let copies =
            PendingCopy::of(words, place, site, is_optional, |source| self.may_make(source));
        if copies.is_empty() {
            self.mentions.add(words);
        } else if let Some(command) = CopyCommand::read(words)
            && command.has_unknown_source()
        {
            self.mentions.add_target(&command.target);
        }
        self.copies.extend(copies);
    }

    /// Finds the values with which a command installs a chart.
    fn find_chart(
        &mut self,
        words: &[String],
        place: Span,
        site: &Rc<Site>,
        loader: &Loader<'_>,
        opened: &mut Opened,
    ) {
        let own = HelmCommand::read(words).filter(|it| self.installs_own_chart(it, loader));
        match own {
            // A chart of one's own takes the content of a file as it is.
            Some(command) => {
                let copied = |(name, path): &(String, String)| {
                    Some(Copied::of_value(kind_of_name(name)?, path, place))
                };
                self.contents.extend(command.files.iter().filter_map(copied));
            }
            None => opened.unchecked.extend(gitops::find_command(words, place)),
        }
        let values = values_files::find(words, self.outer.name, &self.scope.folder, loader);
        opened.top_values.extend(values.top);
        opened.values.extend(values.found);
        let (doubtful, missing): (Vec<_>, Vec<_>) =
            values.missing.into_iter().partition(|name| self.may_make(name));
        let missing =
            missing.iter().map(|name| not_found(&format!("values file `{name}`"), Some(place)));
        opened.unchecked.extend(missing);
        let doubtful = doubtful.into_iter().chain(values.unmatched);
        let pending = |name| PendingValues { name, place, site: Rc::clone(site) };
        self.values.extend(doubtful.map(pending));
    }

    /// Whether a command installs a chart in the repository that is not Honeycomb's.
    fn installs_own_chart(&self, command: &HelmCommand, loader: &Loader<'_>) -> bool {
        let all = contexts(self.outer.name, &self.scope.folder).into_iter();
        let mut folders = all.map(|at| join(&at, command.chart.trim_start_matches("./")));
        !command.chart.contains("://") && folders.any(|folder| is_own(&folder, loader))
    }

    /// Follows another script, if it is in the repository.
    fn source(&mut self, path: &str, depth: usize, loader: &Loader<'_>, opened: &mut Opened) {
        let filled = self.scope.filled(&[path.to_owned()]);
        let Some(path) = filled.first().and_then(|words| words.first()) else { return };
        let path = path.trim_start_matches('/');
        let all = contexts(self.outer.name, &self.scope.folder).into_iter();
        let mut texts = all.filter_map(|at| loader.peek(&join(&at, path)).ok().flatten());
        if let Some(text) = texts.next().filter(|_| depth < DEEPEST) {
            self.read(&text, depth + 1, loader, opened);
        }
    }
}

/// Whether the script goes on if a command of a line fails.
fn may_fail(line: &str) -> bool {
    const ENDS: [&str; 5] = ["exit", "return", "die", "fail", "false"];
    let otherwise = line.split_once("||").map(|(_, otherwise)| otherwise);
    otherwise.is_some_and(|otherwise| !ENDS.iter().any(|end| otherwise.contains(end)))
        || line.trim_start().trim_start_matches('@').starts_with('-')
}

/// A name that no other command of the script has.
fn unique(name: &SourceName, names: &mut HashSet<SourceName>) -> SourceName {
    let numbered =
        (2..).map(|at| SourceName::within(name.file(), format!("{} ({at})", name.place())));
    let mut all = std::iter::once(name.clone()).chain(numbered);
    all.find(|name| names.insert(name.clone())).unwrap_or_default()
}

/// Counts lines up to places, which mostly come in order.
struct LineNumbers<'t> {
    text: &'t str,
    at: usize,
    /// The number of the line at `at`.
    line: usize,
}

impl LineNumbers<'_> {
    /// The number of the line of a place.
    fn of(&mut self, place: Span) -> usize {
        let start = place.range().start;
        if start < self.at {
            (self.at, self.line) = (0, 1);
        }
        let passed = self.text.get(self.at..start).unwrap_or_default();
        self.line += passed.matches('\n').count();
        self.at = start;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_in_any_order() {
        let mut lines = LineNumbers { text: "a\nb\nc\n", at: 0, line: 1 };
        let at = |place: usize| Span::new(FileId(0), place, place);
        let numbers = [4, 4, 2, 0, 5].map(|place| lines.of(at(place)));
        assert_eq!(numbers, [3, 3, 2, 1, 3]);
    }
}
