//! How a deployment is launched, as written next to its files.
//!
//! The command line of this program overrides it.

use crate::machine::Machine;
use crate::release::Pin;

/// How a deployment is launched, as far as that is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchSpec {
    pub release: Option<Pin>,
    /// Refinery's command line, without its files.
    pub arguments: Vec<String>,
    /// The machine; other variables may be set as well.
    pub machine: Machine,
}

impl LaunchSpec {
    /// Merges it over `base`.
    #[must_use]
    pub fn over(self, base: &Self) -> Self {
        let has_arguments = !self.arguments.is_empty();
        Self {
            release: self.release.or_else(|| base.release.clone()),
            arguments: if has_arguments { self.arguments } else { base.arguments.clone() },
            machine: self.machine.over(&base.machine),
        }
    }
}
