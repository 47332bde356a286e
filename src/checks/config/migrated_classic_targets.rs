//! Targets of API keys that were migrated from Honeycomb Classic.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    MIGRATED_CLASSIC_TARGETS,
    "config/migrated-classic-targets",
    Note,
    "targets of migrated Classic keys are selected by environment",
    "With this key, Refinery handles an API key that was migrated from Honeycomb Classic like an \
     environment key: the environment selects the target, not the dataset. This is known from \
     published notes only, and no verdict depends on it.",
    "Name the targets after environments, or remove the key (default: `false`).",
    before: "\
General:
  ConfigurationVersion: 2
  EnableMigratedClassicAsEnvironment: true
",
    change: "  EnableMigratedClassicAsEnvironment: true\n" => "",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let key = context.known("General", "EnableMigratedClassicAsEnvironment")?;
    context.stage.is_on(key.group, key.name).then(|| {
        let message =
            "targets of migrated Classic keys are selected by environment, not by dataset";
        let finding = Finding::new(&MIGRATED_CLASSIC_TARGETS, message)
            .help("name the targets after environments");
        key.place(finding, "selects by environment")
    })
}
