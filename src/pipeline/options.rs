//! The options of a run, and how they apply to a deployment.

use crate::config::environment::Environment;
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::discover::Sources;
use crate::rehearse::{Host, Launch};
use crate::release::{Basis, Pin};
use crate::schema::Release;
use crate::source_name::SourceName;
use crate::span::Files;
use jiff::civil::Date;

/// The options of a run.
#[derive(Default)]
pub struct CheckOptions {
    /// Oldest first.
    pub releases: Vec<Release>,
    pub environment: Environment,
    /// The machine that Refinery runs on.
    pub host: Host,
    /// Refinery's command line, apart from its files.
    pub arguments: Vec<String>,
    /// Whether `releases` override the pins of deployments.
    pub overrides_pins: bool,
    /// Unknown releases among those requested.
    pub unknown: Vec<Pin>,
    /// Use the newest release on this day.
    pub day: Option<Date>,
    /// The running configuration that would reload the files; by default the same files without
    /// errors.
    pub running: Option<RunningConfig>,
}

/// The running configuration.
pub enum RunningConfig {
    /// One deployment, regardless of the names of its files.
    One(Sources),
    /// Each deployment before the change, by the names of its files.
    Past(Sources),
}

impl RunningConfig {
    /// What would reload a deployment; `None` if it is new.
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

/// A deployment is identified by its config, or without one by its rules.
fn name(deployment: &Deployment, files: &Files) -> Vec<SourceName> {
    let half = if deployment.config.is_empty() { &deployment.rules } else { &deployment.config };
    half.iter().map(|source| files.get(source.file).name.clone()).collect()
}

impl CheckOptions {
    /// The running version of a deployment.
    pub(super) fn running(
        &self,
        deployment: &Deployment,
        files: &Files,
    ) -> Option<(&Deployment, &Files)> {
        self.running.as_ref()?.find(deployment, files)
    }

    /// The releases that a deployment is checked for: its own, unless the options override it.
    pub fn releases_of(&self, deployment: &Deployment) -> Vec<Release> {
        match &deployment.launch.release {
            Some(pin) if !self.overrides_pins => pin.named.release().into_iter().collect(),
            _ => self.releases.clone(),
        }
    }

    /// Why it is checked for these releases.
    pub(super) fn basis_of(&self, deployment: &Deployment) -> Basis {
        match (&deployment.launch.release, self.day) {
            _ if self.overrides_pins => Basis::Asked(self.unknown.clone()),
            (Some(pin), _) => Basis::Pinned(pin.clone()),
            (None, Some(day)) => Basis::NewestOn(day),
            (None, None) => Basis::Newest,
        }
    }

    /// How one deployment is launched: the options override what is written beside the files.
    pub(super) fn launch(&self, deployment: &Deployment) -> LaunchContext {
        let LaunchSpec { arguments, machine, .. } = &deployment.launch;
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
