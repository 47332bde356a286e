//! What the program does, from the command line and in the library.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::unwrap_used,
    reason = "a test may stop where it fails, and need not be fast"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "../support/cases.rs"]
mod cases;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/chance.rs"]
mod chance;
#[path = "../support/fixture.rs"]
mod fixture;
#[path = "../support/formats.rs"]
mod formats;
#[path = "../support/framework.rs"]
mod framework;
#[path = "../support/kustomization.rs"]
mod kustomization;
#[path = "../support/plan_files.rs"]
mod plan_files;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/random_rules.rs"]
mod random_rules;
#[path = "../support/readme.rs"]
mod readme;
#[path = "../support/repository.rs"]
mod repository;
#[path = "../support/rule_test_files.rs"]
mod rule_test_files;
#[path = "../support/workflow.rs"]
mod workflow;

automod::dir!("tests/integration");
