//! The stage that creates the workers with their queues, caches and tickers.

use super::interval::Interval;
use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::Duration;

check!(
    IMPOSSIBLE_QUEUE,
    "start/impossible-queue",
    Error,
    kind: Verdict,
    "impossible queue size",
    "Refinery's validator accepts any integer, but Go panics when it creates the channel, and \
     Refinery exits with status 2. A live reload accepts the value, so nobody notices until the \
     next restart."
);
check!(
    IMPOSSIBLE_MEMORY,
    "start/impossible-memory",
    Error,
    kind: Verdict,
    "allocates more memory at start-up than the machine has",
    "Go rejects an impossible amount, and Refinery exits before it opens a port. An amount that \
     only exceeds the memory of this machine is granted, and Refinery is killed as it fills it."
);
check!(
    TOO_MANY_WORKERS,
    "start/too-many-workers",
    Warning,
    "more workers than the processors can handle",
    "Each worker wakes up a thousand times per second to check its queue of dropped traces. From \
     about 500 workers per processor on, Refinery does nothing else and never becomes ready."
);
check!(
    READINESS_FLAPS,
    "start/readiness-flaps",
    Error,
    kind: Verdict,
    "workers report less often than the health check requires",
    "A worker only reports its health at each tick. Between each timeout and the next tick \
     `/ready` answers 503, and the node is taken out of service. The health check runs every 500 \
     ms, so a timeout that is not longer always expires in between."
);

check!(
    NEVER_READY,
    "start/never-ready",
    Error,
    kind: Verdict,
    "the node never becomes ready",
    "With a negative health check timeout, workers count as not ready whatever they report. If \
     there are far too many workers, they never get to report at all. `/ready` answers 503 \
     forever, and the node receives no traffic."
);

/// The maximum capacity of a Go channel of pointers; beyond it Go panics.
const MAX_PLACES: i128 = ((1 << 48) - 96) / 8;

/// More bytes than any machine that runs Refinery has.
const MAX_BYTES: i128 = 1 << 44;

/// Every machine that runs Refinery grants this many bytes at once.
const DEFAULT_BYTES: i128 = 1 << 34;

/// The time that Refinery allows for one expired trace.
const NANOSECONDS_OF_A_TRACE: i128 = 5_000_000;

/// How often the health check looks.
const NANOSECONDS_OF_A_CHECK: i128 = 500_000_000;

/// Measured: every worker wakes up a thousand times per second, and with 50 % more workers no node
/// became ready.
const WORKERS_OF_A_PROCESSOR: i128 = 500;

pub fn walk(context: StageContext<'_>) -> Stage {
    let mut stage = Stage::new("collector");
    let workers = context.workers();
    stage.decide("workers", workers);
    check_workers(context, workers, &mut stage);
    for key in ["IncomingQueueSize", "PeerQueueSize"] {
        make_queue(context, key, workers, &mut stage);
    }
    make_decision_buffers(context, &mut stage);
    make_caches(context, workers, &mut stage);
    for (group, key) in [("Traces", "SendTicker"), ("SampleCache", "SizeCheckInterval")] {
        Interval { group, key, divided_by: 1, varies: false }.check(context, &mut stage);
    }
    check_health(context, &mut stage);
    stage
}

/// Whether the workers alone keep all processors busy.
fn check_workers(context: StageContext<'_>, workers: i128, stage: &mut Stage) {
    const HELP: &str = "use about the number of cores, or 0 for exactly one per core";
    let processors = (workers + WORKERS_OF_A_PROCESSOR - 1) / WORKERS_OF_A_PROCESSOR;
    let known = context.host.machine.cores.map(|cores| i128::from(cores.max(1)));
    let most = known.map(|cores| cores * WORKERS_OF_A_PROCESSOR * 3 / 2);
    if let Some(cores) = known
        && most.is_some_and(|most| workers > most)
    {
        let message =
            format!("{workers} workers need {processors} processors, but the machine has {cores}");
        let finding = Finding::new(&NEVER_READY, message).help(HELP);
        let text = "the node never becomes ready";
        stage.fail(context.place(finding, "Collection", "WorkerCount", text));
    } else if processors > known.unwrap_or(i128::from(context.host.cores())) {
        let message = format!("{workers} idle workers keep {processors} processors busy");
        let finding = Finding::new(&TOO_MANY_WORKERS, message).help(HELP);
        let text = "each wakes up 1000 times per second";
        stage.findings.push(context.place(finding, "Collection", "WorkerCount", text));
        if known.is_none() {
            stage.depend(format!("{processors} processors"));
        }
    }
}

/// The memory of the machine in bytes, or a lower bound if it is unknown.
pub fn most_bytes(context: StageContext<'_>) -> i128 {
    context.host.machine.memory.map_or(DEFAULT_BYTES, i128::from)
}

/// Untouched memory costs nothing, so only an impossible amount is rejected immediately. More than
/// this machine has gets the process killed later, as it fills.
pub fn allocate(
    context: StageContext<'_>,
    key: (&str, &str),
    bytes: i128,
    help: &str,
    stage: &mut Stage,
) {
    if bytes <= most_bytes(context) {
        return;
    }
    let message = format!("`{}.{}` allocates {bytes} bytes at start-up", key.0, key.1);
    let finding = Finding::new(&IMPOSSIBLE_MEMORY, message).help(help);
    let finding = context.place(finding, key.0, key.1, "allocated at once");
    // Each worker allocates its part of some of them.
    let is_granted = context.host.grants(bytes / context.workers());
    if bytes > MAX_BYTES || is_granted == Some(false) {
        stage.fail(finding);
        return;
    }
    stage.findings.push(finding);
    if is_granted.is_none() {
        stage.depend(format!("{bytes} bytes of memory being available at once"));
    }
}

/// Refinery divides the size among the workers and rounds up; a negative size rounds towards zero.
fn make_queue(context: StageContext<'_>, key: &'static str, workers: i128, stage: &mut Stage) {
    const HELP: &str = "set the number of spans to queue, such as 30000";
    let Some((key, written)) = queue_size(context, key) else { return };
    let places = (written + workers - 1) / workers;
    stage.decide(
        if key == "PeerQueueSize" { "peer queue per worker" } else { "incoming queue per worker" },
        places,
    );
    if (0..=MAX_PLACES).contains(&places) {
        allocate(context, ("Collection", key), places * workers * 8, HELP, stage);
    } else {
        let message = format!("Refinery panics on `Collection.{key}`");
        let finding = Finding::new(&IMPOSSIBLE_QUEUE, message).help(HELP);
        let text = format!("{places} spans for each of {workers} workers");
        stage.fail(context.place(finding, "Collection", key, &text));
    }
}

/// The length of a queue, and the key that sets it.
fn queue_size(context: StageContext<'_>, key: &'static str) -> Option<(&'static str, i128)> {
    const CAPACITY: &str = "CacheCapacity";
    let written = context.setting("Collection", key).map(|_| context.number("Collection", key));
    if !context.quirks.has(Quirk::QueuesHoldCacheCapacity) {
        return written.map(|written| (key, written));
    }
    // Go's multiplication wraps at 64 bits.
    let capacity = i64::try_from(context.number("Collection", CAPACITY)).unwrap_or(i64::MAX);
    let least = i128::from(capacity.wrapping_mul(3));
    match written {
        Some(written) if written != 0 && written >= least => Some((key, written)),
        _ => Some((CAPACITY, least)),
    }
}

/// Releases that distribute decisions over the cluster allocate two buffers of five batches each.
fn make_decision_buffers(context: StageContext<'_>, stage: &mut Stage) {
    /// Approximate size of a decision in bytes.
    const DECISION: i128 = 128;
    const HELP: &str = "set the number of decisions per batch, such as 1000";
    if context.text("Collection", "TraceLocalityMode") != "distributed" {
        return;
    }
    for key in ["MaxDropDecisionBatchSize", "MaxKeptDecisionBatchSize"] {
        let Some(_) = context.setting("Collection", key) else { continue };
        let batch = i64::try_from(context.number("Collection", key)).unwrap_or(i64::MAX);
        let places = i128::from(batch.wrapping_mul(5));
        if (0..=MAX_BYTES).contains(&(places * DECISION)) {
            allocate(context, ("Collection", key), places * DECISION, HELP, stage);
        } else {
            let message = format!("Refinery panics on `Collection.{key}`");
            let finding = Finding::new(&IMPOSSIBLE_QUEUE, message).help(HELP);
            let text = format!("a buffer of {places} decisions");
            stage.fail(context.place(finding, "Collection", key, &text));
        }
    }
}

fn make_caches(context: StageContext<'_>, workers: i128, stage: &mut Stage) {
    let share = |size: i128| (size + workers - 1) / workers;
    let kept = share(context.number("SampleCache", "KeptSize"));
    stage.decide("kept decisions per worker", kept);
    if kept > i128::from(i64::MAX) {
        let message = "Refinery exits on `SampleCache.KeptSize`";
        let finding = Finding::new(&IMPOSSIBLE_QUEUE, message)
            .help("set the number of kept traces to remember, such as 10_000");
        stage.fail(context.place(finding, "SampleCache", "KeptSize", "read as negative"));
    }
    let bytes = filter_bytes(share(context.number("SampleCache", "DroppedSize")));
    stage.decide("bytes of dropped filter per worker", bytes);
    let help = "set the number of dropped traces to remember, such as 1_000_000";
    allocate(context, ("SampleCache", "DroppedSize"), bytes * workers, help, stage);
}

/// The size of a cuckoo filter: a power of two of buckets, each of four entries of two bytes.
fn filter_bytes(entries: i128) -> i128 {
    let quarter = u128::try_from(entries / 4).unwrap_or(0).max(1).next_power_of_two();
    let buckets = i128::try_from(quarter).unwrap_or(i128::MAX / 64);
    // The filter doubles above a load of 96 %.
    let buckets = if entries * 100 > buckets * 4 * 96 { buckets * 2 } else { buckets };
    buckets * 8
}

fn check_health(context: StageContext<'_>, stage: &mut Stage) {
    check_timeout(context, stage);
    check_short_timeout(context, stage);
    if !context.quirks.has(Quirk::WorkersReportByTicker) {
        return;
    }
    let Some(timeout) = health_timeout(context) else { return };
    let ticker = context.number("Traces", "SendTicker");
    if ticker > timeout {
        let timeout = Duration(i64::try_from(timeout).unwrap_or(i64::MAX));
        let finding =
            Finding::new(&READINESS_FLAPS, format!("the node becomes unready every {timeout}"))
                .help(format!("use less than {timeout} (default `100ms`)"));
        let text = "workers report only this often";
        stage.findings.push(context.place(finding, "Traces", "SendTicker", text));
    }
}

/// The health check subtracts its own interval from the time that is left for a report.
fn check_short_timeout(context: StageContext<'_>, stage: &mut Stage) {
    let Some(timeout) = health_timeout(context) else { return };
    if (1..=NANOSECONDS_OF_A_CHECK).contains(&timeout) {
        let message = "the node becomes unready every 500ms";
        let finding = Finding::new(&READINESS_FLAPS, message).help("use more than 500ms");
        let text = "no longer than the interval of the health check";
        stage.findings.push(context.place(finding, "Collection", "HealthCheckTimeout", text));
    }
}

/// The timeout in nanoseconds; at least the time for the expired traces of one tick in some
/// releases. `None` if the release has no such key.
fn health_timeout(context: StageContext<'_>) -> Option<i128> {
    context.setting("Collection", "HealthCheckTimeout")?;
    let written = context.number("Collection", "HealthCheckTimeout");
    let round = context.number("Traces", "MaxExpiredTraces") * NANOSECONDS_OF_A_TRACE;
    let raises = context.quirks.has(Quirk::RaisesHealthTimeout);
    Some(if raises { written.max(round) } else { written })
}

/// With a negative timeout, a worker never counts as having reported.
fn check_timeout(context: StageContext<'_>, stage: &mut Stage) {
    const KEY: &str = "HealthCheckTimeout";
    if context.number("Collection", KEY) < 0 && !context.quirks.has(Quirk::RaisesHealthTimeout) {
        let finding = Finding::new(&NEVER_READY, "the node never becomes ready")
            .help("use a timeout such as `3s`, or remove the key to use the default");
        stage.fail(context.place(finding, "Collection", KEY, "every report is too late"));
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
