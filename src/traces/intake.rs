//! How Refinery receives events for a target.

use crate::engine::ingest::{Arrival, Event, IdFields, Route, ingest};
use crate::engine::{KeyFields, ReadFields};

/// The fields that matter to ingest and to the sampler.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    ids: IdFields,
    keys: KeyFields,
    /// What the sampler reads.
    pub read: ReadFields,
    /// The same, and what ingest reads.
    pub seen: ReadFields,
}

impl Intake {
    /// The ID fields of a deployment, and the fields that ingest extracts and the sampler reads for a
    /// target.
    pub fn new(ids: IdFields, keys: KeyFields, read: ReadFields) -> Self {
        let seen = read.for_ingest(ids.trace.iter().chain(&ids.parent).chain(&keys.all));
        Self { ids, keys, read, seen }
    }

    /// The span of an event that ended at this time. `None` if it belongs to no trace, or is a probe
    /// of another node.
    pub fn ingest(&self, event: Event, route: Route, time: Option<i64>) -> Option<Arrival> {
        let arrival = ingest(event, route, &self.ids, &self.keys, &self.read)?;
        Some(Arrival { time, ..arrival })
    }
}
