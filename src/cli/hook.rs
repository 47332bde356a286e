//! `hook`: the gate before each commit.

use super::console::{Console, Failure};
use super::inputs::Named;
use super::reporting::Reporting;
use crate::policy::ExitStatus;
use crate::source::{
    HookFile, InputProblem, Request, Since, Sources, Version, gather, gather_changed,
    is_anything_staged, way_up,
};
use clap::{Args, Parser, Subcommand};

/// Stops commits with which Refinery would not start.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(Install),
    Run(Box<Run>),
}

/// Makes git run `hook run` before each commit, here or where `core.hooksPath` says.
///
/// A hook that is there already goes on working, and comes first.
#[derive(Args, Debug)]
struct Install {
    /// Take the hook away again, and put back what was there before.
    #[arg(long, conflicts_with = "run")]
    uninstall: bool,
    /// Arguments for `hook run`, behind `--`: `-- --refinery 3.1`.
    #[arg(last = true, value_name = "ARGUMENTS")]
    run: Vec<String>,
}

/// Judges what is staged: each deployment of which a file changed, as a whole.
///
/// Where no such file is staged it says nothing and ends at once.
#[derive(Args, Debug)]
struct Run {
    /// Where nothing at all is staged, judge all there is, as `pre-commit run --all-files` wants.
    #[arg(long)]
    or_all: bool,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    output: Reporting,
}

/// The same as a command line of its own, to see whether words fit it.
#[derive(Debug, Parser)]
#[command(name = "refinery-preflight hook run")]
struct RunAlone {
    #[command(flatten)]
    _run: Run,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    match &arguments.command {
        Command::Install(install) => install.install(console),
        Command::Run(run) => run.judge(console),
    }
}

impl Install {
    fn install(&self, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let hook = HookFile::find()?;
        let done = if self.uninstall {
            hook.uninstall()?
        } else {
            let words = std::iter::once("hook run").chain(self.run.iter().map(String::as_str));
            if let Err(error) = RunAlone::try_parse_from(words) {
                return Ok(console.explain(&error));
            }
            hook.install(&self.run)?
        };
        console.print(&format!("{done}\n"))?;
        Ok(ExitStatus::Clean)
    }
}

impl Run {
    fn judge(&self, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let Some(sources) = self.gather()? else { return Ok(ExitStatus::Clean) };
        self.output.judge(sources, None, &self.named.question()?, console)
    }

    /// None where there is nothing to judge.
    fn gather(&self) -> Result<Option<Sources>, Failure> {
        let mut request = Request { version: Version::Staged, ..self.named.request() };
        if request.config.is_empty() && request.rules.is_empty() {
            request.paths = vec![way_up()?];
        }
        let staged = gather_changed(&request, &Since::Head, &mut std::io::empty())?.now;
        if !(staged.deployments.is_empty() && staged.notices.is_empty()) {
            return Ok(Some(staged));
        }
        if !self.or_all || is_anything_staged()? {
            return Ok(None);
        }
        match gather(&request, &mut std::io::empty()) {
            Err(error) if error.problem == InputProblem::NothingFound => Ok(None),
            all => Ok(Some(all?)),
        }
    }
}
