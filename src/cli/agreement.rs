//! Arguments that say what a team has agreed to.

use super::console::Failure;
use crate::policy::{Baseline, Policy, Selection};
use crate::source::{read_text, today, write_file};
use crate::span::Files;
use crate::verdict::Report;
use clap::Args;
use std::path::PathBuf;

/// Which checks count.
#[derive(Args, Debug)]
#[command(next_help_heading = "Checks")]
pub struct Agreement {
    /// Only these checks: `group/name`, a group, or `all`; several with commas. The engine's own
    /// verdicts are always told.
    #[arg(long, value_name = "CHECKS")]
    select: Vec<String>,
    /// All but these checks.
    #[arg(long, value_name = "CHECKS")]
    ignore: Vec<String>,
    /// Set aside the findings that this file counts.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Count all findings there, for `--baseline` from then on.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
}

impl Agreement {
    pub fn policy(&self) -> Result<Policy, Failure> {
        let selection = Selection::new(&self.select, &self.ignore)
            .map_err(|error| Failure::unusable(error.to_string(), error.advice))?;
        let baseline = match &self.baseline {
            Some(path) => Baseline::parse(&read_text(path)?).map_err(|error| {
                let message = format!("`{}`: {error}", path.display());
                Failure::unusable(message, "`--write-baseline` writes one")
            })?,
            None => Baseline::default(),
        };
        Ok(Policy { selection, baseline, today: Some(today()) })
    }

    pub fn write_baseline(&self, report: &Report, files: &Files) -> Result<(), Failure> {
        if let Some(path) = &self.write_baseline {
            write_file(path, &Baseline::of(report, files).write())?;
        }
        Ok(())
    }
}
