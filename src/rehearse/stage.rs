//! A stage of the start-up: what it decided, and whether the process gets past it.

use super::host::Host;
use crate::config::effective_value::{EffectiveValue, Record, Typed};
use crate::config::environment::Environment;
use crate::diagnostic::Finding;
use crate::schema::{Quirk, ReleaseQuirks};
use std::fmt::Display;

/// How a stage ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passes,
    /// The process ends here, or never serves.
    Fails,
    /// There is nothing to do, and why.
    Skipped(&'static str),
    /// The machine decides, and what about it.
    Depends(String),
}

/// A stage that was walked.
#[derive(Clone, Debug)]
pub struct Stage {
    pub name: &'static str,
    pub outcome: Outcome,
    /// What it decided, by name.
    pub decided: Vec<(&'static str, String)>,
    pub findings: Vec<Finding>,
}

impl Stage {
    pub fn new(name: &'static str) -> Self {
        Self { name, outcome: Outcome::Passes, decided: Vec::new(), findings: Vec::new() }
    }

    pub fn skipped(name: &'static str, why: &'static str) -> Self {
        Self { outcome: Outcome::Skipped(why), ..Self::new(name) }
    }

    pub fn decide(&mut self, what: &'static str, value: impl Display) {
        self.decided.push((what, format!("{value}")));
    }

    /// The process does not get past this.
    pub fn fail(&mut self, finding: Finding) {
        self.outcome = Outcome::Fails;
        self.findings.push(finding);
    }

    /// A failure is not undone by what the machine might decide.
    pub fn depend(&mut self, on: impl Into<String>) {
        if self.outcome == Outcome::Passes {
            self.outcome = Outcome::Depends(on.into());
        }
    }
}

/// What a stage may look at.
#[derive(Clone, Copy)]
pub struct StageContext<'a> {
    pub config: &'a Record,
    pub host: &'a Host,
    pub environment: &'a Environment,
    pub quirks: ReleaseQuirks,
}

impl<'a> StageContext<'a> {
    /// A key's setting; none where the release does not have it.
    pub fn setting(self, group: &str, key: &str) -> Option<&'a EffectiveValue> {
        self.config.get(group)?.record()?.get(key)
    }

    /// A whole number, or the nanoseconds of a duration, or the bytes of a size; zero where there
    /// is none.
    pub fn number(self, group: &str, key: &str) -> i128 {
        match self.setting(group, key).map(|s| &s.typed) {
            Some(Typed::Int(n)) => i128::from(*n),
            Some(Typed::Uint(n)) => i128::from(*n),
            Some(Typed::Duration(d)) => i128::from(d.0),
            Some(Typed::MemorySize(m)) => i128::from(m.0),
            _ => 0,
        }
    }

    pub fn text(self, group: &str, key: &str) -> &'a str {
        match self.setting(group, key).map(|s| &s.typed) {
            Some(Typed::Text(text)) => text,
            _ => "",
        }
    }

    /// The unknown variables in a key's value, which are still in its text. The stage that
    /// validates the value reports them.
    pub fn unknown_variables(self, group: &str, key: &str) -> &'a [String] {
        self.setting(group, key).map_or(&[], |setting| &setting.unknown)
    }

    pub fn is_unknown(self, group: &str, key: &str) -> bool {
        !self.unknown_variables(group, key).is_empty()
    }

    pub fn is_on(self, group: &str, key: &str) -> bool {
        let typed = self.setting(group, key).map(|s| &s.typed);
        matches!(typed, Some(Typed::Bool(true) | Typed::DefaultTrue(true)))
    }

    /// Places a finding on a key's value, or names where the value came from.
    pub fn place(self, finding: Finding, group: &str, key: &str, text: &str) -> Finding {
        let Some(setting) = self.setting(group, key) else { return finding };
        if let Some(span) = setting.span() {
            return finding.at(span, text);
        }
        let message = format!("{} (by {})", finding.message, setting.origin);
        setting.origin.attribute(Finding { message, ..finding })
    }

    /// How many workers collect traces.
    pub fn workers(self) -> i128 {
        match self.number("Collection", "WorkerCount") {
            0 if self.quirks.has(Quirk::HasWorkers) => i128::from(self.host.cores().max(1)),
            n if n > 0 => n,
            _ => 1,
        }
    }
}
