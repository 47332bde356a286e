//! A container that runs Refinery → its deployment: the files at its locations, as mounted.
//!
//! A missing file is only an error if nothing else can provide it.

use super::command::{Word, resolve_path};
use super::content::{DataEntry, Loaded, load};
use super::deployment_spec::{DeploymentSpec, FileRef};
use super::loader::Loader;
use super::location::{Location, read_location};
use super::mount::{Found, Mounted, find, texts};
use super::script::scope::references;
use super::workload::{Contents, Workload, is_official};
use crate::check;
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::release::Pin;
use crate::schema::Kind;
use crate::sniff::file_name::is_procfile;
use crate::source_name::SourceName;
use crate::span::Span;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use std::borrow::Cow;
use strsim::levenshtein;

check!(
    MISSING_FILE,
    "start/missing-file",
    Error,
    kind: Verdict,
    "a file that Refinery is started with is missing from its container",
    "Refinery exits if it cannot read one of its files. Honeycomb's image contains no config and \
     no rules, and neither Docker nor Kubernetes can mount a file that does not exist."
);

check!(
    UNKNOWN_FILE,
    "intake/unknown-file",
    Error,
    kind: Verdict,
    "a file that Refinery is started with was not found",
    "The file is not in the repository, or only the cluster or the machine knows where it is. What \
     Refinery will be started with was not checked."
);

/// The maximum number of files of one kind.
pub const MOST_FILES: usize = 100;

/// The result for a container.
#[derive(Default)]
pub struct Resolved {
    /// `None` if its files are unknown.
    pub spec: Option<DeploymentSpec>,
    /// The names of the files that it reads.
    pub used: Vec<String>,
    /// The names of files and folders for Refinery 1.x.
    pub v1: Vec<String>,
    /// Whether both files are known, or certainly missing.
    pub is_whole: bool,
    /// Findings about files that cannot be checked.
    pub unchecked: Vec<Finding>,
    /// Files that were not found.
    pub unknown: Vec<UnknownFile>,
    pub notices: Vec<Notice>,
}

/// A file of a container that was not found.
pub struct UnknownFile {
    /// Where the container is described.
    pub container: SourceName,
    pub kind: Kind,
    /// Whether something else may write a file of the repository there.
    pub may_be_prepared: bool,
    pub finding: Finding,
}

/// Resolves all locations of a container.
///
/// # Errors
/// A file that it names cannot be read.
pub fn resolve(workload: &Workload<'_>, loader: &mut Loader<'_>) -> Result<Resolved, InputError> {
    if let Some(pin) = workload.release.as_ref().filter(|pin| pin.is_first_generation()) {
        return Ok(leave_v1(workload, pin));
    }
    let mut resolver = Resolver {
        workload,
        loader,
        findings: workload.findings.clone(),
        out: Resolved { is_whole: true, ..Resolved::default() },
    };
    let config = resolver.load_kind(Kind::Config)?;
    let rules = resolver.load_kind(Kind::Rules)?;
    let Resolver { findings, mut out, .. } = resolver;
    if !(config.is_empty() && rules.is_empty() && findings.is_empty()) {
        let (name, launch) = (workload.name.clone(), workload.launch());
        let spec = DeploymentSpec::new(name, launch);
        out.spec = Some(DeploymentSpec { config, rules, findings, ..spec });
    }
    Ok(out)
}

/// Refinery 1.x reads other files, which are not checked.
fn leave_v1(workload: &Workload<'_>, pin: &Pin) -> Resolved {
    let maps = texts(&workload.mounts).into_iter().filter_map(|(_, datum)| datum.content.name());
    let paths = workload.mounts.iter().filter_map(|mount| match &mount.what {
        Mounted::Path(name) => Some(name.as_str()),
        Mounted::Texts(_) | Mounted::Unknown(_) => None,
    });
    Resolved {
        v1: maps.chain(paths).map(str::to_owned).collect(),
        is_whole: true,
        unchecked: pin.finding().into_iter().map(|finding| workload.place(finding)).collect(),
        ..Resolved::default()
    }
}

struct Resolver<'w, 'o, 'a, 's> {
    workload: &'w Workload<'o>,
    loader: &'a mut Loader<'s>,
    findings: Vec<Finding>,
    out: Resolved,
}

/// The shell variable that a path begins with: `DIR` of `$DIR/a` and `${DIR}/a`.
fn shell_variable(path: &str) -> Option<&str> {
    let (name, start, ..) = references(path).into_iter().next()?;
    // Kubernetes expands `$(DIR)`.
    (start == 0 && path.starts_with('$') && !path.starts_with("$(")).then_some(name)
}

/// The result for a location.
enum Located<'o> {
    /// The path in the container and the file.
    File(String, Cow<'o, DataEntry>),
    /// A finding reports what is wrong.
    Reported,
    /// Why it is unknown.
    Unknown(String),
    /// It is mounted, and the repository has no such folder: its name, the span of the mount, and the
    /// name of a file that may be meant.
    Absent(String, Option<Span>, String),
    /// Why the content of its volume or folder is unknown.
    InVolume(String),
    /// Nothing is mounted there, but the image may contain it.
    InImage,
}

/// What may have a file that is unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Volume,
    Image,
    Unknown,
}

/// A location whose file is unknown.
struct Unlocated {
    word: Word,
    why: String,
    holder: Holder,
    /// The span of its mount.
    mount: Option<Span>,
    /// The file that may be meant.
    near: Option<String>,
}

impl Unlocated {
    fn new(word: Word, why: String, holder: Holder) -> Self {
        Self { word, why, holder, mount: None, near: None }
    }
}

impl<'o> Resolver<'_, 'o, '_, '_> {
    /// Loads all files of a kind. If none of them is known, guesses one by its keys.
    fn load_kind(&mut self, kind: Kind) -> Result<Vec<FileRef>, InputError> {
        let (mut found, mut unlocated) = (Vec::new(), Vec::new());
        let variable = |name: &str| self.workload.variables.get(name).cloned();
        let locations = self.workload.command.locations(kind, variable, self.workload.place);
        if locations.len() > MOST_FILES {
            self.out.is_whole = false;
            self.note(&format!(
                "not checked, because its {} consists of more than {MOST_FILES} files",
                kind.word()
            ));
            return Ok(Vec::new());
        }
        for word in locations {
            match self.locate(kind, &word)? {
                Located::File(path, datum) => found.push((path, datum)),
                Located::Reported => {}
                Located::Unknown(why) => {
                    unlocated.push(Unlocated::new(word, why, Holder::Unknown));
                }
                Located::Absent(name, mount, near) => {
                    let why = format!("is unknown: `{name}` does not exist");
                    let absent = Unlocated::new(word, why, Holder::Unknown);
                    unlocated.push(Unlocated { mount, near: Some(near), ..absent });
                }
                Located::InVolume(why) => {
                    unlocated.push(Unlocated::new(word, why, Holder::Volume));
                }
                Located::InImage => {
                    let why = "is not mounted".to_owned();
                    unlocated.push(Unlocated::new(word, why, Holder::Image));
                }
            }
        }
        // Only an unknown location may mean another file. A script may make the file itself.
        let is_open = unlocated.iter().any(|unlocated| unlocated.word.text.is_none());
        if found.is_empty() && is_open && !self.workload.command.is_script {
            found.extend(self.guess(kind, &unlocated));
        }
        self.out.is_whole &= unlocated.is_empty();
        for unlocated in &unlocated {
            self.report_unlocated(kind, unlocated, &found);
        }
        self.load(kind, found)
    }

    fn locate(&mut self, kind: Kind, word: &Word) -> Result<Located<'o>, InputError> {
        let Some(text) = &word.text else {
            return Ok(Located::Unknown("is unknown".to_owned()));
        };
        let path = match read_location(text) {
            Err(remote) => {
                return Ok(Located::Unknown(format!("is unknown: {}", remote.message)));
            }
            Ok(Location::Refused(finding)) => {
                self.findings.push(finding.at_some(word.span, "this location"));
                return Ok(Located::Reported);
            }
            Ok(Location::File(path, finding)) => {
                let finding = finding.map(|finding| finding.at_some(word.span, "this location"));
                self.findings.extend(finding);
                path
            }
        };
        // Kubernetes expands neither references to undefined variables nor shell variables.
        let shell_variable = shell_variable(&path);
        let is_set = shell_variable.is_some_and(|name| self.workload.variables.contains_key(name));
        if (path.starts_with("$(") || is_set) && self.is_certain(kind, true) {
            self.report_missing(kind, word, &path);
            return Ok(Located::Reported);
        }
        if shell_variable.is_some() {
            return Ok(Located::Unknown(
                "is unknown: only a shell expands the variable".to_owned(),
            ));
        }
        let Some(path) = resolve_path(self.workload.working_dir.as_deref(), &path) else {
            return Ok(Located::InVolume(
                "is relative to the image's working directory".to_owned(),
            ));
        };
        Ok(match find(&self.workload.mounts, &path) {
            Found::Text(datum) => Located::File(path, Cow::Borrowed(datum)),
            Found::Path(name, span) => {
                // In a folder that is mounted, it is the command or variable that names the file.
                let is_own = self.workload.mounts.iter().any(|mount| mount.target == path);
                let named = word.span.filter(|_| !is_own && self.is_named(kind));
                return self.locate_mounted(kind, &path, name, (named, span.or(word.span)));
            }
            Found::Reported => Located::Reported,
            Found::Unknown(why) => Located::InVolume(format!("is unknown: {why}")),
            Found::Nothing { is_covered } if self.is_certain(kind, is_covered) => {
                self.report_missing(kind, word, &path);
                Located::Reported
            }
            Found::Nothing { is_covered: false }
                if self.workload.contents != Contents::RefineryAlone =>
            {
                Located::InImage
            }
            Found::Nothing { .. } => Located::Unknown("is not mounted".to_owned()),
        })
    }

    /// Locates a mounted file of the repository.
    fn locate_mounted(
        &mut self,
        kind: Kind,
        path: &str,
        name: String,
        (named, span): (Option<Span>, Option<Span>),
    ) -> Result<Located<'o>, InputError> {
        let is_folder = self.loader.is_folder(&name);
        let is_there = match self.loader.file(&name) {
            _ if is_folder => false,
            Ok(file) => file.is_some(),
            Err(error) if error.problem.is_absence() => {
                return Ok(Located::Unknown(format!("is unknown: {}", error.message)));
            }
            Err(error) => return Err(error),
        };
        if is_there {
            let place = span.or(self.workload.place);
            let named = place.unwrap_or(Span::new(self.workload.file, 0, 0));
            return Ok(Located::File(
                path.to_owned(),
                Cow::Owned(DataEntry::on_disk(path, name, named)),
            ));
        }
        let what = if is_folder { "is a folder" } else { "does not exist" };
        if !is_folder
            && !self.loader.is_folder(split(&name).0)
            && let Some(near) = self.find_near(&name)
        {
            return Ok(Located::Absent(name, span, near));
        }
        if !self.is_certain(kind, true) || self.is_made_later(&name) {
            return Ok(Located::Unknown(format!("is unknown: `{name}` {what}")));
        }
        let is_process = self.workload.image.is_empty();
        let (message, label) = if is_process {
            (format!("Refinery's {} file `{name}` {what}", kind.word()), "named here")
        } else {
            (format!("`{name}`, mounted as `{path}`, {what}"), "mounted here")
        };
        let finding = Finding::new(&MISSING_FILE, message)
            .at_some(named.filter(|_| !is_process), "named here")
            .at_some(span.filter(|_| span != named || is_process), label);
        let (folder, _) = split(&name);
        let known = self.loader.names(folder).into_iter().map(|known| join(folder, &known));
        let help = match nearest(&name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "check the path, and that git tracks the file".to_owned(),
        };
        self.findings.push(finding.help(help).refuses());
        Ok(Located::Reported)
    }

    /// The file of that name in a folder whose name is similar to the missing one.
    fn find_near(&self, name: &str) -> Option<String> {
        let (folder, file) = split(name);
        let (parent, own) = split(folder);
        let folders = self.loader.names(parent).into_iter();
        let folders = folders.filter(|other| levenshtein(other, own) <= MOST_TYPOS);
        let mut files = folders.map(|other| join(&join(parent, &other), file));
        files.find(|near| self.loader.peek(near).is_ok_and(|it| it.is_some()))
    }

    /// Whether a missing file may be created before the container starts.
    fn is_made_later(&self, name: &str) -> bool {
        let is_piped = self.workload.name.file().starts_with('<');
        // A Procfile only starts what is there.
        let starts_only = is_procfile(self.workload.name.file());
        let has_folder = starts_only || self.loader.is_folder(split(name).0);
        is_piped || !has_folder || self.loader.is_ignored(name)
    }

    /// Whether a file that no mount provides is certainly missing. Other images than Honeycomb's
    /// may contain it unless a mount hides it, and unknown variables may name another location.
    fn is_certain(&self, kind: Kind, is_covered: bool) -> bool {
        let Workload { command, image, is_open, contents, is_partial, .. } = self.workload;
        !(*is_partial || command.is_script)
            && (is_covered || *contents == Contents::RefineryAlone)
            && (self.is_named(kind) || is_official(image) && !is_open)
    }

    /// Whether flags or a variable name its files of a kind.
    fn is_named(&self, kind: Kind) -> bool {
        let Workload { command, variables, .. } = self.workload;
        command.names(kind) || variables.contains_key(kind.locating().variable)
    }

    fn report_missing(&mut self, kind: Kind, word: &Word, path: &str) {
        let Workload { title, mounts, place, .. } = self.workload;
        let message = format!("no file `{path}` in the container of `{title}`");
        let label = format!("used as its {}", kind.word());
        let finding = Finding::new(&MISSING_FILE, message).at_some(word.span.or(*place), label);
        let paths = texts(mounts).into_iter().map(|(path, _)| path);
        let help = match nearest(path, paths) {
            _ if let Some(name) = shell_variable(path) => {
                format!(
                    "only a shell expands `{path}`; write the path itself, or use `$({name})` in Kubernetes"
                )
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "mount a file there, or pass another path with `-{}`",
                kind.word().chars().next().unwrap_or('c')
            ),
        };
        self.findings.push(finding.help(help).refuses());
    }

    /// The file at Refinery's default path, if the location is unknown; else the only file that is
    /// recognised as this kind.
    fn guess(&self, kind: Kind, unlocated: &[Unlocated]) -> Option<(String, Cow<'o, DataEntry>)> {
        let mounts = &self.workload.mounts;
        let default = kind.locating().default;
        if unlocated.iter().any(|unlocated| unlocated.word.text.is_none()) {
            let datum = match find(mounts, default) {
                Found::Text(datum) => Some(Cow::Borrowed(datum)),
                Found::Path(name, span) if self.loader.peek(&name).is_ok_and(|it| it.is_some()) => {
                    let place = span.unwrap_or(Span::new(self.workload.file, 0, 0));
                    Some(Cow::Owned(DataEntry::on_disk(default, name, place)))
                }
                _ => None,
            };
            if let Some(datum) = datum {
                return Some((default.to_owned(), datum));
            }
        }
        let mut candidates = texts(mounts).into_iter().filter(|(path, datum)| {
            datum.recognise(path, self.loader).is_some_and(|what| what.kind == kind)
        });
        let (path, datum) = candidates.next().filter(|_| candidates.next().is_none())?;
        Some((path, Cow::Borrowed(datum)))
    }

    /// Reports a location without a known file. That is an error if the container certainly runs
    /// Refinery, unless another file is used instead.
    fn report_unlocated(
        &mut self,
        kind: Kind,
        unlocated: &Unlocated,
        found: &[(String, Cow<'_, DataEntry>)],
    ) {
        let Workload { is_evident, is_partial, is_open, place, .. } = self.workload;
        let Unlocated { word, why, holder, mount, near } = unlocated;
        let half = kind.word();
        let what = match &word.text {
            None => format!("the location of the {half} file is unknown"),
            Some(location) => format!("the {half} file `{location}` {why}"),
        };
        if !found.is_empty() {
            let paths: Vec<String> = found.iter().map(|(path, _)| format!("`{path}`")).collect();
            self.note(&format!("{what}; using {} instead", paths.join(", ")));
        } else if *is_evident && (*is_partial || *holder == Holder::Image) {
            self.note(&format!("{what}; not checked"));
        } else if *is_evident {
            let (place, label) = match mount {
                Some(mount) => (Some(*mount), "mounted here"),
                None => (word.span.or(*place), "not checked"),
            };
            let finding = Finding::new(&UNKNOWN_FILE, what).at_some(place, label);
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "check the rendered files, or exclude this file in the settings, with a reason"
                        .to_owned()
                }
            };
            let finding = self.workload.place(finding.help(help));
            let container = self.workload.name.clone();
            // A script that is in sight decides, or writes, what is read.
            let may_be_prepared = !self.workload.command.is_script
                && (word.text.is_none() || *is_open || *holder == Holder::Volume);
            self.out.unknown.push(UnknownFile { container, kind, may_be_prepared, finding });
        }
    }

    fn load(
        &mut self,
        kind: Kind,
        found: Vec<(String, Cow<'o, DataEntry>)>,
    ) -> Result<Vec<FileRef>, InputError> {
        let mut files = Vec::new();
        for (path, datum) in found {
            self.out.used.extend(datum.content.name().map(str::to_owned));
            self.findings.extend(datum.find_unknown_format(&path));
            self.findings.extend(datum.find_missing(self.loader));
            match load(kind, &path, &datum, self.workload.file, self.loader)? {
                Loaded::File(file) => files.push(file),
                Loaded::Unchecked(finding) if finding.stops_start() => self.findings.push(finding),
                Loaded::Unchecked(finding) => self.out.unchecked.push(finding),
                Loaded::Silent(why) => self.note(&format!("its {}: {why}", kind.word())),
            }
        }
        Ok(files)
    }

    fn note(&mut self, what: &str) {
        self.out.notices.push(Notice::on(self.workload.name.clone(), what));
    }
}

/// The most letters in which a misspelled name of a folder differs.
const MOST_TYPOS: usize = 2;

/// The most similar known path.
fn nearest(path: &str, known: impl Iterator<Item = String>) -> Option<String> {
    const NEAR: usize = 3;
    let distance = |other: &String| levenshtein(split(other).1, split(path).1);
    known
        .map(|other| (distance(&other), other))
        .filter(|(d, _)| *d <= NEAR)
        .min()
        .map(|(_, near)| near)
}
