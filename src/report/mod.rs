//! Writes reports in all output formats.
//!
//! Only this module converts bytes to lines and columns. Must not print, open files or check
//! anything, and must quote only `File::shown`.

mod age;
mod azure;
mod basis;
mod checkstyle;
pub mod decisions;
mod diff;
pub mod effective;
pub mod escape;
mod fingerprint;
mod github;
mod gitlab;
pub mod history;
mod human;
mod json;
mod json_lines;
mod junit;
mod key_page;
mod markdown;
pub mod page;
mod place;
pub mod plan;
mod plan_chain;
mod plan_human;
mod plan_json;
mod plan_markdown;
mod plan_mermaid;
mod plan_picture;
mod plan_text;
mod rdjson;
pub mod rehearsal;
mod releases;
mod sarif;
mod short;
mod snippet;
mod statistics;
mod top;
mod view;
mod wording;

pub use age::mark_new;
pub use diff::write_diff;
pub use escape::lines as escape_lines;
pub use json::text as json_text;
pub use key_page::write_key_page;
pub use snippet::quote;
pub use top::name_from_top;

use crate::span::Files;
use crate::verdict::Report;
use clap::ValueEnum;
use escape::disarm;
pub use place::Texts;
use view::View;

/// The output format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Findings with source excerpts, for a terminal.
    #[default]
    Human,
    /// One line per finding.
    Short,
    /// JSON, as specified by `schemas/report.schema.json`.
    Json,
    /// JSON, one finding per line.
    JsonLines,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub workflow annotations.
    Github,
    /// GitLab code quality report.
    Gitlab,
    /// Azure Pipelines logging commands.
    Azure,
    /// Reviewdog Diagnostic Format.
    Rdjson,
    /// Checkstyle XML.
    Checkstyle,
    /// Test results as XML, for the test view of a CI system.
    Junit,
    /// Markdown, for a job summary.
    Markdown,
}

impl Format {
    /// Whether it may be left out if there is nothing to report.
    pub fn is_for_people(self) -> bool {
        matches!(self, Self::Human | Self::Short)
    }

    /// Whether it needs file names relative to the root of the repository.
    pub fn is_for_code_hosts(self) -> bool {
        matches!(
            self,
            Self::Azure
                | Self::Checkstyle
                | Self::Github
                | Self::Gitlab
                | Self::Rdjson
                | Self::Sarif
        )
    }
}

/// What the terminal supports.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to use colour sequences.
    pub colour: bool,
    /// Whether to link checks to their documentation.
    pub links: bool,
    /// The width of the terminal in columns.
    pub width: usize,
}

/// How detailed a report for people is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detail {
    /// Counts by check instead of the findings.
    pub statistics: bool,
    /// The most findings that are printed; the others are counted.
    pub max_diagnostics: Option<usize>,
    /// Findings and nothing else.
    pub quiet: bool,
    /// What became of every file, and the reason with every finding.
    pub verbose: bool,
}

/// Renders a report. The text ends with a newline, or is empty. The style affects only
/// [`Format::Human`].
pub fn render(format: Format, report: &Report, files: &Files, style: &Style) -> String {
    render_with(format, report, files, style, &Detail::default())
}

/// The same with more or less detail, which matters to formats for people alone.
pub fn render_with(
    format: Format,
    report: &Report,
    files: &Files,
    style: &Style,
    detail: &Detail,
) -> String {
    let texts = Texts::of(report, files);
    let view = View::new(report, &texts);
    match format {
        Format::Human => disarm(&human::render(&view, style, detail)),
        Format::Short => disarm(&short::render(&view, detail)),
        Format::Json => json::render(&view),
        Format::JsonLines => json_lines::render(&view),
        Format::Sarif => sarif::render(&view),
        Format::Github => github::render(&view),
        Format::Gitlab => gitlab::render(&view),
        Format::Azure => azure::render(&view),
        Format::Rdjson => rdjson::render(&view),
        Format::Checkstyle => disarm(&checkstyle::render(&view)),
        Format::Junit => disarm(&junit::render(&view)),
        Format::Markdown => disarm(&markdown::render(&view)),
    }
}

/// The most severe finding of a deployment, in one line.
pub fn most_severe(report: &Report, files: &Files, deployment: usize) -> Option<String> {
    let texts = Texts::of(report, files);
    let view = View::new(report, &texts);
    view.deployments.get(deployment)?.findings.first().map(short::line)
}
