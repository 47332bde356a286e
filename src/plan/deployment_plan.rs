//! What changes for one deployment.

use super::budget::Volume;
use super::config_change::{ConfigChange, find_config_changes};
use super::side::Side;
use super::target_plan::{Meaning, TargetPlan};
use super::threshold::Threshold;
use crate::machine::Restarts;
use crate::schema::Kind;
use crate::settings::Budget;
use crate::source_name::SourceName;
use crate::verdict::Verdict;

/// What changes for one deployment.
pub struct DeploymentPlan {
    /// The files of the new state, or of the old one if it is removed.
    pub config: Vec<SourceName>,
    pub rules: Vec<SourceName>,
    pub presence: Presence,
    /// Before and after.
    pub verdicts: [Option<Verdict>; 2],
    /// What a change of the files restarts.
    pub restarts: Restarts,
    /// Why values and rules are not compared, if they are not.
    pub refused: Option<Refused>,
    /// Files that only one of the states has, so that they are not compared.
    pub unpaired: Vec<Unpaired>,
    pub changes: Vec<ConfigChange>,
    pub targets: Vec<TargetPlan>,
    pub budget: Option<Budget>,
    pub volume: Option<Volume>,
    /// What is beyond the limits of `--fail-on`, in words.
    pub failures: Vec<String>,
}

/// Whether a deployment exists in both states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Both,
    Added,
    Removed,
}

/// With which files Refinery does not start, so that values and rules are not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Old,
    New,
    Both,
}

/// Files that only one of the states has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpaired {
    pub kind: Kind,
    pub is_new: bool,
}

impl DeploymentPlan {
    /// `None` for a side if the deployment does not exist in that state.
    pub fn new(names: [Vec<SourceName>; 2], sides: [Option<&Side<'_>>; 2]) -> Self {
        let [config, rules] = names;
        let [old, new] = sides;
        let mut plan = Self {
            config,
            rules,
            presence: match sides {
                [None, _] => Presence::Added,
                [_, None] => Presence::Removed,
                _ => Presence::Both,
            },
            verdicts: sides.map(|side| side.map(|side| side.verdict.clone())),
            restarts: new.or(old).map(|side| side.restarts).unwrap_or_default(),
            refused: None,
            unpaired: Vec::new(),
            changes: Vec::new(),
            targets: Vec::new(),
            budget: None,
            volume: None,
            failures: Vec::new(),
        };
        let (Some(old), Some(new)) = (old, new) else { return plan };
        plan.refused = match (old.is_refused, new.is_refused) {
            (true, true) => Some(Refused::Both),
            (true, false) => Some(Refused::Old),
            (false, true) => Some(Refused::New),
            (false, false) => None,
        };
        if plan.refused.is_none() {
            plan.unpaired = find_unpaired(old, new);
            plan.changes = find_config_changes(old, new);
            plan.targets = names_of_both(old, new)
                .into_iter()
                .filter_map(|name| TargetPlan::new(name, [old, new]))
                .collect();
        }
        plan
    }

    /// Compares the traffic with the budget and the limits.
    pub fn conclude(&mut self, budget: Option<Budget>, limits: &[Threshold]) {
        self.budget = budget;
        self.volume = Volume::of(&self.targets, budget);
        let failures =
            |limit: &Threshold| limit.failures(&self.targets, self.budget, self.volume.as_ref());
        self.failures = limits.iter().flat_map(failures).collect();
        if self.refused.is_some() && !limits.is_empty() {
            self.failures.push("the limits cannot be checked".to_owned());
        }
        for target in self.targets.iter().filter(|_| !limits.is_empty()) {
            if target.traffic.as_ref().is_some_and(|traffic| !traffic.missing.is_empty()) {
                let name = &target.name;
                let why = "the recording is missing data that its rules need";
                self.failures.push(format!("`{name}`: the limits cannot be checked: {why}"));
            }
        }
    }

    /// The new state does not start, reload or handle its first trace.
    pub fn is_bad(&self) -> bool {
        self.verdicts[1].as_ref().is_some_and(Verdict::is_bad)
    }

    pub fn is_blocked(&self) -> bool {
        self.is_bad() || !self.failures.is_empty()
    }

    /// Whether it is certain that Refinery does the same as before.
    pub fn is_without_effect(&self) -> bool {
        self.presence == Presence::Both
            && self.verdicts[0] == self.verdicts[1]
            && self.refused.is_none()
            && self.unpaired.is_empty()
            && self.changes.is_empty()
            && self.targets.iter().all(|target| target.meaning == Meaning::Equal)
    }
}

fn find_unpaired(old: &Side<'_>, new: &Side<'_>) -> Vec<Unpaired> {
    let has = |side: &Side<'_>| [side.config.is_some(), side.has_rules()];
    let halves = has(old).into_iter().zip(has(new)).zip([Kind::Config, Kind::Rules]);
    let unpaired = halves.filter(|((old, new), _)| old != new);
    unpaired.map(|((_, is_new), kind)| Unpaired { kind, is_new }).collect()
}

/// The targets of the new rules in their order, then those that are only in the old ones.
fn names_of_both<'s>(old: &'s Side<'_>, new: &'s Side<'_>) -> Vec<&'s str> {
    let mut names = new.targets();
    let removed: Vec<&str> =
        old.targets().into_iter().filter(|name| !names.contains(name)).collect();
    names.extend(removed);
    names
}
