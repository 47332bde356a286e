//! Arguments that select checks, baselines and settings.

use super::console::Failure;
use crate::counted::counted;
use crate::discover::Sources;
use crate::discover::binding::EffectiveSettings;
use crate::git::commits::today;
use crate::policy::{Baseline, FailOn, Policy, Selection, SettingsChanged, Terms, is_verdict};
use crate::settings::SettingsArgs;
use crate::span::{FileId, Files};
use crate::verdict::Report;
use crate::vfs::path::name_of;
use crate::vfs::read::read_text;
use crate::vfs::write::write_file;
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments that decide which findings are reported.
#[derive(Args, Debug)]
#[command(next_help_heading = "Checks")]
pub struct PolicyArgs {
    /// Only run these checks, separated by commas.
    ///
    /// `group/name`, a group, or `all`. Refinery's verdicts are always reported.
    #[arg(long, value_name = "CHECKS", env = "REFINERY_PREFLIGHT_SELECT")]
    select: Vec<String>,
    /// Skip these checks.
    #[arg(long, value_name = "CHECKS", env = "REFINERY_PREFLIGHT_IGNORE")]
    ignore: Vec<String>,
    /// Suppress the findings listed in this file.
    #[arg(long, value_name = "FILE", env = "REFINERY_PREFLIGHT_BASELINE")]
    baseline: Option<PathBuf>,
    /// Write all findings except verdicts to a baseline file.
    ///
    /// Exits with status 0.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsFlags,
}

/// Arguments that choose the settings.
#[derive(Args, Debug)]
pub struct SettingsFlags {
    /// Use this settings file for all files.
    ///
    /// By default the nearest `.refinery-preflight.toml` above each deployment.
    #[arg(long, value_name = "FILE", env = "REFINERY_PREFLIGHT_SETTINGS")]
    settings: Option<PathBuf>,
    /// Ignore all settings files.
    #[arg(long, conflicts_with = "settings")]
    no_settings: bool,
}

impl SettingsFlags {
    /// How to read settings; `lists_deployments` says whether to check the deployments they list.
    pub fn arguments(&self, lists_deployments: bool) -> Option<SettingsArgs> {
        let file = self.settings.clone();
        let arguments = SettingsArgs { file, lists_deployments, baseline: None };
        (!self.no_settings).then_some(arguments)
    }
}

impl PolicyArgs {
    pub fn settings(&self, lists_deployments: bool) -> Option<SettingsArgs> {
        let arguments = self.settings.arguments(lists_deployments);
        arguments.map(|given| SettingsArgs { baseline: self.baseline.clone(), ..given })
    }

    /// Combines the settings and the command line, which overrides them.
    pub fn policy(
        &self,
        sources: &mut Sources,
        fail_on: Option<FailOn>,
    ) -> Result<Policy, Failure> {
        let mut effective_settings = std::mem::take(&mut sources.effective_settings);
        if effective_settings.is_empty() {
            // The command line applies even without settings.
            effective_settings.resize(sources.deployments.len(), Arc::default());
        }
        let mut added = BTreeMap::new();
        let mut terms: Vec<(Arc<EffectiveSettings>, Arc<Terms>)> = Vec::new();
        let mut all = Vec::new();
        for settings in &effective_settings {
            let known = terms.iter().find(|(known, _)| Arc::ptr_eq(known, settings));
            let these = match known {
                Some((_, these)) => these.clone(),
                None => Arc::new(self.terms(settings, fail_on, &mut sources.files, &mut added)?),
            };
            terms.push((settings.clone(), these.clone()));
            all.push(these);
        }
        sources.effective_settings = effective_settings;
        let mut changes = Vec::new();
        for change in &sources.settings_changes {
            let file = add(&mut sources.files, &mut added, &change.name, &change.text);
            changes.push(SettingsChanged { file, relaxations: change.relaxations.clone() });
        }
        let ignores_verdicts = fail_on == Some(FailOn::Never);
        Ok(Policy { terms: all, changes, ignores_verdicts, today: Some(today()) })
    }

    fn terms(
        &self,
        effective_settings: &EffectiveSettings,
        fail_on: Option<FailOn>,
        files: &mut Files,
        added: &mut BTreeMap<String, FileId>,
    ) -> Result<Terms, Failure> {
        let mut settings = effective_settings.settings.clone();
        settings.fail_on = fail_on.unwrap_or(settings.fail_on);
        if !self.select.is_empty() || !self.ignore.is_empty() {
            settings.selection = Selection::new(&self.select, &self.ignore)
                .map_err(|error| Failure::unusable(error.to_string(), error.advice))?;
        }
        let file =
            effective_settings.file.as_ref().map(|(name, text)| add(files, added, name, text));
        let baselines = self.baselines(effective_settings)?;
        Ok(Terms { settings, file, baselines, is_searched: effective_settings.is_searched })
    }

    fn baselines(&self, effective_settings: &EffectiveSettings) -> Result<Vec<Baseline>, Failure> {
        // The baseline named on the command line is only read along with settings.
        if let Some(path) =
            self.baseline.as_ref().filter(|_| effective_settings.baselines.is_empty())
        {
            return Ok(vec![parse_baseline(&name_of(path), &read_text(path)?)?]);
        }
        let parse = |(name, text): &(String, Result<String, _>)| {
            text.clone().map_err(Failure::from).and_then(|text| parse_baseline(name, &text))
        };
        effective_settings.baselines.iter().map(parse).collect()
    }

    /// Writes the baseline if requested, and returns a message about it.
    pub fn write_baseline(
        &self,
        report: &Report,
        files: &Files,
    ) -> Result<Option<String>, Failure> {
        let Some(path) = &self.write_baseline else { return Ok(None) };
        let baseline = Baseline::of(report, files);
        write_file(path, &baseline.write())?;
        let verdicts =
            report.deployments.iter().flat_map(|d| &d.findings).filter(|f| is_verdict(f));
        let verdicts = match verdicts.count() {
            0 => String::new(),
            number => format!(
                "{} not included: verdicts cannot be in a baseline\n",
                counted(number, "verdict")
            ),
        };
        let findings = counted(baseline.count(), "finding");
        Ok(Some(format!("wrote {findings} to the baseline {}\n{verdicts}", name_of(path))))
    }
}

/// Adds a settings file to the files of the report, unless it was added before.
fn add(files: &mut Files, added: &mut BTreeMap<String, FileId>, name: &str, text: &str) -> FileId {
    *added.entry(name.to_owned()).or_insert_with(|| files.add(name, text))
}

fn parse_baseline(name: &str, text: &str) -> Result<Baseline, Failure> {
    Baseline::parse(text).map_err(|error| {
        let message = format!("`{name}`: {error}");
        Failure::unusable(message, "write a new baseline with `--write-baseline`")
    })
}
