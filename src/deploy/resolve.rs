//! A container that runs Refinery → the deployment of its process: the files at the locations that it
//! is started with, as its mounts bring them.
//!
//! A file that is not there is a fault only where nothing else can bring it.

use super::command::{Word, lead};
use super::content::{Datum, Loaded, load};
use super::deployment_spec::{DeploymentSpec, FileRef};
use super::loader::Loader;
use super::location::{Location, read_location};
use super::mount::{Found, Mounted, find, texts};
use super::workload::{Contents, Workload, is_official};
use crate::check;
use crate::diagnostic::Finding;
use crate::git::ignored::is_ignored;
use crate::release::Pin;
use crate::schema::Kind;
use crate::span::Span;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use std::borrow::Cow;
use strsim::levenshtein;

check!(
    MISSING_FILE,
    "start/missing-file",
    Error,
    "a file that Refinery is started with is not in its container",
    "Honeycomb's image holds no config and no rules, and neither Docker nor Kubernetes brings a file \
     that its source does not have: Refinery exits at what it cannot read"
);

/// Nobody starts a process with more files of one kind.
pub const MOST_FILES: usize = 100;

/// What came of a container.
#[derive(Default)]
pub struct Resolved {
    /// None where nothing is known of its files.
    pub spec: Option<DeploymentSpec>,
    /// The names of the texts that it reads.
    pub used: Vec<String>,
    /// The names of texts, files and folders that Refinery 1.x reads here.
    pub v1: Vec<String>,
    /// Both files are known, or it is certain that they are not there.
    pub is_whole: bool,
    /// What of its files stays unchecked.
    pub unchecked: Vec<Finding>,
    pub notices: Vec<String>,
}

/// Follows all locations of a container.
///
/// # Errors
/// A file of its own cannot be read.
pub fn resolve(workload: &Workload<'_>, around: &mut Loader<'_>) -> Result<Resolved, InputError> {
    if let Some(pin) = workload.release.as_ref().filter(|pin| pin.is_first_generation()) {
        return Ok(leave_v1(workload, pin));
    }
    let mut resolver = Resolver {
        workload,
        around,
        findings: workload.findings.clone(),
        out: Resolved { is_whole: true, ..Resolved::default() },
    };
    let config = resolver.half(Kind::Config)?;
    let rules = resolver.half(Kind::Rules)?;
    let Resolver { findings, mut out, .. } = resolver;
    if !(config.is_empty() && rules.is_empty() && findings.is_empty()) {
        let (name, given) = (workload.name.clone(), workload.launch());
        out.spec = Some(DeploymentSpec { name, config, rules, given, findings });
    }
    Ok(out)
}

/// Refinery 1.x reads other files, and none of them is checked.
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
    around: &'a mut Loader<'s>,
    findings: Vec<Finding>,
    out: Resolved,
}

/// What became of a location.
enum Seen<'o> {
    /// The text there, and the path under which the process finds it.
    Text(String, Cow<'o, Datum>),
    /// A finding says what is wrong.
    Reported,
    /// Why nobody knows.
    Unknown(String),
}

impl<'o> Resolver<'_, 'o, '_, '_> {
    /// All files of a kind. Where none of them is known, the one that is such a file by its keys.
    fn half(&mut self, kind: Kind) -> Result<Vec<FileRef>, InputError> {
        let (mut found, mut lost) = (Vec::new(), Vec::new());
        let variable = |name: &str| self.workload.variables.get(name).cloned();
        let locations = self.workload.command.locations(kind, variable, self.workload.place);
        if locations.len() > MOST_FILES {
            self.out.is_whole = false;
            self.say(&format!("its {} is more than {MOST_FILES} files, not checked", kind.word()));
            return Ok(Vec::new());
        }
        for word in locations {
            match self.see(kind, &word)? {
                Seen::Text(path, datum) => found.push((path, datum)),
                Seen::Reported => {}
                Seen::Unknown(why) => lost.push((word.text, why)),
            }
        }
        if found.is_empty() && !lost.is_empty() {
            found.extend(self.likely(kind, &lost));
        }
        self.out.is_whole &= lost.is_empty();
        for (location, why) in lost {
            self.tell_lost(kind, location.as_deref(), &why, &found);
        }
        self.load(kind, found)
    }

    fn see(&mut self, kind: Kind, word: &Word) -> Result<Seen<'o>, InputError> {
        let Some(text) = &word.text else {
            return Ok(Seen::Unknown("is not known".to_owned()));
        };
        let path = match read_location(text) {
            Err(remote) => return Ok(Seen::Unknown(format!("is not known: {}", remote.message))),
            Ok(Location::Refused(finding)) => {
                self.findings.push(finding.at_some(word.span, "this location"));
                return Ok(Seen::Reported);
            }
            Ok(Location::File(path, finding)) => {
                let finding = finding.map(|finding| finding.at_some(word.span, "this location"));
                self.findings.extend(finding);
                path
            }
        };
        let Some(path) = lead(self.workload.working_dir.as_deref(), &path) else {
            return Ok(Seen::Unknown("lies in the folder that the image works in".to_owned()));
        };
        Ok(match find(&self.workload.mounts, &path) {
            Found::Text(datum) => Seen::Text(path, Cow::Borrowed(datum)),
            Found::Path(name, span) => return self.see_path(kind, &path, name, span.or(word.span)),
            Found::Reported => Seen::Reported,
            Found::Unknown(why) => Seen::Unknown(format!("is not known: {why}")),
            Found::Nothing { is_covered } if self.is_certain(kind, is_covered) => {
                self.report_missing(kind, word, &path);
                Seen::Reported
            }
            Found::Nothing { .. } => Seen::Unknown("is none of what is mounted".to_owned()),
        })
    }

    /// A file of the repository that a mount brings.
    fn see_path(
        &mut self,
        kind: Kind,
        path: &str,
        name: String,
        span: Option<Span>,
    ) -> Result<Seen<'o>, InputError> {
        let is_folder = self.around.is_folder(&name);
        let is_there = match self.around.file(&name) {
            _ if is_folder => false,
            Ok(file) => file.is_some(),
            Err(error) if error.problem.is_absence() => {
                return Ok(Seen::Unknown(format!("is not known: {}", error.message)));
            }
            Err(error) => return Err(error),
        };
        if is_there {
            let place = span.or(self.workload.place);
            let named = place.unwrap_or(Span::new(self.workload.file, 0, 0));
            return Ok(Seen::Text(path.to_owned(), Cow::Owned(Datum::on_disk(path, name, named))));
        }
        let what = if is_folder { "is a folder" } else { "does not exist" };
        if !self.is_certain(kind, true) || self.is_made_later(&name) {
            return Ok(Seen::Unknown(format!("is not known: `{name}` {what}")));
        }
        let message = format!("`{name}`, mounted as `{path}`, {what}");
        let finding = Finding::new(&MISSING_FILE, message).at_some(span, "mounted here");
        let (folder, _) = split(&name);
        let known = self.around.names(folder).into_iter().map(|known| join(folder, &known));
        let help = match nearest(&name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "check the spelling, and whether git tracks the file".to_owned(),
        };
        self.findings.push(finding.help(help).refuses());
        Ok(Seen::Reported)
    }

    /// May a file that is not there be there by the time that somebody starts the container?
    fn is_made_later(&self, name: &str) -> bool {
        let is_piped = self.workload.name.starts_with('<');
        is_piped || !self.around.is_folder(split(name).0) || is_ignored(name)
    }

    /// Is a file that no mount brings certainly not there? The image may bring it where no mount
    /// hides that and it is not Honeycomb's, and other locations may be named out of sight.
    fn is_certain(&self, kind: Kind, is_covered: bool) -> bool {
        let Workload { command, variables, image, is_open, contents, is_partial, .. } =
            self.workload;
        let is_named = command.names(kind) || variables.contains_key(kind.locating().variable);
        !is_partial
            && (is_covered || *contents == Contents::RefineryAlone)
            && (is_named || is_official(image) && !is_open)
    }

    fn report_missing(&mut self, kind: Kind, word: &Word, path: &str) {
        let Workload { title, mounts, place, .. } = self.workload;
        let message = format!("`{path}` is not in the container of `{title}`");
        let label = format!("is started with it as its {}", kind.word());
        let finding = Finding::new(&MISSING_FILE, message).at_some(word.span.or(*place), label);
        let paths = texts(mounts).into_iter().map(|(path, _)| path);
        let help = match nearest(path, paths) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "mount a file there, or name the one that is meant with `-{}`",
                kind.word().chars().next().unwrap_or('c')
            ),
        };
        self.findings.push(finding.help(help).refuses());
    }

    /// The text at Refinery's own place, where the location is not known; else the only one that is
    /// such a file by its keys.
    fn likely(
        &self,
        kind: Kind,
        lost: &[(Option<String>, String)],
    ) -> Option<(String, Cow<'o, Datum>)> {
        let mounts = &self.workload.mounts;
        let default = kind.locating().default;
        if lost.iter().any(|(location, _)| location.is_none()) {
            let datum = match find(mounts, default) {
                Found::Text(datum) => Some(Cow::Borrowed(datum)),
                Found::Path(name, span) if self.around.peek(&name).is_ok_and(|it| it.is_some()) => {
                    let place = span.unwrap_or(Span::new(self.workload.file, 0, 0));
                    Some(Cow::Owned(Datum::on_disk(default, name, place)))
                }
                _ => None,
            };
            if let Some(datum) = datum {
                return Some((default.to_owned(), datum));
            }
        }
        let mut alike = texts(mounts).into_iter().filter(|(path, datum)| {
            datum.recognise(path, self.around).is_some_and(|what| what.kind == kind)
        });
        let (path, datum) = alike.next().filter(|_| alike.next().is_none())?;
        Some((path, Cow::Borrowed(datum)))
    }

    fn tell_lost(
        &mut self,
        kind: Kind,
        location: Option<&str>,
        why: &str,
        found: &[(String, Cow<'_, Datum>)],
    ) {
        if !self.workload.is_evident && found.is_empty() {
            return;
        }
        let kind = kind.word();
        let what = match location {
            None => format!("where the {kind} lies is not known"),
            Some(location) => format!("the {kind} `{location}` {why}"),
        };
        let instead = match found {
            [] => "not checked".to_owned(),
            found => {
                let paths: Vec<String> =
                    found.iter().map(|(path, _)| format!("`{path}`")).collect();
                format!("checked with {}", paths.join(", "))
            }
        };
        self.say(&format!("{what}; {instead}"));
    }

    fn load(
        &mut self,
        kind: Kind,
        found: Vec<(String, Cow<'o, Datum>)>,
    ) -> Result<Vec<FileRef>, InputError> {
        let mut files = Vec::new();
        for (path, datum) in found {
            self.out.used.extend(datum.content.name().map(str::to_owned));
            self.findings.extend(datum.find_unknown_format(&path));
            self.findings.extend(datum.find_missing(self.around));
            match load(kind, &path, &datum, self.workload.file, self.around)? {
                Loaded::File(file) => files.push(file),
                Loaded::Unchecked(finding) if finding.stops_start() => self.findings.push(finding),
                Loaded::Unchecked(finding) => self.out.unchecked.push(finding),
                Loaded::Silent(why) => self.say(&format!("its {}: {why}", kind.word())),
            }
        }
        Ok(files)
    }

    fn say(&mut self, what: &str) {
        self.out.notices.push(format!("{}: {what}", self.workload.name));
    }
}

/// The path that may have been meant instead.
fn nearest(path: &str, known: impl Iterator<Item = String>) -> Option<String> {
    const NEAR: usize = 3;
    let distance = |other: &String| levenshtein(split(other).1, split(path).1);
    known
        .map(|other| (distance(&other), other))
        .filter(|(d, _)| *d <= NEAR)
        .min()
        .map(|(_, near)| near)
}
