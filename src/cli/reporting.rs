//! Output arguments, and printing of the report.

use super::console::{Console, Failure};
use super::outputs::Outputs;
use super::policy_args::PolicyArgs;
use crate::discover::Sources;
use crate::git::repository::place_in_repository;
use crate::pipeline::{CheckOptions, Schemas, check_with};
use crate::policy::{ExitStatus, FailOn, Policy, apply, decide, is_verdict};
use crate::report::{Detail, Format, mark_new, name_from_top, render_with};
use crate::verdict::Report;
use clap::Args;
use std::cell::LazyCell;
use std::mem::ManuallyDrop;

/// Output arguments.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
#[allow(clippy::struct_excessive_bools, reason = "independent flags")]
pub struct OutputArgs {
    #[command(flatten)]
    pub outputs: Outputs,
    /// Lowest severity that fails the run.
    ///
    /// By default that of the settings, or else `error`. Only this option can ignore Refinery's
    /// verdicts, with `never`.
    #[arg(long, value_enum, value_name = "SEVERITY", env = "REFINERY_PREFLIGHT_FAIL_ON")]
    fail_on: Option<FailOn>,
    /// Exit with status 0 even if there are blocking findings.
    #[arg(long)]
    exit_zero: bool,
    /// Only print the number of findings per check.
    ///
    /// For the formats `human` and `short`; the others always contain every finding.
    #[arg(long)]
    statistics: bool,
    /// Print at most N findings, most severe first.
    ///
    /// For the formats `human` and `short`; the others always contain every finding.
    #[arg(long, value_name = "N", env = "REFINERY_PREFLIGHT_MAX_DIAGNOSTICS")]
    max_diagnostics: Option<usize>,
    /// Print only findings.
    ///
    /// For the formats `human` and `short`.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Also print every file, and the reason for every finding.
    ///
    /// For the format `human`.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    pub policy: PolicyArgs,
}

/// A report after the policy was applied.
pub struct CheckedReport {
    pub report: Report,
    policy: Policy,
}

impl OutputArgs {
    /// Checks and reports. With `before`, each finding is marked as new or old.
    pub fn check_and_report(
        &self,
        mut sources: Sources,
        before: Option<Sources>,
        options: &CheckOptions,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        // The process ends soon, and dropping the schemas takes as long as reading a file.
        let schemas = ManuallyDrop::new(options.schemas());
        let mut checked = self.check(&schemas, &mut sources, options)?;
        if let Some(mut before) = before {
            let known = self.check(&schemas, &mut before, options)?;
            mark_new(&mut checked.report, &sources.files, &known.report, &before.files);
        }
        self.report(checked, &sources, console)
    }

    /// Checks, and applies the policy.
    pub fn check(
        &self,
        schemas: &[Schemas],
        sources: &mut Sources,
        options: &CheckOptions,
    ) -> Result<CheckedReport, Failure> {
        let mut report = check_with(schemas, sources, options);
        let policy = self.policy.policy(sources, self.fail_on)?;
        apply(&policy, &mut report, &sources.files);
        Ok(CheckedReport { report, policy })
    }

    /// Prints the report, or writes the baseline.
    pub fn report(
        &self,
        checked: CheckedReport,
        sources: &Sources,
        console: &mut Console<'_>,
    ) -> Result<ExitStatus, Failure> {
        let CheckedReport { mut report, policy } = checked;
        if let Some(written) = self.policy.write_baseline(&report, &sources.files)? {
            console.warn(&written);
            keep_verdicts(&mut report);
            decide(&policy, &mut report);
            self.print(&report, |format| !format.is_for_people(), sources, console)?;
            return Ok(ExitStatus::Clean);
        }
        decide(&policy, &mut report);
        self.print(&report, |_| true, sources, console)?;
        Ok(ExitStatus::of(&report, self.exit_zero))
    }

    fn print(
        &self,
        report: &Report,
        wants: impl Fn(Format) -> bool,
        sources: &Sources,
        console: &mut Console<'_>,
    ) -> Result<(), Failure> {
        let detail = Detail {
            statistics: self.statistics,
            max_diagnostics: self.max_diagnostics,
            quiet: self.quiet,
            verbose: self.verbose,
        };
        let from_top = LazyCell::new(|| {
            let (mut report, mut files) = (report.clone(), sources.files.clone());
            name_from_top(&mut report, &mut files, &place_in_repository());
            (report, files)
        });
        self.outputs.write(
            wants,
            |format, style| {
                let (report, files) = if format.is_for_code_hosts() {
                    (&from_top.0, &from_top.1)
                } else {
                    (report, &sources.files)
                };
                render_with(format, report, files, style, &detail)
            },
            console,
        )
    }
}

/// Removes all findings except verdicts: the others are in the baseline that was just written.
fn keep_verdicts(report: &mut Report) {
    for deployment in &mut report.deployments {
        deployment.findings.retain(is_verdict);
    }
}
