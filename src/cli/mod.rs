//! The command line: arguments, and one file per command.
//!
//! Must not check anything: a command reads its arguments, calls the pipeline and prints the
//! result.

mod check;
mod checks;
mod colour;
mod completions;
mod console;
mod effective;
mod explain;
mod fixing;
mod guard;
mod help;
mod history;
mod hook;
mod human_or_json;
mod inputs;
mod learn;
mod man;
mod outputs;
mod plan;
mod policy_args;
mod rehearse;
mod reporting;
mod schema;
mod settings;
mod test;
mod test_file;
mod test_write;
mod thin;
mod trace;
mod traffic;
mod variables;

pub use console::Console;
pub use guard::guard;

use crate::policy::ExitStatus;
use clap::{
    ArgMatches, Args, Command as Program, CommandFactory, FromArgMatches, Parser, Subcommand,
};
use colour::Colour;
use console::Failure;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Check Honeycomb Refinery configuration before you merge it: will Refinery start, reload and
/// handle its first trace?
#[derive(Debug, Parser)]
#[command(name = "refinery-preflight", version, about, propagate_version = true)]
#[command(after_long_help = concat!("Documentation: ", env!("CARGO_PKG_REPOSITORY")))]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    globals: Globals,
}

// A doc comment would become the description of the program.
#[derive(Args, Debug)]
struct Globals {
    /// When to use colours.
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        global = true,
        env = "REFINERY_PREFLIGHT_COLOR"
    )]
    color: Colour,
    /// Load a release file that `learn` wrote (repeatable).
    #[arg(long, value_name = "FILE", global = true, env = "REFINERY_PREFLIGHT_RELEASE_FILE")]
    release_file: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Box<check::Arguments>),
    Checks(checks::Arguments),
    Completions(completions::Arguments),
    Effective(effective::Arguments),
    Explain(explain::Arguments),
    History(history::Arguments),
    Hook(hook::Arguments),
    Learn(learn::Arguments),
    Man(man::Arguments),
    Plan(Box<plan::Arguments>),
    Rehearse(rehearse::Arguments),
    Schema(schema::Arguments),
    Settings(settings::Arguments),
    Test(test::Arguments),
    Trace(trace::Arguments),
    Traffic(thin::Arguments),
}

/// The program with one of the commands that run for every commit. To describe all commands takes
/// longer than to check a small file.
fn with_one_command(arguments: &[OsString]) -> Option<Program> {
    let (name, describe): (_, fn(Program) -> Program) = match arguments.get(1)?.to_str()? {
        "check" => ("check", check::Arguments::augment_args),
        "hook" => ("hook", hook::Arguments::augment_args),
        "test" => ("test", test::Arguments::augment_args),
        _ => return None,
    };
    let program = Globals::augment_args(Program::new("refinery-preflight"));
    Some(program.subcommand(describe(Program::new(name))))
}

/// Runs the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> ExitStatus {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = variables::parse(Cli::command, with_one_command, &arguments);
    let parsed = parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return console.explain(&error),
    };
    cli.globals.color.apply();
    let done = learn::learn_releases(&cli.globals.release_file, console)
        .and_then(|()| cli.command.run(&matches, console));
    let status = done.unwrap_or_else(|failure| console.fail(&failure));
    if status == ExitStatus::Unusable {
        for variable in variables::used(&Cli::command(), &matches) {
            console.warn(&format!("  note: the variable `{variable}` is set\n"));
        }
    }
    status
}

impl Command {
    fn run(&self, matches: &ArgMatches, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        match self {
            Self::Check(arguments) => check::run(arguments, console),
            Self::Checks(arguments) => checks::run(arguments, console),
            Self::Completions(arguments) => completions::run(arguments, Cli::command(), console),
            Self::Explain(arguments) => explain::run(arguments, console),
            Self::Effective(arguments) => effective::run(arguments, console),
            Self::History(arguments) => history::run(arguments, console),
            Self::Hook(arguments) => hook::run(arguments, console),
            Self::Learn(arguments) => learn::run(arguments, console),
            Self::Man(arguments) => man::run(arguments, Cli::command(), console),
            Self::Plan(arguments) => plan::run(arguments, console),
            Self::Rehearse(arguments) => rehearse::run(arguments, console),
            Self::Test(arguments) => test::run(arguments, console),
            Self::Trace(arguments) => trace::run(arguments, console),
            Self::Traffic(arguments) => thin::run(arguments, console),
            Self::Schema(arguments) => schema::run(arguments, console),
            Self::Settings(arguments) => {
                let variables = variables::used(&Cli::command(), matches);
                settings::run(arguments, &variables, console)
            }
        }
    }
}

/// The width of the terminal, or a common width for anything else.
fn width() -> usize {
    const USUAL: usize = 100;
    match terminal_size::terminal_size() {
        Some((width, _)) if std::io::stdout().is_terminal() => usize::from(width.0).max(40),
        _ => USUAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(program: Program, words: &[OsString]) -> Result<String, String> {
        let matches = program.try_get_matches_from(words).map_err(|error| error.to_string())?;
        Ok(format!("{:?}", Cli::from_arg_matches(&matches).unwrap()))
    }

    #[test]
    fn a_program_with_one_command_parses_like_the_whole() {
        for line in [
            "check",
            "check -c a.yaml -r b.yaml --color never --release-file r.json deploy",
            "hook run --all-files",
            "test deploy --color always",
        ] {
            let words = ["refinery-preflight"].into_iter().chain(line.split(' '));
            let words: Vec<OsString> = words.map(OsString::from).collect();
            let part = with_one_command(&words).unwrap();
            let parsed = parse(part, &words);
            assert!(parsed.is_ok(), "{parsed:?}");
            assert_eq!(parsed, parse(Cli::command(), &words), "{line}");
        }
        assert!(with_one_command(&["refinery-preflight".into(), "explain".into()]).is_none());
    }
}
