//! How Refinery receives events for a target.

use crate::engine::ingest::{Arrival, Event, IntakeSettings, Route, ingest};
use crate::engine::timing::Timing;
use crate::engine::value::Names;
use crate::engine::{KeyFields, ReadFields};
use std::sync::Arc;

/// The fields that matter to ingest and to the sampler, and when traces are decided.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    settings: IntakeSettings,
    keys: KeyFields,
    /// What the sampler reads.
    pub read: ReadFields,
    /// The same, and what ingest reads.
    pub seen: ReadFields,
}

impl Intake {
    /// The settings of a deployment, and the fields that ingest extracts and the sampler reads for a
    /// target.
    pub fn new(settings: IntakeSettings, keys: KeyFields, read: ReadFields) -> Self {
        let ids = &settings.ids;
        let seen = read.for_ingest(ids.trace.iter().chain(&ids.parent).chain(&keys.all));
        Self { settings, keys, read, seen }
    }

    pub fn timing(&self) -> Timing {
        self.settings.timing
    }

    /// The span of an event that ended at this time. `None` if it belongs to no trace, or is a probe
    /// of another node.
    fn ingest(
        &self,
        event: Event,
        route: Route,
        time: Option<i64>,
        names: &mut Arc<Names>,
    ) -> Option<Arrival> {
        let arrival = ingest(event, route, &self.settings.ids, &self.keys, &self.read, names)?;
        Some(Arrival { time, ..arrival })
    }
}

/// The spans of events, in the order in which they arrived.
#[derive(Debug, Default)]
pub struct Arrivals {
    pub spans: Vec<Arrival>,
    /// The names of the fields of the last one.
    names: Arc<Names>,
}

impl Arrivals {
    /// Adds the span of an event that ended at this time.
    pub fn add(&mut self, intake: &Intake, event: Event, route: Route, time: Option<i64>) {
        self.spans.extend(intake.ingest(event, route, time, &mut self.names));
    }
}
