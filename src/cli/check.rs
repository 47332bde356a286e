//! The `check` command.

use super::console::{Console, Failure};
use super::fixing::{self, Fixing, Tally};
use super::help::epilogue;
use super::inputs::Inputs;
use super::reporting::OutputArgs;
use crate::discover::changed::Changed;
use crate::discover::gather::gather;
use crate::discover::{Request, Sources};
use crate::git::repository::Since;
use crate::pipeline::{CheckOptions, RunningConfig};
use crate::policy::ExitStatus;
use crate::settings::SettingsArgs;
use clap::Args;

const HELP: &str = epilogue! {
    examples: [
        "check" => "Check all deployments in this folder",
        "check -c config.yaml -r rules.yaml --refinery 3.2" => "Check one deployment with one release",
        "check --since origin/main" => "Check what a branch changes",
        "check --fix" => "Apply the safe fixes",
        "check --output-format human --output-format sarif=report.sarif" => "Write two reports in one run",
    ],
    clean: "no blocking findings",
    blocked: "blocking findings, at or above `--fail-on`; 0 with `--exit-zero`",
    page: "output.md",
};

/// Check whether Refinery starts with these files; report where and why if not.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Only check deployments changed since the merge base with REV.
    ///
    /// Findings are marked as new or old; an old one blocks only if it is an error. The files at the
    /// merge base are taken as the running configuration unless `--running-config` or
    /// `--running-rules` is given.
    #[arg(long, value_name = "REV", help_heading = "State of the files")]
    since: Option<String>,
    #[command(flatten)]
    before: Before,
    #[command(flatten)]
    fixing: Fixing,
    #[command(flatten)]
    output: OutputArgs,
}

/// The running configuration, to report which changes a live reload does not apply.
#[derive(Args, Debug)]
#[command(next_help_heading = "Live reload")]
struct Before {
    /// Config file of the running processes (repeatable).
    #[arg(long, value_name = "FILE")]
    running_config: Vec<String>,
    /// Rules file of the running processes (repeatable).
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
    arguments.output.outputs.validate()?;
    let (sources, before) = match &arguments.since {
        None => (arguments.gather(console)?, None),
        Some(revision) => {
            let since = Since::MergeBase(revision.clone());
            let settings = arguments.settings();
            let Changed { now, before } =
                arguments.inputs.gather_changed(&since, settings, true, console)?;
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
    arguments.output.check_and_report(sources, before, &options, console)
}

impl Arguments {
    /// The files on the command line, else the deployments that the settings list and all others found.
    fn gather(&self, console: &mut Console<'_>) -> Result<Sources, Failure> {
        self.inputs.gather_with(self.settings(), true, console)
    }

    /// The settings' own deployments are checked only if no files are named.
    fn settings(&self) -> Option<SettingsArgs> {
        self.output.policy.settings(self.inputs.names_no_file())
    }

    fn show_fixes(
        &self,
        mut sources: Sources,
        options: &CheckOptions,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        let checked = self.output.check(&options.schemas(), &mut sources, options)?;
        let any = self.fixing.show(&checked.report, &sources, console)?;
        Ok(if any { ExitStatus::Blocked } else { ExitStatus::Clean })
    }

    /// Applies fixes until none is left, then reports what remains: a fix may reveal another fault.
    fn fix(
        &self,
        mut sources: Sources,
        options: &CheckOptions,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        const MAX_ROUNDS: usize = 10;
        let schemas = options.schemas();
        let mut checked = self.output.check(&schemas, &mut sources, options)?;
        let mut tally = Tally::default();
        for _ in 0..MAX_ROUNDS {
            let fixed = self.fixing.apply(&checked.report, &sources);
            if fixed.is_empty() {
                break;
            }
            fixing::write(&fixed, &sources)?;
            tally.add(&fixed, &sources);
            sources = self.gather(console)?;
            checked = self.output.check(&schemas, &mut sources, options)?;
        }
        let status = self.output.report(checked, &sources, console)?;
        if !tally.is_empty() {
            console.warn(&format!("fixed {tally}\n"));
        }
        Ok(status)
    }
}
