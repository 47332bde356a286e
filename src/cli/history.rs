//! `history`: the commit that broke start-up, and how long it has been broken.

use super::agreement::Chosen;
use super::console::{Console, Failure};
use super::inputs::{Named, only_release};
use crate::deploy::Deployment;
use crate::discover::changed::Changed;
use crate::discover::commits::walk_line;
use crate::discover::{Request, Sources};
use crate::git::commits::now;
use crate::git::repository::Version;
use crate::history::{Commit, History, Moment, State};
use crate::pipeline::{CheckOptions, Schemas, check_with};
use crate::policy::ExitStatus;
use crate::report::history::{Told, human, json};
use crate::report::most_severe;
use crate::span::Files;
use crate::verdict::{DeploymentReport, Verdict};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Find the commit that broke start-up and how long it has been broken.
///
/// Follows first parents, so a merged branch counts from the day it was merged. Exits with status 1
/// if a deployment is still broken.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files or folders in the repository.
    paths: Vec<PathBuf>,
    /// Last commit to check.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Measure up to this time instead of now: `2026-03-16` or `2026-03-16T14:00:00Z`.
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    until: Option<Moment>,
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    #[command(flatten)]
    settings: Chosen,
    #[command(flatten)]
    named: Named,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

fn parse_moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "expected a date such as `2026-03-16`".to_owned())
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let options = arguments.named.options()?;
    let release = only_release(&options)?;
    let schemas = [Schemas::of(release)?];
    let request = Request {
        paths: arguments.paths.clone(),
        version: Version::Revision(arguments.rev.clone()),
        settings: arguments.settings.arguments(arguments.is_open()),
        ..arguments.named.request()
    };
    let mut history = History::default();
    let mut visit = |commit: Commit, changed: Changed| {
        let before: Vec<_> =
            changed.before.deployments.iter().map(|d| names(d, &changed.before.files)).collect();
        history.add(&commit, &before, judge(changed.now, &schemas, &options));
        Ok::<_, Failure>(())
    };
    let line = walk_line(&request, arguments.until, &mut visit)?;
    if history.tracks.is_empty() {
        let message = "no Refinery config or rules files found in any commit";
        return Err(Failure::unusable(message, "name the files with `-c` and `-r`"));
    }
    let told = Told {
        history: &history,
        release: &release.to_string(),
        now: arguments.until.unwrap_or_else(now),
        shallow: line.shallow,
    };
    console.print(&match arguments.output_format {
        Format::Human => human(&told),
        Format::Json => json(&told),
    })?;
    let is_broken = history.tracks.iter().any(|track| track.outage().is_some());
    Ok(if is_broken { ExitStatus::Blocked } else { ExitStatus::Clean })
}

impl Arguments {
    /// Whether no files are named.
    fn is_open(&self) -> bool {
        self.paths.is_empty() && self.named.is_empty()
    }
}

fn judge(mut sources: Sources, schemas: &[Schemas], options: &CheckOptions) -> Vec<State> {
    let report = check_with(schemas, &mut sources, options);
    let deployments = sources.deployments.iter().zip(&report.deployments).enumerate();
    let state = |(index, (deployment, judged)): (usize, (&Deployment, &DeploymentReport))| State {
        files: files(deployment, &sources.files),
        release: judged.verdicts.first().map(|v| v.release.clone()).unwrap_or_default(),
        fault: fails(judged)
            .then(|| most_severe(&report, &sources.files, index).unwrap_or_default()),
    };
    deployments.map(state).collect()
}

/// Deployments that could not be checked count as broken.
fn fails(report: &DeploymentReport) -> bool {
    report.verdicts.first().is_none_or(Verdict::fails_to_start)
}

/// The names and texts of a deployment's files.
fn files(deployment: &Deployment, files: &Files) -> Vec<(String, String)> {
    let sources = deployment.config.iter().chain(&deployment.rules);
    let file = |source: &crate::deploy::Source| {
        let file = files.get(source.file);
        (file.name.clone(), file.text.clone())
    };
    sources.map(file).collect()
}

fn names(deployment: &Deployment, all: &Files) -> Vec<String> {
    files(deployment, all).into_iter().map(|(name, _)| name).collect()
}
