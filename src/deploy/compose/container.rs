//! A service that runs Refinery → its container: mounts, variables and launch.
//!
//! Must not resolve locations (`resolve` does).

use super::fill::fill;
use super::mounts::{self, depends_on, path_of};
use super::project::Project;
use super::service::Service;
use super::undefined::find_undefined;
use super::variables::{EnvFile, read_env_file};
use super::words::{bytes, known};
use crate::deploy::UNCLEAR_COMMAND;
use crate::deploy::command::{Command, Word, resolve_path};
use crate::deploy::content::{Content, DataEntry};
use crate::deploy::kubernetes::processors;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::location::{Location, read_location};
use crate::deploy::mount::{Mount, Mounted, Texts};
use crate::deploy::resolve::{MISSING_FILE, resolve};
use crate::deploy::unlinked::UnlinkedContainer;
use crate::deploy::workload::{Contents, Workload, pin_of_image, value_of};
use crate::deploy::{Opened, Outer, at, block};
use crate::diagnostic::Finding;
use crate::machine::Machine;
use crate::notice::Notice;
use crate::release::{Named, Pin, Quirk, ReleaseQuirks};
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::span::FileId;
use crate::syntax::Item;
use crate::value::Duration;
use crate::vfs::input_error::InputError;
use crate::vfs::path::below;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// How long Docker waits for a process to stop.
const GRACE: Duration = Duration(10_000_000_000);

/// The container of a service that runs Refinery.
pub struct Container<'p> {
    pub project: &'p mut Project,
    pub service: &'p Service,
    /// The file and, after `#`, the service.
    pub name: SourceName,
    pub service_name: String,
    pub file: FileId,
    variables: BTreeMap<String, Word>,
    /// Whether every `env_file` could be read.
    has_all_variables: bool,
    /// Whether mounts that are described elsewhere may provide its files.
    is_only_image: bool,
    findings: Vec<Finding>,
    notices: Vec<Notice>,
}

/// What a mount provides.
enum MountSource {
    Path(String),
    /// A string in the compose file or in the Dockerfile itself.
    Text(DataEntry),
    /// It is missing, which a finding reports.
    Missing,
    Unknown(String),
}

impl MountSource {
    /// A path of the host in a project in this folder.
    fn at(path: &Item, folder: &str) -> Self {
        match path_of(path, folder) {
            mounts::Mounted::Path(name) => Self::Path(name),
            mounts::Mounted::Unknown(why) => Self::Unknown(why),
            _ => Self::Unknown(depends_on(path)),
        }
    }
}

/// A named volume, which may stand for a folder of the host.
fn source_of_volume(name: &str, volume: &Item, folder: &str) -> MountSource {
    let option = |key| at(volume, &["driver_opts", key]);
    let is_bind = option("o").and_then(known).is_some_and(|options| options.contains("bind"));
    match option("device").filter(|_| is_bind) {
        Some(device) => MountSource::at(device, folder),
        None => MountSource::Unknown(in_volume(name)),
    }
}

fn in_volume(name: &str) -> String {
    format!("it is in the volume `{name}`")
}

/// Whether a release expands variables in its config itself.
fn expands_variables(release: Option<&Pin>) -> bool {
    let release = release.and_then(|pin| pin.named.release());
    release.is_none_or(|release| ReleaseQuirks::of(release).has(Quirk::ExpandsVariables))
}

impl<'p> Container<'p> {
    pub fn new(
        project: &'p mut Project,
        service: &'p Service,
        name: SourceName,
        service_name: String,
        file: FileId,
    ) -> Self {
        Self {
            project,
            service,
            name,
            service_name,
            file,
            variables: BTreeMap::new(),
            has_all_variables: true,
            is_only_image: false,
            findings: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// A container that only its Dockerfile describes.
    #[must_use]
    pub fn of_image(self) -> Self {
        Self { is_only_image: true, ..self }
    }

    /// Describes the deployment of the container.
    ///
    /// # Errors
    /// Something that it names cannot be read.
    pub fn open(mut self, loader: &mut Loader<'_>, opened: &mut Opened) -> Result<(), InputError> {
        self.load_variables(loader)?;
        let release = self.find_release();
        let entrypoint = self.service.entrypoint.as_deref();
        let words = self.service.command.as_deref().unwrap_or_default();
        let command = Command::of_container(entrypoint, words);
        // A service that ends may only validate files.
        let command = if self.service.stays { command } else { command.without_validation() };
        if !command.is_whole {
            self.note(UNCLEAR_COMMAND);
        }
        let [configs, rules] = Kind::ALL.map(|kind| self.locations(&command, kind));
        let expands = expands_variables(release.as_ref());
        let service = self.service;
        let (mut sources, mut is_read) = (Vec::new(), false);
        for mount in &service.mounts {
            let is_config = configs.contains(&mount.target);
            let is_location = is_config || rules.contains(&mount.target);
            let is_unknown = matches!(mount.what, mounts::Mounted::Unknown(_));
            is_read |= !is_unknown
                && configs.union(&rules).any(|path| below(path, &mount.target).is_some());
            sources.push(match &mount.what {
                mounts::Mounted::Excluded { name, by, is_named } if is_location => {
                    Some(self.exclude(mount, (name, by), *is_named || !service.is_open))
                }
                mounts::Mounted::NotInFolder(folder) if is_location => {
                    Some(self.refuse_copies(mount, folder))
                }
                // It overwrites nothing.
                mounts::Mounted::Excluded { .. } => None,
                what => {
                    self.findings.extend(find_undefined(self.project, mount, loader));
                    Some(self.source_of(what, is_config && expands, loader))
                }
            });
        }
        let all = service.mounts.iter().zip(&sources);
        let mounts = all.filter_map(|(mount, source)| {
            let what = match source.as_ref()? {
                MountSource::Path(name) => Mounted::Path(name.clone()),
                MountSource::Text(datum) => Mounted::Texts(Texts::of_one(datum)),
                MountSource::Missing => {
                    let missing = vec![String::new()];
                    Mounted::Texts(Texts { missing, ..Texts::default() })
                }
                MountSource::Unknown(why) => Mounted::Unknown(why.clone()),
            };
            Some(Mount { target: mount.target.clone(), what, span: mount.span })
        });
        let mounts = mounts.collect();
        let image = service.image.as_ref().and_then(Item::text).unwrap_or_default().to_owned();
        let workload = Workload {
            title: self.service_name.clone(),
            file: self.file,
            place: service.place,
            command,
            working_dir: self.working_dir(),
            is_open: !self.has_all_variables,
            is_evident: true,
            contents: if service.is_open { Contents::Unknown } else { Contents::of(&image) },
            is_partial: service.is_partial
                || self.is_only_image && !is_read
                || self.project.may_be_completed(&self.service_name, loader)?,
            image,
            mounts,
            release,
            machine: self.machine(),
            findings: self.findings,
            name: self.name,
            variables: self.variables,
            notices: self.notices,
        };
        opened.notices.extend(workload.notices.iter().cloned());
        opened.take(&workload, resolve(&workload, loader)?);
        Ok(())
    }

    /// How it launches Refinery, without its files.
    ///
    /// # Errors
    /// An `env_file` cannot be read.
    pub fn process(mut self, loader: &mut Loader<'_>) -> Result<UnlinkedContainer, InputError> {
        self.load_variables(loader)?;
        let release = self.find_release();
        let words = self.service.command.as_deref().unwrap_or_default();
        let command = Command::of_container(self.service.entrypoint.as_deref(), words);
        let mut machine = Machine::default();
        let variables = self.variables.iter();
        machine.set(variables.map(|(name, word)| (name.clone(), value_of(word), word.span)));
        let launch = LaunchSpec { release, arguments: command.arguments, machine };
        Ok(UnlinkedContainer::new(self.name.file(), launch))
    }

    fn note(&mut self, what: impl Display) {
        self.notices.push(Notice::on(self.name.clone(), what));
    }

    fn working_dir(&self) -> Option<String> {
        self.service.working_dir.as_ref().and_then(|folder| folder.text.clone())
    }

    /// `environment` overrides `env_file`.
    fn load_variables(&mut self, loader: &mut Loader<'_>) -> Result<(), InputError> {
        for (file, is_needed) in &self.service.env_files {
            let read = match &file.text {
                Some(name) if !name.starts_with(['/', '~']) => read_env_file(loader.store, name)?,
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
                    self.note(format!("some variables are unknown: {why}"));
                }
                EnvFile::Missing if *is_needed => {
                    self.note(format!("some variables are unknown: `{name}` does not exist"));
                }
                EnvFile::Missing => {}
            }
            self.has_all_variables = false;
        }
        self.variables.extend(self.service.variables.clone());
        Ok(())
    }

    /// The release that the tag of the image names.
    fn find_release(&mut self) -> Option<Pin> {
        let Some(image) = &self.service.image else {
            if self.service.is_open {
                self.note("its release is unknown, because its image is built");
            }
            return None;
        };
        let place = match &self.service.dockerfile {
            Some(file) if self.name.file() == file => "`FROM`".to_owned(),
            Some(file) => format!("`FROM` in {file}"),
            None => "its image".to_owned(),
        };
        let pin = if image.unknown.is_empty() {
            image.text().and_then(|image| pin_of_image(image, place))
        } else {
            let pin = Pin::new(Named::Unclear(depends_on(image)), place);
            let variable = Some(&image.unknown).filter(|all| all.len() == 1);
            Some(Pin { variable: variable.and_then(|all| all.first().cloned()), ..pin })
        };
        pin.map(|pin| pin.at(image.span))
    }

    /// The paths where it looks for its files of a kind.
    fn locations(&self, command: &Command, kind: Kind) -> BTreeSet<String> {
        let variable = |name: &str| self.variables.get(name).cloned();
        let path = |word: Word| match read_location(&word.text?).ok()? {
            Location::File(path, _) => resolve_path(self.working_dir().as_deref(), &path),
            Location::Refused(_) => None,
        };
        command.locations(kind, variable, None).into_iter().filter_map(path).collect()
    }

    /// A file that is excluded from the build context, and perhaps in the base image.
    fn exclude(
        &mut self,
        mount: &mounts::Mount,
        (name, by): (&str, &str),
        is_certain: bool,
    ) -> MountSource {
        let why = format!("`{by}` excludes `{name}`");
        if !is_certain {
            return MountSource::Unknown(why);
        }
        let message = format!("{why}, so `{}` is not in the image", mount.target);
        let finding = Finding::new(&MISSING_FILE, message).at_some(mount.span, "copied here");
        let help = format!("add `!` and the path of the file at the end of `{by}`");
        self.findings.push(finding.help(help).refuses());
        MountSource::Missing
    }

    /// Several files that are copied to a path that is not a folder.
    fn refuse_copies(&mut self, mount: &mounts::Mount, folder: &str) -> MountSource {
        let message = format!("cannot copy several files to `{folder}`: not a folder");
        let finding = Finding::new(&MISSING_FILE, message).at_some(mount.span, "copied here");
        let is_reported = self.findings.iter().any(|known| known.message == finding.message);
        let help = format!("add a trailing slash: `{folder}/`");
        self.findings.extend((!is_reported).then(|| finding.help(help).refuses()));
        MountSource::Missing
    }

    fn source_of(
        &mut self,
        what: &mounts::Mounted,
        is_expanded: bool,
        loader: &Loader<'_>,
    ) -> MountSource {
        match what {
            mounts::Mounted::Unknown(why) => MountSource::Unknown(why.clone()),
            mounts::Mounted::Path(name) => MountSource::Path(name.clone()),
            mounts::Mounted::Text(datum) => MountSource::Text(DataEntry::clone(datum)),
            mounts::Mounted::Excluded { .. } | mounts::Mounted::NotInFolder(_) => {
                MountSource::Missing
            }
            mounts::Mounted::Definition(section, name) => {
                match self.project.definition(section, name) {
                    Some((_, item)) if *section == "volumes" => {
                        source_of_volume(name, &item, &self.project.folder)
                    }
                    Some((file, item)) => {
                        self.source_in((section, name), file, &item, is_expanded, loader)
                    }
                    None if *section == "volumes" => MountSource::Unknown(in_volume(name)),
                    None => MountSource::Unknown(format!("no `{name}` in `{section}`")),
                }
            }
        }
    }

    /// What an element of `configs` or `secrets` provides.
    fn source_in(
        &mut self,
        (section, name): (&str, &str),
        file: FileId,
        item: &Item,
        is_expanded: bool,
        loader: &Loader<'_>,
    ) -> MountSource {
        if let Some(path) = item.get("file") {
            return MountSource::at(path, &self.project.folder);
        }
        let content = item.get("content").and_then(|item| Some((item.text()?, item.span?)));
        let Some((text, span)) = content else {
            return MountSource::Unknown(format!(
                "`{section}.{name}` is defined outside this file"
            ));
        };
        let outer = loader.loaded.files.get(file);
        let outer = Outer::of(outer.name.as_str(), file, &outer.text);
        let pieces = block::pieces(outer, span, text);
        match fill(&mut self.project.variables, text, pieces, is_expanded) {
            Ok((text, pieces)) => {
                let name = SourceName::within(outer.name, format!("{section}.{name}"));
                let content = Content::Within { name, text, pieces, fault: None };
                MountSource::Text(DataEntry { key: section.to_owned(), content, is_binary: false })
            }
            Err(unknown) => MountSource::Unknown(unknown),
        }
    }

    fn machine(&self) -> Machine {
        let limit = |item: &Option<Item>| item.as_ref().and_then(known);
        Machine {
            // Zero means no limit.
            memory: limit(&self.service.memory).and_then(|text| bytes(&text)).filter(|&n| n > 0),
            cores: limit(&self.service.cores)
                .filter(|text| text.parse::<f64>().is_ok_and(|count| count > 0.0))
                .and_then(|text| processors(&text)),
            grace: limit(&self.service.grace)
                .map_or(Some(GRACE), |text| Duration::parse(&text).ok()),
            replicas: limit(&self.service.replicas).and_then(|text| text.parse().ok()),
            ..Machine::default()
        }
    }
}
