//! The stage that makes the workers with their queues, caches and tickers.

use super::interval::Interval;
use super::stage::{Ground, Stage};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::Duration;

check!(
    IMPOSSIBLE_QUEUE,
    "start/impossible-queue",
    Error,
    "a queue of a size that cannot be made",
    "the validator lets any whole number pass; Go panics when the channel is made, and the process \
     exits with status 2. A hot reload accepts the value, so it lies dormant until the next restart"
);
check!(
    IMPOSSIBLE_MEMORY,
    "start/impossible-memory",
    Error,
    "more memory is asked for at once than there is",
    "what no machine has is refused, and the process ends before it opens a port; what is more than \
     this machine has is granted, and the process is killed as it fills"
);
check!(
    TOO_MANY_WORKERS,
    "start/too-many-workers",
    Warning,
    "more workers than the processors can keep awake",
    "each worker wakes a thousand times a second to look at its queue of dropped traces; from about \
     500 for each processor on, the process does nothing else and never gets ready"
);
check!(
    READINESS_FLAPS,
    "start/readiness-flaps",
    Error,
    "workers report less often than they are asked to",
    "a worker's health is renewed by its ticker alone, so `/ready` answers 503 from the time-out to \
     the next tick, over and over, and the node is taken out of service"
);

check!(
    NEVER_READY,
    "start/never-ready",
    Error,
    "a value with which a node never gets ready",
    "with a negative health time-out the workers count as not yet ready whatever they report, and far \
     too many workers never get to report at all: `/ready` answers 503 for ever, and the node gets no \
     traffic"
);

/// What Go can address: a channel of pointers beyond this panics.
const MOST_PLACES: i128 = ((1 << 48) - 96) / 8;

/// No machine that runs the engine has more bytes.
const MOST_BYTES: i128 = 1 << 44;

/// Any machine that runs it grants as much at once.
const USUAL_BYTES: i128 = 1 << 34;

/// How long the engine reckons to take for one expired trace.
const NANOSECONDS_OF_A_TRACE: i128 = 5_000_000;

/// Every worker wakes a thousand times a second; with half as many again none got ready.
const WORKERS_OF_A_PROCESSOR: i128 = 500;

pub fn walk(ground: Ground<'_>) -> Stage {
    let mut stage = Stage::new("collector");
    let workers = ground.workers();
    stage.decide("workers", workers);
    judge_workers(ground, workers, &mut stage);
    for key in ["IncomingQueueSize", "PeerQueueSize"] {
        make_queue(ground, key, workers, &mut stage);
    }
    make_decision_buffers(ground, &mut stage);
    make_caches(ground, workers, &mut stage);
    Interval { group: "Traces", key: "SendTicker", divided_by: 1, varies: false }
        .judge(ground, &mut stage);
    judge_health(ground, &mut stage);
    stage
}

/// The ready node's processors would be busy with its workers' waking alone.
fn judge_workers(ground: Ground<'_>, workers: i128, stage: &mut Stage) {
    const HELP: &str = "write about as many as the machine has cores, or 0 for exactly that";
    let processors = (workers + WORKERS_OF_A_PROCESSOR - 1) / WORKERS_OF_A_PROCESSOR;
    if let Some(cores) = ground.world.machine.cores
        && processors > i128::from(cores.max(1)) * 2
    {
        let message = format!("{workers} workers keep {processors} processors busy, not {cores}");
        let finding = Finding::new(&NEVER_READY, message).help(HELP);
        let text = "the node never gets ready";
        stage.fail(ground.place(finding, "Collection", "WorkerCount", text));
    } else if processors > i128::from(ground.world.cores().max(1)) {
        let message = format!("{workers} workers keep {processors} processors busy with nothing");
        let finding = Finding::new(&TOO_MANY_WORKERS, message).help(HELP);
        let text = "each wakes a thousand times a second";
        stage.findings.push(ground.place(finding, "Collection", "WorkerCount", text));
        stage.depend(format!("{processors} processors"));
    }
}

/// The machine's bytes, or as many as any has.
pub fn most_bytes(ground: Ground<'_>) -> i128 {
    ground.world.machine.memory.map_or(USUAL_BYTES, i128::from)
}

/// Memory that is asked for and not yet written to costs nothing: only what no machine has is
/// refused at once. What is more than this machine has kills later, as it fills.
pub fn allocate(ground: Ground<'_>, key: (&str, &str), bytes: i128, help: &str, stage: &mut Stage) {
    if bytes <= most_bytes(ground) {
        return;
    }
    let message = format!("`{}.{}` takes {bytes} bytes at start", key.0, key.1);
    let finding = Finding::new(&IMPOSSIBLE_MEMORY, message).help(help);
    let finding = ground.place(finding, key.0, key.1, "allocated at once");
    if bytes > MOST_BYTES {
        stage.fail(finding);
    } else {
        stage.findings.push(finding);
        stage.depend(format!("the machine granting {bytes} bytes at once"));
    }
}

/// The size is divided among the workers, rounded up; towards zero where it is negative.
fn make_queue(ground: Ground<'_>, key: &'static str, workers: i128, stage: &mut Stage) {
    const HELP: &str = "write the number of spans to hold, such as 30000";
    let Some((key, written)) = queue_size(ground, key) else { return };
    let places = (written + workers - 1) / workers;
    stage.decide(
        if key == "PeerQueueSize" { "peer queue per worker" } else { "incoming queue per worker" },
        places,
    );
    if (0..=MOST_PLACES).contains(&places) {
        allocate(ground, ("Collection", key), places * workers * 8, HELP, stage);
    } else {
        let message = format!("`Collection.{key}` makes the process panic");
        let finding = Finding::new(&IMPOSSIBLE_QUEUE, message).help(HELP);
        let text = format!("{places} places for each of {workers} workers");
        stage.fail(ground.place(finding, "Collection", key, &text));
    }
}

/// How long a queue is, and which key decides it.
fn queue_size(ground: Ground<'_>, key: &'static str) -> Option<(&'static str, i128)> {
    const CAPACITY: &str = "CacheCapacity";
    let written = ground.setting("Collection", key).map(|_| ground.number("Collection", key));
    if !ground.quirks.has(Quirk::QueuesHoldCacheCapacity) {
        return written.map(|written| (key, written));
    }
    // Go multiplies in 64 bits and does not mind what is beyond them.
    let capacity = i64::try_from(ground.number("Collection", CAPACITY)).unwrap_or(i64::MAX);
    let least = i128::from(capacity.wrapping_mul(3));
    match written {
        Some(written) if written != 0 && written >= least => Some((key, written)),
        _ => Some((CAPACITY, least)),
    }
}

/// Releases that spread decisions over the cluster make two buffers of five batches each.
fn make_decision_buffers(ground: Ground<'_>, stage: &mut Stage) {
    /// Bytes of a decision, roughly.
    const DECISION: i128 = 128;
    const HELP: &str = "write how many decisions to send at once, such as 1000";
    if ground.text("Collection", "TraceLocalityMode") != "distributed" {
        return;
    }
    for key in ["MaxDropDecisionBatchSize", "MaxKeptDecisionBatchSize"] {
        let Some(_) = ground.setting("Collection", key) else { continue };
        let batch = i64::try_from(ground.number("Collection", key)).unwrap_or(i64::MAX);
        let places = i128::from(batch.wrapping_mul(5));
        if (0..=MOST_BYTES).contains(&(places * DECISION)) {
            allocate(ground, ("Collection", key), places * DECISION, HELP, stage);
        } else {
            let message = format!("`Collection.{key}` makes the process panic");
            let finding = Finding::new(&IMPOSSIBLE_QUEUE, message).help(HELP);
            let text = format!("a buffer of {places} decisions");
            stage.fail(ground.place(finding, "Collection", key, &text));
        }
    }
}

fn make_caches(ground: Ground<'_>, workers: i128, stage: &mut Stage) {
    let share = |size: i128| (size + workers - 1) / workers;
    stage.decide("kept decisions per worker", share(ground.number("SampleCache", "KeptSize")));
    let bytes = filter_bytes(share(ground.number("SampleCache", "DroppedSize")));
    stage.decide("bytes of a worker's dropped filter", bytes);
    let help = "write how many dropped traces to remember, such as 1_000_000";
    allocate(ground, ("SampleCache", "DroppedSize"), bytes * workers, help, stage);
}

/// A cuckoo filter of buckets of four, a power of two of them, two bytes a place.
fn filter_bytes(entries: i128) -> i128 {
    let quarter = u128::try_from(entries / 4).unwrap_or(0).max(1).next_power_of_two();
    let buckets = i128::try_from(quarter).unwrap_or(i128::MAX / 64);
    // More than 96 in a hundred places taken is too full.
    let buckets = if entries * 100 > buckets * 4 * 96 { buckets * 2 } else { buckets };
    buckets * 8
}

/// The time-out is at least as long as the expired traces of one round take.
fn judge_health(ground: Ground<'_>, stage: &mut Stage) {
    judge_time_out(ground, stage);
    if !ground.quirks.has(Quirk::WorkersReportByTicker) {
        return;
    }
    let round = ground.number("Traces", "MaxExpiredTraces") * NANOSECONDS_OF_A_TRACE;
    let time_out = ground.number("Collection", "HealthCheckTimeout").max(round);
    let ticker = ground.number("Traces", "SendTicker");
    if ticker > time_out {
        let time_out = Duration(i64::try_from(time_out).unwrap_or(i64::MAX));
        let finding =
            Finding::new(&READINESS_FLAPS, format!("the node is taken for dead every {time_out}"))
                .help(format!("write less than {time_out}; the default is 100ms"));
        let text = "workers report no more often than this";
        stage.findings.push(ground.place(finding, "Traces", "SendTicker", text));
    }
}

/// A negative time-out looks like a worker that has not reported yet, for ever.
fn judge_time_out(ground: Ground<'_>, stage: &mut Stage) {
    const KEY: &str = "HealthCheckTimeout";
    if ground.number("Collection", KEY) < 0 && !ground.quirks.has(Quirk::RaisesHealthTimeout) {
        let finding = Finding::new(&NEVER_READY, "the node never gets ready")
            .help("write a time-out such as `3s`, or delete the key for its default");
        stage.fail(ground.place(finding, "Collection", KEY, "no report is ever in time"));
    }
}

#[cfg(test)]
mod tests {
    use super::filter_bytes;

    #[test]
    fn filters_are_powers_of_two() {
        for (entries, bytes) in
            [(0, 8), (1, 8), (4, 16), (100, 256), (250_000, 524_288), (1_000_000, 2_097_152)]
        {
            assert_eq!(filter_bytes(entries), bytes, "{entries}");
        }
    }
}
