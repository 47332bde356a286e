//! `checks`: a list of all checks.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::human_or_json::HumanOrJson;
use crate::diagnostic::checks;
use crate::policy::ExitStatus;
use crate::report::page::{checks_as_json, list_checks};
use clap::Args;

const HELP: &str = epilogue! {
    examples: [
        "checks" => "List all checks",
        "checks --output-format json" => "Print them as JSON, with examples",
    ],
    clean: "the list was printed",
    page: "checks.md",
};

/// List all checks with their severity.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: HumanOrJson,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    console.print(&match arguments.output_format {
        HumanOrJson::Human => list_checks(&checks()),
        HumanOrJson::Json => checks_as_json(&checks()),
    })?;
    Ok(ExitStatus::Clean)
}
