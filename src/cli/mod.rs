//! The command line: arguments, and one file per command.
//!
//! Must not check anything: a command reads its arguments, calls the pipeline and prints the
//! result.

mod check;
mod checks;
mod colour;
mod console;
mod effective;
mod explain;
mod fixing;
mod guard;
mod history;
mod hook;
mod inputs;
mod learn;
mod outputs;
mod policy_args;
mod rehearse;
mod reporting;
mod schema;
mod settings;
mod trace;

pub use console::Console;
pub use guard::guard;

use crate::policy::ExitStatus;
use clap::{Parser, Subcommand};
use colour::Colour;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Check Honeycomb Refinery configuration before you merge it: will Refinery start, reload and
/// handle its first trace?
#[derive(Debug, Parser)]
#[command(name = "refinery-preflight", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    color: Colour,
    /// Know the release of a file that `learn` wrote; may be repeated.
    #[arg(long, value_name = "FILE", global = true)]
    release_file: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Box<check::Arguments>),
    Checks(checks::Arguments),
    Effective(effective::Arguments),
    Explain(explain::Arguments),
    History(history::Arguments),
    Hook(hook::Arguments),
    Learn(learn::Arguments),
    Rehearse(rehearse::Arguments),
    Schema(schema::Arguments),
    Settings(settings::Arguments),
    Trace(trace::Arguments),
}

/// Runs the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> ExitStatus {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return console.explain(&error),
    };
    cli.color.apply();
    if let Err(failure) = learn::learn_releases(&cli.release_file, console) {
        return console.fail(&failure);
    }
    let done = match cli.command {
        Command::Check(arguments) => check::run(&arguments, console),
        Command::Checks(arguments) => checks::run(&arguments, console),
        Command::Explain(arguments) => explain::run(&arguments, console),
        Command::Effective(arguments) => effective::run(&arguments, console),
        Command::History(arguments) => history::run(&arguments, console),
        Command::Hook(arguments) => hook::run(&arguments, console),
        Command::Learn(arguments) => learn::run(&arguments, console),
        Command::Rehearse(arguments) => rehearse::run(&arguments, console),
        Command::Trace(arguments) => trace::run(&arguments, console),
        Command::Schema(arguments) => schema::run(&arguments, console),
        Command::Settings(arguments) => settings::run(&arguments, console),
    };
    done.unwrap_or_else(|failure| console.fail(&failure))
}

/// The width of the terminal, or a common width for anything else.
fn width() -> usize {
    const USUAL: usize = 100;
    match terminal_size::terminal_size() {
        Some((width, _)) if std::io::stdout().is_terminal() => usize::from(width.0).max(40),
        _ => USUAL,
    }
}
