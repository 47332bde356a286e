//! Uses of the Refinery chart in commands of scripts, Makefiles and workflows, read as plain text.

use crate::deploy::chart::set::Setting;
use crate::deploy::chart_pin::ChartPin;
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::near::NearFile;
use crate::deploy::word;
use crate::value::replaced::name_in_template;

/// The charts that commands in a file install.
pub fn read(file: &NearFile) -> Vec<ChartPin> {
    let commands = HelmCommand::all(&file.name, &file.text, &|word| word.ends_with("/refinery"));
    let pin = |HelmCommand { chart, version, values, sets: settings, .. }| ChartPin {
        file: file.name.clone(),
        chart,
        version,
        tag: tag_in(&settings),
        values,
        settings,
        ..ChartPin::default()
    };
    commands.into_iter().map(pin).collect()
}

/// The tag of the image, as written.
fn tag_in(settings: &[Setting]) -> Option<String> {
    let tag = settings.iter().rfind(|setting| setting.name == "image.tag")?;
    let word = word(&tag.value)?;
    Some(name_in_template(&word).map_or(word.clone(), |name| format!("${{{name}}}")))
}
