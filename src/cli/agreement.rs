//! Arguments that say what a team has decided.

use super::console::Failure;
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

/// Which checks count.
#[derive(Args, Debug)]
#[command(next_help_heading = "Checks")]
pub struct Agreement {
    /// Only these checks: `group/name`, a group, or `all`; several separated by commas. Verdicts of
    /// Refinery are always reported.
    #[arg(long, value_name = "CHECKS")]
    select: Vec<String>,
    /// All checks except these.
    #[arg(long, value_name = "CHECKS")]
    ignore: Vec<String>,
    /// Suppress the findings that this file lists.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write all findings except verdicts to a file for `--baseline`, and exit with status 0.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    #[command(flatten)]
    settings: Chosen,
}

/// Which settings count.
#[derive(Args, Debug)]
pub struct Chosen {
    /// Use these settings for all files; by default each folder has the nearest
    /// `.refinery-preflight.toml` above it, in the state that is checked.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Read no settings.
    #[arg(long, conflicts_with = "settings")]
    no_settings: bool,
}

impl Chosen {
    /// How they are read; are the deployments that they list checked?
    pub fn arguments(&self, lists_deployments: bool) -> Option<SettingsArgs> {
        let file = self.settings.clone();
        let arguments = SettingsArgs { file, lists_deployments, baseline: None };
        (!self.no_settings).then_some(arguments)
    }
}

impl Agreement {
    pub fn settings(&self, lists_deployments: bool) -> Option<SettingsArgs> {
        let arguments = self.settings.arguments(lists_deployments);
        arguments.map(|given| SettingsArgs { baseline: self.baseline.clone(), ..given })
    }

    /// What was decided: by the settings, and by the command line over them.
    pub fn policy(
        &self,
        sources: &mut Sources,
        fail_on: Option<FailOn>,
    ) -> Result<Policy, Failure> {
        let mut effective_settings = std::mem::take(&mut sources.effective_settings);
        if effective_settings.is_empty() {
            // Whatever was decided on the command line holds without settings, too.
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
        let mut misnamed = Vec::new();
        for path in &sources.misnamed_settings {
            misnamed.push(add(&mut sources.files, &mut added, &name_of(path), ""));
        }
        let ignores_verdicts = fail_on == Some(FailOn::Never);
        Ok(Policy { terms: all, changes, misnamed, ignores_verdicts, today: Some(today()) })
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
        // Without settings nobody has read the one that is named.
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

    /// Writes the baseline that is asked for; what to say of it.
    pub fn write_baseline(
        &self,
        report: &Report,
        files: &Files,
    ) -> Result<Option<String>, Failure> {
        let Some(path) = &self.write_baseline else { return Ok(None) };
        let baseline = Baseline::of(report, files);
        write_file(path, &baseline.write())?;
        let count = |number: usize, noun: &str| {
            format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
        };
        let verdicts =
            report.deployments.iter().flat_map(|d| &d.findings).filter(|f| is_verdict(f));
        let verdicts = match verdicts.count() {
            0 => String::new(),
            number => format!("{} of Refinery cannot be in a baseline\n", count(number, "verdict")),
        };
        let findings = count(baseline.count(), "finding");
        Ok(Some(format!("wrote {findings} to the baseline {}\n{verdicts}", name_of(path))))
    }
}

/// A file of settings, each once.
fn add(files: &mut Files, added: &mut BTreeMap<String, FileId>, name: &str, text: &str) -> FileId {
    *added.entry(name.to_owned()).or_insert_with(|| files.add(name, text))
}

fn parse_baseline(name: &str, text: &str) -> Result<Baseline, Failure> {
    Baseline::parse(text).map_err(|error| {
        let message = format!("`{name}`: {error}");
        Failure::unusable(message, "write a new one with `--write-baseline`")
    })
}
