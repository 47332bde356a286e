//! Arguments that say what to judge, for which releases, in which environment.

use super::console::{Console, Failure};
use crate::config::environment::Environment;
use crate::deploy::Deployment;
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

/// What to judge.
#[derive(Args, Debug)]
pub struct Inputs {
    /// Files or folders; `-` is standard input. Folders are searched for Refinery files.
    paths: Vec<PathBuf>,
    /// What standard input is called; its ending names the format.
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    state: State,
}

/// Which state of the files to judge, in a git repository.
#[derive(Args, Debug)]
#[command(next_help_heading = "State of the files")]
struct State {
    /// What is staged for the next commit, instead of the work tree.
    #[arg(long)]
    staged: bool,
    /// What a commit holds, instead of the work tree.
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

/// A deployment named by the engine's own flags, and how the engine is started with it.
#[derive(Args, Debug)]
pub struct Named {
    /// A config file, as the engine would load it; may be repeated.
    #[arg(short = 'c', long = "config", value_name = "FILE")]
    config: Vec<String>,
    /// A rules file, as the engine would load it; may be repeated.
    #[arg(short = 'r', long = "rules_config", alias = "rules-config", value_name = "FILE")]
    rules: Vec<String>,
    /// Releases of Refinery: `3.2.2`, `3.2`, `3`, `latest`, `all`, several with commas.
    /// By default what stands beside the files, such as an image's tag, else `latest`.
    #[arg(long, value_name = "RELEASES")]
    refinery: Option<String>,
    #[command(flatten)]
    variables: Variables,
    #[command(flatten)]
    machine: Machine,
    /// Flags that the engine is started with, behind `--`.
    #[arg(last = true, value_name = "ENGINE FLAGS")]
    engine: Vec<String>,
}

/// What is known of the machine that the engine runs on; by default nothing is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Machine of the engine")]
struct Machine {
    /// Describe the machine that Refinery runs on (TOML).
    #[arg(long, value_name = "FILE")]
    machine: Option<PathBuf>,
    /// This machine is the engine's, and this process's variables too: boot opens each listener and
    /// lets go, resolves names and calls Redis. Not together with `--machine`.
    #[arg(long, conflicts_with = "machine")]
    live: bool,
}

/// What is known of the engine's environment; by default nothing is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Environment of the engine")]
struct Variables {
    /// A variable that is set; may be repeated.
    #[arg(long = "env", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// A file of `NAME=VALUE` lines; may be repeated.
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// No other variables than the named ones exist.
    #[arg(long)]
    env_closed: bool,
    /// This process's own variables are the engine's.
    #[arg(long)]
    live_env: bool,
}

/// What is written may be a secret without its name, so it is not repeated.
fn parse_variable(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::unusable("invalid value for `--env`", "write `--env NAME=VALUE`")),
    }
}

impl Inputs {
    /// Reads all that is to be judged.
    pub fn gather(&self, console: &mut Console<'_>) -> Result<Sources, Failure> {
        Ok(gather(&self.request(), console.input)?)
    }

    /// Nothing is named.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.stdin_filename.is_none() && self.named.is_empty()
    }

    /// The same, with what was agreed to.
    pub fn gather_with(
        &self,
        settings: Option<SettingsArgs>,
        console: &mut Console<'_>,
    ) -> Result<Sources, Failure> {
        Ok(gather(&Request { settings, ..self.request() }, console.input)?)
    }

    /// Reads what is to be judged as far as it has changed.
    pub fn gather_changed(
        &self,
        since: &Since,
        settings: Option<SettingsArgs>,
        console: &mut Console<'_>,
    ) -> Result<Changed, Failure> {
        Ok(gather_changed(&Request { settings, ..self.request() }, since, console.input)?)
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
}

impl Named {
    /// No file is named.
    pub fn is_empty(&self) -> bool {
        self.config.is_empty() && self.rules.is_empty()
    }

    /// Reads the files that are named, or those of the folder where none is.
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
        if let Some(flag) = self.engine.iter().find(|word| names_a_file(word)) {
            let message = format!("`{flag}` behind `--` names a file that would not be judged");
            return Err(Failure::unusable(message, "give -c and -r before `--`"));
        }
        let host = match &self.machine.machine {
            Some(path) => read_machine(path)?,
            None if self.machine.live => Host::live(of_process()),
            None => Host::default(),
        };
        let (releases, unknown) = choose_releases(self.refinery.as_deref().unwrap_or("latest"))?;
        Ok(CheckOptions {
            releases,
            unknown,
            day: None,
            insists: self.refinery.is_some(),
            environment: self.environment(&host)?,
            host,
            arguments: self.engine.clone(),
            running: None,
        })
    }

    /// What is named singly counts over files, files over the machine's description, and that over
    /// the process's own.
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

/// One of the engine's own flags for its files, in whatever form.
fn names_a_file(word: &str) -> bool {
    let read = read_flags(&[word, ""], Flag::of_any_release);
    read.is_ok_and(|(given, _)| given.iter().any(|flag| flag.kind().is_some()))
}

fn read_machine(path: &Path) -> Result<Host, Failure> {
    let text = read_text(path)?;
    Host::parse(&text).map_err(|error| {
        let error = without_secrets(&error.to_string());
        let message = format!("invalid machine file `{}`: {error}", path.display());
        Failure::unusable(message.trim_end(), "docs/rehearsal.md lists its keys")
    })
}

/// An error that may quote a line of a file.
fn without_secrets(error: &str) -> String {
    let mut text = error.to_owned();
    for range in find_secrets(error) {
        let stars = "*".repeat(range.len());
        text.replace_range(range, &stars);
    }
    text
}

/// Releases by the names that people give them.
pub fn select_releases(names: &str) -> Result<Vec<Release>, Failure> {
    select(names, &releases()).map_err(|error| {
        Failure::unusable(error.to_string(), "name it as `3.2.2`, `3.2`, `3`, `latest` or `all`")
    })
}

/// Releases to check with, and those asked for that are not known: each is checked as the nearest
/// one that is.
fn choose_releases(names: &str) -> Result<(Vec<Release>, Vec<Pin>), Failure> {
    let (mut chosen, mut unknown) = (Vec::new(), Vec::new());
    for name in names.split(',').map(str::trim) {
        match (select(name, &releases()), release::Named::of_tag(name)) {
            (Ok(found), _) => chosen.extend(found),
            (Err(_), release::Named::First(_)) => {
                let message = format!("Refinery {name} is not checked");
                return Err(Failure::unusable(message, "only releases from 2.0 on are checked"));
            }
            (Err(_), named) if is_version(name) => {
                chosen.extend(named.release());
                unknown.push(Pin::new(named, "asked for with `--refinery`"));
            }
            (Err(_), _) => chosen.extend(select_releases(name)?),
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok((chosen, unknown))
}

/// The one deployment and the one release that some commands are about.
pub fn single<'s>(
    sources: &'s Sources,
    options: &CheckOptions,
) -> Result<(&'s Deployment, Release), Failure> {
    let [deployment] = &sources.deployments[..] else {
        let message = format!("{} deployments were found", sources.deployments.len());
        return Err(Failure::unusable(message, "name the files of one with -c and -r"));
    };
    match options.releases_of(deployment)[..] {
        [release] => Ok((deployment, release)),
        _ => Err(one_release()),
    }
}

/// The one release that some commands are about.
pub fn only_release(options: &CheckOptions) -> Result<Release, Failure> {
    match options.releases[..] {
        [release] => Ok(release),
        _ => Err(one_release()),
    }
}

fn one_release() -> Failure {
    Failure::unusable("this is about one release", "name one release, such as `3.2`")
}
