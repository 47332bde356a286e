//! Only listed keys are taken, and none is listed.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NOBODY_LISTED,
    "keys/nobody-listed",
    Error,
    "only listed keys are accepted, and there are none",
    "the engine then answers every request with 401 and takes nothing in; its rule that one key \
     needs the other never comes into force",
    "list the keys, or accept all",
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

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let only = subject.held("AccessKeys", "AcceptOnlyListedKeys")?;
    // The key that is sent on is accepted as well.
    let lists = ["ReceiveKeys", "ReceiveKeyIDs", "SendKey"];
    let nobody = lists
        .iter()
        .filter_map(|name| subject.held("AccessKeys", name))
        .all(|held| held.is_known() && held.texts().is_empty() && held.text().is_empty());
    (nobody && subject.ground.is_on(only.group, only.name)).then(|| {
        let finding = Finding::new(&NOBODY_LISTED, "every request is refused: no key is listed")
            .help("list the keys in `ReceiveKeys`, or write `AcceptOnlyListedKeys: false`");
        only.place(finding, "no list of keys goes with it")
    })
}
