//! `hook`: the gate before each commit, merge and push.

use super::console::{Console, Failure};
use super::inputs::Named;
use super::reporting::Reporting;
use crate::deploy::Deployment;
use crate::discover::changed::{Changed, gather_changed, gather_with_files};
use crate::discover::{Request, Sources};
use crate::git::hook_file::{Hook, HookFile};
use crate::git::push::{Pushed, read_pushed};
use crate::git::repository::{Since, Version, open, way_up};
use crate::git::status::{are_staged_as_they_lie, from_top, is_tracked, is_work_tree_clean};
use crate::pipeline::{CheckOptions, RunningConfig};
use crate::policy::ExitStatus;
use crate::vfs::read::read_to_limit;
use clap::{Args, Parser, Subcommand};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Run from git hooks, and reject commits that Refinery cannot start with.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(Install),
    Uninstall(Uninstall),
    Run(Box<Run>),
}

/// Make git run `hook run` before each commit and merge.
///
/// The hooks go where git looks for them, `core.hooksPath` included. An existing hook is kept and
/// runs first.
#[derive(Args, Debug)]
struct Install {
    /// Also check the commits of each push.
    #[arg(long)]
    pre_push: bool,
    /// Arguments for `hook run`, after `--`: `-- --refinery 3.1`.
    #[arg(last = true, value_name = "ARGUMENTS")]
    run: Vec<String>,
}

/// Remove the hooks, and put back what was there before.
#[derive(Args, Debug)]
struct Uninstall {}

/// Check what is staged: each deployment of which a file changed, as a whole.
///
/// Prints nothing where no file of Refinery's is concerned.
#[derive(Args, Debug)]
struct Run {
    /// The git hook that runs this; `pre-push` reads from standard input what is pushed.
    #[arg(long, value_enum, default_value_t, value_name = "NAME")]
    hook: Hook,
    /// The remote that a push goes to, as git names it to the hook.
    #[arg(long, value_name = "NAME")]
    remote: Option<String>,
    /// Check the deployments that these files are part of, as the pre-commit framework asks for it:
    /// what is staged, or the work tree where that differs.
    files: Vec<PathBuf>,
    /// Check every deployment of the work tree.
    #[arg(long, conflicts_with = "files")]
    all_files: bool,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    output: Reporting,
}

/// What the states that are checked are called.
const STAGED: &str = "staged state";
const WORK_TREE: &str = "work tree";

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
        Command::Uninstall(Uninstall {}) => uninstall(console),
        Command::Run(run) => run.run(console),
    }
}

impl Install {
    fn install(&self, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let words = ["hook run", "--hook=pre-commit", "--remote="].into_iter();
        let words = words.chain(self.run.iter().map(String::as_str));
        if let Err(error) = RunAlone::try_parse_from(words) {
            return Ok(console.explain(&error));
        }
        for file in HookFile::find(&Hook::ALL)? {
            // One that is there already gets the new arguments too.
            let is_wanted = file.hook() != Hook::PrePush || self.pre_push || file.is_installed()?;
            if is_wanted {
                let done = file.install(&self.run)?;
                console.print(&format!("{done}\n"))?;
            }
        }
        Ok(ExitStatus::Clean)
    }
}

fn uninstall(console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut done = Vec::new();
    for file in HookFile::find(&Hook::ALL)? {
        done.extend(file.uninstall()?);
    }
    if done.is_empty() {
        done.push("no hook is installed".to_owned());
    }
    console.print(&format!("{}\n", done.join("\n")))?;
    Ok(ExitStatus::Clean)
}

impl Run {
    /// Whatever stops git, also that nothing could be read, comes with the way past it.
    fn run(&self, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let checked = match self.hook {
            Hook::PreCommit | Hook::PreMergeCommit => self.check_staged(console),
            Hook::PrePush => self.check_pushed(console),
        };
        let status = match checked {
            Err(Failure::Closed) => return checked,
            Err(failure) => {
                let status = console.fail(&failure);
                console.warn(&format!("{}: stopped\n", self.title()));
                status
            }
            Ok(status) => status,
        };
        if status != ExitStatus::Clean {
            console.warn(&format!("  {}\n", self.bypass()));
        }
        Ok(status)
    }

    fn check_staged(&self, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let repository = open()?;
        let files = from_top(&repository, &self.files)?;
        let gather = |version: Version, since: &Since| {
            let request = self.request(version)?;
            Ok::<_, Failure>(gather_changed(&request, since, &mut std::io::empty())?.now)
        };
        if self.all_files {
            let all = gather(Version::WorkTree, &Since::Nothing)?;
            return self.check(all, None, WORK_TREE, console);
        }
        if files.is_empty() || are_staged_as_they_lie(&repository, &files)? {
            return self.check(gather(Version::Staged, &Since::Head)?, None, STAGED, console);
        }
        // Other files than those of a commit are asked for.
        let is_staged = files.iter().all(|file| is_tracked(&repository, file))
            && is_work_tree_clean(&repository)?;
        let (version, state) =
            if is_staged { (Version::Staged, STAGED) } else { (Version::WorkTree, WORK_TREE) };
        let top = way_up()?;
        let files: Vec<PathBuf> = files.iter().map(|file| top.join(file)).collect();
        let named = gather_with_files(&self.request(version)?, &files)?;
        self.check(named, None, state, console)
    }

    /// Each tip of a ref as a pull request would be.
    fn check_pushed(&self, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let lines = read_to_limit(&mut *console.input, "<stdin>")?;
        let lines = String::from_utf8_lossy(&lines);
        let mut worst = ExitStatus::Clean;
        for Pushed { name, tip, since } in read_pushed(&open()?, &lines, self.remote.as_deref())? {
            let request = self.request(Version::Revision(tip.clone()))?;
            let Changed { now, before } = gather_changed(&request, &since, &mut std::io::empty())?;
            let state = format!("commit {} ({name})", tip.get(..10).unwrap_or(&tip));
            let status = self.check(now, Some(before), &state, console)?;
            worst = if status.code() > worst.code() { status } else { worst };
        }
        Ok(worst)
    }

    fn request(&self, version: Version) -> Result<Request, Failure> {
        let is_open = self.named.is_empty();
        let settings = self.output.agreement.settings(is_open);
        let paths = if is_open { vec![way_up()?] } else { Vec::new() };
        Ok(Request { paths, settings, version, ..self.named.request() })
    }

    /// Says nothing where there is nothing to check.
    fn check(
        &self,
        now: Sources,
        before: Option<Sources>,
        state: &str,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        if now.are_idle() {
            return Ok(ExitStatus::Clean);
        }
        let what = count(&now);
        let running = before.clone().map(RunningConfig::Past);
        let options = CheckOptions { running, ..self.named.options()? };
        let status = self.output.judge(now, before, &options, console)?;
        console.warn(&format!("{}: checked {what}, {state}\n", self.title()));
        Ok(status)
    }

    fn title(&self) -> String {
        format!("refinery-preflight ({} hook)", self.hook.name())
    }

    fn bypass(&self) -> &'static str {
        match self.hook {
            Hook::PreCommit => "to commit anyway: git commit --no-verify",
            // Git leaves the merge as it is, to be ended by a commit.
            Hook::PreMergeCommit => {
                "to merge anyway: git commit --no-verify; to give up: git merge --abort"
            }
            Hook::PrePush => "to push anyway: git push --no-verify",
        }
    }
}

/// `2 deployments (3 files)`.
fn count(sources: &Sources) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let files = sources.deployments.iter().flat_map(Deployment::files);
    let files: BTreeSet<_> = files.map(|file| sources.files.outermost(file)).collect();
    let (deployments, files) = (sources.deployments.len(), files.len());
    if deployments == 0 {
        return "no deployment".to_owned();
    }
    let (s, of_files) = (plural(deployments), plural(files));
    format!("{deployments} deployment{s} ({files} file{of_files})")
}
