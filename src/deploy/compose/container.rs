//! One container of Refinery → the deployment of its process: where its files are, and how it is run.
//!
//! Must not open its files: `files` does.

use super::files::Seen;
use super::mounts::hangs_on;
use super::project::Project;
use super::service::Service;
use super::variables::{EnvFile, read_env_file};
use super::words::{bytes, known};
use crate::deploy::Opened;
use crate::deploy::command::{Command, Word};
use crate::deploy::deployment_spec::{DeploymentSpec, FileRef};
use crate::deploy::kubernetes::processors;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::resolve::MOST_FILES;
use crate::deploy::workload::{is_official, pin_of_image};
use crate::diagnostic::Finding;
use crate::machine::Machine;
use crate::release::{Named, Pin, Quirk, ReleaseQuirks};
use crate::schema::Kind;
use crate::syntax::Item;
use crate::value::Duration;
use crate::vfs::input_error::InputError;
use std::collections::BTreeMap;

/// How long Docker waits for a process that it has told to stop.
const GRACE: Duration = Duration(10_000_000_000);

/// A service that runs Refinery.
pub struct Container<'p> {
    pub project: &'p mut Project,
    pub service: &'p Service,
    /// The file and, behind `#`, the service.
    pub name: String,
    pub service_name: String,
    variables: BTreeMap<String, Word>,
    release: Option<Pin>,
    /// Is there nothing in the image but the engine, and nothing that may bring more?
    pub is_closed: bool,
    /// Is every file of variables there?
    has_all_variables: bool,
    notices: Vec<String>,
    pub findings: Vec<Finding>,
}

impl<'p> Container<'p> {
    pub fn new(
        project: &'p mut Project,
        service: &'p Service,
        name: String,
        service_name: String,
    ) -> Self {
        let is_closed = !service.is_open
            && !service.is_partial
            && service.image.as_ref().and_then(Item::text).is_some_and(is_official);
        Self {
            project,
            service,
            name,
            service_name,
            variables: BTreeMap::new(),
            release: None,
            is_closed,
            has_all_variables: true,
            notices: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Takes out what it is started with.
    ///
    /// # Errors
    /// Something that it names cannot be read.
    pub fn open(mut self, around: &mut Loader<'_>, opened: &mut Opened) -> Result<(), InputError> {
        self.load_variables(around)?;
        self.find_release();
        if self.is_closed && self.project.may_be_completed(&self.service_name, around)? {
            self.is_closed = false;
        }
        let entrypoint = self.service.entrypoint.as_deref();
        let words = self.service.command.as_deref().unwrap_or_default();
        let command = Command::of_container(entrypoint, words);
        // Flags count over whatever variables name.
        let names_files = Kind::ALL.iter().all(|&kind| command.names(kind));
        self.is_closed &= self.has_all_variables || names_files;
        if !command.is_whole {
            self.notices.push(format!("{}: its command is not known as a whole", self.name));
        }
        let config = self.half(Kind::Config, &command, around)?;
        let rules = self.half(Kind::Rules, &command, around)?;
        let given = self.circumstances(command);
        if !(config.is_empty() && rules.is_empty() && self.findings.is_empty()) {
            let (name, findings) = (self.name, self.findings);
            opened.described.push(DeploymentSpec { name, config, rules, given, findings });
        }
        opened.notices.append(&mut self.notices);
        Ok(())
    }

    /// What `environment` says counts over files of variables.
    fn load_variables(&mut self, around: &mut Loader<'_>) -> Result<(), InputError> {
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
            self.has_all_variables = false;
        }
        self.variables.extend(self.service.variables.clone());
        Ok(())
    }

    /// The release that the image's tag names.
    fn find_release(&mut self) {
        let Some(image) = &self.service.image else {
            if self.service.is_open {
                let why = "its release is unknown, its image is built";
                self.notices.push(format!("{}: {why}", self.name));
            }
            return;
        };
        let place = match &self.service.dockerfile {
            Some(file) => format!("`FROM` in {file}"),
            None => "its image".to_owned(),
        };
        let pin = if image.unknown.is_empty() {
            image.text().and_then(|image| pin_of_image(image, place))
        } else {
            Some(Pin::new(Named::Unclear(hangs_on(image)), place))
        };
        self.release = pin.map(|pin| pin.at(image.span));
    }

    /// Does the engine replace variables in its config?
    pub fn expands_variables(&self) -> bool {
        let release = self.release.as_ref().and_then(|pin| pin.named.release());
        release.is_none_or(|release| ReleaseQuirks::of(release).has(Quirk::ExpandsVariables))
    }

    fn circumstances(&self, command: Command) -> LaunchSpec {
        let variables = self.variables.iter();
        let limit = |item: &Option<Item>| item.as_ref().and_then(known);
        let machine = Machine {
            variables: variables
                .filter_map(|(name, word)| Some((name.clone(), word.text.clone()?)))
                .collect(),
            // Nought is no limit.
            memory: limit(&self.service.memory).and_then(|text| bytes(&text)).filter(|&n| n > 0),
            cores: limit(&self.service.cores)
                .filter(|text| text.parse::<f64>().is_ok_and(|count| count > 0.0))
                .and_then(|text| processors(&text)),
            grace: limit(&self.service.grace)
                .map_or(Some(GRACE), |text| Duration::parse(&text).ok()),
            replicas: limit(&self.service.replicas).and_then(|text| text.parse().ok()),
            ..Machine::default()
        };
        LaunchSpec { release: self.release.clone(), arguments: command.arguments, machine }
    }

    /// All files of a kind; none where one of them is not known.
    fn half(
        &mut self,
        kind: Kind,
        command: &Command,
        around: &mut Loader<'_>,
    ) -> Result<Vec<FileRef>, InputError> {
        let mut halves = Vec::new();
        let mut is_known = true;
        let variable = |name: &str| self.variables.get(name).cloned();
        let locations = command.locations(kind, variable, self.service.place);
        if locations.len() > MOST_FILES {
            let why = format!("{}: its {} is more than {MOST_FILES} files", self.name, kind.word());
            self.notices.push(format!("{why}, not judged"));
            return Ok(halves);
        }
        for word in locations {
            let told = word.text.clone().unwrap_or_else(|| format!("its {}", kind.word()));
            match self.see(kind, word, around)? {
                Seen::FileRef(half) => halves.push(half),
                Seen::Told => is_known = false,
                Seen::Unknown(why) => {
                    is_known = false;
                    self.notices.push(format!("{}: `{told}` is not judged, {why}", self.name));
                }
            }
        }
        Ok(if is_known { halves } else { Vec::new() })
    }
}
