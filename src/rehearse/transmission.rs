//! The stage that makes the two transmissions, to Honeycomb and to peers.

use super::interval::Interval;
use super::stage::{Ground, Stage};

pub fn walk(ground: Ground<'_>) -> Stage {
    let mut stage = Stage::new("transmissions");
    stage.decide("batch size", ground.number("Traces", "MaxBatchSize"));
    if ground.behaviour.ticks_four_times_a_batch {
        Interval { group: "Traces", key: "BatchTimeout", divided_by: 4 }.judge(ground, &mut stage);
    }
    stage
}
