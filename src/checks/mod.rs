//! Intent: what the engine does in silence otherwise than it is written.
//!
//! One file is one check: its page, its severity and the function that looks. A check is registered
//! by existing. Must not decide what stops the engine: `rehearse` does.

/// Registers the function that looks for what a check is about; `one` finds once or not at all.
macro_rules! look {
    ($look:ident) => {
        inventory::submit! { $crate::checks::Registered::new($look) }
    };
    (one $look:ident) => {
        inventory::submit! {
            $crate::checks::Registered::new(|subject| Vec::from_iter($look(subject)))
        }
    };
}

mod capacity;
mod config;
mod held;
mod keys;
mod load;
mod missing;
mod peers;
mod rules;
mod sharing;
mod subject;
mod syntax;
mod telemetry;
mod traces;
mod version;

pub use held::Held;
pub use subject::{ConditionAt, RuleAt, SamplerAt, Subject, TargetAt, Written};

use crate::diagnostic::Finding;

/// Looks for one thing.
pub type Look = fn(&Subject<'_>) -> Vec<Finding>;

/// A look's entry in the register; `look!` makes it.
pub struct Registered(Look);

inventory::collect!(Registered);

impl Registered {
    const fn new(look: Look) -> Self {
        Self(look)
    }
}

/// All that the checks find, by place.
pub fn inspect(subject: &Subject<'_>) -> Vec<Finding> {
    let looks = inventory::iter::<Registered>();
    let mut findings: Vec<Finding> = looks.flat_map(|look| (look.0)(subject)).collect();
    // The order in which checks are registered is the linker's.
    findings.sort_by_key(|finding| (finding.primary(), finding.check.id));
    findings
}
