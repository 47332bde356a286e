//! `test --write`: which file gets the proposed tests of a target.

use super::console::Failure;
use super::test_file::TestSource;
use crate::deploy::Deployment;
use crate::diagnostic::Finding;
use crate::discover::Sources;
use crate::discover::rule_tests::rules_of;
use crate::engine::spec::Target;
use crate::git::work_tree::Disk;
use crate::report::escape::one_line;
use crate::rule_tests::{Entry, Reading, Remaining, Runner, append, new_file, propose};
use crate::span::Files;
use crate::traces::Route;
use crate::vfs::path::{join, split};
use crate::vfs::write::Replacement;
use std::collections::BTreeMap;
use std::path::Path;

/// The files with new tests, which are replaced when all of them are prepared.
#[derive(Default)]
pub struct Written {
    /// By name, with the number of new tests.
    files: BTreeMap<String, (Replacement, usize)>,
    remaining: Remaining,
    /// Rules with which Refinery does not start.
    refused: Vec<String>,
}

impl Written {
    /// Nothing is written for rules with which Refinery does not start.
    pub fn refuse(&mut self, deployment: &Deployment, files: &Files) {
        self.refused.extend(rules_file(deployment, files).map(str::to_owned));
    }

    /// Replaces the files, and says which.
    pub fn commit(self) -> Result<String, Failure> {
        let mut lines = Vec::new();
        for (name, (replacement, count)) in self.files {
            replacement.commit()?;
            let (tests, them) =
                if count == 1 { ("test", "it a name") } else { ("tests", "them names") };
            lines
                .push(format!("+ {count} {tests} written to `{}`: give {them}\n", one_line(&name)));
        }
        for rules in &self.refused {
            let rules = one_line(rules);
            lines.push(format!("· Refinery does not start with `{rules}`: no tests written\n"));
        }
        if lines.is_empty() {
            lines.push("· no tests to write\n".to_owned());
        }
        let Remaining { impossible, undecided } = self.remaining;
        for (count, why) in
            [(impossible, "that no trace can exercise"), (undecided, "without a test or a proof")]
        {
            if count > 0 {
                let what = if count == 1 { "rule or outcome" } else { "rules and outcomes" };
                lines.push(format!("· {count} {what} {why}\n"));
            }
        }
        Ok(lines.concat())
    }
}

/// The deployments whose rules are in files that no other deployment uses.
pub fn with_own_rules(sources: &Sources) -> Vec<usize> {
    let mut users: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, deployment) in sources.deployments.iter().enumerate() {
        if let Some(name) = rules_file(deployment, &sources.files) {
            users.entry(name).or_default().push(place);
        }
    }
    users.into_values().filter(|places| places.len() == 1).flatten().collect()
}

/// The file with the rules of a deployment.
fn rules_file<'f>(deployment: &Deployment, files: &'f Files) -> Option<&'f str> {
    let rules = deployment.rules.first()?;
    Some(files.get(files.outermost(rules.file)).name.file())
}

/// Writes tests of the rules of a deployment.
pub struct Writer<'w> {
    pub disk: &'w Disk,
    pub files: &'w Files,
    pub deployment: &'w Deployment,
    /// Its test files.
    pub tests: &'w [(&'w TestSource, Reading)],
}

impl Writer<'_> {
    /// Proposes tests and prepares the files with them. Returns how many there are, and notes about
    /// what they cannot exercise.
    pub fn write(
        &self,
        runner: &mut Runner<'_>,
        written: &mut Written,
    ) -> Result<(usize, Vec<Finding>), Failure> {
        let (mut count, mut notes) = (0, Vec::new());
        let with_rules = runner.targets.iter().filter(|t| matches!(t.spec, Target::Rules(_)));
        let is_single = with_rules.clone().count() == 1;
        for target in with_rules {
            let proposal = propose(runner, target);
            count += proposal.tests.len();
            notes.extend(proposal.notes);
            written.remaining.add(proposal.remaining);
            if !proposal.tests.is_empty() {
                self.prepare(target.name, is_single, &proposal.tests, written)?;
            }
        }
        Ok((count, notes))
    }

    /// Appends the tests to the first file for the target, or creates a new one.
    fn prepare(
        &self,
        target: &str,
        is_single: bool,
        tests: &[Entry],
        written: &mut Written,
    ) -> Result<(), Failure> {
        for (file, reading) in self.tests {
            let is_for = reading.file.as_ref().is_some_and(|tests| {
                tests.target.value == target && tests.route == Route::default()
            });
            if let Some(text) =
                Some(()).filter(|()| is_for).and_then(|()| append(&file.text, tests))
            {
                let replacement = Replacement::prepare(&file.name, &file.text, &text)?;
                written.files.insert(file.name.clone(), (replacement, tests.len()));
                return Ok(());
            }
        }
        let Some(rules) = rules_file(self.deployment, self.files) else { return Ok(()) };
        let name = new_name(rules, (!is_single).then_some(target), written);
        let is_obvious = rules_of(self.disk, &name, "").as_deref() == Ok(rules);
        let text = new_file(target, (!is_obvious).then(|| split(rules).1), tests);
        let replacement = Replacement::create(&name, &text)?;
        written.files.insert(name, (replacement, tests.len()));
        Ok(())
    }
}

/// A name beside the rules that no file has, such as `rules.preflight.yaml`.
fn new_name(rules: &str, target: Option<&str>, written: &Written) -> String {
    let (folder, file) = split(rules);
    let stem = file.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("rules");
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let target = target.map(|name| name.replace(|c| !is_safe(c), "-"));
    let stem = [Some(stem), target.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("-");
    let numbered = |number: u32| match number {
        1 => join(folder, &format!("{stem}.preflight.yaml")),
        _ => join(folder, &format!("{stem}-{number}.preflight.yaml")),
    };
    let is_free = |name: &String| {
        !written.files.contains_key(name) && Path::new(name).symlink_metadata().is_err()
    };
    (1..u32::MAX).map(numbered).find(is_free).unwrap_or_default()
}
