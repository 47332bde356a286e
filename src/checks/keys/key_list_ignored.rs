//! A list of keys that Refinery does not use.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    KEY_LIST_IGNORED,
    "keys/key-list-ignored",
    Warning,
    "keys are listed, but every key is accepted",
    "Refinery uses these lists only if `AcceptOnlyListedKeys` is true, or if `SendKeyMode` \
     distinguishes listed keys.",
    "Add `AcceptOnlyListedKeys: true`, or remove the list.",
    before: "\
General:
  ConfigurationVersion: 2
AccessKeys:
  ReceiveKeys: [\"${TEAM_KEY}\"]
",
    change: "ReceiveKeys: [\"${TEAM_KEY}\"]" => "\
ReceiveKeys: [\"${TEAM_KEY}\"]
  AcceptOnlyListedKeys: true",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let lists = ["ReceiveKeys", "ReceiveKeyIDs"];
    let list = lists
        .into_iter()
        .filter_map(|name| context.config_key("AccessKeys", name))
        .find(|list| !list.texts().is_empty())?;
    let mode = context.config_key("AccessKeys", "SendKeyMode");
    let tells =
        mode.is_some_and(|m| !m.is_known() || matches!(m.text(), "listedonly" | "unlisted"));
    (!tells && context.is_off("AccessKeys", "AcceptOnlyListedKeys")).then(|| {
        let message = format!("{} is ignored: every key is accepted", list.path());
        let finding = Finding::new(&KEY_LIST_IGNORED, message)
            .help("add `AcceptOnlyListedKeys: true`, or remove the list");
        list.place(finding, "not used")
    })
}
