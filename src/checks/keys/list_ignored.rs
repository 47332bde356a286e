//! A list of keys that nothing looks into.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    LIST_IGNORED,
    "keys/list-ignored",
    Warning,
    "keys are listed, and every key is accepted",
    "the engine looks into the lists where `AcceptOnlyListedKeys` is true, or where `SendKeyMode` \
     tells listed keys from others; elsewhere they do nothing",
    "write `AcceptOnlyListedKeys: true`, or delete the list",
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

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let lists = ["ReceiveKeys", "ReceiveKeyIDs"];
    let list = lists
        .into_iter()
        .filter_map(|name| subject.held("AccessKeys", name))
        .find(|list| !list.texts().is_empty())?;
    let mode = subject.held("AccessKeys", "SendKeyMode");
    let tells =
        mode.is_some_and(|m| !m.is_known() || matches!(m.text(), "listedonly" | "unlisted"));
    (!tells && !subject.ground.is_on("AccessKeys", "AcceptOnlyListedKeys")).then(|| {
        let message = format!("{} is ignored: every key is accepted", list.title());
        let finding = Finding::new(&LIST_IGNORED, message)
            .help("write `AcceptOnlyListedKeys: true`, or delete the list");
        list.place(finding, "nothing looks into this")
    })
}
