//! A command of a script that runs Refinery, directly or in a container.
//!
//! Must not resolve locations (`resolve` does).

use super::made_files::MadeFiles;
use super::site::{Site, contexts};
use super::words::is_open;
use crate::deploy::Outer;
use crate::deploy::argument::{is_migration_command, is_program};
use crate::deploy::command::{Command, STARTERS, Word, resolve_path};
use crate::deploy::compose::seems_to_run_refinery;
use crate::deploy::content::DataEntry;
use crate::deploy::loader::Loader;
use crate::deploy::mount::{Mount, Mounted, Texts};
use crate::deploy::resolve::MISSING_FILE;
use crate::deploy::workload::{Contents, Workload, is_refinery, pin_of_image};
use crate::diagnostic::Finding;
use crate::machine::Machine;
use crate::schema::Kind;
use crate::schema::flags::FileLocation;
use crate::sniff::file_name::{is_procfile, kind_of_name};
use crate::span::Span;
use crate::vfs::environment;
use crate::vfs::path::{below, join, split, split_extension};
use std::collections::BTreeMap;

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

/// A command that runs Refinery.
#[derive(Default)]
pub struct Run {
    words: Vec<Word>,
    image: String,
    entrypoint: Option<Vec<Word>>,
    working_dir: Option<String>,
    /// The folder of the machine where a process runs.
    machine_folder: Option<String>,
    variables: BTreeMap<String, Word>,
    /// Files of variables.
    env_files: Vec<String>,
    /// Those of them without which the container does not start.
    needed_env_files: Vec<String>,
    /// Findings about the command.
    findings: Vec<Finding>,
    /// Sources and targets of mounts; `None` for a process on the machine.
    mounts: Option<Vec<(String, String)>>,
    /// Sources of volumes that look like paths and are read as names.
    misread: Vec<String>,
    /// Whether unknown variables may be set, or unknown volumes mounted.
    is_open: bool,
    /// Whether another program gets it as arguments, which may mean something else.
    is_argument: bool,
}

/// A file that a script writes, by its path.
pub struct WrittenFile {
    pub path: String,
    /// `None` if it depends on variables.
    pub content: Option<DataEntry>,
}

impl Run {
    /// Whether it only prints something and ends.
    pub fn prints_and_exits(&self) -> bool {
        const FLAGS: [&str; 5] = ["--version", "-V", "--help", "-h", "-v"];
        self.words.iter().filter_map(|word| word.text.as_deref()).any(|word| FLAGS.contains(&word))
    }

    /// `None` if the command runs something else. `outside` are the variables of its environment.
    pub fn of<'v>(
        words: &[String],
        place: Span,
        outside: impl Iterator<Item = (&'v str, Option<&'v str>)>,
    ) -> Option<Self> {
        let span = Some(place);
        let outside: BTreeMap<&str, Option<&str>> = outside.collect();
        let word = |text: &String| {
            let is_known = |text: &str| !is_open(text);
            Word::several(text, span, is_known)
        };
        let program = |name: &String| name.rsplit('/').next().unwrap_or_default().to_owned();
        let at = words
            .iter()
            .position(|word| is_program(word) || RUNNERS.contains(&program(word).as_str()))?;
        let (before, command) = words.split_at(at);
        let assigned = before.iter().filter_map(|word| word.split_once('='));
        let variables = assigned.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut run = Self::default();
        let (runner, arguments) = command.split_first()?;
        if arguments.first().is_some_and(|first| is_migration_command(first)) {
            return None;
        }
        if is_program(runner) {
            for (name, value) in &outside {
                run.set(name, value.unwrap_or("$"), span);
            }
            for (name, value) in variables {
                run.set(&name, &value, span);
            }
            run.words = arguments.iter().flat_map(word).collect();
            run.is_open = true;
            let starts = |word: &String| {
                word.starts_with('-') || word.contains('=') || STARTERS.contains(&&*program(word))
            };
            run.is_argument = !before.iter().all(starts);
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
                    let mount = volume(&value);
                    // nerdctl takes any path.
                    let is_strict = program(runner) != "nerdctl";
                    run.misread.extend(mount.iter().filter(|_| is_strict).filter_map(misread));
                    mounts.extend(mount);
                }
                "--mount" => mounts.extend(bind(&value)),
                "-e" | "--env" => {
                    let known = || outside.get(value.as_str()).copied().flatten().unwrap_or("$");
                    let (name, value) = value.split_once('=').unwrap_or_else(|| (&value, known()));
                    run.set(name, value, span);
                }
                "--env-file" => {
                    run.needed_env_files.push(value.clone());
                    run.env_files.push(value);
                }
                "--volumes-from" => run.is_open = true,
                "-w" | "--workdir" => run.working_dir = Some(value),
                "--entrypoint" => run.entrypoint = Some(word(&value)),
                _ => {}
            }
        }
        run.words = rest.flat_map(word).collect();
        run.mounts = Some(mounts);
        (is_refinery(&run.image) || run.seems_to_run_refinery()).then_some(run)
    }

    /// The container of a unit for Podman (`refinery.container`), and its image.
    pub fn of_unit(outer: Outer<'_>) -> Option<(Self, Span)> {
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
                    let mount = volume(value);
                    run.misread.extend(mount.iter().filter_map(misread));
                    mounts.extend(mount);
                }
                "Mount" => mounts.extend(bind(value)),
                "EnvironmentFile" => run.env_files.push(value.trim_start_matches('-').to_owned()),
                "PodmanArgs" | "Pod" => run.is_open = true,
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
        Some((run, place?))
            .filter(|(run, _)| is_refinery(&run.image) || run.seems_to_run_refinery())
    }

    /// Whether its files or flags are those of Refinery, whatever its image is called.
    fn seems_to_run_refinery(&self) -> bool {
        let targets = self.mounts.iter().flatten().map(|(_, target)| target.as_str());
        seems_to_run_refinery(["", &self.image], self.entrypoint.as_deref(), &self.words, targets)
    }

    /// Adds files of variables of the unit that starts it.
    #[must_use]
    pub fn with_env_files(mut self, files: &[String]) -> Self {
        self.env_files.extend_from_slice(files);
        self
    }

    /// The files of the machine that its variables come from.
    pub fn env_files_on_machine(&self) -> Vec<String> {
        self.env_files.iter().filter(|path| path.starts_with('/')).cloned().collect()
    }

    fn set(&mut self, name: &str, value: &str, span: Option<Span>) {
        let text = Some(value.to_owned()).filter(|value| !is_open(value));
        self.variables.insert(name.to_owned(), Word { text, span });
    }

    fn command(&self) -> Command {
        let command = match self.mounts {
            Some(_) => Command::of_container(self.entrypoint.as_deref(), &self.words),
            None => Command::read(&self.words),
        };
        command.without_validation()
    }

    /// The paths that it reads in a folder.
    fn paths(&self, context: &str) -> Vec<String> {
        let relative = |path: &String| join(context, path.trim_start_matches('/'));
        self.named().iter().map(relative).collect()
    }

    /// The paths that it reads, as they are written.
    fn named(&self) -> Vec<String> {
        if let Some(mounts) = &self.mounts {
            return mounts.iter().filter_map(|(source, _)| local(source)).collect();
        }
        let variable = |name: &str| self.variables.get(name).cloned();
        let command = self.command();
        let is_named = |kind: Kind| {
            command.names(kind) || self.variables.contains_key(kind.locating().variable)
        };
        let named = Kind::ALL.into_iter().filter(|&kind| is_named(kind));
        named
            .flat_map(|kind| command.locations(kind, variable, None))
            .filter_map(|it| it.text)
            .collect()
    }

    /// The paths of its files, if all of them are files of the machine.
    pub fn paths_on_machine(&self) -> Option<Vec<(Kind, String)>> {
        let variable = |name: &str| self.variables.get(name).cloned();
        let command = self.command();
        let located = Kind::ALL.into_iter().flat_map(|kind| {
            let words = command.locations(kind, variable, None).into_iter();
            words.map(move |word| Some((kind, self.path_on_machine(&word.text?)?)))
        });
        located.collect::<Option<Vec<_>>>().filter(|_| !self.is_argument)
    }

    /// The path on the machine of a file that it names: in its working directory, or where the deepest
    /// mount has it.
    fn path_on_machine(&self, path: &str) -> Option<String> {
        let Some(mounts) = &self.mounts else {
            return resolve_path(self.machine_folder.as_deref(), path);
        };
        let path = resolve_path(self.working_dir.as_deref(), path)?;
        let inside = |(source, target): &(String, String)| {
            let target = join("/", target);
            let rest = below(&path, &target)?;
            let source = if rest.is_empty() { source.clone() } else { join(source, rest) };
            Some((target.len(), source))
        };
        let (_, source) = mounts.iter().filter_map(inside).max_by_key(|(length, _)| *length)?;
        source.starts_with('/').then_some(source)
    }

    /// Whether it is a container with files and volumes of the machine only.
    pub fn is_on_machine(&self) -> bool {
        self.mounts.as_ref().is_some_and(|mounts| {
            !mounts.is_empty() && mounts.iter().all(|(source, _)| local(source).is_none())
        })
    }

    /// The same, in a folder of the machine.
    #[must_use]
    pub fn within(self, folder: Option<&str>) -> Self {
        Self { machine_folder: folder.map(str::to_owned), ..self }
    }

    /// Whether it says for every file where it is, or mounts a file or folder for each, all of them at known
    /// paths. Otherwise its files are unknown.
    fn provides_all(&self) -> bool {
        let command = self.command();
        let mounts = self.mounts.as_deref().unwrap_or_default();
        let is_known = !mounts.iter().any(|(_, target)| is_open(target) || target == "/");
        Kind::ALL.iter().all(|&kind| {
            let FileLocation { variable, default, .. } = kind.locating();
            let is_at = |(_, target): &(String, String)| below(default, target).is_some();
            let is_of_kind = |(source, _): &(String, String)| {
                split_extension(source).1.is_empty() || kind_of_name(source) == Some(kind)
            };
            command.names(kind)
                || self.variables.contains_key(variable)
                || mounts.iter().any(is_at)
                || is_known && mounts.iter().any(is_of_kind)
        })
    }

    /// Whether it certainly needs its files: no other command may make one of them.
    pub fn needs_files(&self, made: &mut MadeFiles<'_>) -> bool {
        !self.is_argument && !self.named().iter().any(|path| made.may_have(path))
    }

    /// The folder where it runs, with the current folder of its script: the nearest that has one of
    /// its files, else the nearest that has a folder of them. A Procfile and a unit know it. `None` if
    /// there is none, and no file of the script is one of its files either.
    pub fn context(
        &self,
        outer: Outer<'_>,
        folder: &str,
        written: &[WrittenFile],
        loader: &Loader<'_>,
    ) -> Option<String> {
        let has_file = |context: &String| self.has_file(context, loader);
        let is_written =
            |path: &String| written.iter().any(|file| join("/", &file.path) == join("/", path));
        let mut contexts = contexts(outer.name, folder).into_iter();
        let own = || self.paths("").iter().any(is_written).then(|| folder.to_owned());
        let has_folder = |context: &String| {
            let named = self.named().into_iter().filter(|path| !path.starts_with('/'));
            let folders = named.map(|path| split(&path).0.to_owned());
            let mut folders = folders.filter(|folder| !["", "."].contains(&folder.as_str()));
            folders.any(|folder| loader.is_folder(&join(context, &folder)))
        };
        let names_any = || self.named().iter().any(|path| !path.starts_with('/'));
        let here =
            || (has_own_context(outer.name) && names_any()).then(|| split(outer.name).0.to_owned());
        let near = contexts.clone().find(has_file).or_else(own);
        if self.is_argument {
            return near;
        }
        near.or_else(|| contexts.find(has_folder)).or_else(here)
    }

    /// The nearest folder with one of its files, for a command in a document with the current folder
    /// `folder`. `None` if one of its files is certainly not of the repository.
    pub fn nearest(&self, outer: Outer<'_>, folder: &str, loader: &Loader<'_>) -> Option<String> {
        let is_elsewhere = match &self.mounts {
            Some(mounts) => mounts.iter().any(|(source, _)| local(source).is_none()),
            None => self.named().iter().any(|path| path.starts_with(['/', '~'])),
        };
        let mut contexts = contexts(outer.name, folder).into_iter().filter(|_| !is_elsewhere);
        contexts.find(|context| self.has_file(context, loader))
    }

    /// Whether one of its files is in a folder.
    fn has_file(&self, context: &str, loader: &Loader<'_>) -> bool {
        self.paths(context).iter().any(|path| {
            let (folder, name) = split(path);
            name.is_empty() || loader.names(folder).iter().any(|known| known == name)
        })
    }

    /// Reports files of variables that are certainly missing: only the command names them, and others of
    /// nearly the same name are beside them.
    pub fn find_missing_env_files(
        &mut self,
        site: &Site,
        place: Span,
        text: &str,
        loader: &Loader<'_>,
    ) {
        let is_missing = |path: &&String| {
            text.matches(path.as_str()).count() == 1 && site.has_misspelled(path, loader)
        };
        let missing = self.needed_env_files.iter().filter(|path| local(path).is_some());
        self.findings = missing
            .filter(is_missing)
            .map(|path| {
                let message = format!("no such file: `{path}`, passed to `--env-file`");
                let finding = Finding::new(&MISSING_FILE, message).at(place, "named here");
                finding.help("check the path, and that git tracks the file").refuses()
            })
            .collect();
    }

    /// Moves the places of variables from the command to where they are set in the text of its file.
    pub fn place_variables(&mut self, place: Span, text: &str) {
        for (name, word) in &mut self.variables {
            if word.span == Some(place) {
                word.span = find_assignment(name, place, text).or(word.span);
            }
        }
    }

    /// Adds the variables of its files.
    pub fn load_variables(&mut self, outer: Outer<'_>, folder: &str, loader: &Loader<'_>) {
        for file in std::mem::take(&mut self.env_files) {
            let names = contexts(outer.name, folder).into_iter().map(|at| join(&at, &file));
            let mut texts = names.filter_map(|name| loader.peek(&name).ok().flatten());
            let read = texts.find_map(|text| environment::parse(&text).ok());
            self.is_open |= read.is_none();
            for (name, value) in read.unwrap_or_default() {
                let text = Some(value).filter(|value| !value.contains('$'));
                self.variables.entry(name).or_insert(Word { text, span: None });
            }
        }
    }

    /// The kinds of files that it names with unknown words.
    pub fn unknown(&self) -> Vec<Kind> {
        let command = self.command();
        let variable = |name: &str| self.variables.get(name).cloned();
        let is_open = |kind: &Kind| {
            let is_named =
                command.names(*kind) || self.variables.contains_key(kind.locating().variable);
            let words = command.locations(*kind, variable, None);
            is_named && words.iter().any(|word| word.text.is_none())
        };
        Kind::ALL.into_iter().filter(is_open).collect()
    }

    /// The workload that runs in a folder. If `is_certain`, its files must exist there. The caller sets
    /// the name.
    pub fn workload<'o>(
        self,
        outer: Outer<'_>,
        place: Span,
        (context, is_certain): (&str, bool),
        written: &'o [WrittenFile],
    ) -> Workload<'o> {
        let mount =
            |target: &str, what| Mount { target: join("/", target), what, span: Some(place) };
        let bound = |(source, target): &(String, String)| {
            let what = match local(source) {
                Some(source) => Mounted::Path(join(context, &source)),
                None => Mounted::Unknown(format!("`{source}` is on the machine that runs it")),
            };
            mount(target, what)
        };
        let mounts = if let Some(mounts) = &self.mounts {
            mounts.iter().map(bound).collect()
        } else {
            let own = written.iter().map(|file| {
                let what = match &file.content {
                    Some(content) => Mounted::Texts(Texts::of_one(content)),
                    None => Mounted::Unknown("its here-document depends on variables".to_owned()),
                };
                mount(&file.path, what)
            });
            std::iter::once(mount("/", Mounted::Path(context.to_owned()))).chain(own).collect()
        };
        let release = pin_of_image(&self.image, "its image").map(|pin| pin.at(Some(place)));
        let command = self.command();
        let misread = self.misread.iter().map(|source| find_misread(source, place));
        let findings = self.findings.iter().cloned().chain(misread).collect();
        Workload {
            name: outer.name.into(),
            title: "refinery".to_owned(),
            file: outer.file,
            place: Some(place),
            is_open: self.is_open || !self.provides_all(),
            is_evident: self.mounts.is_some() && !is_refinery(&self.image),
            contents: Contents::of(&self.image),
            is_partial: !is_certain,
            working_dir: self.working_dir.or(Some("/".to_owned())),
            machine: Machine::default(),
            findings,
            notices: Vec::new(),
            image: self.image,
            variables: self.variables,
            command,
            mounts,
            release,
        }
    }
}

/// Where a variable is set: in its command, else before it, else after it.
fn find_assignment(name: &str, place: Span, text: &str) -> Option<Span> {
    let assigned = format!("{name}=");
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_comment = |at: usize| {
        text[..at].rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'))
    };
    let all = text.match_indices(&assigned).map(|(at, _)| at);
    let all = all.filter(|&at| !text[..at].ends_with(is_part) && !is_comment(at));
    let all: Vec<usize> = all.collect();
    let inside = all.iter().find(|at| place.range().contains(at));
    let before = || all.iter().rfind(|at| **at < place.range().start);
    let at = *inside.or_else(before).or(all.first())?;
    let length = text[at..].find(|c: char| c.is_whitespace() || c == '"');
    Some(Span::new(place.file, at, at + length.unwrap_or(text.len() - at)))
}

/// Whether the commands of a file certainly start in its folder: those of a Procfile and of a unit for
/// Podman.
fn has_own_context(file: &str) -> bool {
    is_procfile(file) || split_extension(file).1 == "container"
}

/// Short switches in one word, such as `-it`.
fn is_switches(flag: &str) -> bool {
    let letters = flag.trim_start_matches('-');
    !flag.starts_with("--") && letters.bytes().all(|letter| b"ditPq".contains(&letter))
}

fn owned((source, target): (&str, &str)) -> (String, String) {
    (source.to_owned(), target.to_owned())
}

/// `source:target:options`.
fn volume(value: &str) -> Option<(String, String)> {
    let mut parts = value.splitn(3, ':');
    parts.next().zip(parts.next()).map(owned)
}

/// The source of a mount that is a relative path without a leading dot. Only the name of a volume starts
/// like this, and a name has no slash.
fn misread((source, _): &(String, String)) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    local(source).filter(|source| !source.starts_with('.') && source.chars().all(is_plain))
}

fn find_misread(source: &str, place: Span) -> Finding {
    let message = format!("invalid volume name `{source}`: a relative path must start with `./`");
    let finding = Finding::new(&MISSING_FILE, message).at(place, "mounted here");
    finding.help(format!("write `./{source}`")).refuses()
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
    let is_local = source == "." || source.contains('/') && !source.starts_with(['/', '~']);
    (is_local && !is_open(source)).then(|| source.to_owned())
}
