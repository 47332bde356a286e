//! Tests of sampling rules, in files named `NAME.preflight.yaml` next to the rules.
//!
//! `read` turns a file into tests, `run` decides their traces with the model of Refinery or proves a
//! statement, `coverage` counts what the tests exercise, `propose` finds tests for the rest, and
//! `mutation` finds changes of the rules that no test notices. Must not read or write files.

mod change;
mod coverage;
mod decision;
mod effect;
mod example;
mod expectation;
mod failure;
mod mutation;
mod pattern;
mod propose;
mod read;
mod recorded;
mod run;
mod shape;
mod tag;
mod text;
mod traced;

pub use coverage::{Coverage, Covered, not_enough};
pub use example::write as write_example;
pub use mutation::{Noticed, mutate};
pub use propose::{Remaining, propose};
pub use read::{Reading, TestFile, read};
pub use run::{Open, Runner, Tally};
pub use shape::test_schema;
pub use text::{Entry, append, new_file};

use crate::check;
use crate::diagnostic::Finding;
use crate::span::Span;

/// What names of test files end with.
pub use crate::sniff::file_name::is_rule_test;

check!(
    FAILED,
    "test/failed",
    Error,
    "a test of the sampling rules fails",
    "Refinery does not decide these traces as the test expects."
);
check!(
    INVALID,
    "test/invalid",
    Error,
    "a test of the sampling rules cannot be run as it is written",
    "A test that cannot run proves nothing, so it must not pass."
);
check!(
    RULES_NOT_LOADED,
    "test/rules-not-loaded",
    Error,
    "the rules that a test file is for cannot be loaded",
    "Refinery does not start with these rules, so none of their tests can run."
);
check!(
    UNPROVED,
    "test/unproved",
    Error,
    "a statement about all traces can be neither proved nor refuted",
    "The search for a counter-example reached its limit, so one may exist."
);
check!(
    NOT_COVERED,
    "test/not-covered",
    Note,
    "no test exercises a rule, or an outcome of its conditions",
    "No test notices a change to something that no test exercises."
);
check!(
    LOW_COVERAGE,
    "test/low-coverage",
    Error,
    "the tests exercise less than `--fail-under` requires",
    "No test notices a change to something that no test exercises."
);

check!(
    NOT_COVERABLE,
    "test/not-coverable",
    Note,
    "`test --write` has no test that exercises a rule, or an outcome of its conditions",
    "No trace does, or the search for one reached its limit. The tests would not notice a change."
);

check!(
    UNNOTICED,
    "test/unnoticed-change",
    Note,
    "no test fails if a rule is changed",
    "The change alters the decision about some traces, but all tests still pass."
);

/// A fault of a test file that keeps tests from running.
pub fn invalid(at: Span, message: impl Into<String>, label: impl Into<String>) -> Finding {
    Finding::new(&INVALID, message).at(at, label)
}

/// The rules of a test file cannot be loaded.
pub fn not_loaded(at: Span, rules: &str) -> Finding {
    Finding::new(&RULES_NOT_LOADED, format!("Refinery does not start with `{rules}`"))
        .at(at, "these tests cannot run")
        .help("fix the errors in the rules first")
}
