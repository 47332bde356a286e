//! Uses of the Refinery chart in commands of scripts, Makefiles and workflows, read as plain text.

use super::ChartPin;
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::near::NearFile;

/// The charts that commands in a file install.
pub fn read(file: &NearFile) -> Vec<ChartPin> {
    let commands = HelmCommand::all(&file.text, &|word| word.ends_with("/refinery"));
    let pin = |HelmCommand { chart, version, values, .. }| ChartPin {
        file: file.name.clone(),
        chart,
        version,
        values,
        ..ChartPin::default()
    };
    commands.into_iter().map(pin).collect()
}
