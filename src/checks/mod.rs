//! Intent: where Refinery silently does something other than what the files say.
//!
//! One file per check, with its texts, its severity and its function. A check registers itself.
//! Whether Refinery starts is decided in `rehearse`, not here.

/// Registers the function of a check; with `one`, the function returns at most one finding.
macro_rules! register {
    ($check:ident) => {
        inventory::submit! { $crate::checks::Registered::new($check) }
    };
    (one $check:ident) => {
        inventory::submit! {
            $crate::checks::Registered::new(|context| Vec::from_iter($check(context)))
        }
    };
}

mod attributes;
mod capacity;
mod config;
mod config_key;
mod context;
mod keys;
mod memory_load;
mod missing_field;
mod open_parts;
mod peers;
mod rules;
mod shared_samplers;
mod syntax;
mod telemetry;
mod traces;
mod typo;
mod version;
mod words;

pub use config_key::ConfigKey;
pub use context::{
    CheckContext, ConditionAt, RuleAt, SamplerAt, TargetAt, Written, find_intake, semantics_of,
};

use crate::diagnostic::Finding;
use open_parts::OpenParts;

/// The function of a check.
pub type CheckFn = fn(&CheckContext<'_>) -> Vec<Finding>;

/// The registry entry of a check function; `register!` makes it.
pub struct Registered(CheckFn);

inventory::collect!(Registered);

impl Registered {
    const fn new(check: CheckFn) -> Self {
        Self(check)
    }
}

/// The findings of all checks, by position.
pub fn inspect(context: &CheckContext<'_>) -> Vec<Finding> {
    let registered = inventory::iter::<Registered>();
    let mut findings: Vec<Finding> = registered.flat_map(|check| (check.0)(context)).collect();
    let open = OpenParts::of(context.written.rules);
    findings.retain(|finding| !open.concern(finding));
    // The linker decides the order of registration.
    findings.sort_by_key(|finding| (finding.primary(), finding.check.id));
    findings
}
