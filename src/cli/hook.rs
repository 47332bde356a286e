//! `hook`: the gate before each commit.

use super::console::{Console, Failure};
use super::inputs::Named;
use super::reporting::Reporting;
use crate::discover::changed::{gather_changed, is_anything_staged};
use crate::discover::{Request, Sources};
use crate::git::hook_file::HookFile;
use crate::git::repository::{Since, Version, way_up};
use crate::policy::ExitStatus;
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

    /// None where there is nothing to judge and nothing to say.
    fn gather(&self) -> Result<Option<Sources>, Failure> {
        let is_open = self.named.is_empty();
        let settings = self.output.agreement.settings(is_open);
        let paths = if is_open { vec![way_up()?] } else { Vec::new() };
        let named = self.named.request();
        let request = Request { version: Version::Staged, settings, paths, ..named };
        let since = |since| gather_changed(&request, &since, &mut std::io::empty());
        let mut staged = since(Since::Head)?.now;
        if staged.are_idle() && self.or_all && !is_anything_staged()? {
            staged = since(Since::Nothing)?.now;
        }
        Ok(Some(staged).filter(|staged| !staged.are_idle()))
    }
}
