//! Runs the tests of the rules of a deployment.

use super::Schemas;
use crate::checks::{TargetAt, find_intake, semantics_of};
use crate::decompress::decompressed;
use crate::deploy::TestSource;
use crate::diagnostic::Finding;
use crate::rehearse::Start;
use crate::rule_tests::{Coverage, Runner, invalid, read};
use crate::span::Files;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::read::unreadable;
use std::io::{Cursor, Read};
use std::sync::Arc;

/// The findings about all tests that fail.
pub fn run_tests(
    tests: &[TestSource],
    start: &Start,
    schemas: &Schemas,
    files: &Files,
) -> Vec<Finding> {
    let targets = TargetAt::all(&start.rules);
    let intake = find_intake(&start.config, &schemas.config);
    let semantics = semantics_of(&schemas.config);
    let mut runner =
        Runner { targets: &targets, intake: &intake, semantics, coverage: Coverage::default() };
    let mut findings = Vec::new();
    for test in tests {
        let reading = read(test.file, &files.get(test.file).text);
        findings.extend(reading.findings);
        if let Some(why) = &test.fault {
            let at = reading.rules.as_ref().map_or(reading.top, |rules| rules.span);
            let help = "set `rules` to the rules file, relative to this file";
            findings.push(invalid(at, why.clone(), "needs `rules`").help(help));
        } else if let Some(file) = &reading.file {
            findings.extend(runner.run(file, &|path| open(test, path)).1);
        }
    }
    findings
}

/// Opens a file with recorded traces that was read with the tests.
fn open(test: &TestSource, path: &str) -> Result<Box<dyn Read>, InputError> {
    let content = test.recording(path).cloned().unwrap_or_else(|| {
        let message = format!("`{path}` was not read");
        Err(InputError::new(InputProblem::Missing, message, ""))
    });
    let content: Arc<[u8]> = content?;
    decompressed(Cursor::new(content)).map_err(|error| unreadable(path, &error))
}
