//! `man`: manual pages.

use super::console::{Console, Failure};
use super::help::epilogue;
use crate::policy::ExitStatus;
use clap::{Args, Command};
use clap_mangen::{Man, generate_to};
use std::path::PathBuf;

const HELP: &str = epilogue! {
    examples: [
        "man" => "Print the manual page of the program",
        "man --output-folder man" => "Write a page for the program and one for each command",
    ],
    clean: "the pages were printed or written",
    page: "install.md#completions-and-manual-pages",
};

/// Print the manual page, or write the pages of all commands.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Write the page of each command to this folder.
    #[arg(long, value_name = "FOLDER")]
    output_folder: Option<PathBuf>,
}

/// Prints or writes the pages of `program`.
pub fn run(
    arguments: &Arguments,
    program: Command,
    console: &mut Console<'_>,
) -> Result<ExitStatus, Failure> {
    if let Some(folder) = &arguments.output_folder {
        generate_to(program, folder).map_err(|error| {
            let message = format!("cannot write to `{}`: {error}", folder.display());
            Failure::unusable(message, "pass an existing, writable folder")
        })?;
    } else {
        let mut page = Vec::new();
        Man::new(program).render(&mut page)?;
        console.print(&String::from_utf8_lossy(&page))?;
    }
    Ok(ExitStatus::Clean)
}
