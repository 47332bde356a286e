//! What a change of Refinery's files or release does: compares two analyses of a deployment.
//!
//! Config by effective values, rules by meaning (`proof`), and both by the decisions about recorded
//! traffic. Must not read files or print.

mod budget;
mod clock;
mod config_change;
mod deployment_plan;
mod outcome;
mod replay;
mod side;
mod target_plan;
mod threshold;
mod traffic;

pub use budget::Volume;
pub use config_change::ConfigChange;
pub use deployment_plan::{DeploymentPlan, Presence, Refused, Unpaired};
pub use outcome::Outcome;
pub use replay::Replay;
pub use side::Side;
pub use target_plan::{Decider, Difference, Meaning, TargetPlan};
pub use threshold::Threshold;
pub use traffic::{Flow, Traffic};

/// The budget of the proofs about one target.
pub const STEPS: usize = crate::proof::STEPS_OF_TARGET;

/// What changes for all deployments.
#[derive(Default)]
pub struct Plan {
    pub deployments: Vec<DeploymentPlan>,
    /// The number of files in the new state that cannot be checked, and so are not compared.
    pub unchecked: usize,
}

impl Plan {
    /// Whether it must not be merged.
    pub fn is_blocked(&self) -> bool {
        self.unchecked > 0 || self.deployments.iter().any(DeploymentPlan::is_blocked)
    }
}
