//! `schema`: JSON Schemas for editors.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::select_releases;
use crate::policy::ExitStatus;
use crate::rule_tests::test_schema;
use crate::schema::{Kind, editor_schema};
use crate::settings::settings_schema;
use clap::{Args, ValueEnum};
use serde_json::Value as Json;

const HELP: &str = epilogue! {
    examples: [
        "schema config" => "Print the JSON Schema of the config file for the newest release",
        "schema rules --refinery 3.1" => "Describe the rules file of one release",
        "schema settings" => "Describe the settings of this program",
        "schema test" => "Describe the test files",
    ],
    clean: "the schema was printed",
    page: "settings.md#editors",
};

/// Print a JSON Schema of the config, rules, settings or test files, for editors.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// File to describe.
    #[arg(value_enum)]
    kind: Name,
    /// Refinery release.
    #[arg(long, value_name = "RELEASE", default_value = "latest")]
    refinery: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    Config,
    Rules,
    /// The settings file `.refinery-preflight.toml`.
    Settings,
    /// Tests of rules, `NAME.preflight.yaml`.
    Test,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let kind = match arguments.kind {
        Name::Config => Kind::Config,
        Name::Rules => Kind::Rules,
        Name::Settings => return print(&settings_schema(), console),
        Name::Test => return print(&test_schema(), console),
    };
    let [release] = select_releases(&arguments.refinery)?[..] else {
        return Err(Failure::unusable(
            "this command takes a single release",
            "pass a single release, such as `3.2`",
        ));
    };
    print(&editor_schema(kind, release), console)
}

fn print(schema: &Json, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    console.print(&format!("{schema:#}\n"))?;
    Ok(ExitStatus::Clean)
}
