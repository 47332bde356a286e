//! The events that are kept per day, and the budget for them.

use super::target_plan::TargetPlan;
use crate::settings::Budget;

/// The events per day that are kept of all traffic, before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Volume {
    pub per_day: [f64; 2],
    pub budget: Option<Budget>,
}

impl Volume {
    /// `None` if there is no traffic, or some of it has no duration.
    pub fn of(targets: &[TargetPlan], budget: Option<Budget>) -> Option<Self> {
        let mut per_day: Option<[f64; 2]> = None;
        for traffic in targets.iter().filter_map(|target| target.traffic.as_ref()) {
            let [old, new] = traffic.per_day()?;
            let [old_sum, new_sum] = per_day.unwrap_or_default();
            per_day = Some([old_sum + old, new_sum + new]);
        }
        Some(Self { per_day: per_day?, budget })
    }

    /// The budget that the new state exceeds.
    pub fn exceeded(&self) -> Option<Budget> {
        self.budget.filter(|budget| self.per_day[1] > budget.per_day())
    }
}
