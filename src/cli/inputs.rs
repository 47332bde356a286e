//! Arguments that select what to check, for which releases and in which environment.

use super::console::{Console, Failure};
use crate::config::environment::Environment;
use crate::deploy::Deployment;
use crate::diagnostic::Severity;
use crate::discover::changed::{Changed, gather_changed};
use crate::discover::gather::gather;
use crate::discover::{Request, Sources};
use crate::git::repository::{Since, Version};
use crate::pipeline::CheckOptions;
use crate::rehearse::Host;
use crate::release::pin::is_version;
use crate::release::select::select;
use crate::release::{self, Pin};
use crate::schema::flags::{Flag, read_flags};
use crate::schema::secrets::find_secrets;
use crate::schema::{Release, releases};
use crate::settings::SettingsArgs;
use crate::vfs::environment::{of_process, read_env_file};
use crate::vfs::read::read_text;
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What to check.
#[derive(Args, Debug)]
pub struct Inputs {
    /// Files or folders to check; `-` reads standard input.
    ///
    /// Folders are searched for Refinery files.
    paths: Vec<PathBuf>,
    /// File name to assume for stdin; the extension selects the format.
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    state: State,
}

/// Which state of the files to check, in a git repository.
#[derive(Args, Debug)]
#[command(next_help_heading = "State of the files")]
struct State {
    /// Check the staged files instead of the work tree.
    #[arg(long)]
    staged: bool,
    /// Check the files of a commit instead of the work tree.
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    rev: Option<String>,
}

impl State {
    fn version(&self) -> Version {
        match &self.rev {
            Some(revision) => Version::Revision(revision.clone()),
            None if self.staged => Version::Staged,
            None => Version::WorkTree,
        }
    }
}

/// A deployment named by Refinery's own flags, and how Refinery is started with it.
#[derive(Args, Debug)]
pub struct Named {
    /// Config file that Refinery loads (repeatable).
    #[arg(short = 'c', long = "config", value_name = "FILE")]
    config: Vec<String>,
    /// Rules file that Refinery loads (repeatable).
    #[arg(short = 'r', long = "rules_config", alias = "rules-config", value_name = "FILE")]
    rules: Vec<String>,
    /// Refinery releases to check, such as `3.2` or `all`.
    ///
    /// `3.2.2`, `3.2`, `3`, `latest` or `all`, separated by commas. By default the release that the
    /// files pin, such as by an image tag, or else `latest`.
    #[arg(long, value_name = "RELEASES", env = "REFINERY_PREFLIGHT_REFINERY")]
    refinery: Option<String>,
    /// Other command-line flags for Refinery, after `--`.
    #[arg(last = true, value_name = "REFINERY FLAGS")]
    engine: Vec<String>,
    #[command(flatten)]
    variables: Variables,
    #[command(flatten)]
    machine: Machine,
}

/// What is known about the machine that Refinery runs on; by default nothing.
#[derive(Args, Debug)]
#[command(next_help_heading = "Machine that Refinery runs on")]
struct Machine {
    /// TOML file that describes the machine Refinery runs on.
    #[arg(long, value_name = "FILE", env = "REFINERY_PREFLIGHT_MACHINE")]
    machine: Option<PathBuf>,
    /// Check against this machine.
    ///
    /// Binds each listener briefly, resolves names and contacts Redis. Also uses the environment
    /// variables of this process.
    #[arg(long, conflicts_with = "machine")]
    live: bool,
}

/// What is known about Refinery's environment variables; by default nothing.
#[derive(Args, Debug)]
#[command(next_help_heading = "Environment of Refinery")]
struct Variables {
    /// Set an environment variable of Refinery (repeatable).
    #[arg(long = "env", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Read variables from a file of `NAME=VALUE` lines (repeatable).
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Assume that no other environment variables are set.
    #[arg(long)]
    env_closed: bool,
    /// Use the environment variables of this process.
    #[arg(long)]
    live_env: bool,
}

/// The error does not repeat the text, which may be a secret without a name.
fn parse_variable(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::unusable("invalid value for `--env`", "write `--env NAME=VALUE`")),
    }
}

impl Inputs {
    /// Reads everything to check.
    pub fn gather(&self, console: &mut Console<'_>) -> Result<Sources, Failure> {
        Ok(gather(&self.request(), console.input)?)
    }

    /// Whether only folders are named, or nothing.
    pub fn names_no_file(&self) -> bool {
        let is_folder = |path: &PathBuf| path.is_dir();
        self.paths.iter().all(is_folder) && self.stdin_filename.is_none() && self.named.is_empty()
    }

    /// The same, with settings, and on demand with the tests of rules.
    pub fn gather_with(
        &self,
        settings: Option<SettingsArgs>,
        runs_tests: bool,
        console: &mut Console<'_>,
    ) -> Result<Sources, Failure> {
        Ok(gather(&Request { settings, runs_tests, ..self.request() }, console.input)?)
    }

    /// Reads everything to check that has changed.
    pub fn gather_changed(
        &self,
        since: &Since,
        settings: Option<SettingsArgs>,
        runs_tests: bool,
        console: &mut Console<'_>,
    ) -> Result<Changed, Failure> {
        let request = Request { settings, runs_tests, ..self.request() };
        Ok(gather_changed(&request, since, console.input)?)
    }

    fn request(&self) -> Request {
        Request {
            paths: self.paths.clone(),
            stdin_filename: self.stdin_filename.clone(),
            version: self.state.version(),
            ..self.named.request()
        }
    }

    pub fn options(&self) -> Result<CheckOptions, Failure> {
        self.named.options()
    }

    /// The files and folders that are named.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The value of `--refinery`.
    pub fn refinery(&self) -> Option<&str> {
        self.named.refinery.as_deref()
    }

    /// The options with other releases than those of `--refinery`.
    pub fn options_for(&self, refinery: Option<&str>) -> Result<CheckOptions, Failure> {
        self.named.options_for(refinery)
    }
}

impl Named {
    /// Whether no file is named.
    pub fn is_empty(&self) -> bool {
        self.config.is_empty() && self.rules.is_empty()
    }

    /// Reads the named files, or those of the current folder if none are named.
    pub fn gather(&self) -> Result<Sources, Failure> {
        Ok(gather(&self.request(), &mut std::io::empty())?)
    }

    pub fn request(&self) -> Request {
        Request {
            config: self.config.clone(),
            rules: self.rules.clone(),
            live: self.is_env_live().then(of_process),
            ..Request::default()
        }
    }

    pub fn options(&self) -> Result<CheckOptions, Failure> {
        self.options_for(self.refinery.as_deref())
    }

    fn options_for(&self, refinery: Option<&str>) -> Result<CheckOptions, Failure> {
        if let Some(flag) = self.engine.iter().find(|word| names_a_file(word)) {
            let message = format!("`{flag}` after `--` sets a file that would not be checked");
            return Err(Failure::unusable(message, "pass `-c` and `-r` before `--`"));
        }
        let host = match &self.machine.machine {
            Some(path) => read_machine(path)?,
            None if self.machine.live => Host::live(of_process()),
            None => Host::default(),
        };
        let (releases, unknown) = choose_releases(refinery.unwrap_or("latest"))?;
        Ok(CheckOptions {
            releases,
            unknown,
            day: None,
            overrides_pins: refinery.is_some(),
            environment: self.environment(&host)?,
            host,
            arguments: self.engine.clone(),
            running: None,
        })
    }

    /// Variables from `--env` override those from files, which override those of the machine, which
    /// override those of this process.
    fn environment(&self, host: &Host) -> Result<Environment, Failure> {
        let (given, is_live) = (&self.variables, self.is_env_live());
        let mut known = if is_live { of_process() } else { BTreeMap::new() };
        known.extend(host.machine.variables.clone());
        for file in &given.env_file {
            known.extend(read_env_file(file)?);
        }
        for text in &given.set {
            known.extend([parse_variable(text)?]);
        }
        Ok(Environment::new(known, given.env_closed || is_live))
    }

    fn is_env_live(&self) -> bool {
        self.variables.live_env || self.machine.live
    }
}

/// Whether a word is a Refinery flag that names a file, in any form.
fn names_a_file(word: &str) -> bool {
    let read = read_flags(&[word, ""], Flag::of_any_release);
    read.is_ok_and(|(given, _)| given.iter().any(|flag| flag.kind().is_some()))
}

fn read_machine(path: &Path) -> Result<Host, Failure> {
    let text = read_text(path)?;
    Host::parse(&text).map_err(|error| {
        let error = without_secrets(&error.to_string());
        let message = format!("invalid machine file `{}`: {error}", path.display());
        Failure::unusable(message.trim_end(), "its keys are described in docs/rehearsal.md")
    })
}

/// Masks secrets in an error that may quote a line of a file.
fn without_secrets(error: &str) -> String {
    let mut text = error.to_owned();
    for range in find_secrets(error) {
        let stars = "*".repeat(range.len());
        text.replace_range(range, &stars);
    }
    text
}

/// Parses release names.
pub fn select_releases(names: &str) -> Result<Vec<Release>, Failure> {
    select(names, &releases()).map_err(|error| {
        Failure::unusable(error.to_string(), "write `3.2.2`, `3.2`, `3`, `latest` or `all`")
    })
}

/// The releases to check with, and requested releases that are unknown: each of those is checked as
/// the nearest known one.
fn choose_releases(names: &str) -> Result<(Vec<Release>, Vec<Pin>), Failure> {
    let (mut chosen, mut unknown) = (Vec::new(), Vec::new());
    for name in names.split(',').map(str::trim) {
        match (select(name, &releases()), release::Named::of_tag(name)) {
            (Ok(found), _) => chosen.extend(found),
            (Err(_), release::Named::First(_)) => {
                let message = format!("unsupported release Refinery {name}");
                return Err(Failure::unusable(
                    message,
                    "refinery-preflight checks Refinery 2.0 and later",
                ));
            }
            (Err(_), named) if is_version(name) => {
                chosen.extend(named.release());
                unknown.push(Pin::new(named, "requested with `--refinery`"));
            }
            (Err(_), _) => chosen.extend(select_releases(name)?),
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok((chosen, unknown))
}

/// The deployment and the release, for commands that take a single one of each. What cannot be checked
/// may be a part of it.
pub fn single<'s>(
    sources: &'s Sources,
    options: &CheckOptions,
) -> Result<(&'s Deployment, Release), Failure> {
    let mut unchecked = sources.unchecked.iter();
    if let Some(finding) = unchecked.find(|finding| finding.check.severity == Severity::Error) {
        return Err(Failure::unusable(
            &finding.message,
            "run `refinery-preflight check` to see where, or pass the files with `-c` and `-r`",
        ));
    }
    let [deployment] = &sources.deployments[..] else {
        let message = format!("expected one deployment, found {}", sources.deployments.len());
        return Err(Failure::unusable(
            message,
            "pass the files of one deployment with `-c` and `-r`",
        ));
    };
    match options.releases_of(deployment)[..] {
        [release] => Ok((deployment, release)),
        _ => Err(one_release()),
    }
}

/// The release, for commands that take a single one.
pub fn only_release(options: &CheckOptions) -> Result<Release, Failure> {
    match options.releases[..] {
        [release] => Ok(release),
        _ => Err(one_release()),
    }
}

fn one_release() -> Failure {
    Failure::unusable("this command takes a single release", "pass a single release, such as `3.2`")
}
