//! What a run asks, and what it means for one deployment.

use crate::config::environment::Environment;
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::discover::Sources;
use crate::rehearse::{Host, Launch};
use crate::release::{Basis, Pin};
use crate::schema::Release;
use crate::span::Files;
use jiff::civil::Date;

/// What a run asks of its deployments.
#[derive(Default)]
pub struct CheckOptions {
    /// Oldest first.
    pub releases: Vec<Release>,
    pub environment: Environment,
    /// The machine that Refinery runs on.
    pub host: Host,
    /// Refinery's command line, apart from its files.
    pub arguments: Vec<String>,
    /// `releases` count even where a deployment names its own.
    pub insists: bool,
    /// Those of them that are not known.
    pub unknown: Vec<Pin>,
    /// The day whose newest release is meant.
    pub day: Option<Date>,
    /// What runs now and would reload the files; by default the same files without errors.
    pub running: Option<RunningConfig>,
}

/// What runs now.
pub enum RunningConfig {
    /// One deployment, whatever its files are called.
    One(Sources),
    /// Each deployment as it was, by the names of its files.
    Past(Sources),
}

impl RunningConfig {
    /// What would reload a deployment; none where it is new.
    fn find(&self, deployment: &Deployment, files: &Files) -> Option<(&Deployment, &Files)> {
        let (sources, running) = match self {
            Self::One(sources) => (sources, sources.deployments.first()),
            Self::Past(sources) => {
                let name = name(deployment, files);
                let mut all = sources.deployments.iter();
                (sources, all.find(|known| self::name(known, &sources.files) == name))
            }
        };
        running.map(|running| (running, &sources.files))
    }
}

/// A deployment is named after its config, or after its rules where it has none.
fn name(deployment: &Deployment, files: &Files) -> Vec<String> {
    let half = if deployment.config.is_empty() { &deployment.rules } else { &deployment.config };
    half.iter().map(|source| files.get(source.file).name.clone()).collect()
}

impl CheckOptions {
    /// What runs now in place of a deployment.
    pub(super) fn running(
        &self,
        deployment: &Deployment,
        files: &Files,
    ) -> Option<(&Deployment, &Files)> {
        self.running.as_ref()?.find(deployment, files)
    }

    /// The releases that one deployment is checked for: its own, unless others are insisted on.
    pub fn releases_of(&self, deployment: &Deployment) -> Vec<Release> {
        match &deployment.given.release {
            Some(pin) if !self.insists => pin.named.release().into_iter().collect(),
            _ => self.releases.clone(),
        }
    }

    /// Why these.
    pub(super) fn basis_of(&self, deployment: &Deployment) -> Basis {
        match (&deployment.given.release, self.day) {
            _ if self.insists => Basis::Asked(self.unknown.clone()),
            (Some(pin), _) => Basis::Pinned(pin.clone()),
            (None, Some(day)) => Basis::NewestOn(day),
            (None, None) => Basis::Newest,
        }
    }

    /// How one deployment is launched: the options override what is written beside the files.
    pub(super) fn launch(&self, deployment: &Deployment) -> LaunchContext {
        let LaunchSpec { arguments, machine, .. } = &deployment.given;
        let arguments = if self.arguments.is_empty() { arguments } else { &self.arguments };
        LaunchContext {
            arguments: arguments.clone(),
            environment: self.environment.with(&machine.variables, &machine.unknown_variables),
            host: self.host.over(machine),
        }
    }
}

/// How one deployment is launched.
pub struct LaunchContext {
    pub arguments: Vec<String>,
    pub environment: Environment,
    pub host: Host,
}

impl LaunchContext {
    pub(super) fn as_launch(&self) -> Launch<'_> {
        Launch { arguments: &self.arguments, environment: &self.environment }
    }
}
