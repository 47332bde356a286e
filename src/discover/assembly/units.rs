//! Commands that start Refinery with files that the repository installs on a machine.

use super::Assembly;
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::unit::{InstalledFiles, InstalledVariables, Unit};
use crate::discover::machine_launch::MachineLaunch;
use crate::sniff::file_name::is_unit;
use crate::sniff::shebang::is_script_file;
use crate::span::File;
use std::mem::take;

impl Assembly {
    /// Gives installed files the launch of the commands that start Refinery with them.
    pub(super) fn launch_units(&mut self) {
        let (units, installed) = (take(&mut self.units), take(&mut self.installed));
        let variables = take(&mut self.variables);
        let units: Vec<Unit> = units.into_iter().map(|unit| unit.located(&variables)).collect();
        for unit in &units {
            let missing = unit.find_missing(&installed, &units, &|path| self.names_path(path));
            self.unchecked.extend(missing);
            let mut used = installed.iter().filter(|installed| unit.uses(installed)).peekable();
            if used.peek().is_none() {
                self.launches_on_machine.extend(unit.is_certain.then(|| {
                    let launch = unit.launch_with(&variables);
                    let deployment = Deployment { launch, ..Deployment::default() };
                    MachineLaunch { place: unit.place, deployment }
                }));
            }
            for used in used {
                self.launch_unit(unit, used, &variables);
            }
        }
    }

    /// Whether a file has a path of the machine, other than units and scripts, whose copies are known.
    fn names_path(&self, path: &str) -> bool {
        let is_other = |file: &&File| {
            !is_unit(file.name.file()) && !is_script_file(file.name.file(), &file.text)
        };
        self.loaded.files.iter().filter(is_other).any(|file| file.text.contains(path))
    }

    fn launch_unit(
        &mut self,
        unit: &Unit,
        used: &InstalledFiles,
        variables: &[InstalledVariables],
    ) {
        let launch = unit.launch_with(variables);
        let mut described = self.described.iter_mut();
        let Some((_, deployment)) = described.find(|(name, _)| *name == used.deployment) else {
            return;
        };
        if deployment.launch == LaunchSpec::default() {
            deployment.launch = launch;
        } else if deployment.launch != launch {
            // Another command starts Refinery with the same files.
            let other = Deployment { launch, ..deployment.clone() };
            self.described.push((unit.name.clone(), other));
        }
    }
}
