//! `history`: the commit that broke start-up, and for how long it has been broken.

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
use crate::release::{Release, newest_between, newest_on};
use crate::report::gravest;
use crate::report::history::{Told, human, json};
use crate::span::Files;
use crate::verdict::{DeploymentReport, Verdict};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::rc::Rc;

/// Find the commit that broke start-up and how long it has been broken.
///
/// Walks the main line, which follows first parents: a merged branch counts from the day on which
/// it was merged. Ends with status 1 where a deployment is broken in the end.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files or folders of the repository.
    paths: Vec<PathBuf>,
    /// The last commit to look at.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Look back from this moment instead of from now: `2026-03-16`, or `2026-03-16T14:00:00Z`.
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    until: Option<Moment>,
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
    Moment::parse(text).ok_or_else(|| "write a date such as `2026-03-16`".to_owned())
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut judge = Judge::new(arguments.named.options()?)?;
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
        judge.publish_until(commit.moment.day(), &mut history)?;
        history.add(&commit, &before, judge.take(changed.now, &before)?);
        Ok::<_, Failure>(())
    };
    let line = walk_line(&request, arguments.until, &mut visit)?;
    let now = arguments.until.unwrap_or_else(now);
    judge.publish_until(now.day(), &mut history)?;
    if history.tracks.is_empty() {
        let message = "no commit has a Refinery config or rules file there";
        return Err(Failure::unusable(message, "name the files with -c and -r"));
    }
    let told = Told {
        history: &history,
        release: &judge.release()?.to_string(),
        by_day: !judge.options.insists,
        now,
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
    /// Nothing is named.
    fn is_open(&self) -> bool {
        self.paths.is_empty() && self.named.is_empty()
    }
}

/// Asks deployments, day by day, of the newest release there was unless one is named.
struct Judge {
    options: CheckOptions,
    schemas: BTreeMap<Release, [Schemas; 1]>,
    /// What is there and names no release, by the names of its files, in the state in which it was
    /// read.
    waiting: Vec<(Vec<String>, Rc<RefCell<Sources>>)>,
    /// None before the first commit.
    day: Option<Date>,
}

impl Judge {
    fn new(options: CheckOptions) -> Result<Self, Failure> {
        only_release(&options)?;
        Ok(Self { options, schemas: BTreeMap::new(), waiting: Vec::new(), day: None })
    }

    /// The one that was asked last.
    fn release(&self) -> Result<Release, Failure> {
        only_release(&self.options)
    }

    /// Asks what waits of every release up to a day, if a later one is meant at all.
    fn publish_until(&mut self, day: Date, history: &mut History) -> Result<(), Failure> {
        let since = self.day.filter(|_| !self.options.insists);
        let published = since.map(|since| newest_between(since, day)).unwrap_or_default();
        for known in published {
            self.set_day(known.date);
            let mut states = Vec::new();
            for sources in self.waiting_states() {
                states.extend(self.judge(&mut sources.borrow_mut())?);
            }
            let is_waiting = |state: &State| {
                let names: Vec<String> = state.files.iter().map(|(name, _)| name.clone()).collect();
                self.waiting.iter().any(|(waiting, _)| *waiting == names)
            };
            states.retain(is_waiting);
            history.publish(&known.release.to_string(), Moment::beginning(known.date), states);
        }
        // Clocks of committers may go back.
        self.set_day(self.day.map_or(day, |known| known.max(day)));
        Ok(())
    }

    fn set_day(&mut self, day: Date) {
        self.day = Some(day);
        if !self.options.insists {
            self.options.releases = vec![newest_on(day)];
            self.options.day = Some(day);
        }
    }

    /// Each state that something waits in, once.
    fn waiting_states(&self) -> Vec<Rc<RefCell<Sources>>> {
        let mut states: Vec<Rc<RefCell<Sources>>> = Vec::new();
        for (_, sources) in &self.waiting {
            if !states.iter().any(|known| Rc::ptr_eq(known, sources)) {
                states.push(Rc::clone(sources));
            }
        }
        states
    }

    /// Judges what a commit has changed, and keeps it in place of what was there before.
    fn take(
        &mut self,
        mut sources: Sources,
        before: &[Vec<String>],
    ) -> Result<Vec<State>, Failure> {
        let states = self.judge(&mut sources)?;
        self.waiting.retain(|(names, _)| !before.contains(names));
        let unpinned = sources.deployments.iter().filter(|d| d.given.release.is_none());
        let unpinned: Vec<_> = unpinned.map(|d| names(d, &sources.files)).collect();
        let sources = Rc::new(RefCell::new(sources));
        self.waiting.extend(unpinned.into_iter().map(|names| (names, Rc::clone(&sources))));
        Ok(states)
    }

    fn judge(&mut self, sources: &mut Sources) -> Result<Vec<State>, Failure> {
        let release = self.release()?;
        let schemas = match self.schemas.entry(release) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert([Schemas::of(release)?]),
        };
        let report = check_with(schemas, sources, &self.options);
        let deployments = sources.deployments.iter().zip(&report.deployments).enumerate();
        let state = |(index, (deployment, judged)): (usize, (&Deployment, &DeploymentReport))| {
            let fault = || gravest(&report, &sources.files, index).unwrap_or_default();
            State {
                files: files(deployment, &sources.files),
                release: judged.verdicts.first().map(|v| v.release.clone()).unwrap_or_default(),
                is_pinned: deployment.given.release.is_some(),
                fault: fails(judged).then(fault),
            }
        };
        Ok(deployments.map(state).collect())
    }
}

/// What could not be judged counts as broken, unless it is of Refinery 1.x.
fn fails(report: &DeploymentReport) -> bool {
    let is_first = report.basis.pins().iter().any(|pin| pin.named.release().is_none());
    !is_first && report.verdicts.first().is_none_or(Verdict::fails_to_start)
}

/// Names and texts.
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
