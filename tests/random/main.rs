//! Claims that must hold for random rules, traces and files.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::unwrap_used,
    reason = "a test may stop where it fails, and need not be fast"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "../support/chance.rs"]
mod chance;
#[path = "../support/planted.rs"]
mod planted;
#[path = "../support/random_rules.rs"]
mod random_rules;
#[path = "../support/random_specs.rs"]
mod random_specs;
#[path = "../support/refactoring.rs"]
mod refactoring;
#[path = "../support/rules.rs"]
mod rules;

automod::dir!("tests/random");
