//! Which settings apply to which deployment, and how they changed.
//!
//! A deployment uses the nearest settings file above all of its files. If a change is checked,
//! settings that relax checks must also be in the state before it. Must not apply settings to
//! findings.

use super::Sources;
use super::items::Found;
use super::ledger::Excluded;
use super::locations::Locations;
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::git::work_tree::Disk;
use crate::release::Pin;
use crate::schema::learn_file;
use crate::settings::{
    DeploymentSettings, Exclusions, Patterns, ProjectSettings, Relaxations, SettingsArgs,
    SettingsFile, SettingsFiles, SpannedPath,
};
use crate::span::Files;
use crate::syntax::DataFormat;
use crate::vfs::Vfs;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{absolute, below, format_of, join, name_of, split};
use crate::vfs::read::to_text;
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The effective settings of a deployment.
#[derive(Clone, Debug, Default)]
pub struct EffectiveSettings {
    pub settings: ProjectSettings,
    /// The name and text of the settings file.
    pub file: Option<(String, String)>,
    /// The names and texts of baselines. A finding is in the baseline if all of them have it.
    pub baselines: Vec<(String, Result<String, InputError>)>,
    /// Whether all files that `exclude` may match were visited.
    pub is_searched: bool,
}

/// A changed settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsChange {
    pub name: String,
    /// Empty if the file was removed.
    pub text: String,
    pub relaxations: Relaxations,
}

/// A deployment listed in settings.
#[derive(Clone, Debug)]
pub struct Listed {
    pub locations: Locations,
    /// Its files that are not checked on their own.
    pub covered: Vec<PathBuf>,
}

/// The settings files of the checked state, and of the state before the change.
pub struct Binding<'v> {
    arguments: Option<SettingsArgs>,
    now: SettingsFiles<'v>,
    base: Option<(&'v dyn Vfs, SettingsFiles<'v>)>,
    today: Date,
    /// By folder.
    exclusions: RefCell<HashMap<PathBuf, Option<Exclusions>>>,
}

impl<'v> Binding<'v> {
    /// Without arguments there are no settings.
    pub fn new(
        arguments: Option<&SettingsArgs>,
        now: &'v dyn Vfs,
        base: Option<&'v dyn Vfs>,
        today: Date,
    ) -> Self {
        let given = arguments.cloned().unwrap_or_default();
        Self {
            arguments: arguments.cloned(),
            now: SettingsFiles::new(now, &given),
            base: base.map(|base| (base, SettingsFiles::before(base, &given))),
            today,
            exclusions: RefCell::default(),
        }
    }

    /// The settings files for these folders, each once, if their deployments are to be checked.
    ///
    /// # Errors
    /// A settings file cannot be read or is invalid.
    pub fn listing(
        &self,
        folders: impl Iterator<Item = PathBuf>,
    ) -> Result<Vec<Arc<SettingsFile>>, InputError> {
        let mut files = BTreeMap::new();
        if self.arguments.as_ref().is_some_and(|arguments| arguments.lists_deployments) {
            for folder in folders {
                let found = self.now.nearest(&folder)?;
                let before = self.base.as_ref().and_then(|(_, base)| base.nearest(&folder).ok()?);
                let found = found.map(|file| self.restricted_to_base(&file, before.as_deref()));
                files.extend(found.map(|file| (absolute(&file.name), file)));
            }
        }
        Ok(files.into_values().collect())
    }

    /// The settings file without any `--no-validate` that the settings before the change did not have.
    fn restricted_to_base(
        &self,
        file: &Arc<SettingsFile>,
        before: Option<&SettingsFile>,
    ) -> Arc<SettingsFile> {
        let restricted = self.base.as_ref().map(|_| restrict(Some(file), before).0);
        let deployments = restricted.map(|restricted| restricted.deployments);
        match deployments.filter(|deployments| *deployments != file.settings.deployments) {
            Some(deployments) => Arc::new(file.with_deployments(deployments)),
            None => Arc::clone(file),
        }
    }

    /// Makes the releases known whose files the settings of these folders name. If a change is
    /// checked, the settings and the files are those before it.
    ///
    /// # Errors
    /// A release file cannot be read or is invalid, or a pattern matches none.
    pub fn learn(&self, folders: impl Iterator<Item = PathBuf>) -> Result<(), InputError> {
        if self.arguments.is_none() {
            return Ok(());
        }
        let files = self.base.as_ref().map_or(&self.now, |(_, base)| base);
        let mut seen = BTreeSet::new();
        for folder in folders {
            // `bind` reports invalid settings.
            let Ok(Some(file)) = files.nearest(&folder) else { continue };
            let learned = &file.settings.learned;
            if !learned.is_empty() && seen.insert(file.name.clone()) {
                learn_all(files.store(), &file.name, learned)?;
            }
        }
        Ok(())
    }

    /// Which settings exclude a file, and why. Invalid settings exclude nothing; `bind` reports
    /// them.
    pub fn exclusion(&self, name: &str) -> Option<Excluded> {
        self.arguments.as_ref()?;
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        let mut known = self.exclusions.borrow_mut();
        let exclusions = known.entry(folder.to_owned()).or_insert_with(|| {
            let (effective_settings, file) = self.effective_settings(folder).ok()?;
            Some(file?.exclusions(&effective_settings.settings))
        });
        let exclusions = exclusions.as_ref()?;
        let exclude = exclusions.find(name, self.today)?;
        Some(Excluded { by: exclusions.by.clone(), reason: exclude.reason.clone() })
    }

    /// Assigns each deployment its settings.
    ///
    /// # Errors
    /// A settings file cannot be read or is invalid.
    pub fn bind(&self, sources: &mut Sources, is_searched: bool) -> Result<(), InputError> {
        if self.arguments.is_none() {
            return Ok(());
        }
        // Deployments with the same settings share them.
        let mut known: BTreeMap<_, Arc<EffectiveSettings>> = BTreeMap::new();
        let mut all = Vec::new();
        for deployment in &sources.deployments {
            let folder = common_folder(deployment, &sources.files);
            let before = self.base.as_ref().and_then(|(_, base)| base.nearest(&folder).ok());
            let name = |file: Option<Arc<SettingsFile>>| file.map(|file| absolute(&file.name));
            let key = (name(self.now.nearest(&folder)?), name(before.flatten()));
            let effective_settings = if let Some(known) = known.get(&key) {
                known.clone()
            } else {
                let (effective_settings, file) = self.effective_settings(&folder)?;
                let is_searched = is_searched && file.is_some_and(|file| file.is_below_here());
                Arc::new(EffectiveSettings { is_searched, ..effective_settings })
            };
            all.push(effective_settings.clone());
            known.insert(key, effective_settings);
        }
        sources.effective_settings = all;
        Ok(())
    }

    /// The changed settings files for these folders.
    ///
    /// # Errors
    /// A settings file cannot be read or is invalid.
    pub fn changes(
        &self,
        folders: impl Iterator<Item = PathBuf>,
    ) -> Result<Vec<SettingsChange>, InputError> {
        let mut changes = BTreeMap::new();
        for folder in folders.filter(|_| self.arguments.is_some()) {
            match self.change(&folder) {
                Ok(found) => changes.extend(found.into_iter().map(|c| (c.name.clone(), c))),
                // They were invalid before, too.
                Err(error) if self.had(&folder, &error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(changes.into_values().collect())
    }

    fn had(&self, folder: &Path, error: &InputError) -> bool {
        let before = self.base.as_ref().map(|(_, base)| base.nearest(folder));
        before.is_some_and(|before| before.err().as_ref() == Some(error))
    }

    /// The effective settings of a folder, and their file.
    fn effective_settings(
        &self,
        folder: &Path,
    ) -> Result<(EffectiveSettings, Option<Arc<SettingsFile>>), InputError> {
        let here = self.now.nearest(folder)?;
        let settings = here.as_ref().map(|file| file.settings.clone()).unwrap_or_default();
        let mut effective_settings = EffectiveSettings {
            settings,
            file: here.as_ref().map(|file| (file.name.clone(), file.text.clone())),
            baselines: here.as_ref().and_then(|file| file.baseline.clone()).into_iter().collect(),
            is_searched: false,
        };
        if let Some((_, base)) = &self.base {
            // Invalid settings relaxed nothing.
            let before = base.nearest(folder).ok().flatten();
            effective_settings.settings = restrict(here.as_deref(), before.as_deref()).0;
            if effective_settings.settings.baseline.is_none() {
                effective_settings.baselines.clear();
            }
            effective_settings.baselines.extend(before.and_then(|file| file.baseline.clone()));
        }
        if let Some(named) = self.arguments.as_ref().and_then(|given| given.baseline.as_ref()) {
            effective_settings.baselines = self.named_baselines(named);
        }
        Ok((effective_settings, here))
    }

    /// A named baseline is read from disk. If it is part of the change, only what was in it before
    /// counts.
    fn named_baselines(&self, path: &Path) -> Vec<(String, Result<String, InputError>)> {
        let name = name_of(path);
        let read = |store: &dyn Vfs| store.read(path, &name).and_then(|b| to_text(b, &name));
        let mut baselines = vec![(name.clone(), read(&Disk::default()))];
        match self.base.as_ref().map(|(base, _)| read(*base)) {
            Some(Err(error)) if error.problem.is_no_file() => {
                baselines.push((name, Ok(String::new())));
            }
            Some(Ok(text)) => baselines.push((name, Ok(text))),
            // It is outside of the repository.
            Some(Err(_)) | None => {}
        }
        baselines
    }

    fn change(&self, folder: &Path) -> Result<Vec<SettingsChange>, InputError> {
        let Some((_, base)) = &self.base else { return Ok(Vec::new()) };
        let here = self.now.nearest(folder)?;
        let before = base.nearest(folder).ok().flatten();
        let identity = |file: &Option<Arc<SettingsFile>>| {
            file.as_ref().map(|file| (absolute(&file.name), file.text.clone()))
        };
        let mut changes = Vec::new();
        let relaxations = || restrict(here.as_deref(), before.as_deref()).1;
        if identity(&here) != identity(&before) {
            let file = here.as_ref().or(before.as_ref());
            changes.extend(file.map(|file| SettingsChange {
                name: file.name.clone(),
                text: here.as_ref().map(|here| here.text.clone()).unwrap_or_default(),
                relaxations: relaxations(),
            }));
        }
        let baseline = |file: &Option<Arc<SettingsFile>>| file.as_ref()?.baseline.clone();
        let text = |baseline: Option<(String, Result<String, InputError>)>| {
            baseline.and_then(|(_, text)| text.ok()).unwrap_or_default()
        };
        let (is, was) = (baseline(&here), baseline(&before));
        if let Some((name, _)) = is.clone().filter(|_| was.is_some()) {
            let (is, was) = (text(is), text(was));
            if is != was {
                changes.push(SettingsChange {
                    name,
                    text: is,
                    relaxations: Relaxations::default(),
                });
            }
        }
        Ok(changes)
    }
}

/// The settings of a folder, restricted to those before the change.
fn restrict(
    here: Option<&SettingsFile>,
    before: Option<&SettingsFile>,
) -> (ProjectSettings, Relaxations) {
    let settings = here.map(|file| file.settings.clone()).unwrap_or_default();
    let mut base = before.map(|file| file.settings.clone()).unwrap_or_default();
    let is_same_folder = match (here, before) {
        (Some(here), Some(before)) => here.folder() == before.folder(),
        _ => true,
    };
    if !is_same_folder {
        // Their patterns are relative to another folder.
        base.exceptions.clear();
        base.excludes.clear();
        base.baseline = None;
    }
    settings.restricted_to(&base)
}

/// The deepest folder that contains all files of a deployment.
pub fn common_folder(deployment: &Deployment, files: &Files) -> PathBuf {
    let name = |id| files.get(files.outermost(id)).name.as_str();
    let folder = |name: &str| Path::new(name).parent().unwrap_or(Path::new("")).to_owned();
    let mut folders = deployment.files().map(name).map(folder);
    let Some(first) = folders.next() else { return PathBuf::new() };
    let rest: Vec<String> = folders.map(|folder| absolute(&name_of(&folder))).collect();
    let has_all = |above: &PathBuf| {
        let above = absolute(&name_of(above));
        rest.iter().all(|folder| Path::new(folder).starts_with(&above))
    };
    crate::settings::folders_above(&first).find(has_all).unwrap_or_default()
}

/// The folders of all found items.
pub fn folders_of(found: &Found) -> impl Iterator<Item = PathBuf> {
    found
        .items
        .iter()
        .map(|item| Path::new(&item.name).parent().unwrap_or(Path::new("")).to_owned())
}

/// The folders that a request names.
pub fn folders_asked(paths: &[PathBuf], store: &dyn Vfs) -> Vec<PathBuf> {
    let folder = |path: &PathBuf| {
        if store.is_folder(path) {
            path.clone()
        } else {
            path.parent().unwrap_or(Path::new("")).to_owned()
        }
    };
    if paths.is_empty() { vec![PathBuf::new()] } else { paths.iter().map(folder).collect() }
}

impl Listed {
    /// The deployments that a settings file lists.
    pub fn of(file: &SettingsFile) -> impl Iterator<Item = Self> {
        file.settings.deployments.iter().map(|listed| {
            let paths = |paths: &[SpannedPath]| -> Vec<String> {
                paths.iter().map(|path| file.locate(path).display().to_string()).collect()
            };
            let [config, rules, values] = [&listed.config, &listed.rules, &listed.values];
            let launch = launch(listed, &file.name);
            let covered = listed.files().filter(|path| file.covers(path));
            Self {
                covered: covered.map(|path| file.locate(path)).collect(),
                locations: Locations {
                    config: paths(config),
                    rules: paths(rules),
                    values: paths(values),
                    launch,
                },
            }
        })
    }
}

fn launch(listed: &DeploymentSettings, settings: &str) -> LaunchSpec {
    let place = format!("`refinery` in {settings}");
    LaunchSpec {
        release: listed.release.clone().map(|named| Pin::new(named, place)),
        arguments: listed.arguments.clone(),
        machine: listed.machine.clone(),
    }
}
/// Reads the release files that settings name.
fn learn_all(store: &dyn Vfs, settings: &str, learned: &Patterns) -> Result<(), InputError> {
    let invalid = |message: String| {
        let advice = "`refinery-preflight learn` writes release files";
        InputError::new(InputProblem::BadSettings, message, advice)
    };
    let top = split(settings).0;
    let mut count = 0;
    for folder in learned.folders() {
        let folder = join(top, folder);
        let root = Path::new(if folder.is_empty() { "." } else { &folder });
        if !store.is_folder(root) {
            continue;
        }
        let walk = store.walk(root, |name| format_of(name) == Some(DataFormat::Json))?;
        for file in walk.files {
            if !below(&file.name, top).is_some_and(|name| learned.is_match(name)) {
                continue;
            }
            count += 1;
            let text = String::from_utf8(store.read(&file.path, &file.name)?);
            let text = text.map_err(|_| invalid(format!("`{}` is not UTF-8", file.name)))?;
            learn_file(&text)
                .map_err(|why| invalid(format!("invalid release file `{}`: {why}", file.name)))?;
        }
    }
    if count > 0 {
        return Ok(());
    }
    Err(invalid(format!("`releases.learned` in `{settings}` matches no file")))
}
