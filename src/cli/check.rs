//! `check`: the gate itself.

use super::console::{Console, Failure};
use super::fixing::{self, Fixing, Tally};
use super::inputs::Inputs;
use super::reporting::Reporting;
use crate::discover::changed::Changed;
use crate::discover::gather::gather;
use crate::discover::{Request, Sources};
use crate::git::repository::Since;
use crate::pipeline::{CheckOptions, RunningConfig};
use crate::policy::ExitStatus;
use crate::settings::SettingsArgs;
use clap::Args;

/// Check whether Refinery starts with these files; report where and why if not.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Only deployments that changed since this revision and the judged one parted, as a pull
    /// request shows them. Findings are marked as new or old; an old one blocks only if it is an
    /// error. What was before counts as running, unless that is named.
    #[arg(long, value_name = "REV", help_heading = "State of the files")]
    since: Option<String>,
    #[command(flatten)]
    before: Before,
    #[command(flatten)]
    fixing: Fixing,
    #[command(flatten)]
    output: Reporting,
}

/// What runs now, to report which changes a live reload applies.
#[derive(Args, Debug)]
#[command(next_help_heading = "Live reload")]
struct Before {
    /// A config file that the running processes have; may be repeated.
    #[arg(long, value_name = "FILE")]
    running_config: Vec<String>,
    /// A rules file that the running processes have; may be repeated.
    #[arg(long, value_name = "FILE")]
    running_rules: Vec<String>,
}

impl Before {
    fn gather(&self, console: &mut Console<'_>) -> Result<Option<RunningConfig>, Failure> {
        let (config, rules) = (self.running_config.clone(), self.running_rules.clone());
        if config.is_empty() && rules.is_empty() {
            return Ok(None);
        }
        let request = Request { config, rules, ..Request::default() };
        Ok(Some(RunningConfig::One(gather(&request, console.input)?)))
    }
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let (sources, before) = match &arguments.since {
        None => (arguments.gather(console)?, None),
        Some(revision) => {
            let since = Since::MergeBase(revision.clone());
            let settings = arguments.settings();
            let Changed { now, before } =
                arguments.inputs.gather_changed(&since, settings, console)?;
            (now, Some(before))
        }
    };
    let running = arguments.before.gather(console)?;
    let running = running.or_else(|| before.clone().map(RunningConfig::Past));
    let options = CheckOptions { running, ..arguments.inputs.options()? };
    if arguments.fixing.shows() {
        return arguments.show_fixes(sources, &options, console);
    }
    if arguments.fixing.writes() {
        return arguments.fix(sources, &options, console);
    }
    arguments.output.judge(sources, before, &options, console)
}

impl Arguments {
    /// What is named; where nothing is, the deployments of the settings, or all there is.
    fn gather(&self, console: &mut Console<'_>) -> Result<Sources, Failure> {
        self.inputs.gather_with(self.settings(), console)
    }

    /// Where nothing is named, their deployments count.
    fn settings(&self) -> Option<SettingsArgs> {
        self.output.agreement.settings(self.inputs.is_empty())
    }

    fn show_fixes(
        &self,
        mut sources: Sources,
        options: &CheckOptions,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        let assessed = self.output.assess(&options.schemas()?, &mut sources, options)?;
        let any = self.fixing.show(&assessed.report, &sources, console)?;
        Ok(if any { ExitStatus::Blocked } else { ExitStatus::Clean })
    }

    /// Fixes until there is nothing left to fix, and reports what remains: a fix may bring to light
    /// what the fault had hidden.
    fn fix(
        &self,
        mut sources: Sources,
        options: &CheckOptions,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        const MOST_ROUNDS: usize = 10;
        let schemas = options.schemas()?;
        let mut assessed = self.output.assess(&schemas, &mut sources, options)?;
        let mut tally = Tally::default();
        for _ in 0..MOST_ROUNDS {
            let fixed = self.fixing.apply(&assessed.report, &sources);
            if fixed.is_empty() {
                break;
            }
            fixing::write(&fixed, &sources)?;
            tally.add(&fixed, &sources);
            sources = self.gather(console)?;
            assessed = self.output.assess(&schemas, &mut sources, options)?;
        }
        let status = self.output.tell(assessed, &sources, console)?;
        if !tally.is_empty() {
            console.warn(&format!("fixed {tally}\n"));
        }
        Ok(status)
    }
}
