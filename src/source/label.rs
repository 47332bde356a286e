//! What notices call a deployment, to tell which of them are about it.
//!
//! Must not make notices.

use super::Deployment;
use crate::span::Files;

/// A deployment's name in notices.
pub struct Label {
    /// Such as `config.yaml + rules.yaml`.
    whole: String,
    /// The file that its release is told of.
    first: String,
}

impl Label {
    pub fn of(deployment: &Deployment, files: &Files) -> Self {
        let halves = [&deployment.config, &deployment.rules].map(|half| {
            let names = half.iter().map(|source| files.get(source.file).name.as_str());
            names.collect::<Vec<_>>().join(", ")
        });
        let first = deployment.files().next().map(|id| files.get(id).name.clone());
        let written = halves.into_iter().filter(|half| !half.is_empty());
        Self { whole: written.collect::<Vec<_>>().join(" + "), first: first.unwrap_or_default() }
    }

    /// Is a notice about this deployment?
    pub fn is_in(&self, notice: &str) -> bool {
        let goes_on = |name: &str, with: &str| {
            notice.strip_prefix(name).is_some_and(|rest| rest.starts_with(with))
        };
        notice == self.whole || goes_on(&self.whole, " (") || goes_on(&self.first, ": ")
    }
}
