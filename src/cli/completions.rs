//! `completions`: shell completions.

use super::console::{Console, Failure};
use super::help::epilogue;
use crate::policy::ExitStatus;
use clap::{Args, Command};
use clap_complete::{Shell, generate};

const HELP: &str = epilogue! {
    examples: [
        "completions bash" => "Print completions for bash, to save in its completions folder",
        "completions zsh" => "Print completions for zsh, to save as `_refinery-preflight` in a folder of `fpath`",
    ],
    clean: "the completions were printed",
    page: "install.md#completions-and-manual-pages",
};

/// Print completions for a shell.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Shell to print completions for.
    shell: Shell,
}

/// Prints completions for the commands and options of `program`.
pub fn run(
    arguments: &Arguments,
    mut program: Command,
    console: &mut Console<'_>,
) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut program, env!("CARGO_PKG_NAME"), &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Clean)
}
