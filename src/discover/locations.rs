//! Files named by Refinery's own flags.
//!
//! Must not recognise or pair files: the flags already do.

use super::Request;
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loaded::{LoadedFile, LoadedFiles};
use crate::deploy::loader::Loader;
use crate::deploy::location::{Location, advice_on_missing, read_location};
use crate::deploy::{Opened, open_stack};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::schema::Kind;
use crate::vfs::Vfs;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, name_of};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files named by Refinery's flags or by settings, and how Refinery is launched with them.
#[derive(Clone, Debug, Default)]
pub struct Locations {
    pub config: Vec<String>,
    pub rules: Vec<String>,
    /// Paths of values files, each merged over those before it.
    pub values: Vec<String>,
    pub launch: LaunchSpec,
}

/// A loaded deployment, and notices about what is not checked.
pub struct Loaded {
    pub deployment: Deployment,
    pub notices: Vec<Notice>,
}

impl Locations {
    /// Reads the environment like Refinery, unless only paths are named.
    pub fn of(request: &Request) -> Self {
        let has_flags = !request.config.is_empty() || !request.rules.is_empty();
        let has_paths = !request.paths.is_empty() || request.stdin_filename.is_some();
        let live = request.live.as_ref().filter(|_| has_flags || !has_paths);
        let choose = |flags: &[String], kind: Kind| {
            match live.and_then(|live| live.get(kind.locating().variable)) {
                // An empty variable names one location, the empty one.
                Some(value) if flags.is_empty() => value.split(',').map(str::to_owned).collect(),
                _ => flags.to_vec(),
            }
        };
        Self {
            config: choose(&request.config, Kind::Config),
            rules: choose(&request.rules, Kind::Rules),
            ..Self::default()
        }
    }

    pub fn is_empty(&self) -> bool {
        self.config.is_empty() && self.rules.is_empty() && self.values.is_empty()
    }

    /// A notice that lists the named files.
    pub fn describe(&self) -> String {
        let (config, rules) = (self.config.join(", "), self.rules.join(", "));
        if !self.values.is_empty() {
            return [config, rules, self.values.join(", ")]
                .join(" + ")
                .trim_start_matches(" + ")
                .to_owned();
        }
        if rules.is_empty() {
            format!("{config} (no rules file given; checked on its own)")
        } else if config.is_empty() {
            format!("{rules} (no config file given; checked on its own)")
        } else {
            format!("{config} + {rules}")
        }
    }

    /// The paths that Refinery opens, and those of the values.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let locations = self.config.iter().chain(&self.rules);
        let files = locations.filter_map(|location| match read_location(location) {
            Ok(Location::File(path, _)) => Some(PathBuf::from(path)),
            _ => None,
        });
        files.chain(self.values.iter().map(PathBuf::from))
    }

    /// Loads all of them.
    ///
    /// # Errors
    /// One cannot be read, or is on the network.
    pub fn load(&self, store: &dyn Vfs, onto: &mut LoadedFiles) -> Result<Loaded, InputError> {
        let mut findings = Vec::new();
        let mut config = load_all(store, &self.config, onto, &mut findings)?;
        let mut rules = load_all(store, &self.rules, onto, &mut findings)?;
        let mut launch = self.launch.clone();
        let Opened { parts, notices, .. } = self.open_values(store, onto)?;
        for part in parts {
            launch = launch.over(&part.launch);
            let half = if part.recognised.kind == Kind::Config { &mut config } else { &mut rules };
            half.push(onto.put_within(part)?);
        }
        let deployment = Deployment { launch, ..Deployment::of(&config, &rules, findings) };
        Ok(Loaded { deployment, notices })
    }

    /// Opens the values.
    fn open_values(&self, store: &dyn Vfs, onto: &mut LoadedFiles) -> Result<Opened, InputError> {
        let names: Vec<String> = self.values.iter().map(|path| name_of(Path::new(path))).collect();
        let opened = open_stack(&names, &mut Loader { store, loaded: onto })?;
        let bonds: BTreeSet<&str> = opened.parts.iter().map(|part| part.bond.as_str()).collect();
        let is_silent = opened.parts.is_empty() && opened.notices.is_empty();
        if bonds.len() > 1 || is_silent && !names.is_empty() {
            let message = format!(
                "expected values for one Refinery chart in {}, found {}",
                names.join(", "),
                bonds.len()
            );
            let advice = "pass values files for a single Refinery chart";
            return Err(InputError::new(InputProblem::NotRecognised, message, advice));
        }
        Ok(opened)
    }
}

/// Loads files like Refinery; locations that it rejects become findings.
fn load_all(
    store: &dyn Vfs,
    locations: &[String],
    onto: &mut LoadedFiles,
    findings: &mut Vec<Finding>,
) -> Result<Vec<LoadedFile>, InputError> {
    let mut loaded = Vec::new();
    for location in locations {
        match read_location(location)? {
            Location::Refused(finding) => findings.push(finding),
            Location::File(path, finding) => {
                findings.extend(finding);
                let name = name_of(Path::new(&path));
                let bytes =
                    store.read(Path::new(&path), &name).map_err(|error| advise(error, location))?;
                loaded.push(onto.put(&name, format_of(&path), bytes)?);
            }
        }
    }
    Ok(loaded)
}

fn advise(mut error: InputError, location: &str) -> InputError {
    if let (InputProblem::Missing, Some(advice)) = (error.problem, advice_on_missing(location)) {
        advice.clone_into(&mut error.advice);
    }
    error
}
