//! Messages so great that a few fill the memory.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::amount;
use crate::diagnostic::Finding;

check!(
    GREAT_MESSAGES,
    "capacity/great-messages",
    Note,
    "gRPC messages may be so great that a few clients fill the memory",
    "nothing limits how many messages come at once, and each is held whole while it is read",
    "let clients send smaller batches; the default is 15MB",
    before: "\
General:
  ConfigurationVersion: 2
GRPCServerParameters:
  ListenAddr: 0.0.0.0:4317
  MaxRecvMsgSize: 1GB
",
    change: "MaxRecvMsgSize: 1GB" => "MaxRecvMsgSize: 15MB",
);

look!(one find);

/// Six times the default.
const GREAT: i128 = 100_000_000;

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let size = subject.held("GRPCServerParameters", "MaxRecvMsgSize")?;
    let bytes = subject.ground.number(size.group, size.name);
    (bytes > GREAT).then(|| {
        let message = format!("each client may fill {} at a time", amount(bytes));
        let finding = Finding::new(&GREAT_MESSAGES, message)
            .help("let clients send smaller batches; the default is 15MB");
        size.place(finding, "held whole, for any number of clients")
    })
}
