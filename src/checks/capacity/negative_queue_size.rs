//! A negative queue size that amounts to no queue.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    NEGATIVE_QUEUE_SIZE,
    "capacity/negative-queue-size",
    Error,
    "a negative queue size leaves no room for spans",
    "Refinery divides the size among its workers and rounds up, so a small negative number \
     becomes 0. Almost every span finds the queue full and is dropped, or rejected with 429.",
    "Set the number of spans to queue.",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  PeerQueueSize: -1
",
    change: "PeerQueueSize: -1" => "PeerQueueSize: 30000",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    if !context.stage.quirks.has(Quirk::HasWorkers) {
        return Vec::new();
    }
    let workers = context.stage.workers();
    let queues = ["IncomingQueueSize", "PeerQueueSize"];
    let key = queues.into_iter().filter_map(|name| context.known("Collection", name));
    let empty = key.filter(|key| {
        let size = context.stage.number(key.group, key.name);
        size < 0 && (size + workers - 1) / workers == 0
    });
    empty
        .map(|key| {
            let message = format!("{} leaves no room in the queue: spans are dropped", key.path());
            let finding = Finding::new(&NEGATIVE_QUEUE_SIZE, message)
                .help("set the number of spans to queue, such as 30000");
            key.place(finding, &format!("room for 0 spans in each of {workers} workers"))
        })
        .collect()
}
