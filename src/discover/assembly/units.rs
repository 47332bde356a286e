//! Commands that start Refinery with files that the repository installs on a machine.

use super::Assembly;
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::unit::{InstalledFiles, Unit};
use std::mem::take;

impl Assembly {
    /// Gives installed files the launch of the commands that start Refinery with them.
    pub(super) fn launch_units(&mut self) {
        let (units, installed) = (take(&mut self.units), take(&mut self.installed));
        for unit in &units {
            self.unchecked.extend(unit.find_missing(&installed, &units));
            for used in installed.iter().filter(|installed| unit.uses(installed)) {
                self.launch_unit(unit, used);
            }
        }
    }

    fn launch_unit(&mut self, Unit { name, launch, .. }: &Unit, used: &InstalledFiles) {
        let mut described = self.described.iter_mut();
        let Some((_, deployment)) = described.find(|(name, _)| *name == used.deployment) else {
            return;
        };
        if deployment.launch == LaunchSpec::default() {
            deployment.launch = launch.clone();
        } else if deployment.launch != *launch {
            // Another command starts Refinery with the same files.
            let other = Deployment { launch: launch.clone(), ..deployment.clone() };
            self.described.push((name.clone(), other));
        }
    }
}
