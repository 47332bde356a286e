//! From accepted files to *ready*: the stages that the engine's own validation never sees.

use super::stage::{Ground, Outcome, Stage};
use super::{agent, collector, listeners, logger, peers, pubsub, telemetry, transmission, watcher};
use crate::verdict::StartUp;

/// In the engine's order.
const STAGES: [fn(Ground<'_>) -> Stage; 9] = [
    logger::walk,
    telemetry::walk,
    peers::walk,
    transmission::walk,
    pubsub::walk,
    watcher::walk,
    collector::walk,
    listeners::walk,
    agent::walk,
];

/// Walks all stages, also behind one that fails: each may have something to say.
pub fn walk(ground: Ground<'_>) -> Vec<Stage> {
    STAGES.iter().map(|stage| stage(ground)).collect()
}

/// What the machine must be like for all stages to pass.
pub fn conditions(stages: &[Stage]) -> Vec<String> {
    let of = |stage: &Stage| match &stage.outcome {
        Outcome::Depends(on) => Some(on.clone()),
        _ => None,
    };
    stages.iter().filter_map(of).collect()
}

/// Whether a process that accepts the files gets through all stages.
pub fn conclude(stages: &[Stage]) -> StartUp {
    if stages.iter().any(|s| s.outcome == Outcome::Fails) {
        StartUp::NeverReady
    } else if stages.iter().any(|s| matches!(s.outcome, Outcome::Depends(_))) {
        StartUp::Depends
    } else {
        StartUp::Ready
    }
}
