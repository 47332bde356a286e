//! The answers made readable, for people and for programs, and what they mean for the exit
//! status.
//!
//! Only here do bytes become lines and columns. Nothing here prints, opens a file or finds
//! anything out; only `File::shown` is ever quoted.

mod age;
mod basis;
pub mod decisions;
mod diff;
pub mod effective;
pub mod escape;
mod fingerprint;
mod github;
pub mod history;
mod human;
mod json;
mod junit;
mod markdown;
pub mod page;
mod place;
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
pub use snippet::quote;
pub use top::name_from_top;

use crate::span::Files;
use crate::verdict::Report;
use clap::ValueEnum;
use escape::disarm;
use place::Texts;
use view::View;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Human,
    /// One line per finding.
    Short,
    /// For programs, as `schemas/report.schema.json` says.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// The XML of test runners, for the test view of a CI.
    Junit,
    /// A summary for a job's page.
    Markdown,
}

impl Format {
    /// Does nobody need it where there is nothing to say?
    pub fn is_for_people(self) -> bool {
        matches!(self, Self::Human | Self::Short)
    }

    /// Is it for those who keep the repository, and name its files from the top?
    pub fn is_for_code_hosts(self) -> bool {
        matches!(self, Self::Github | Self::Sarif)
    }
}

/// What the reader's end can take.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Escape sequences are welcome.
    pub colour: bool,
    /// Of the terminal, in columns.
    pub width: usize,
}

/// How much a report for people says.
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

/// The whole report as a text that ends with a line end, or is empty where a format has nothing
/// to say. Colour and width matter to [`Format::Human`] alone.
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
        Format::Sarif => sarif::render(&view),
        Format::Github => github::render(&view),
        Format::Junit => disarm(&junit::render(&view)),
        Format::Markdown => disarm(&markdown::render(&view)),
    }
}

/// The gravest finding of a report's deployment, in one line.
pub fn gravest(report: &Report, files: &Files, deployment: usize) -> Option<String> {
    let texts = Texts::of(report, files);
    let view = View::new(report, &texts);
    view.deployments.get(deployment)?.findings.first().map(short::line)
}
