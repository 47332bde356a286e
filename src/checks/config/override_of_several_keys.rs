//! One override that replaces several keys.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;
use crate::syntax::Item;
use std::collections::BTreeMap;

check!(
    OVERRIDE_OF_SEVERAL_KEYS,
    "config/override-of-several-keys",
    Note,
    "one flag or environment variable overrides keys of several groups",
    "Some environment variables apply to Refinery's logger, metrics and traces alike and replace \
     what the file says for each. Another vendor's metrics backend then receives the Honeycomb \
     key, or its address is overwritten."
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let mut by_origin: BTreeMap<String, Vec<ConfigKey<'_>>> = BTreeMap::new();
    for key in context.config_keys().filter(ConfigKey::is_overridden) {
        by_origin.entry(key.setting.origin.to_string()).or_default().push(key);
    }
    let of_many = by_origin.into_iter().filter(|(_, keys)| keys.len() > 1);
    of_many
        .filter_map(|(origin, keys)| {
            let differs = |key: &&ConfigKey<'_>| {
                let written = context.item(key.group, key.name).and_then(Item::text);
                written.is_some_and(|text| text != key.text())
            };
            let replaced: Vec<&ConfigKey<'_>> = keys.iter().filter(differs).collect();
            let titles: Vec<String> = replaced.iter().map(|key| key.path()).collect();
            let message = format!("{origin} overrides {}", titles.join(", "));
            let finding = Finding::new(&OVERRIDE_OF_SEVERAL_KEYS, message)
                .help("use the environment variable of a single key if there is one");
            let place = |finding: Finding, key: &&ConfigKey<'_>| {
                finding.at_some(key.setting.key_span, "not used")
            };
            (!replaced.is_empty()).then(|| replaced.iter().fold(finding, place))
        })
        .collect()
}
