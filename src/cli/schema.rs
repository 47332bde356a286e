//! `schema`: JSON Schemas for editors.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::select_releases;
use crate::policy::ExitStatus;
use crate::schema::{Kind, editor_schema};
use crate::settings::settings_schema;
use clap::{Args, ValueEnum};

const HELP: &str = epilogue! {
    examples: [
        "schema config" => "Describe the config file of the newest release",
        "schema rules --refinery 3.1" => "Describe the rules file of one release",
        "schema settings" => "Describe the settings of this program",
    ],
    clean: "the schema was printed",
    page: "settings.md#editors",
};

/// Print a JSON Schema for editors, of the config, rules or settings file.
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
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let kind = match arguments.kind {
        Name::Config => Kind::Config,
        Name::Rules => Kind::Rules,
        Name::Settings => {
            console.print(&format!("{:#}\n", settings_schema()))?;
            return Ok(ExitStatus::Clean);
        }
    };
    let [release] = select_releases(&arguments.refinery)?[..] else {
        return Err(Failure::unusable(
            "this command takes a single release",
            "name one release, such as `3.2`",
        ));
    };
    console.print(&format!("{:#}\n", editor_schema(kind, release)))?;
    Ok(ExitStatus::Clean)
}
