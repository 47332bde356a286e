//! Shell scripts, Makefiles, Procfiles and systemd units: commands that run Refinery, and Refinery's
//! files in here-documents.
//!
//! Where a command runs is unknown: relative paths start in the nearest folder around the file that
//! has one of the files. Only files of the repository are followed. Must not resolve locations
//! (`resolve` does).

pub mod words;

use super::command::{Command, Word};
use super::here_document::HereDocument;
use super::loader::Loader;
use super::mount::{Mount, Mounted};
use super::resolve::resolve;
use super::templates::find_template;
use super::workload::{Contents, Workload, is_refinery, pin_of_image};
use super::{EmbeddedFile, Opened, Outer, strings};
use crate::machine::Machine;
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use std::collections::BTreeMap;
use words::{Line, documents, lines, target};

/// Programs that run containers.
const RUNNERS: [&str; 3] = ["docker", "podman", "nerdctl"];

/// Flags of `docker run` without a value.
const SWITCHES: [&str; 11] = [
    "--rm",
    "--detach",
    "--interactive",
    "--tty",
    "--init",
    "--privileged",
    "--read-only",
    "--no-healthcheck",
    "--publish-all",
    "--quiet",
    "--sig-proxy",
];

/// Variables and commands that stand for the current folder.
const HERE: [&str; 5] = ["$PWD", "${PWD}", "$(pwd)", "`pwd`", "$(PWD)"];

/// A command that runs Refinery.
#[derive(Default)]
struct Run {
    words: Vec<Word>,
    image: String,
    entrypoint: Option<Vec<Word>>,
    working_dir: Option<String>,
    variables: BTreeMap<String, Word>,
    /// Sources and targets of mounts; `None` for a process on the machine.
    mounts: Option<Vec<(String, String)>>,
}

/// Opens a file.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_script(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let documents = named_documents(outer);
    let (open, whole): (Vec<_>, Vec<_>) =
        strings::find(outer, &documents).into_iter().partition(|file| file.text.contains('$'));
    let open = open.iter().filter_map(|EmbeddedFile { name, text, pieces, .. }| {
        find_template(name.as_str(), text, pieces, loader)
    });
    opened.unchecked.extend(open);
    opened.parts.extend(whole);
    let commands = lines(outer.text);
    let commands = commands.iter().filter_map(|line| {
        Some((Run::of(line, outer)?, Span::new(outer.file, line.start, line.end)))
    });
    for (run, place) in commands.chain(Run::of_unit(outer)) {
        let folder = split(outer.name).0;
        let above = std::iter::successors(Some(folder), |at| (!at.is_empty()).then(|| split(at).0));
        let mut contexts = above.into_iter();
        let Some(context) = contexts.find(|context| run.has_file(context, loader)) else {
            continue;
        };
        let workload = run.workload(outer, place, context);
        opened.take(&workload, resolve(&workload, loader)?);
    }
    Ok(())
}

/// The here-documents of a script, by the file that they are written to, or by their line.
fn named_documents(outer: Outer<'_>) -> Item {
    let entry = |document: HereDocument| {
        let line = || outer.text[..document.place.range().start].matches('\n').count() + 1;
        let key = target(&document.command).unwrap_or_else(|| format!("line {}", line()));
        let item = Item::new(Value::Text(document.text), Some(document.place));
        Entry { key, key_span: item.span, item }
    };
    let entries = documents(outer.file, outer.text).into_iter().map(entry);
    Item::new(Value::Map(entries.collect()), None)
}

impl Run {
    /// `None` if the command runs something else.
    fn of(line: &Line, outer: Outer<'_>) -> Option<Self> {
        let span = Some(Span::new(outer.file, line.start, line.end));
        let word = |text: &String| {
            let is_known = |text: &str| !text.contains(['$', '`']);
            Word::several(text, span, is_known)
        };
        let program = |name: &String| name.rsplit('/').next().unwrap_or_default().to_owned();
        let at = line.words.iter().position(|word| {
            let program = program(word);
            program == "refinery" || RUNNERS.contains(&program.as_str())
        })?;
        let (before, command) = line.words.split_at(at);
        let assigned = before.iter().filter_map(|word| word.split_once('='));
        let variables = assigned.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut run = Self::default();
        for (name, value) in variables {
            run.set(&name, &value, span);
        }
        let (name, arguments) = command.split_first()?;
        if program(name) == "refinery" {
            run.words = arguments.iter().flat_map(word).collect();
            return Some(run);
        }
        let arguments = arguments.strip_prefix(&["run".to_owned()][..])?;
        let mut mounts = Vec::new();
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            if !flag.starts_with('-') {
                run.image.clone_from(flag);
                break;
            }
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None if SWITCHES.contains(&flag.as_str()) || is_switches(flag) => continue,
                None => (flag.as_str(), rest.next()?.clone()),
            };
            match name {
                "-v" | "--volume" => {
                    let mut parts = value.splitn(3, ':');
                    mounts.extend(parts.next().zip(parts.next()).map(owned));
                }
                "--mount" => mounts.extend(bind(&value)),
                "-e" | "--env" => {
                    let (name, value) = value.split_once('=').unwrap_or((&value, "$"));
                    run.set(name, value, span);
                }
                "-w" | "--workdir" => run.working_dir = Some(value),
                "--entrypoint" => run.entrypoint = Some(word(&value)),
                _ => {}
            }
        }
        run.words = rest.flat_map(word).collect();
        run.mounts = Some(mounts);
        is_refinery(&run.image).then_some(run)
    }

    /// The container of a unit for Podman (`refinery.container`), and its image.
    fn of_unit(outer: Outer<'_>) -> Option<(Self, Span)> {
        let mut run = Self { mounts: Some(Vec::new()), ..Self::default() };
        let (mut place, mut start) = (None, 0);
        for line in outer.text.split_inclusive('\n') {
            let span = Span::new(outer.file, start, start + line.trim_end().len());
            start += line.len();
            let Some((key, value)) = line.trim_end().split_once('=') else { continue };
            let mounts = run.mounts.get_or_insert_default();
            match key {
                "Image" => {
                    value.clone_into(&mut run.image);
                    place = Some(span);
                }
                "Volume" => {
                    let mut parts = value.splitn(3, ':');
                    mounts.extend(parts.next().zip(parts.next()).map(owned));
                }
                "Mount" => mounts.extend(bind(value)),
                "Exec" => {
                    let words = shlex::split(value).unwrap_or_default().into_iter();
                    let word = |text| Word { text: Some(text), span: Some(span) };
                    run.words = words.map(word).collect();
                }
                "Environment" => {
                    for pair in shlex::split(value).unwrap_or_default() {
                        let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
                        run.set(name, value, Some(span));
                    }
                }
                _ => {}
            }
        }
        Some((run, place?)).filter(|(run, _)| is_refinery(&run.image))
    }

    fn set(&mut self, name: &str, value: &str, span: Option<Span>) {
        let text = Some(value.to_owned()).filter(|value| !value.contains(['$', '`']));
        self.variables.insert(name.to_owned(), Word { text, span });
    }

    fn command(&self) -> Command {
        match self.mounts {
            Some(_) => Command::of_container(self.entrypoint.as_deref(), &self.words),
            None => Command::read(&self.words),
        }
    }

    /// The paths that it reads in a folder.
    fn paths(&self, context: &str) -> Vec<String> {
        let relative = |path: &str| join(context, path.trim_start_matches('/'));
        if let Some(mounts) = &self.mounts {
            let sources = mounts.iter().filter_map(|(source, _)| local(source));
            return sources.map(|source| relative(&source)).collect();
        }
        let variable = |name: &str| self.variables.get(name).cloned();
        let command = self.command();
        let is_named = |kind: Kind| {
            command.names(kind) || self.variables.contains_key(kind.locating().variable)
        };
        let named = Kind::ALL.into_iter().filter(|&kind| is_named(kind));
        let words = named.flat_map(|kind| command.locations(kind, variable, None));
        words.filter_map(|word| word.text).map(|path| relative(&path)).collect()
    }

    fn has_file(&self, context: &str, loader: &Loader<'_>) -> bool {
        self.paths(context).iter().any(|path| {
            let (folder, name) = split(path);
            loader.names(folder).iter().any(|known| known == name)
        })
    }

    fn workload(self, outer: Outer<'_>, place: Span, context: &str) -> Workload<'static> {
        let mount =
            |target: &str, what| Mount { target: join("/", target), what, span: Some(place) };
        let bound = |(source, target): &(String, String)| {
            let what = match local(source) {
                Some(source) => Mounted::Path(join(context, &source)),
                None => Mounted::Unknown(format!("`{source}` is on the machine that runs it")),
            };
            mount(target, what)
        };
        let mounts = match &self.mounts {
            Some(mounts) => mounts.iter().map(bound).collect(),
            None => vec![mount("/", Mounted::Path(context.to_owned()))],
        };
        let release = pin_of_image(&self.image, "its image").map(|pin| pin.at(Some(place)));
        let command = self.command();
        let line = outer.text[..place.range().start].matches('\n').count() + 1;
        Workload {
            name: SourceName::within(outer.name, format!("line {line}")),
            title: "refinery".to_owned(),
            file: outer.file,
            place: Some(place),
            is_open: true,
            is_evident: false,
            contents: Contents::of(&self.image),
            is_partial: true,
            working_dir: self.working_dir.or(Some("/".to_owned())),
            machine: Machine::default(),
            findings: Vec::new(),
            notices: Vec::new(),
            image: self.image,
            variables: self.variables,
            command,
            mounts,
            release,
        }
    }
}

/// Short switches in one word, such as `-it`.
fn is_switches(flag: &str) -> bool {
    let letters = flag.trim_start_matches('-');
    !flag.starts_with("--") && letters.bytes().all(|letter| b"ditPq".contains(&letter))
}

fn owned((source, target): (&str, &str)) -> (String, String) {
    (source.to_owned(), target.to_owned())
}

/// `type=bind,source=…,target=…`.
fn bind(value: &str) -> Option<(String, String)> {
    let part = |names: &[&str]| {
        let mut parts = value.split(',').filter_map(|part| part.split_once('='));
        parts.find(|(name, _)| names.contains(name)).map(|(_, value)| value)
    };
    part(&["source", "src"]).zip(part(&["target", "dst", "destination"])).map(owned)
}

/// The path relative to the current folder; `None` for any other path.
fn local(source: &str) -> Option<String> {
    let here = HERE.iter().find_map(|here| source.strip_prefix(here)?.strip_prefix('/'));
    let path = here.or(source.starts_with("./").then_some(source));
    let path =
        path.or((source.contains('/') && !source.starts_with(['/', '~'])).then_some(source))?;
    (!path.contains(['$', '`'])).then(|| path.to_owned())
}
