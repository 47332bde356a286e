//! A gRPC message limit so high that a few clients can exhaust memory.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::amount;
use crate::diagnostic::Finding;

check!(
    LARGE_GRPC_MESSAGES,
    "capacity/large-grpc-messages",
    Note,
    "the gRPC message size limit is so high that a few clients can exhaust memory",
    "Refinery buffers each message completely while reading it and does not limit how many arrive \
     at the same time.",
    "Lower `MaxRecvMsgSize` (default `15MB`) and let clients send smaller batches.",
    before: "\
General:
  ConfigurationVersion: 2
GRPCServerParameters:
  ListenAddr: 0.0.0.0:4317
  MaxRecvMsgSize: 1GB
",
    change: "MaxRecvMsgSize: 1GB" => "MaxRecvMsgSize: 15MB",
);

register!(one find);

/// Six times the default.
const LARGE: i128 = 100_000_000;

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let size = context.known("GRPCServerParameters", "MaxRecvMsgSize")?;
    let bytes = context.stage.number(size.group, size.name);
    (bytes > LARGE).then(|| {
        let message = format!("each gRPC message may take up to {} of memory", amount(bytes));
        let finding = Finding::new(&LARGE_GRPC_MESSAGES, message)
            .help("lower it (default `15MB`) and let clients send smaller batches");
        size.place(finding, "buffered completely, for every client")
    })
}
