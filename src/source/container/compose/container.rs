//! One container of Refinery → the files that its process is started with.

use super::command::{Command, read_command};
use super::mounts::{Mount, Mounted, find, hangs_on, path_of};
use super::project::Project;
use super::service::Service;
use super::variables::{EnvFile, read_env_file};
use super::words::{Word, bytes, known};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::source::circumstances::Circumstances;
use crate::source::container::kubernetes::processors;
use crate::source::container::workload::{release_of_tag, tag_of};
use crate::source::container::{Described, Half, Opened, Outer, Part, block};
use crate::source::input_error::{InputError, InputProblem};
use crate::source::location::{Location, read_location};
use crate::source::path::{format_of, join, split};
use crate::source::recognise::{Generation, Recognised, recognise};
use crate::source::shelf::{UNKNOWN_FORMAT, unknown_format};
use crate::source::surroundings::Surroundings;
use crate::span::{FileId, Piece, Span};
use crate::syntax::Item;
use std::collections::BTreeMap;
use strsim::levenshtein;

check!(
    MISSING_FILE,
    "start/missing-file",
    Error,
    "a file that the engine is started with is not in its container",
    "the image holds no config and no rules, and Docker makes an empty folder of a file that it is to \
     mount and does not find: the process exits at what it cannot read"
);

/// Registries in which an image of this name is Honeycomb's own: the engine and nothing else.
const REGISTRIES: [&str; 4] = ["", "docker.io/", "public.ecr.aws/", "ghcr.io/"];
const IMAGES: [&str; 2] = ["honeycombio/refinery", "honeycombio/refinery/refinery"];

/// A service that runs Refinery.
pub struct Container<'p> {
    project: &'p mut Project,
    service: &'p Service,
    /// The file and, behind `#`, the service.
    name: String,
    service_name: String,
    variables: BTreeMap<String, Word>,
    /// Is there nothing in the image but the engine, and nothing that may bring more?
    is_closed: bool,
    notices: Vec<String>,
    findings: Vec<Finding>,
}

/// What became of a location.
enum Seen {
    Half(Half),
    /// A finding says what is wrong.
    Told,
    /// Why nobody knows.
    Unknown(String),
}

/// A location that the engine is started with.
struct Place {
    word: Word,
    kind: Kind,
    /// The path in the container.
    path: String,
}

impl<'p> Container<'p> {
    pub fn new(
        project: &'p mut Project,
        service: &'p Service,
        name: String,
        service_name: String,
    ) -> Self {
        let is_closed = !service.is_built
            && !service.is_partial
            && service.image.as_ref().and_then(known).is_some_and(|image| is_official(&image));
        let (variables, notices, findings) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { project, service, name, service_name, variables, is_closed, notices, findings }
    }

    /// Takes out what it is started with.
    ///
    /// # Errors
    /// Something that it names cannot be read.
    pub fn open(
        mut self,
        around: &mut Surroundings<'_>,
        opened: &mut Opened,
    ) -> Result<(), InputError> {
        self.load_variables(around)?;
        self.is_closed &= !self.project.may_be_completed(&self.service_name, around)?;
        let entrypoint = self.service.entrypoint.as_deref();
        let words = self.service.command.as_deref().unwrap_or_default();
        let command = read_command(entrypoint, words);
        if !command.is_certain {
            self.notices.push(format!("{}: its command is not known as a whole", self.name));
        }
        let config = self.half(Kind::Config, &command, around)?;
        let rules = self.half(Kind::Rules, &command, around)?;
        let given = self.circumstances(&command);
        if !(config.is_empty() && rules.is_empty() && self.findings.is_empty()) {
            let (name, findings) = (self.name, self.findings);
            opened.described.push(Described { name, config, rules, given, findings });
        }
        opened.notices.append(&mut self.notices);
        Ok(())
    }

    /// What `environment` says counts over files of variables.
    fn load_variables(&mut self, around: &mut Surroundings<'_>) -> Result<(), InputError> {
        for (file, is_needed) in &self.service.env_files {
            let read = match &file.text {
                Some(name) if !name.starts_with(['/', '~']) => read_env_file(around.store, name)?,
                _ => EnvFile::Missing,
            };
            let name = file.text.as_deref().unwrap_or("?");
            match read {
                EnvFile::Known(known) => {
                    let word = |value| Word { text: Some(value), span: file.span };
                    self.variables
                        .extend(known.into_iter().map(|(name, value)| (name, word(value))));
                    continue;
                }
                EnvFile::Bad(why) => {
                    self.notices.push(format!("{}: variables are unknown, {why}", self.name));
                }
                EnvFile::Missing if *is_needed => {
                    let why =
                        format!("{}: variables are unknown, `{name}` is not there", self.name);
                    self.notices.push(why);
                }
                EnvFile::Missing => {}
            }
            self.is_closed = false;
        }
        self.variables.extend(self.service.variables.clone());
        Ok(())
    }

    fn circumstances(&mut self, command: &Command) -> Circumstances {
        let image = self.service.image.as_ref();
        let tag = image.and_then(Item::text).and_then(tag_of);
        let named = match image {
            Some(image) if !image.unknown.is_empty() => {
                Some(Err(format!("its release is unknown, {}", hangs_on(image))))
            }
            _ => {
                tag.map(|tag| release_of_tag(tag, format!("the image of `{}`", self.service_name)))
            }
        };
        let release = match named {
            Some(Err(why)) => {
                self.notices.push(format!("{}: {why}", self.name));
                None
            }
            Some(Ok(named)) => Some(named),
            None => None,
        };
        let variables = self.variables.iter();
        let limit = |item: &Option<Item>| item.as_ref().and_then(known);
        Circumstances {
            release,
            arguments: command.arguments.clone(),
            variables: variables
                .filter_map(|(name, word)| Some((name.clone(), word.text.clone()?)))
                .collect(),
            // Nought is no limit.
            memory: limit(&self.service.memory).and_then(|text| bytes(&text)).filter(|&n| n > 0),
            cores: limit(&self.service.cores)
                .filter(|text| text.parse::<f64>().is_ok_and(|count| count > 0.0))
                .and_then(|text| processors(&text)),
        }
    }

    /// All files of a kind; none where one of them is not known.
    fn half(
        &mut self,
        kind: Kind,
        command: &Command,
        around: &mut Surroundings<'_>,
    ) -> Result<Vec<Half>, InputError> {
        let mut halves = Vec::new();
        let mut is_known = true;
        for word in self.locations(kind, command) {
            let told = word.text.clone().unwrap_or_else(|| format!("its {}", kind.word()));
            match self.see(kind, word, around)? {
                Seen::Half(half) => halves.push(half),
                Seen::Told => is_known = false,
                Seen::Unknown(why) => {
                    is_known = false;
                    self.notices.push(format!("{}: `{told}` is not judged, {why}", self.name));
                }
            }
        }
        Ok(if is_known { halves } else { Vec::new() })
    }

    /// Flags count over variables, and these over what the engine looks for by itself.
    fn locations(&self, kind: Kind, command: &Command) -> Vec<Word> {
        let (flags, variable, default) = match kind {
            Kind::Config => (&command.config, "REFINERY_CONFIG", "/etc/refinery/refinery.yaml"),
            Kind::Rules => (&command.rules, "REFINERY_RULES_CONFIG", "/etc/refinery/rules.yaml"),
        };
        if !flags.is_empty() {
            return flags.clone();
        }
        let span = self.service.place;
        if !command.is_certain {
            return vec![Word { text: None, span }];
        }
        match self.variables.get(variable) {
            Some(Word { text: Some(text), span }) => {
                let word = |text: &str| Word { text: Some(text.to_owned()), span: *span };
                text.split(',').map(word).collect()
            }
            Some(unknown) => vec![unknown.clone()],
            None => vec![Word { text: Some(default.to_owned()), span }],
        }
    }

    fn see(
        &mut self,
        kind: Kind,
        word: Word,
        around: &mut Surroundings<'_>,
    ) -> Result<Seen, InputError> {
        let Some(text) = &word.text else {
            return Ok(Seen::Unknown("where it lies is not known".to_owned()));
        };
        let path = match read_location(text) {
            Err(remote) => return Ok(Seen::Unknown(remote.message)),
            Ok(Location::Refused(finding)) => {
                self.findings.push(finding.at_some(word.span, "this location"));
                return Ok(Seen::Told);
            }
            Ok(Location::File(path, finding)) => {
                let finding = finding.map(|finding| finding.at_some(word.span, "this location"));
                self.findings.extend(finding);
                path
            }
        };
        let working_dir = self.service.working_dir.as_ref().map(|dir| dir.text.as_deref());
        let path = match working_dir {
            _ if path.starts_with('/') => join("/", &path),
            Some(Some(folder)) if folder.starts_with('/') => join(folder, &path),
            _ => {
                return Ok(Seen::Unknown(
                    "it lies in the folder that the image works in".to_owned(),
                ));
            }
        };
        self.see_mount(Place { word, kind, path }, around)
    }

    fn see_mount(
        &mut self,
        place: Place,
        around: &mut Surroundings<'_>,
    ) -> Result<Seen, InputError> {
        let Some((mount, rest)) = find(&self.service.mounts, &place.path) else {
            return Ok(self.unmounted(&place));
        };
        match &mount.what {
            Mounted::Unknown(why) => Ok(Seen::Unknown(why.clone())),
            Mounted::Path(name) => {
                let name = if rest.is_empty() { name.clone() } else { join(name, rest) };
                self.open_file(&name, mount, &place, around)
            }
            Mounted::Of(..) if !rest.is_empty() => {
                Ok(Seen::Unknown("its folder is a file".to_owned()))
            }
            Mounted::Of(held, name) => match self.project.held(held, name) {
                Some((file, item)) => {
                    self.open_held((held, name), file, &item, mount, &place, around)
                }
                None => Ok(Seen::Unknown(format!("`{held}` has no `{name}`"))),
            },
        }
    }

    fn unmounted(&mut self, place: &Place) -> Seen {
        if !self.is_closed {
            return Seen::Unknown("nothing in the file says what is there".to_owned());
        }
        let message =
            format!("`{}` is not in the container of `{}`", place.path, self.service_name);
        let label = format!("is started with it as its {}", place.kind.word());
        let help = format!(
            "mount a file there, such as with `volumes: [./{}.yaml:{}]`",
            place.kind.word(),
            place.path
        );
        let finding = Finding::new(&MISSING_FILE, message).at_some(place.word.span, label);
        self.findings.push(finding.help(help).refuses());
        Seen::Told
    }

    fn open_file(
        &mut self,
        name: &str,
        mount: &Mount,
        place: &Place,
        around: &mut Surroundings<'_>,
    ) -> Result<Seen, InputError> {
        let is_folder = around.is_folder(name);
        let shelved = match around.file(name) {
            _ if is_folder => None,
            Err(error) if error.problem == InputProblem::Repository => {
                return Ok(Seen::Unknown(error.message));
            }
            read => read?,
        };
        let Some(mut shelved) = shelved else {
            let what = if is_folder { "is a folder" } else { "is not there" };
            if !self.is_closed || self.is_made_later(name, around) {
                return Ok(Seen::Unknown(format!("`{name}` {what}")));
            }
            let message = format!("`{name}`, mounted as `{}`, {what}", place.path);
            let finding = Finding::new(&MISSING_FILE, message).at_some(mount.span, "this mount");
            self.findings.push(finding.help(advice(name, around)).refuses());
            return Ok(Seen::Told);
        };
        // The engine goes by the name in the container.
        let format = format_of(&place.path);
        if format != shelved.source.format {
            shelved.source.format = format;
            shelved.findings.retain(|finding| finding.check != &UNKNOWN_FORMAT);
            self.check_format(place);
        }
        Ok(Seen::Half(Half::Open(shelved)))
    }

    /// May a file that is not there be there by the time that somebody starts the container?
    fn is_made_later(&self, name: &str, around: &Surroundings<'_>) -> bool {
        let folder = split(name).0;
        let is_piped = self.name.starts_with('<');
        is_piped
            || !around.is_folder(if folder.is_empty() { "." } else { folder })
            || around.is_ignored(name)
    }

    fn check_format(&mut self, place: &Place) {
        if format_of(&place.path).is_none() {
            let finding = unknown_format(&place.path).at_some(place.word.span, "this file");
            self.findings.push(finding);
        }
    }

    fn open_held(
        &mut self,
        (held, name): (&str, &str),
        file: FileId,
        item: &Item,
        mount: &Mount,
        place: &Place,
        around: &mut Surroundings<'_>,
    ) -> Result<Seen, InputError> {
        if let Some(path) = item.get("file") {
            return match path_of(path, &self.project.folder) {
                Mounted::Path(name) => self.open_file(&name, mount, place, around),
                Mounted::Unknown(why) => Ok(Seen::Unknown(why)),
                Mounted::Of(..) => Ok(Seen::Told),
            };
        }
        let content = item.get("content").and_then(|item| Some((item.text()?, item.span?)));
        let Some((text, span)) = content else {
            return Ok(Seen::Unknown(format!("`{held}.{name}` comes from outside the file")));
        };
        let outer = around.shelf.files.get(file);
        let outer = Outer { name: &outer.name, file, text: &outer.text, start: 0, beside: None };
        let pieces = block::pieces(outer, span, text);
        let (text, pieces) = match self.fill(text, pieces, place.kind) {
            Ok(filled) => filled,
            Err(unknown) => return Ok(Seen::Unknown(unknown)),
        };
        let format = format_of(&place.path);
        self.check_format(place);
        let recognised = recognise(format, &text).filter(|found| found.kind == place.kind);
        let generation = recognised.map_or(Generation::Second, |found| found.generation);
        Ok(Seen::Half(Half::Within(Part {
            name: format!("{}#{held}.{name}", outer.name),
            recognised: Recognised { kind: place.kind, generation },
            format,
            text,
            pieces,
            bond: self.name.clone(),
            given: Circumstances::default(),
        })))
    }

    /// Replaces a text's variables, piece by piece. In a config an unknown one stays: the engine
    /// replaces what is left in the same form.
    fn fill(
        &mut self,
        text: &str,
        pieces: Vec<Piece>,
        kind: Kind,
    ) -> Result<(String, Vec<Piece>), String> {
        let mut filled = String::new();
        let mut places = Vec::new();
        for Piece { inner, outer } in pieces {
            let line = text.get(inner).unwrap_or_default();
            let start = filled.len();
            match self.project.variables.filled(line) {
                None => filled.push_str(line),
                Some(Ok(line)) => filled.push_str(&line),
                Some(Err(unknown)) if kind == Kind::Config && is_left(line, &unknown) => {
                    filled.push_str(line);
                }
                Some(Err(unknown)) => {
                    return Err(format!("it hangs on `{}`", unknown.join("`, `")));
                }
            }
            places.extend(parted(Piece { inner: start..filled.len(), outer }, line));
        }
        Ok((filled, places))
    }
}

/// Of a line that stands in the file as it is, what is before the first variable is kept apart.
fn parted(piece: Piece, line: &str) -> Vec<Piece> {
    let Piece { inner, outer } = piece;
    let before = line.find('$').unwrap_or_default();
    if before == 0 || outer.range().len() != line.len() {
        return vec![Piece { inner, outer }];
    }
    let (start, end) = (outer.range().start, outer.range().end);
    let parts = [(inner.start..inner.start + before, start, start + before)];
    let rest = [(inner.start + before..inner.end, start + before, end)];
    let parts = parts.into_iter().chain(rest);
    parts.map(|(inner, from, to)| Piece { inner, outer: Span::new(outer.file, from, to) }).collect()
}

/// Are all unknown variables of a line in the one form that the engine replaces too?
fn is_left(line: &str, unknown: &[String]) -> bool {
    let rest = unknown
        .iter()
        .fold(line.to_owned(), |line, name| line.replace(&format!("${{{name}}}"), ""));
    !rest.contains('$')
}

/// What may have been meant instead.
fn advice(name: &str, around: &Surroundings<'_>) -> String {
    const NEAR: usize = 3;
    let (folder, file) = split(name);
    let names = around.names(folder).into_iter();
    let near = names.map(|known| (levenshtein(&known, file), known));
    match near.filter(|(distance, _)| *distance <= NEAR).min() {
        Some((_, known)) => format!("did you mean `{}`?", join(folder, &known)),
        None => "name a file that is there".to_owned(),
    }
}

fn is_official(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let name =
        tag_of(path).and_then(|tag| path.strip_suffix(tag)?.strip_suffix(':')).unwrap_or(path);
    REGISTRIES
        .iter()
        .any(|registry| name.strip_prefix(registry).is_some_and(|name| IMAGES.contains(&name)))
}
