//! Uses of the Refinery chart in commands of scripts, Makefiles and workflows, read as plain text.

use super::ChartPin;
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::near::NearFile;

/// The charts that commands in a file install.
pub fn read(file: &NearFile) -> Vec<ChartPin> {
    let text = file.text.replace("\\\n", " ");
    let commands = text.lines().filter(|line| line.contains("helm") && line.contains("refinery"));
    let words = |line: &str| {
        let words = line.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned());
        words.collect::<Vec<_>>()
    };
    let commands = commands.filter_map(|line| HelmCommand::read(&words(line)));
    let pin = |HelmCommand { chart, version, values, .. }| ChartPin {
        file: file.name.clone(),
        chart,
        version,
        values,
        ..ChartPin::default()
    };
    commands.map(pin).collect()
}
