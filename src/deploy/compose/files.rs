//! A location that the engine is started with → the file that a mount brings there.
//!
//! A file that is not there is a fault only where nothing else can bring it.

use super::container::Container;
use super::fill::fill;
use super::mounts::{Mount, Mounted, find, path_of};
use crate::deploy::command::{Word, lead};
use crate::deploy::deployment_spec::FileRef;
use crate::deploy::loaded::{UNKNOWN_FORMAT, unknown_format};
use crate::deploy::loader::Loader;
use crate::deploy::location::{Location, read_location};
use crate::deploy::resolve::MISSING_FILE;
use crate::deploy::{Outer, block};
use crate::diagnostic::Finding;
use crate::git::ignored::is_ignored;
use crate::schema::Kind;
use crate::span::FileId;
use crate::syntax::Item;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, join, split};
use strsim::levenshtein;

/// What became of a location.
pub enum Seen {
    FileRef(FileRef),
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

impl Container<'_> {
    /// Follows one location.
    ///
    /// # Errors
    /// What is mounted there cannot be read.
    pub fn see(
        &mut self,
        kind: Kind,
        word: Word,
        around: &mut Loader<'_>,
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
        let folder = self.service.working_dir.as_ref().and_then(|folder| folder.text.as_deref());
        let Some(path) = lead(folder, &path) else {
            let why = "it lies in the folder that the image works in";
            return Ok(Seen::Unknown(why.to_owned()));
        };
        self.see_mount(&Place { word, kind, path }, around)
    }

    fn see_mount(&mut self, place: &Place, around: &mut Loader<'_>) -> Result<Seen, InputError> {
        let Some((mount, rest)) = find(&self.service.mounts, &place.path) else {
            return Ok(self.unmounted(place));
        };
        match &mount.what {
            Mounted::Unknown(why) => Ok(Seen::Unknown(why.clone())),
            Mounted::Path(name) => {
                let name = if rest.is_empty() { name.clone() } else { join(name, rest) };
                self.open_file(&name, mount, place, around)
            }
            Mounted::Of(..) if !rest.is_empty() => {
                Ok(Seen::Unknown("its folder is a file".to_owned()))
            }
            Mounted::Of(held, name) => match self.project.held(held, name) {
                Some((file, item)) => {
                    self.open_held((held, name), file, &item, mount, place, around)
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
        around: &mut Loader<'_>,
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
        Ok(Seen::FileRef(FileRef::OnDisk(shelved)))
    }

    /// May a file that is not there be there by the time that somebody starts the container?
    fn is_made_later(&self, name: &str, around: &Loader<'_>) -> bool {
        let folder = split(name).0;
        let is_piped = self.name.starts_with('<');
        is_piped
            || !around.is_folder(if folder.is_empty() { "." } else { folder })
            || is_ignored(name)
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
        around: &mut Loader<'_>,
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
        let outer = Outer::of(&outer.name, file, &outer.text);
        let pieces = block::pieces(outer, span, text);
        let is_expanded = place.kind == Kind::Config && self.expands_variables();
        let (text, pieces) = match fill(&mut self.project.variables, text, pieces, is_expanded) {
            Ok(filled) => filled,
            Err(unknown) => return Ok(Seen::Unknown(unknown)),
        };
        let format = format_of(&place.path);
        self.check_format(place);
        let name = format!("{}#{held}.{name}", outer.name);
        Ok(Seen::FileRef(FileRef::within(place.kind, format, name, text, pieces, file)))
    }
}

/// What may have been meant instead.
fn advice(name: &str, around: &Loader<'_>) -> String {
    const NEAR: usize = 3;
    let (folder, file) = split(name);
    let names = around.names(folder).into_iter();
    let near = names.map(|known| (levenshtein(&known, file), known));
    match near.filter(|(distance, _)| *distance <= NEAR).min() {
        Some((_, known)) => format!("did you mean `{}`?", join(folder, &known)),
        None => "name a file that is there".to_owned(),
    }
}
