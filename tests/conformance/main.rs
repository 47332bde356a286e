//! Compares the program with recordings of Refinery.

#![allow(
    clippy::expect_used,
    clippy::format_push_string,
    clippy::unwrap_used,
    reason = "a test may stop where it fails, and need not be fast"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "../support/recordings.rs"]
mod recordings;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/repository.rs"]
mod repository;
#[path = "../support/rules.rs"]
mod rules;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/workflow.rs"]
mod workflow;

automod::dir!("tests/conformance");
