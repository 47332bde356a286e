//! A plan for a terminal.

use super::escape::one_line;
use super::plan_text::{
    MOST, difference_line, effect, meaning_line, refused_line, rules_effect, title, traffic_lines,
    unchecked_line, unpaired_line, values, verdict_lines, volume_line, witness,
};
use crate::plan::{DeploymentPlan, Meaning, Plan, TargetPlan};

pub fn render(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for deployment in &plan.deployments {
        add_deployment(deployment, &mut lines);
        lines.push(String::new());
    }
    lines.extend(unchecked_line(plan).map(|line| format!("✘ {line}")));
    lines.push(conclusion(plan));
    lines.iter().map(|line| one_line(line) + "\n").collect()
}

fn add_deployment(plan: &DeploymentPlan, lines: &mut Vec<String>) {
    if plan.is_bad() {
        lines.push("✘ Refinery would fail with the new files".to_owned());
    }
    lines.push(title(plan));
    let verdicts = verdict_lines(plan);
    lines.extend(verdicts.into_iter().map(|(question, text)| format!("  {question:<12} {text}")));
    if let Some(refused) = plan.refused {
        lines.push(format!("  {}", refused_line(refused)));
    }
    lines.extend(plan.unpaired.iter().map(|half| format!("  {}", unpaired_line(*half))));
    if plan.is_without_effect() {
        lines.push("  config and rules have the same effect as before".to_owned());
    } else {
        lines.extend(plan.changes.iter().map(|change| {
            let [old, new] = values(change);
            format!("  {}: {old} → {new}, {}", change.key, effect(change))
        }));
        for target in &plan.targets {
            add_target(plan, target, lines);
        }
    }
    for target in &plan.targets {
        if let Some(traffic) = &target.traffic {
            lines.push(format!("  traffic of `{}`", target.name));
            let said = traffic_lines(target, traffic);
            lines.extend(said.into_iter().map(|line| format!("    {line}")));
        }
    }
    lines.extend(volume_line(plan).map(|line| format!("  {line}")));
    lines.extend(plan.failures.iter().map(|failure| format!("  ✘ {failure}")));
}

fn add_target(plan: &DeploymentPlan, target: &TargetPlan, lines: &mut Vec<String>) {
    let is_changed = matches!(target.meaning, Meaning::Different { .. });
    let when = if is_changed { format!(", {}", rules_effect(plan)) } else { String::new() };
    lines.push(format!("  rules of `{}`: {}{when}", target.name, meaning_line(target)));
    let Meaning::Different { differences, .. } = &target.meaning else { return };
    for difference in differences.iter().take(MOST) {
        lines.push(format!("    {}", difference_line(difference)));
        lines.push(format!("      for example {}", witness(difference)));
    }
    if let Some(more) = differences.len().checked_sub(MOST).filter(|more| *more > 0) {
        lines.push(format!("    and {more} more"));
    }
}

fn conclusion(plan: &Plan) -> String {
    if plan.is_blocked() {
        return "blocked".to_owned();
    }
    let changed = plan.deployments.iter().filter(|plan| !plan.is_without_effect()).count();
    match (plan.deployments.len(), changed) {
        (0, _) => "no deployment changes".to_owned(),
        (_, 0) => "nothing changes".to_owned(),
        (_, 1) => "1 deployment changes".to_owned(),
        (_, count) => format!("{count} deployments change"),
    }
}
