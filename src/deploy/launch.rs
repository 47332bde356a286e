//! What is known of how one deployment is run, where that stands beside its files.
//!
//! Whoever asks may know better: what is given on the command line counts over this.

use crate::machine::Machine;
use crate::release::Pin;

/// How one deployment is run, as far as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchSpec {
    pub release: Option<Pin>,
    /// The engine's command line, apart from its files.
    pub arguments: Vec<String>,
    /// Of its variables others may exist.
    pub machine: Machine,
}

impl LaunchSpec {
    /// What somebody says over what is written beneath.
    #[must_use]
    pub fn over(self, beneath: &Self) -> Self {
        let has_arguments = !self.arguments.is_empty();
        Self {
            release: self.release.or_else(|| beneath.release.clone()),
            arguments: if has_arguments { self.arguments } else { beneath.arguments.clone() },
            machine: self.machine.over(&beneath.machine),
        }
    }
}
