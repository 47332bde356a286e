//! The name of a deployment in notices, to find the notices about it.
//!
//! Must not make notices.

use crate::deploy::Deployment;
use crate::span::Files;

/// The name of a deployment in notices.
pub struct Label {
    /// Such as `config.yaml + rules.yaml`, with several files of a kind joined by `, ` or by ` + `.
    wholes: [String; 2],
    /// The file that stands for it in notices about its release.
    first: String,
}

impl Label {
    pub fn of(deployment: &Deployment, files: &Files) -> Self {
        let names: Vec<&str> = deployment.files().map(|id| files.get(id).name.as_str()).collect();
        let (config, rules) = names.split_at(deployment.config.len().min(names.len()));
        let halves = [config.join(", "), rules.join(", ")];
        let written: Vec<String> = halves.into_iter().filter(|half| !half.is_empty()).collect();
        let first = names.first().copied().unwrap_or_default().to_owned();
        Self { wholes: [written.join(" + "), names.join(" + ")], first }
    }

    /// Whether a notice is about this deployment.
    pub fn is_in(&self, notice: &str) -> bool {
        let goes_on = |name: &String, ends: &[&str]| {
            notice
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || ends.iter().any(|end| rest.starts_with(end)))
        };
        self.wholes.iter().any(|name| goes_on(name, &[" (", ": "])) || goes_on(&self.first, &[": "])
    }
}
