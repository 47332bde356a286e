//! One override that replaces several keys.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;
use crate::syntax::Item;
use std::collections::BTreeMap;

check!(
    OVERRIDE_OF_SEVERAL_KEYS,
    "config/override-of-several-keys",
    Note,
    "one flag or environment variable overrides keys of several groups",
    "Some environment variables apply to Refinery's logger, metrics and traces alike and replace \
     what the file says for each. A metrics backend of another vendor then receives the Honeycomb \
     key, or loses its address."
);

register!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let mut by_origin: BTreeMap<String, Vec<Held<'_>>> = BTreeMap::new();
    for held in subject.all_held().filter(Held::is_overridden) {
        by_origin.entry(held.setting.origin.to_string()).or_default().push(held);
    }
    let of_many = by_origin.into_iter().filter(|(_, keys)| keys.len() > 1);
    of_many
        .filter_map(|(origin, keys)| {
            let differs = |held: &&Held<'_>| {
                let written = subject.item(held.group, held.name).and_then(Item::text);
                written.is_some_and(|text| text != held.text())
            };
            let replaced: Vec<&Held<'_>> = keys.iter().filter(differs).collect();
            let titles: Vec<String> = replaced.iter().map(|held| held.title()).collect();
            let message = format!("{origin} overrides {}", titles.join(", "));
            let finding = Finding::new(&OVERRIDE_OF_SEVERAL_KEYS, message)
                .help("use the environment variable of a single key if there is one");
            let place = |finding: Finding, held: &&Held<'_>| {
                finding.at_some(held.setting.key_span, "not used")
            };
            (!replaced.is_empty()).then(|| replaced.iter().fold(finding, place))
        })
        .collect()
}
