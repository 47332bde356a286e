//! The stages from accepted files to *ready*, which Refinery's own validation does not cover.

use super::stage::{Outcome, Stage, StageContext};
use super::{agent, collector, listeners, logger, peers, pubsub, telemetry, transmission, watcher};
use crate::verdict::StartUp;

/// In Refinery's order.
const STAGES: [fn(StageContext<'_>) -> Stage; 9] = [
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

/// Walks all stages, even after one that fails: each may have findings.
pub fn walk(context: StageContext<'_>) -> Vec<Stage> {
    STAGES.iter().map(|stage| stage(context)).collect()
}

/// What the machine must provide for all stages to pass.
pub fn conditions(stages: &[Stage]) -> Vec<String> {
    let of = |stage: &Stage| match &stage.outcome {
        Outcome::Depends(on) => Some(on.clone()),
        _ => None,
    };
    stages.iter().filter_map(of).collect()
}

/// Whether all stages pass.
pub fn conclude(stages: &[Stage]) -> StartUp {
    if stages.iter().any(|s| s.outcome == Outcome::Fails) {
        StartUp::NeverReady
    } else if stages.iter().any(|s| matches!(s.outcome, Outcome::Depends(_))) {
        StartUp::Depends
    } else {
        StartUp::Ready
    }
}
