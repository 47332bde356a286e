//! `hook`: checks before each commit, merge and push.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::Named;
use super::reporting::OutputArgs;
use crate::counted::counted;
use crate::deploy::Deployment;
use crate::discover::changed::{Changed, gather_changed, gather_with_files};
use crate::discover::{Request, Sources};
use crate::git::hook_file::{Hook, HookFile};
use crate::git::push::{Pushed, read_pushed};
use crate::git::repository::{Since, Version, open, path_to_root};
use crate::git::status::{are_staged_and_clean, is_tracked, is_work_tree_clean, relative_to_root};
use crate::pipeline::{CheckOptions, RunningConfig};
use crate::policy::ExitStatus;
use crate::vfs::read::read_to_limit;
use clap::{Args, Parser, Subcommand};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Install or run a git hook that rejects commits Refinery cannot start with.
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

const INSTALL: &str = epilogue! {
    examples: [
        "hook install" => "Check each commit and merge",
        "hook install --pre-push -- --refinery 3.1" => "Also check pushes, all with one release",
    ],
    clean: "the hooks are installed",
    page: "hooks.md",
};

/// Install git hooks that check each commit and merge.
///
/// Installs the hooks where git looks for them, including `core.hooksPath`. An existing hook is
/// kept and runs first.
#[derive(Args, Debug)]
#[command(after_long_help = INSTALL)]
struct Install {
    /// Also check the commits of each push.
    #[arg(long)]
    pre_push: bool,
    /// Arguments for `hook run`, after `--`, such as `-- --refinery 3.1`.
    #[arg(last = true, value_name = "ARGS")]
    run: Vec<String>,
}

const UNINSTALL: &str = epilogue! {
    examples: ["hook uninstall" => "Remove the hooks"],
    clean: "the hooks are removed",
    page: "hooks.md",
};

/// Remove the hooks and restore the previous ones.
#[derive(Args, Debug)]
#[command(after_long_help = UNINSTALL)]
struct Uninstall {}

const RUN: &str = epilogue! {
    examples: [
        "hook run" => "Check the staged deployments, as the hook does",
        "hook run --all-files" => "Check all deployments in the work tree",
    ],
    clean: "no blocking findings",
    blocked: "blocking findings, at or above `--fail-on`; 0 with `--exit-zero`",
    page: "hooks.md",
};

/// Check every deployment with staged changes.
///
/// Prints nothing if no Refinery file has changed.
#[derive(Args, Debug)]
#[command(after_long_help = RUN)]
struct Run {
    /// Git hook that runs this.
    ///
    /// With `pre-push`, the pushed refs are read from standard input.
    #[arg(long, value_enum, default_value_t, value_name = "NAME")]
    hook: Hook,
    /// Remote to push to.
    #[arg(long, value_name = "NAME")]
    remote: Option<String>,
    /// Check the deployments that these files belong to.
    ///
    /// For the pre-commit framework. Checks the staged state, or the work tree if it differs.
    files: Vec<PathBuf>,
    /// Check all deployments in the work tree.
    #[arg(long, conflicts_with = "files")]
    all_files: bool,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    output: OutputArgs,
}

/// The names of the checked states.
const STAGED: &str = "staged state";
const WORK_TREE: &str = "work tree";

/// The arguments of `hook run` alone, to validate those of `hook install`.
#[derive(Debug, Parser)]
#[command(name = "refinery-preflight hook run")]
struct RunAlone {
    #[command(flatten)]
    run: Run,
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
        match RunAlone::try_parse_from(words) {
            Ok(RunAlone { run }) => run.output.outputs.validate()?,
            Err(error) => return Ok(console.explain(&error)),
        }
        for file in HookFile::find(&Hook::ALL)? {
            // An installed hook gets the new arguments, too.
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
    /// Anything that stops git, including input errors, is followed by how to bypass the hook.
    fn run(&self, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let checked = self.output.outputs.validate().and_then(|()| match self.hook {
            Hook::PreCommit | Hook::PreMergeCommit => self.check_staged(console),
            Hook::PrePush => self.check_pushed(console),
        });
        let status = match checked {
            Err(Failure::Closed) => return checked,
            Err(failure) => {
                let status = console.fail(&failure);
                console.warn(&format!("{}: failed\n", self.title()));
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
        let files = relative_to_root(&repository, &self.files)?;
        let gather = |version: Version, since: &Since| {
            let request = self.request(version)?;
            Ok::<_, Failure>(gather_changed(&request, since, &mut std::io::empty())?.now)
        };
        if self.all_files {
            let all = gather(Version::WorkTree, &Since::Nothing)?;
            return self.check(all, None, WORK_TREE, console);
        }
        if files.is_empty() || are_staged_and_clean(&repository, &files)? {
            return self.check(gather(Version::Staged, &Since::Head)?, None, STAGED, console);
        }
        // The files are not those of a commit.
        let is_staged = files.iter().all(|file| is_tracked(&repository, file))
            && is_work_tree_clean(&repository)?;
        let (version, state) =
            if is_staged { (Version::Staged, STAGED) } else { (Version::WorkTree, WORK_TREE) };
        let top = path_to_root()?;
        let files: Vec<PathBuf> = files.iter().map(|file| top.join(file)).collect();
        let named = gather_with_files(&self.request(version)?, &files)?;
        self.check(named, None, state, console)
    }

    /// Checks each pushed ref like a pull request.
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
        let settings = self.output.policy.settings(is_open);
        let paths = if is_open { vec![path_to_root()?] } else { Vec::new() };
        Ok(Request { paths, settings, version, runs_tests: true, ..self.named.request() })
    }

    /// Prints nothing if there is nothing to check.
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
        let status = self.output.check_and_report(now, before, &options, console)?;
        console.warn(&format!("{}: checked {what}, {state}\n", self.title()));
        Ok(status)
    }

    fn title(&self) -> String {
        format!("refinery-preflight ({} hook)", self.hook.name())
    }

    fn bypass(&self) -> &'static str {
        match self.hook {
            Hook::PreCommit => "to commit anyway: git commit --no-verify",
            // Git leaves the merge to be finished by a commit.
            Hook::PreMergeCommit => {
                "to merge anyway: git commit --no-verify; to abort: git merge --abort"
            }
            Hook::PrePush => "to push anyway: git push --no-verify",
        }
    }
}

/// `2 deployments (3 files)`.
fn count(sources: &Sources) -> String {
    let files = sources.deployments.iter().flat_map(Deployment::files);
    let files: BTreeSet<_> = files.map(|file| sources.files.outermost(file)).collect();
    let (deployments, files) = (sources.deployments.len(), files.len());
    if deployments == 0 {
        return "no deployment".to_owned();
    }
    format!("{} ({})", counted(deployments, "deployment"), counted(files, "file"))
}
