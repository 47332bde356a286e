//! Commands that start Refinery with files that the repository installs on a machine.

use super::Assembly;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::unit::Unit;
use std::mem::take;

impl Assembly {
    /// Launches the files that are installed as the commands do which start Refinery with them.
    pub(super) fn launch_units(&mut self) {
        let (units, installed) = (take(&mut self.units), take(&mut self.installed));
        for unit in &units {
            self.unchecked.extend(unit.find_missing(&installed, &units));
            let Unit { name, launch, .. } = unit;
            let Some(used) = installed.iter().find(|installed| unit.uses(installed)) else {
                continue;
            };
            let Some(at) = self.described.iter().position(|(name, _)| *name == used.deployment)
            else {
                continue;
            };
            let (_, deployment) = &mut self.described[at];
            if deployment.launch == LaunchSpec::default() {
                deployment.launch = launch.clone();
            } else if deployment.launch != *launch {
                // Another command starts Refinery with the same files.
                let mut other = deployment.clone();
                other.launch = launch.clone();
                self.described.push((name.clone(), other));
            }
        }
    }
}
