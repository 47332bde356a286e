//! A plan in Markdown for a pull request, with a diagram of each decision chain.
//!
//! All text from files is escaped.

use super::markdown::{escape, fill, prose};
use super::plan_chain::Chain;
use super::plan_mermaid;
use super::plan_text::{
    MOST, difference_line, effect, meaning_line, refused_line, rules_effect, title, traffic_lines,
    unchecked_line, unpaired_line, values, verdict_lines, volume_line, witness,
};
use crate::plan::{DeploymentPlan, Meaning, Plan, TargetPlan};
use std::fmt::Write as _;

/// The maximum size of the whole in bytes: GitHub drops summaries that are larger than 1 MiB, and
/// those of other steps count, too.
const SIZE_LIMIT: usize = 500_000;

pub fn render(plan: &Plan) -> String {
    let blocked = if plan.is_blocked() { "✘ blocked" } else { "✔" };
    let mut out = format!("## Refinery plan {blocked}\n");
    if plan.deployments.is_empty() {
        out.push_str("\nNo deployment changes.\n");
    }
    for deployment in &plan.deployments {
        fill(&mut out, SIZE_LIMIT, std::iter::once(render_deployment(deployment)));
    }
    if let Some(line) = unchecked_line(plan) {
        let _ = writeln!(out, "\n**✘ {}**", prose(&line));
    }
    out
}

fn render_deployment(plan: &DeploymentPlan) -> String {
    let mut out = format!("\n### {}\n\n", escape(&title(plan)));
    if plan.is_bad() {
        out.push_str("**✘ Refinery would fail with the new files.**\n\n");
    }
    for failure in &plan.failures {
        let _ = writeln!(out, "**✘ {}**\n", prose(failure));
    }
    for (question, text) in verdict_lines(plan) {
        let _ = writeln!(out, "- {question}: {}", prose(&text));
    }
    if let Some(refused) = plan.refused {
        let _ = writeln!(out, "\n{}", prose(refused_line(refused)));
    }
    for half in &plan.unpaired {
        let _ = writeln!(out, "\n{}", prose(&unpaired_line(*half)));
    }
    if plan.is_without_effect() {
        out.push_str("\nConfig and rules have the same effect as before.\n");
    }
    if !plan.changes.is_empty() {
        out.push_str("\n| config | old | new | takes effect |\n|---|---|---|---|\n");
        for change in &plan.changes {
            let cells = values(change).map(|value| format!("<code>{}</code>", escape(&value)));
            let [old, new] = cells;
            let (key, when) = (escape(&change.key), escape(&effect(change)));
            let _ = writeln!(out, "| {key} | {old} | {new} | {when} |");
        }
    }
    for target in &plan.targets {
        out.push_str(&render_target(plan, target));
    }
    if let Some(line) = volume_line(plan) {
        let _ = writeln!(out, "\n{}", prose(&line));
    }
    out
}

fn render_target(plan: &DeploymentPlan, target: &TargetPlan) -> String {
    let is_equal = target.meaning == Meaning::Equal;
    if is_equal && target.traffic.is_none() {
        let line = format!("rules of `{}`: {}", target.name, meaning_line(target));
        return format!("\n{}\n", prose(&line));
    }
    let is_changed = matches!(target.meaning, Meaning::Different { .. });
    let when = if is_changed { format!(", {}", rules_effect(plan)) } else { String::new() };
    let line = format!("rules of `{}`: {}{when}", target.name, meaning_line(target));
    let mut out = format!("\n{}\n", prose(&line));
    if let Meaning::Different { differences, .. } = &target.meaning {
        out.push_str("\n| before → after | such as |\n|---|---|\n");
        for difference in differences.iter().take(MOST) {
            let (line, trace) = (prose(&difference_line(difference)), escape(&witness(difference)));
            let _ = writeln!(out, "| {line} | <code>{trace}</code> |");
        }
        if let Some(more) = differences.len().checked_sub(MOST).filter(|more| *more > 0) {
            let _ = writeln!(out, "\nand {more} more");
        }
    }
    if let Some(traffic) = &target.traffic {
        let _ = writeln!(out, "\n{}\n", prose(&format!("traffic of `{}`:", target.name)));
        for line in traffic_lines(target, traffic) {
            let _ = writeln!(out, "- {}", prose(&line));
        }
    }
    let summary = escape(&format!("decision chain of {}", target.name));
    let chain = plan_mermaid::draw(&target.name, &Chain::of(target));
    let _ = writeln!(out, "\n<details><summary>{summary}</summary>\n\n{chain}\n</details>");
    out
}
