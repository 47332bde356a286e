//! Arguments that say how to report, and the report itself.

use super::agreement::Agreement;
use super::console::{Console, Failure};
use super::width;
use crate::discover::Sources;
use crate::git::repository::place_in_repository;
use crate::pipeline::{CheckOptions, Schemas, check_with};
use crate::policy::{ExitStatus, FailOn, Policy, apply, decide, is_verdict};
use crate::report::{Format, Style, mark_new, name_from_top, render};
use crate::verdict::Report;
use clap::{Args, ValueEnum};
use std::borrow::Cow;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

/// How to say it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct Reporting {
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    /// Write the report there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// The least severity that fails the run [default: as the settings say, else error]. Only here
    /// can `never` let verdicts of Refinery pass.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Exit with status 0 even if findings fail the run.
    #[arg(long)]
    exit_zero: bool,
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(flatten)]
    pub agreement: Agreement,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// A report, and what was decided about it.
pub struct Assessed {
    pub report: Report,
    policy: Policy,
}

impl Reporting {
    /// Judges and reports; with what was before, each finding is marked as new or old.
    pub fn judge(
        &self,
        mut sources: Sources,
        before: Option<Sources>,
        options: &CheckOptions,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        // The process ends soon, and taking the schemas apart costs as much as reading a file.
        let schemas = ManuallyDrop::new(options.schemas()?);
        let mut assessed = self.assess(&schemas, &mut sources, options)?;
        if let Some(mut before) = before {
            let known = self.assess(&schemas, &mut before, options)?;
            mark_new(&mut assessed.report, &sources.files, &known.report, &before.files);
        }
        self.tell(assessed, &sources, console)
    }

    /// Judges, and applies what was decided.
    pub fn assess(
        &self,
        schemas: &[Schemas],
        sources: &mut Sources,
        options: &CheckOptions,
    ) -> Result<Assessed, Failure> {
        let mut report = check_with(schemas, sources, options);
        let policy = self.agreement.policy(sources, self.fail_on)?;
        apply(&policy, &mut report, &sources.files);
        Ok(Assessed { report, policy })
    }

    /// Reports.
    pub fn tell(
        &self,
        assessed: Assessed,
        sources: &Sources,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        let Assessed { mut report, policy } = assessed;
        if let Some(written) = self.agreement.write_baseline(&report, &sources.files)? {
            console.warn(&written);
            keep_verdicts(&mut report);
            let is_clean = report.deployments.iter().all(|d| d.findings.is_empty());
            if is_clean && self.output_format.is_for_people() {
                return Ok(ExitStatus::Clean);
            }
        }
        decide(&policy, &mut report);
        let mut files = Cow::Borrowed(&sources.files);
        if self.output_format.is_for_code_hosts() {
            name_from_top(&mut report, files.to_mut(), &place_in_repository());
        }
        let text = render(self.output_format, &report, &files, &self.style());
        match &self.output_file {
            Some(path) => crate::vfs::write::write_file(path, &text)?,
            None => console.print(&text)?,
        }
        Ok(ExitStatus::of(&report, self.exit_zero))
    }

    fn style(&self) -> Style {
        let colour = match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => self.output_file.is_none() && wants_colour(),
        };
        Style { colour, width: width() }
    }
}

/// The rest is in the baseline.
fn keep_verdicts(report: &mut Report) {
    for deployment in &mut report.deployments {
        deployment.findings.retain(is_verdict);
    }
}

fn wants_colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}
