//! `check --fix` and `check --diff`: repairs, written or shown.

use super::console::{Console, Failure};
use crate::diagnostic::Fix;
use crate::discover::Sources;
use crate::fix::{FixedFile, mend};
use crate::report::write_diff;
use crate::verdict::Report;
use crate::vfs::write::replace_file;
use clap::Args;

/// What this program may mend itself.
#[derive(Args, Debug)]
#[command(next_help_heading = "Repairs")]
pub struct Fixing {
    /// Write the repairs that are certain into the files.
    #[arg(long, conflicts_with_all = ["staged", "rev", "since", "stdin_filename"])]
    fix: bool,
    /// Show the repairs as a diff, write nothing, and end with status 1 if there are any.
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
    /// With `--fix` or `--diff`: also repairs that may change what was meant.
    #[arg(long)]
    unsafe_fixes: bool,
}

impl Fixing {
    pub fn writes(&self) -> bool {
        self.fix
    }

    pub fn shows(&self) -> bool {
        self.diff
    }

    /// The files as they would be.
    pub fn mend(&self, report: &Report, sources: &Sources) -> Vec<FixedFile> {
        let findings = report.deployments.iter().flat_map(|d| &d.findings);
        let fixes = findings.filter_map(|reported| reported.finding.fix.as_ref());
        let wanted: Vec<&Fix> = fixes.filter(|fix| fix.certain || self.unsafe_fixes).collect();
        mend(wanted, &sources.files)
    }

    /// Shows what would change.
    pub fn show(
        &self,
        report: &Report,
        sources: &Sources,
        console: &mut Console<'_>,
    ) -> Result<bool, Failure> {
        let mended = self.mend(report, sources);
        for FixedFile { file, shown, .. } in &mended {
            let file = sources.files.get(*file);
            console.print(&write_diff(&file.name, &file.shown, shown))?;
        }
        Ok(!mended.is_empty())
    }
}

/// Puts new texts in the place of old ones.
///
/// # Errors
/// A file is not there, or no longer what was judged.
pub fn write(mended: &[FixedFile], sources: &Sources) -> Result<(), Failure> {
    for FixedFile { file, text, .. } in mended {
        let file = sources.files.get(*file);
        replace_file(&file.name, &file.text, text)?;
    }
    Ok(())
}
