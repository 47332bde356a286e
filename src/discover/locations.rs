//! Files named in the words of the engine's flags: what is meant, and what is there.
//!
//! Must not recognise or pair anything: whoever names a file has done so.

use super::Request;
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loaded::{LoadedFile, LoadedFiles};
use crate::deploy::loader::Loader;
use crate::deploy::location::{Location, advice_on_missing, read_location};
use crate::deploy::{Opened, open_stack};
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::vfs::Vfs;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, name_of};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files named in the words of the engine's flags, and how the engine is run with them.
#[derive(Clone, Debug, Default)]
pub struct Locations {
    pub config: Vec<String>,
    pub rules: Vec<String>,
    /// Values files of the chart by their paths, each laid over those before it.
    pub values: Vec<String>,
    pub given: LaunchSpec,
}

/// What was read, and one line each on what is not judged.
pub struct Loaded {
    pub deployment: Deployment,
    pub notices: Vec<String>,
}

impl Locations {
    /// The environment counts as it does for the engine, unless only paths are named.
    pub fn of(request: &Request) -> Self {
        let has_flags = !request.config.is_empty() || !request.rules.is_empty();
        let has_paths = !request.paths.is_empty() || request.stdin_filename.is_some();
        let live = request.live.as_ref().filter(|_| has_flags || !has_paths);
        let choose = |flags: &[String], kind: Kind| {
            match live.and_then(|live| live.get(kind.locating().variable)) {
                // A variable that is set but empty still names one location, the empty one.
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

    /// One line that says what is named.
    pub fn describe(&self) -> String {
        let (config, rules) = (self.config.join(", "), self.rules.join(", "));
        if !self.values.is_empty() {
            return [config, rules, self.values.join(", ")]
                .join(" + ")
                .trim_start_matches(" + ")
                .to_owned();
        }
        if rules.is_empty() {
            format!("{config} (no rules named; judged alone)")
        } else if config.is_empty() {
            format!("{rules} (no config named; judged alone)")
        } else {
            format!("{config} + {rules}")
        }
    }

    /// The paths at which the engine looks for them, and those of the values.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let locations = self.config.iter().chain(&self.rules);
        let files = locations.filter_map(|location| match read_location(location) {
            Ok(Location::File(path, _)) => Some(PathBuf::from(path)),
            _ => None,
        });
        files.chain(self.values.iter().map(PathBuf::from))
    }

    /// Reads all of them.
    ///
    /// # Errors
    /// One cannot be read, or lies on the network.
    pub fn load(&self, store: &dyn Vfs, onto: &mut LoadedFiles) -> Result<Loaded, InputError> {
        let mut findings = Vec::new();
        let mut config = load_all(store, &self.config, onto, &mut findings)?;
        let mut rules = load_all(store, &self.rules, onto, &mut findings)?;
        let mut given = self.given.clone();
        let Opened { parts, notices, .. } = self.open_values(store, onto)?;
        for part in parts {
            given = given.over(&part.given);
            let half = if part.recognised.kind == Kind::Config { &mut config } else { &mut rules };
            half.push(onto.put_within(part)?);
        }
        let deployment = Deployment { given, ..Deployment::of(&config, &rules, findings) };
        Ok(Loaded { deployment, notices })
    }

    /// What the chart makes of the values.
    fn open_values(&self, store: &dyn Vfs, onto: &mut LoadedFiles) -> Result<Opened, InputError> {
        let names: Vec<String> = self.values.iter().map(|path| name_of(Path::new(path))).collect();
        let opened = open_stack(&names, &mut Loader { store, shelf: onto })?;
        let bonds: BTreeSet<&str> = opened.parts.iter().map(|part| part.bond.as_str()).collect();
        let is_silent = opened.parts.is_empty() && opened.notices.is_empty();
        if bonds.len() > 1 || is_silent && !names.is_empty() {
            let message =
                format!("{} hold Refinery's values {} times", names.join(", "), bonds.len());
            let advice = "name values files that hold them once";
            return Err(InputError::new(InputProblem::NotRecognised, message, advice));
        }
        Ok(opened)
    }
}

/// Reads files as the engine finds them; what it refuses to look for becomes a finding.
fn load_all(
    store: &dyn Vfs,
    locations: &[String],
    shelf: &mut LoadedFiles,
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
                loaded.push(shelf.put(&name, format_of(&path), bytes)?);
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
