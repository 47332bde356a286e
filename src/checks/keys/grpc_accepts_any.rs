//! gRPC accepts keys that are not listed.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    GRPC_ACCEPTS_ANY,
    "keys/grpc-accepts-any",
    Warning,
    "keys that are not listed are accepted over gRPC",
    "For gRPC requests Refinery replaces the key with `SendKey` before it checks whether the key \
     is listed, and `SendKey` counts as listed. For HTTP it checks first.",
    "Use `SendKeyMode: listedonly`, or restrict access to the gRPC port.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let only = context.config_key("AccessKeys", "AcceptOnlyListedKeys")?;
    let key = context.config_key("AccessKeys", "SendKey")?;
    let mode = context.known("AccessKeys", "SendKeyMode")?;
    let is_on = |group: &str, name: &str| context.is_on(group, name);
    let listens = is_on("GRPCServerParameters", "Enabled")
        && !context.stage.text("GRPCServerParameters", "ListenAddr").is_empty();
    let lets_in = match mode.text() {
        "all" => "any key, or none,",
        "missingonly" => "a request without a key",
        "nonblank" | "unlisted" => "any key",
        _ => return None,
    };
    let is_open = is_on(only.group, only.name)
        && !key.text().is_empty()
        && listens
        && context.stage.quirks.has(Quirk::ReplacesKeysBeforeLooking);
    is_open.then(|| {
        let finding = Finding::new(
            &GRPC_ACCEPTS_ANY,
            format!("gRPC accepts {lets_in} although only listed keys are allowed"),
        )
        .help("use `SendKeyMode: listedonly`, or restrict access to the gRPC port");
        let finding = only.place(finding, "only enforced for HTTP");
        mode.place(finding, "gRPC replaces the key before checking it")
    })
}
