//! Arguments that say what a team has agreed to.

use super::console::Failure;
use super::inputs::select_releases;
use crate::policy::{Agreed, Baseline, Policy, Selection, Settings};
use crate::source::{
    Circumstances, Locations, NamedRelease, Sources, find_settings, read_text, today, write_file,
};
use crate::span::{FileId, Files};
use crate::verdict::Report;
use clap::Args;
use std::path::{Path, PathBuf};

/// Which checks count.
#[derive(Args, Debug)]
#[command(next_help_heading = "Checks")]
pub struct Agreement {
    /// Only these checks: `group/name`, a group, or `all`; several with commas. The engine's own
    /// verdicts are always told.
    #[arg(long, value_name = "CHECKS")]
    select: Vec<String>,
    /// All but these checks.
    #[arg(long, value_name = "CHECKS")]
    ignore: Vec<String>,
    /// Set aside the findings that this file counts.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Count all findings there, for `--baseline` from then on.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// The settings; by default the nearest `.refinery-preflight.toml` above the files.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Read no settings.
    #[arg(long, conflicts_with = "settings")]
    no_settings: bool,
}

impl Agreement {
    /// What was agreed to for these files: by the settings, and by the command line over them.
    pub fn policy(&self, sources: &mut Sources) -> Result<Policy, Failure> {
        let settings = self.settings(sources)?;
        let agreed = settings.as_ref().map(|(settings, _)| settings);
        let or = |given: &[String], agreed: Option<&Vec<String>>| match agreed {
            Some(agreed) if given.is_empty() => agreed.clone(),
            _ => given.to_vec(),
        };
        let select = or(&self.select, agreed.map(|settings| &settings.select));
        let ignore = or(&self.ignore, agreed.map(|settings| &settings.ignore));
        let selection = Selection::new(&select, &ignore)
            .map_err(|error| Failure::unusable(error.to_string(), error.advice))?;
        let baseline = match self.baseline_file(settings.as_ref(), sources) {
            Some(path) => read_baseline(&path)?,
            None => Baseline::default(),
        };
        Ok(Policy { selection, baseline, settings, today: Some(today()) })
    }

    /// The deployments that the settings here name.
    pub fn deployments(&self) -> Result<Vec<Locations>, Failure> {
        let Some((name, _, settings)) = self.read_settings(&Sources::default())? else {
            return Ok(Vec::new());
        };
        let folder = Path::new(&name).parent().unwrap_or(Path::new(""));
        settings.deployments.iter().map(|agreed| locate(agreed, folder, &name)).collect()
    }

    /// The settings for these files; their text counts among the files.
    fn settings(&self, sources: &mut Sources) -> Result<Option<(Settings, FileId)>, Failure> {
        let found = self.read_settings(sources)?;
        Ok(found.map(|(name, text, settings)| (settings, sources.files.add(name, text))))
    }

    /// The settings that are named, or those above the first file: name, text and meaning.
    fn read_settings(
        &self,
        sources: &Sources,
    ) -> Result<Option<(String, String, Settings)>, Failure> {
        if self.no_settings {
            return Ok(None);
        }
        let found = match &self.settings {
            Some(path) => Some((path.clone(), read_text(path)?)),
            None => find_settings(sources)?,
        };
        let Some((path, text)) = found else { return Ok(None) };
        let name = path.display().to_string();
        let settings = Settings::parse(&text).map_err(|error| {
            let message = format!("`{name}` cannot be used: {error}");
            Failure::unusable(message.trim_end(), "README says what may stand in it")
        })?;
        Ok(Some((name, text, settings)))
    }

    /// The baseline that is named, or that of the settings, which lies beside them.
    fn baseline_file(
        &self,
        settings: Option<&(Settings, FileId)>,
        sources: &Sources,
    ) -> Option<PathBuf> {
        if self.baseline.is_some() {
            return self.baseline.clone();
        }
        let (settings, file) = settings?;
        let beside = Path::new(&sources.files.get(*file).name).parent()?;
        Some(beside.join(settings.baseline.as_ref()?))
    }

    pub fn write_baseline(&self, report: &Report, files: &Files) -> Result<(), Failure> {
        if let Some(path) = &self.write_baseline {
            write_file(path, &Baseline::of(report, files).write())?;
        }
        Ok(())
    }
}

fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    Baseline::parse(&read_text(path)?).map_err(|error| {
        let message = format!("`{}`: {error}", path.display());
        Failure::unusable(message, "`--write-baseline` writes one")
    })
}

/// Where the files of an agreed deployment lie, and how it is run.
fn locate(agreed: &Agreed, folder: &Path, settings: &str) -> Result<Locations, Failure> {
    let beside = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| folder.join(name).display().to_string()).collect()
    };
    let release = agreed.refinery.as_deref().map(|name| only(name, settings)).transpose()?;
    let (arguments, machine) = (agreed.arguments.clone(), agreed.machine.clone());
    let given = Circumstances { release, arguments, machine };
    Ok(Locations { config: beside(&agreed.config), rules: beside(&agreed.rules), given })
}

/// The one release of that name.
fn only(name: &str, settings: &str) -> Result<NamedRelease, Failure> {
    let [release] = select_releases(name)?[..] else {
        let message = format!("`{settings}`: `{name}` is more than one release");
        return Err(Failure::unusable(message, "name one, such as `3.2.2`"));
    };
    Ok(NamedRelease { release, place: format!("`refinery` in {settings}") })
}
