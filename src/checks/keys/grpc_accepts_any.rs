//! Listed keys alone, but over gRPC any.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    GRPC_ACCEPTS_ANY,
    "keys/grpc-accepts-any",
    Warning,
    "over gRPC keys are accepted that are not listed",
    "over gRPC the engine puts `SendKey` in before it looks whether the key is listed, and \
     `SendKey` is; over HTTP it looks first",
    "write `SendKeyMode: listedonly`, or keep the gRPC port from those who have no key",
    before: "\
General:
  ConfigurationVersion: 2
AccessKeys:
  AcceptOnlyListedKeys: true
  ReceiveKeys: [\"${TEAM_KEY}\"]
  SendKey: ${SEND_KEY}
  SendKeyMode: all
GRPCServerParameters:
  ListenAddr: 0.0.0.0:4317
",
    change: "SendKeyMode: all" => "SendKeyMode: listedonly",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let only = subject.held("AccessKeys", "AcceptOnlyListedKeys")?;
    let key = subject.held("AccessKeys", "SendKey")?;
    let mode = subject.known("AccessKeys", "SendKeyMode")?;
    let is_on = |group: &str, name: &str| subject.ground.is_on(group, name);
    let listens = is_on("GRPCServerParameters", "Enabled")
        && !subject.ground.text("GRPCServerParameters", "ListenAddr").is_empty();
    let lets_in = match mode.text() {
        "all" => "any key, or none",
        "missingonly" => "a request without a key",
        "nonblank" | "unlisted" => "any key",
        _ => return None,
    };
    let is_open = is_on(only.group, only.name)
        && !key.text().is_empty()
        && listens
        && subject.ground.quirks.has(Quirk::ReplacesKeysBeforeLooking);
    is_open.then(|| {
        let finding = Finding::new(&GRPC_ACCEPTS_ANY, format!("over gRPC {lets_in} is accepted"))
            .help("write `SendKeyMode: listedonly`, or keep the port from those who have no key");
        let finding = only.place(finding, "held over HTTP alone");
        mode.place(finding, "over gRPC the key is replaced before it is looked for")
    })
}
