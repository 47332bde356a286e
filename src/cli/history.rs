//! `history`: the commit that broke start-up, and how long it has been broken.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::human_or_json::HumanOrJson;
use super::inputs::{Named, only_release};
use super::policy_args::SettingsFlags;
use crate::deploy::Deployment;
use crate::discover::changed::Changed;
use crate::discover::commits::walk_line;
use crate::discover::{Request, Sources};
use crate::git::commits::now;
use crate::git::repository::Version;
use crate::history::{Commit, GitTime, History, State};
use crate::pipeline::{CheckOptions, Schemas, check_with};
use crate::policy::ExitStatus;
use crate::release::{Release, newest_between, newest_on};
use crate::report::history::{HistoryReport, human, json};
use crate::report::most_severe;
use crate::span::Files;
use crate::verdict::{DeploymentReport, Verdict};
use clap::Args;
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::rc::Rc;

const HELP: &str = epilogue! {
    examples: [
        "history" => "Search the commits of this repository",
        "history -c deploy/config.yaml -r deploy/rules.yaml --refinery 3.2" => "One deployment, with one release",
        "history --until 2026-03-16" => "Measure until this day",
    ],
    clean: "every deployment starts",
    blocked: "a deployment is still broken",
    page: "hooks.md",
};

/// Find the commit that broke start-up and how long it has been broken.
///
/// Follows first parents, so a merged branch counts from the day it was merged. Exits with status 1
/// if a deployment is still broken.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Files or folders in the repository.
    paths: Vec<PathBuf>,
    /// Last commit to check.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Measure up to this time instead of now.
    ///
    /// `2026-03-16` or `2026-03-16T14:00:00Z`.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    until: Option<GitTime>,
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: HumanOrJson,
    #[command(flatten)]
    settings: SettingsFlags,
    #[command(flatten)]
    named: Named,
}

fn parse_day(text: &str) -> Result<GitTime, String> {
    GitTime::parse(text).ok_or_else(|| "expected a date such as `2026-03-16`".to_owned())
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut checker = Checker::new(arguments.named.options()?)?;
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
        checker.publish_until(commit.time.day(), &mut history)?;
        history.add(&commit, &before, checker.take(changed.now, &before)?);
        Ok::<_, Failure>(())
    };
    let line = walk_line(&request, arguments.until, &mut visit)?;
    let now = arguments.until.unwrap_or_else(now);
    checker.publish_until(now.day(), &mut history)?;
    if history.tracks.is_empty() {
        let message = "no Refinery config or rules files found in any commit";
        return Err(Failure::unusable(message, "pass the files with `-c` and `-r`"));
    }
    let report = HistoryReport {
        history: &history,
        release: &checker.release()?.to_string(),
        by_day: !checker.options.overrides_pins,
        now,
        shallow: line.shallow,
    };
    console.print(&match arguments.output_format {
        HumanOrJson::Human => human(&report),
        HumanOrJson::Json => json(&report),
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

/// Checks deployments, day by day, with the newest release of that day unless one is named.
struct Checker {
    options: CheckOptions,
    schemas: BTreeMap<Release, [Schemas; 1]>,
    /// Deployments that do not name a release, by the names of their files, with the state they were
    /// read in.
    waiting: Vec<(Vec<String>, Rc<RefCell<Sources>>)>,
    /// `None` before the first commit.
    day: Option<Date>,
}

impl Checker {
    fn new(options: CheckOptions) -> Result<Self, Failure> {
        only_release(&options)?;
        Ok(Self { options, schemas: BTreeMap::new(), waiting: Vec::new(), day: None })
    }

    /// The release that was last checked.
    fn release(&self) -> Result<Release, Failure> {
        only_release(&self.options)
    }

    /// Checks waiting deployments with every release published up to a day, unless one is named.
    fn publish_until(&mut self, day: Date, history: &mut History) -> Result<(), Failure> {
        let since = self.day.filter(|_| !self.options.overrides_pins);
        let published = since.map(|since| newest_between(since, day)).unwrap_or_default();
        for (release, date) in published {
            self.set_day(date);
            let mut states = Vec::new();
            for sources in self.waiting_states() {
                states.extend(self.checker(&mut sources.borrow_mut())?);
            }
            let is_waiting = |state: &State| {
                let names: Vec<String> = state.files.iter().map(|(name, _)| name.clone()).collect();
                self.waiting.iter().any(|(waiting, _)| *waiting == names)
            };
            states.retain(is_waiting);
            history.publish(&release.to_string(), GitTime::beginning(date), states);
        }
        // Commit dates may go backwards.
        self.set_day(self.day.map_or(day, |known| known.max(day)));
        Ok(())
    }

    fn set_day(&mut self, day: Date) {
        self.day = Some(day);
        if !self.options.overrides_pins {
            self.options.releases = vec![newest_on(day)];
            self.options.day = Some(day);
        }
    }

    /// The states with waiting deployments, each once.
    fn waiting_states(&self) -> Vec<Rc<RefCell<Sources>>> {
        let mut states: Vec<Rc<RefCell<Sources>>> = Vec::new();
        for (_, sources) in &self.waiting {
            if !states.iter().any(|known| Rc::ptr_eq(known, sources)) {
                states.push(Rc::clone(sources));
            }
        }
        states
    }

    /// Checks what a commit has changed, and replaces what was waiting before.
    fn take(
        &mut self,
        mut sources: Sources,
        before: &[Vec<String>],
    ) -> Result<Vec<State>, Failure> {
        if sources.deployments.is_empty() && before.is_empty() {
            return Ok(Vec::new());
        }
        let states = self.checker(&mut sources)?;
        self.waiting.retain(|(names, _)| !before.contains(names));
        let unpinned = sources.deployments.iter().filter(|d| d.launch.release.is_none());
        let unpinned: Vec<_> = unpinned.map(|d| names(d, &sources.files)).collect();
        let sources = Rc::new(RefCell::new(sources));
        self.waiting.extend(unpinned.into_iter().map(|names| (names, Rc::clone(&sources))));
        Ok(states)
    }

    fn checker(&mut self, sources: &mut Sources) -> Result<Vec<State>, Failure> {
        let release = self.release()?;
        let schemas = match self.schemas.entry(release) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert([Schemas::of(release)]),
        };
        let report = check_with(schemas, sources, &self.options);
        let deployments = sources.deployments.iter().zip(&report.deployments).enumerate();
        let state = |(index, (deployment, checked)): (usize, (&Deployment, &DeploymentReport))| {
            let fault = || most_severe(&report, &sources.files, index).unwrap_or_default();
            State {
                files: files(deployment, &sources.files),
                release: checked.verdicts.first().map(|v| v.release.clone()).unwrap_or_default(),
                is_pinned: deployment.launch.release.is_some(),
                fault: fails(checked).then(fault),
            }
        };
        Ok(deployments.map(state).collect())
    }
}

/// Deployments that could not be checked count as broken, except those of Refinery 1.x.
fn fails(report: &DeploymentReport) -> bool {
    let is_first = report.basis.pins().iter().any(|pin| pin.named.release().is_none());
    !is_first && report.verdicts.first().is_none_or(Verdict::fails_to_start)
}

/// The names and texts of a deployment's files.
fn files(deployment: &Deployment, files: &Files) -> Vec<(String, String)> {
    let sources = deployment.config.iter().chain(&deployment.rules);
    let file = |source: &crate::deploy::Source| {
        let file = files.get(source.file);
        (file.name.to_string(), file.text.clone())
    };
    sources.map(file).collect()
}

fn names(deployment: &Deployment, all: &Files) -> Vec<String> {
    files(deployment, all).into_iter().map(|(name, _)| name).collect()
}
