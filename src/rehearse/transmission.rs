//! The stage that creates the transmissions to Honeycomb and to peers.

use super::collector::{IMPOSSIBLE_MEMORY, IMPOSSIBLE_QUEUE, allocate, most_bytes};
use super::interval::Interval;
use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::Duration;

check!(
    SLOW_SHUTDOWN,
    "start/slow-shutdown",
    Warning,
    "shutdown takes longer than the grace period",
    "At shutdown Refinery first waits for twice `BatchTimeout`. Kubernetes kills a container \
     after `terminationGracePeriodSeconds` (default 30 s), and the traces that Refinery still \
     holds are lost."
);

/// The default grace period in Kubernetes.
const DEFAULT_GRACE: Duration = Duration(30_000_000_000);

pub fn walk(context: StageContext<'_>) -> Stage {
    let mut stage = Stage::new("transmissions");
    if context.quirks.has(Quirk::AllocatesBuffers) {
        make_buffers(context, &mut stage);
    }
    if context.quirks.has(Quirk::TicksFourTimesABatch) {
        make_batches(context, &mut stage);
        Interval { group: "Traces", key: "BatchTimeout", divided_by: 4, varies: false }
            .check(context, &mut stage);
    }
    if context.quirks.has(Quirk::WaitsForBatchesAtShutdown) {
        check_shutdown(context, &mut stage);
    }
    stage
}

/// The queues to Honeycomb and to peers: two responses of 72 bytes per entry.
fn make_buffers(context: StageContext<'_>, stage: &mut Stage) {
    const ENTRY: i128 = 2 * 72;
    const HELP: &str = "set the number of events to buffer, such as 10000";
    for key in ["UpstreamBufferSize", "PeerBufferSize"] {
        let bytes = context.number("BufferSizes", key) * ENTRY;
        if bytes < 0 {
            let message = format!("Refinery panics on `BufferSizes.{key}`");
            let finding = Finding::new(&IMPOSSIBLE_QUEUE, message).help(HELP);
            stage.fail(context.place(finding, "BufferSizes", key, "must not be negative"));
        }
        allocate(context, ("BufferSizes", key), bytes, HELP, stage);
    }
}

/// A batch is allocated at its first event, with 8 bytes per entry.
fn make_batches(context: StageContext<'_>, stage: &mut Stage) {
    let places = context.number("Traces", "MaxBatchSize");
    stage.decide("batch size", places);
    if places * 8 > most_bytes(context) {
        let message =
            format!("`Traces.MaxBatchSize` allocates {} bytes at the first event", places * 8);
        let finding = Finding::new(&IMPOSSIBLE_MEMORY, message)
            .help("set the number of events per batch, such as 500");
        let text = "allocated for every destination";
        stage.findings.push(context.place(finding, "Traces", "MaxBatchSize", text));
    }
}

fn check_shutdown(context: StageContext<'_>, stage: &mut Stage) {
    let wait = context.number("Traces", "BatchTimeout") * 2;
    let known = context.host.machine.grace;
    let grace = known.unwrap_or(DEFAULT_GRACE);
    if wait >= i128::from(grace.0) {
        let wait = Duration(i64::try_from(wait).unwrap_or(i64::MAX));
        let given =
            known.map_or(String::new(), |grace| format!(", but the grace period is {grace}"));
        let message = format!("a shutdown takes at least {wait}{given}");
        let most = Duration(grace.0 / 2);
        let finding = Finding::new(&SLOW_SHUTDOWN, message)
            .help(format!("use less than {most}, or extend the grace period"));
        stage.findings.push(context.place(finding, "Traces", "BatchTimeout", "waited for twice"));
    }
}
