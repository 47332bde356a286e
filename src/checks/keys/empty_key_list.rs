//! Only listed keys are accepted, but none is listed.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    EMPTY_KEY_LIST,
    "keys/empty-key-list",
    Error,
    "only listed keys are accepted, but the list is empty",
    "Refinery answers every request with 401. Its validator should require a list with \
     `AcceptOnlyListedKeys`, but that rule has no effect.",
    "List the keys, or accept all keys.",
    before: "\
General:
  ConfigurationVersion: 2
AccessKeys:
  AcceptOnlyListedKeys: true
",
    change: "AcceptOnlyListedKeys: true" => "\
AcceptOnlyListedKeys: true
  ReceiveKeys: [\"${TEAM_KEY}\"]",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let only = context.known("AccessKeys", "AcceptOnlyListedKeys")?;
    // `SendKey` is accepted as well.
    let lists = ["ReceiveKeys", "ReceiveKeyIDs", "SendKey"];
    let is_empty = lists
        .iter()
        .filter_map(|name| context.config_key("AccessKeys", name))
        .all(|key| key.is_known() && key.texts().is_empty() && key.text().is_empty());
    (is_empty && context.stage.is_on(only.group, only.name)).then(|| {
        let finding = Finding::new(&EMPTY_KEY_LIST, "every request is rejected: no key is listed")
            .help("list the keys in `ReceiveKeys`, or write `AcceptOnlyListedKeys: false`");
        only.place(finding, "no key is listed")
    })
}
