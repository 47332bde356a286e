//! Arguments that say how to report, and the report itself.

use super::agreement::Agreement;
use super::colour::{is_always, wants_colour};
use super::console::{Console, Failure};
use super::width;
use crate::discover::Sources;
use crate::git::repository::place_in_repository;
use crate::pipeline::{CheckOptions, Schemas, check_with};
use crate::policy::{ExitStatus, FailOn, Policy, apply, decide, is_verdict};
use crate::report::{Detail, Format, Style, mark_new, name_from_top, render_with};
use crate::verdict::Report;
use clap::Args;
use std::borrow::Cow;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

/// How to say it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
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
    /// Print how often each check has a finding instead of the findings.
    #[arg(long)]
    statistics: bool,
    /// Print at most N findings, the most severe first.
    #[arg(long, value_name = "N")]
    max_diagnostics: Option<usize>,
    /// Print findings and nothing else.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print what became of every file, and the reason with every finding.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    pub agreement: Agreement,
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
            if !self.output_format.is_for_people() {
                decide(&policy, &mut report);
                self.print(&mut report, sources, console)?;
            }
            return Ok(ExitStatus::Clean);
        }
        decide(&policy, &mut report);
        self.print(&mut report, sources, console)?;
        Ok(ExitStatus::of(&report, self.exit_zero))
    }

    fn print(
        &self,
        report: &mut Report,
        sources: &Sources,
        console: &mut Console<'_>,
    ) -> Result<(), Failure> {
        let mut files = Cow::Borrowed(&sources.files);
        if self.output_format.is_for_code_hosts() {
            name_from_top(report, files.to_mut(), &place_in_repository());
        }
        let detail = Detail {
            statistics: self.statistics,
            max_diagnostics: self.max_diagnostics,
            quiet: self.quiet,
            verbose: self.verbose,
        };
        let text = render_with(self.output_format, report, &files, &self.style(), &detail);
        match &self.output_file {
            Some(path) => crate::vfs::write::write_file(path, &text)?,
            None => console.print(&text)?,
        }
        Ok(())
    }

    fn style(&self) -> Style {
        let colour = if self.output_file.is_some() { is_always() } else { wants_colour() };
        Style { colour, width: width() }
    }
}

/// The rest is in the baseline.
fn keep_verdicts(report: &mut Report) {
    for deployment in &mut report.deployments {
        deployment.findings.retain(is_verdict);
    }
}
