//! `check --fix` and `check --diff`: write or show fixes.

use super::console::{Console, Failure};
use crate::counted::counted;
use crate::diagnostic::Finding;
use crate::discover::Sources;
use crate::fix::{FixedFile, apply_fixes};
use crate::report::escape::one_line;
use crate::report::write_diff;
use crate::schema::secrets::Secrets;
use crate::verdict::Report;
use crate::vfs::write::Replacement;
use clap::Args;
use std::collections::BTreeMap;
use std::fmt;

/// Which fixes to make.
#[derive(Args, Debug)]
#[command(next_help_heading = "Fixes")]
pub struct Fixing {
    /// Write safe fixes to the files.
    #[arg(long, conflicts_with_all = ["staged", "rev", "since", "stdin_filename"])]
    fix: bool,
    /// Print the fixes as a diff without writing them.
    ///
    /// Exits with status 1 if there are any.
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
    /// With `--fix` or `--diff`: include fixes that may change the meaning.
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

    /// The files with the requested fixes applied.
    pub fn apply(&self, report: &Report, sources: &Sources) -> Vec<FixedFile> {
        let findings = report.deployments.iter().flat_map(|d| &d.findings);
        let findings = findings.map(|reported| &reported.finding);
        let is_wanted = |finding: &&Finding| {
            finding.fix.as_ref().is_some_and(|fix| fix.is_safe || self.unsafe_fixes)
        };
        let secrets = Secrets::of(sources.files.hidden());
        apply_fixes(findings.filter(is_wanted), &sources.files, &secrets)
    }

    /// Prints the fixes as a diff; returns whether there are any.
    pub fn show(
        &self,
        report: &Report,
        sources: &Sources,
        console: &mut Console<'_>,
    ) -> Result<bool, Failure> {
        let fixed = self.apply(report, sources);
        for FixedFile { file, shown, .. } in &fixed {
            let file = sources.files.get(*file);
            console.print(&write_diff(file.name.as_str(), &file.shown, shown))?;
        }
        let mut tally = Tally::default();
        tally.add(&fixed, sources);
        if !fixed.is_empty() {
            console.warn(&format!("would fix {tally}\n"));
        }
        Ok(!fixed.is_empty())
    }
}

/// Writes the fixed files, or none if one of them cannot be written.
///
/// # Errors
/// A file was removed or changed since it was checked, is outside of the repository, or cannot be
/// written.
pub fn write(fixed: &[FixedFile], sources: &Sources) -> Result<(), Failure> {
    let prepare = |FixedFile { file, text, .. }: &FixedFile| {
        let file = sources.files.get(*file);
        Replacement::prepare(file.name.file(), &file.text, text)
    };
    let prepared: Vec<Replacement> = fixed.iter().map(prepare).collect::<Result<_, _>>()?;
    prepared.into_iter().try_for_each(Replacement::commit)?;
    Ok(())
}

/// Counts the fixed findings per file and check.
#[derive(Default)]
pub struct Tally {
    files: BTreeMap<String, BTreeMap<&'static str, usize>>,
}

impl Tally {
    pub fn add(&mut self, fixed: &[FixedFile], sources: &Sources) {
        for file in fixed {
            let name = sources.files.get(file.file).name.to_string();
            let checks = self.files.entry(name).or_default();
            for check in &file.checks {
                *checks.entry(check).or_default() += 1;
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// `3 findings in 2 files:`, then a line per file: `  config.yaml: 2 schema/unknown-key`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings: usize = self.files.values().flat_map(BTreeMap::values).sum();
        let files = self.files.len();
        write!(f, "{} in {}:", counted(findings, "finding"), counted(files, "file"))?;
        for (file, checks) in &self.files {
            let checks: Vec<String> =
                checks.iter().map(|(check, number)| format!("{number} {check}")).collect();
            write!(f, "\n  {}: {}", one_line(file), checks.join(", "))?;
        }
        Ok(())
    }
}
