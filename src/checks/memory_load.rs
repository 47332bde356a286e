//! Estimates what a node holds in memory under load, and what it may hold.
//!
//! Uses only what is known about the machine.

use super::{CheckContext, ConfigKey};
use crate::value::Duration;

/// Heap bytes per byte of a span as sent: two to three.
const HEAP_FACTOR: i128 = 3;

/// Refinery allocates the queue of traces to send at start-up: 100 000 entries of 88 bytes.
const TO_SEND: i128 = 8_800_000;

const NANOSECONDS: i128 = 1_000_000_000;

/// The load of one node of several.
pub struct Load {
    /// Total of all nodes.
    spans_per_second: i128,
    nodes: i128,
    delay: Duration,
    span_bytes: i128,
    /// Capacity of both queues, assumed to be full.
    queued: i128,
}

impl Load {
    /// `None` if the rate or size of spans, or one of the keys, is unknown.
    pub fn of(context: &CheckContext<'_>, nodes: u32) -> Option<Self> {
        let machine = &context.stage.host.machine;
        let number = |group, name| context.number(group, name);
        let queues = ["IncomingQueueSize", "PeerQueueSize"];
        context.config_key("Traces", "SendDelay")?;
        Some(Self {
            spans_per_second: i128::from(machine.spans_per_second?),
            nodes: i128::from(nodes.max(1)),
            delay: Duration(i64::try_from(number("Traces", "SendDelay")?).ok()?),
            span_bytes: i128::from(machine.span_bytes?),
            queued: queues
                .iter()
                .map(|name| Some(number("Collection", name)?.max(0)))
                .sum::<Option<_>>()?,
        })
    }

    /// Bytes.
    pub fn heap(&self) -> i128 {
        self.waiting() / self.nodes + self.standing()
    }

    /// Bytes of spans on all nodes that wait for the rest of their trace.
    fn waiting(&self) -> i128 {
        let spans = self.spans_per_second.saturating_mul(i128::from(self.delay.0)) / NANOSECONDS;
        spans.saturating_mul(self.span_bytes).saturating_mul(HEAP_FACTOR)
    }

    /// Bytes that a node needs regardless of the number of nodes.
    fn standing(&self) -> i128 {
        self.queued.saturating_mul(self.span_bytes).saturating_add(TO_SEND)
    }

    /// The smallest number of nodes that is enough; `None` if no number is.
    pub fn nodes_for(&self, bytes: i128) -> Option<i128> {
        let room = bytes - self.standing();
        (room > 0).then(|| (self.waiting() + room - 1) / room)
    }

    pub fn arithmetic(&self) -> String {
        let Self { spans_per_second, nodes, delay, span_bytes, queued } = self;
        format!(
            "{spans_per_second} spans/s / {nodes} x {delay} x {span_bytes} B x {HEAP_FACTOR} \
             + {queued} queued x {span_bytes} B + {} = {}",
            amount(TO_SEND),
            amount(self.heap())
        )
    }
}

/// The limit in bytes: the heap size at which traces are decided early, or the machine's memory.
pub struct Bound<'a> {
    pub bytes: i128,
    /// The key that sets it, if any.
    pub key: Option<ConfigKey<'a>>,
}

impl<'a> Bound<'a> {
    pub fn of(context: &CheckContext<'a>) -> Option<Self> {
        let memory = context.stage.host.machine.memory.map(i128::from);
        match limit(context) {
            Some(limit) if memory.is_none_or(|memory| limit.bytes <= memory) => Some(limit),
            _ => memory.map(|bytes| Self { bytes, key: None }),
        }
    }
}

/// The heap size at which Refinery decides traces early; `None` without a known limit.
pub fn limit<'a>(context: &CheckContext<'a>) -> Option<Bound<'a>> {
    let number = |name| context.number("Collection", name);
    let of_memory = number("AvailableMemory")? * number("MaxMemoryPercentage")? / 100;
    let (name, bytes) = match of_memory {
        0 => ("MaxAlloc", number("MaxAlloc")?),
        bytes => ("AvailableMemory", bytes),
    };
    (bytes > 0).then(|| Bound { bytes, key: context.config_key("Collection", name) })
}

/// Whether nothing limits the heap, whatever is unknown.
pub fn is_unlimited(context: &CheckContext<'_>) -> bool {
    let keys = ["AvailableMemory", "MaxMemoryPercentage", "MaxAlloc"];
    let mut values = keys.iter().map(|name| context.number("Collection", name));
    values.all(|value| value.is_some()) && limit(context).is_none()
}

/// Bytes with a decimal unit.
pub fn amount(bytes: i128) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", (bytes + 500) / 1_000),
        1_000_000..10_000_000_000 => format!("{} MB", (bytes + 500_000) / 1_000_000),
        _ => format!("{} GB", (bytes + 500_000_000) / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_a_nodes_share_and_its_queues() {
        let load = |nodes| Load {
            spans_per_second: 60_000,
            nodes,
            delay: Duration(5_000_000_000),
            span_bytes: 2_000,
            queued: 60_000,
        };
        assert_eq!(load(1).heap(), 60_000 * 5 * 2_000 * 3 + 60_000 * 2_000 + 8_800_000);
        assert_eq!(load(3).heap(), 20_000 * 5 * 2_000 * 3 + 60_000 * 2_000 + 8_800_000);
        for bytes in [200_000_000, 1_000_000_000, 3_000_000_000] {
            let nodes = load(1).nodes_for(bytes).unwrap();
            assert!(load(nodes).heap() <= bytes, "{bytes}");
            assert!(nodes == 1 || load(nodes - 1).heap() > bytes, "{bytes}");
        }
        assert_eq!(load(1).nodes_for(100_000_000), None);
    }
}
