//! Arguments that say what a team has agreed to.

use super::console::Failure;
use crate::deploy::launch::{LaunchSpec, NamedRelease};
use crate::discover::Sources;
use crate::discover::locations::Locations;
use crate::discover::settings::{InForce, Names, Wanted};
use crate::git::commits::today;
use crate::policy::{Agreed, Baseline, Policy, Selection, Settings};
use crate::schema::release::select;
use crate::schema::releases;
use crate::span::Files;
use crate::verdict::Report;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::read::read_text;
use crate::vfs::write::write_file;
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
    #[command(flatten)]
    pub settings: Chosen,
}

/// Which settings count.
#[derive(Args, Debug)]
pub struct Chosen {
    /// The settings; by default the nearest `.refinery-preflight.toml` above the files, in the
    /// state that is judged.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Read no settings.
    #[arg(long, conflicts_with = "settings")]
    no_settings: bool,
}

impl Chosen {
    /// How they are read; do the deployments that they name count?
    pub fn wanted(&self, deploys: bool) -> Option<Wanted> {
        let wanted = Wanted { file: self.settings.clone(), deploys, understand };
        (!self.no_settings).then_some(wanted)
    }
}

impl Agreement {
    /// What was agreed to: by the settings, and by the command line over them.
    pub fn policy(&self, sources: &mut Sources) -> Result<Policy, Failure> {
        let in_force = sources.settings.as_ref();
        let agreed = in_force.map(|it| parse(&it.settings)).transpose()?;
        let or = |given: &[String], agreed: Option<&Vec<String>>| match agreed {
            Some(agreed) if given.is_empty() => agreed.clone(),
            _ => given.to_vec(),
        };
        let select = or(&self.select, agreed.as_ref().map(|settings| &settings.select));
        let ignore = or(&self.ignore, agreed.as_ref().map(|settings| &settings.ignore));
        let selection = Selection::new(&select, &ignore)
            .map_err(|error| Failure::unusable(error.to_string(), error.advice))?;
        let baseline = self.baseline(in_force)?;
        let place = in_force.map(|it| it.settings.clone());
        let file = place.map(|written| sources.files.add(written.name, written.text));
        Ok(Policy { selection, baseline, settings: agreed.zip(file), today: Some(today()) })
    }

    /// The one that is named, or that of the settings.
    fn baseline(&self, in_force: Option<&InForce>) -> Result<Baseline, Failure> {
        if let Some(path) = &self.baseline {
            return parse_baseline(&path.display().to_string(), &read_text(path)?);
        }
        match in_force.and_then(|it| it.baseline.clone()) {
            Some((name, text)) => parse_baseline(&name, &text?),
            None => Ok(Baseline::default()),
        }
    }

    pub fn write_baseline(&self, report: &Report, files: &Files) -> Result<(), Failure> {
        if let Some(path) = &self.write_baseline {
            write_file(path, &Baseline::of(report, files).write())?;
        }
        Ok(())
    }
}

fn parse_baseline(name: &str, text: &str) -> Result<Baseline, Failure> {
    Baseline::parse(text).map_err(|error| {
        let message = format!("`{name}`: {error}");
        Failure::unusable(message, "`--write-baseline` writes one")
    })
}

fn parse(written: &crate::discover::settings::Settings) -> Result<Settings, InputError> {
    Settings::parse(&written.text).map_err(|error| {
        let message = format!("`{}` cannot be used: {error}", written.name);
        let advice = "README says what may stand in it";
        InputError::new(InputProblem::BadSettings, message.trim_end(), advice)
    })
}

/// What settings name lies beside them.
fn understand(written: &crate::discover::settings::Settings) -> Result<Names, InputError> {
    let settings = parse(written)?;
    let folder = Path::new(&written.name).parent().unwrap_or(Path::new(""));
    let deployments = settings.deployments.iter();
    let deployments = deployments.map(|agreed| locate(agreed, folder, &written.name));
    let baseline = settings.baseline.as_ref().map(|name| folder.join(name));
    Ok(Names { deployments: deployments.collect::<Result<_, _>>()?, baseline })
}

/// Where the files of an agreed deployment lie, and how it is run.
fn locate(agreed: &Agreed, folder: &Path, settings: &str) -> Result<Locations, InputError> {
    let bad = |message: String, advice: &str| {
        InputError::new(InputProblem::BadSettings, format!("`{settings}`: {message}"), advice)
    };
    let beside = |names: &Vec<String>| -> Vec<String> {
        names.iter().map(|name| folder.join(name).display().to_string()).collect()
    };
    let only = |name: &String| match select(name, &releases()) {
        Ok(found) if found.len() == 1 => Ok(found.first().copied()),
        Ok(_) => {
            Err(bad(format!("`{name}` is more than one release"), "name one, such as `3.2.2`"))
        }
        Err(error) => Err(bad(error.to_string(), "name a release such as `3.2.2`")),
    };
    let release = agreed.refinery.as_ref().map(only).transpose()?.flatten();
    let place = format!("`refinery` in {settings}");
    let given = LaunchSpec {
        release: release.map(|release| NamedRelease { release, place }),
        arguments: agreed.arguments.clone(),
        machine: agreed.machine.clone(),
    };
    let [config, rules, values] = [&agreed.config, &agreed.rules, &agreed.values].map(beside);
    Ok(Locations { config, rules, values, given })
}
