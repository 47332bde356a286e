//! `checks`: a list of all checks.

use super::console::{Console, Failure};
use crate::diagnostic::checks;
use crate::policy::ExitStatus;
use crate::report::page::list_checks;
use clap::Args;

/// List all checks with their severity.
#[derive(Args, Debug)]
pub struct Arguments {}

pub fn run(_: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    console.print(&list_checks(&checks()))?;
    Ok(ExitStatus::Clean)
}
