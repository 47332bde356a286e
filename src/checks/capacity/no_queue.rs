//! A queue without a single place.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    NO_QUEUE,
    "capacity/no-queue",
    Error,
    "a negative size that comes to a queue without a place",
    "the size is divided among the workers and rounded up, and a small negative one comes to 0: \
     almost every span finds the queue full and is dropped, or refused with 429",
    "write the number of spans to hold",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  PeerQueueSize: -1
",
    change: "PeerQueueSize: -1" => "PeerQueueSize: 30000",
);

look!(find);

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
            let message = format!("{} leaves no place for spans: they are dropped", held.title());
            let finding = Finding::new(&NO_QUEUE, message)
                .help("write the number of spans to hold, such as 30000");
            held.place(finding, &format!("0 places for each of {workers} workers"))
        })
        .collect()
}
