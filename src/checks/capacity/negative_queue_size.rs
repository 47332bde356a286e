//! A negative queue size that amounts to no queue.

use crate::check;
use crate::checks::Subject;
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

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.ground.quirks.has(Quirk::HasWorkers) {
        return Vec::new();
    }
    let workers = subject.ground.workers();
    let queues = ["IncomingQueueSize", "PeerQueueSize"];
    let held = queues.into_iter().filter_map(|name| subject.held("Collection", name));
    let empty = held.filter(|held| {
        let size = subject.ground.number(held.group, held.name);
        size < 0 && (size + workers - 1) / workers == 0
    });
    empty
        .map(|held| {
            let message =
                format!("{} leaves no room in the queue: spans are dropped", held.title());
            let finding = Finding::new(&NEGATIVE_QUEUE_SIZE, message)
                .help("set the number of spans to queue, such as 30000");
            held.place(finding, &format!("room for 0 spans in each of {workers} workers"))
        })
        .collect()
}
