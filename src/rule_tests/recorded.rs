//! Reads recorded traces, in order.

use crate::engine::ingest::IntakeSettings;
use crate::engine::spec::Target;
use crate::engine::{KeyFields, ReadFields, Trace};
use crate::proof::Semantics;
use crate::thin::missing;
use crate::traces::{BadInput, Grouped, Input, Intake, MOST_KEPT, Route};
use std::io::Read;

/// Calls a function with each trace of a stream, until it fails.
pub fn each_trace<E>(
    stream: Box<dyn Read>,
    (target, settings, route, semantics): (&Target, &IntakeSettings, Route, Semantics),
    bad: &dyn Fn(BadInput) -> E,
    mut each: impl FnMut(&Trace) -> Result<(), E>,
) -> Result<(), E> {
    let mut input = Input::open(stream).map_err(bad)?;
    let missing =
        input.thinned().map(|thinned| missing(thinned, target, semantics)).unwrap_or_default();
    if !missing.is_empty() {
        return Err(bad(BadInput::MissingData(missing)));
    }
    let read = ReadFields::of_target(target);
    // Events of a trace may be anywhere, so that all are read before the first decision.
    let mut grouped = Grouped::default();
    let keys = KeyFields::of_target(target).unwrap_or_default();
    let intake = Intake::new(settings.clone(), keys, read.clone());
    loop {
        let parts = input.next_parts().map_err(bad)?;
        if parts.is_empty() {
            break;
        }
        for part in parts {
            if input.has_events() {
                for arrival in part.arrivals(&intake).map_err(bad)? {
                    grouped.add(arrival);
                }
            } else {
                for done in part.map_traces(route, &read, &mut each) {
                    done.map_err(bad)??;
                }
            }
        }
        if grouped.size() > MOST_KEPT {
            return Err(bad(BadInput::TooMuch { most: MOST_KEPT }));
        }
    }
    if input.has_events() && grouped.is_empty() {
        return Err(bad(BadInput::Empty));
    }
    grouped.into_traces(intake.timing()).try_for_each(|trace| each(&trace))
}
