//! The decision chains of a plan as SVG: one row for each rule.

use super::escape::xml;
use super::plan_chain::{Chain, Step};
use super::plan_mermaid::{class_of, shorten};
use super::plan_text::title;
use crate::plan::{DeploymentPlan, Plan, TargetPlan};
use std::fmt::Write as _;

const WIDTH: usize = 1120;
const ROW: usize = 46;
/// The height of a heading.
const HEADING: usize = 56;
/// Where the texts of rules and of outcomes begin.
const TEXT: usize = 64;
const OUTCOME: usize = 700;
/// The width of a bar for all traces.
const BAR: usize = 200;
/// The most characters of a line.
const LONGEST: usize = 80;
const LONGEST_OUTCOME: usize = 56;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2328}.h{font-size:16px;\
    font-weight:600}.s{font-size:12px;fill:#59636e}.n{font-weight:600}.e{text-anchor:end}\
    .m{text-anchor:middle}.kept{fill:#dafbe1;stroke:#1a7f37}.sampled{fill:#fff8c5;stroke:#9a6700}\
    .dropped{fill:#ffebe9;stroke:#cf222e}.row{fill:#f6f8fa;stroke:#d1d9e0}.changed{fill:#ddf4ff;\
    stroke:#0969da}.line{stroke:#d1d9e0;stroke-width:2}.bar{fill:#0969da}.track{fill:#eaeef2}";

pub fn draw(plan: &Plan) -> String {
    let mut body = String::new();
    let mut top = 16;
    for deployment in &plan.deployments {
        for target in &deployment.targets {
            top = draw_target(deployment, target, top, &mut body);
        }
    }
    if body.is_empty() {
        let _ = writeln!(body, "<text x=\"20\" y=\"40\">no rules</text>");
        top = 60;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{top}\" \
         viewBox=\"0 0 {WIDTH} {top}\">\n<style>{STYLE}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{top}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

/// Returns where the next target begins.
fn draw_target(plan: &DeploymentPlan, target: &TargetPlan, top: usize, out: &mut String) -> usize {
    let chain = Chain::of(target);
    let name = xml(&shorten(&target.name, LONGEST));
    let of = xml(&shorten(&title(plan), LONGEST));
    let _ = writeln!(out, "<text class=\"h\" x=\"20\" y=\"{}\">{name}</text>", top + 16);
    let _ = writeln!(out, "<text class=\"s\" x=\"20\" y=\"{}\">{of}</text>", top + 36);
    let first = top + HEADING;
    let last = first + ROW * chain.steps.len().saturating_sub(1) + ROW / 2;
    let _ = writeln!(out, "<path class=\"line\" d=\"M38 {} V{last}\"/>", first + ROW / 2);
    for (number, step) in chain.steps.iter().enumerate() {
        draw_step(step, number, first + ROW * number, out);
    }
    first + ROW * chain.steps.len() + 24
}

fn draw_step(step: &Step, number: usize, top: usize, out: &mut String) {
    let class = if step.is_changed { "row changed" } else { "row" };
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"5\"/>",
        TEXT - 10,
        OUTCOME - TEXT - 10,
        ROW - 8
    );
    let middle = top + (ROW - 8) / 2;
    let _ = writeln!(out, "<circle class=\"row\" cx=\"38\" cy=\"{middle}\" r=\"12\"/>");
    let _ =
        writeln!(out, "<text class=\"s m\" x=\"38\" y=\"{}\">{}</text>", middle + 4, number + 1);
    let name = xml(&shorten(&step.name, LONGEST));
    let _ = writeln!(out, "<text class=\"n\" x=\"{TEXT}\" y=\"{}\">{name}</text>", top + 16);
    let conditions = match &step.conditions[..] {
        [] if number == 0 => "all traces".to_owned(),
        [] => "all other traces".to_owned(),
        conditions => conditions.join(" and "),
    };
    let conditions = xml(&shorten(&conditions, LONGEST));
    let _ = writeln!(out, "<text class=\"s\" x=\"{TEXT}\" y=\"{}\">{conditions}</text>", top + 32);
    draw_outcome(step, top, out);
}

fn draw_outcome(step: &Step, top: usize, out: &mut String) {
    let kind = class_of(&step.outcome);
    let outcome = xml(&shorten(&step.outcome.to_string(), LONGEST_OUTCOME));
    let height = if step.share.is_some() { 20 } else { ROW - 8 };
    let _ = writeln!(
        out,
        "<rect class=\"{kind}\" x=\"{OUTCOME}\" y=\"{top}\" width=\"{}\" height=\"{height}\" \
         rx=\"5\"/>\n<text x=\"{}\" y=\"{}\">{outcome}</text>",
        WIDTH - OUTCOME - 20,
        OUTCOME + 8,
        top + height / 2 + 5
    );
    let (Some(share), Some(text)) = (step.share, step.share_text()) else { return };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share from 0 to 1"
    )]
    let bar = (share * BAR as f64).round() as usize;
    let _ = writeln!(
        out,
        "<rect class=\"track\" x=\"{OUTCOME}\" y=\"{0}\" width=\"{BAR}\" height=\"8\"/>\n\
         <rect class=\"bar\" x=\"{OUTCOME}\" y=\"{0}\" width=\"{bar}\" height=\"8\"/>\n\
         <text class=\"s e\" x=\"{1}\" y=\"{2}\">{3}</text>",
        top + 27,
        WIDTH - 20,
        top + 36,
        xml(&text)
    );
}
