//! A plan in all of its output formats.

use super::escape::disarm;
use super::{plan_human, plan_json, plan_markdown, plan_picture};
use crate::plan::Plan;
use clap::ValueEnum;

/// The output format of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For a terminal.
    #[default]
    Human,
    /// JSON, as specified by `schemas/plan.schema.json`.
    Json,
    /// Markdown with diagrams, for a pull request.
    Markdown,
}

pub fn render(format: PlanFormat, plan: &Plan) -> String {
    match format {
        PlanFormat::Human => disarm(&plan_human::render(plan)),
        PlanFormat::Json => plan_json::render(plan),
        PlanFormat::Markdown => disarm(&plan_markdown::render(plan)),
    }
}

/// The decision chains of all targets as SVG.
pub fn draw(plan: &Plan) -> String {
    disarm(&plan_picture::draw(plan))
}
