//! `REFINERY_PREFLIGHT_…`: variables that set options.
//!
//! An option overrides its variable, an empty variable counts as unset, and an error in a value names
//! the variable that it comes from.

use crate::vfs::environment::of_process;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use std::ffi::OsString;

/// What the names of all variables start with.
const PREFIX: &str = "REFINERY_PREFLIGHT_";

/// Parses a command line, and the variables of options that it does not have. The short help has a
/// line for each option, so it does not list their values. `build_part` builds only what these
/// arguments need, if it can.
pub fn parse(
    build: fn() -> Command,
    build_part: fn(&[OsString]) -> Option<Command>,
    arguments: &[OsString],
) -> Result<ArgMatches, clap::Error> {
    let variables = of_process();
    let is_set = |argument: &Arg| {
        let name = variable(argument);
        name.is_some_and(|name| variables.get(name).is_some_and(|value| !value.is_empty()))
    };
    let is_asked = |word: &&str| arguments.iter().any(|argument| argument == word);
    let wants_help = ["-h", "--help", "help"].iter().any(is_asked);
    let is_short = is_asked(&"-h");
    let parse = |is_used: &dyn Fn(&Arg) -> bool| {
        let is_plain = !wants_help && !variables.keys().any(|name| name.starts_with(PREFIX));
        let part = is_plain.then(|| build_part(arguments)).flatten();
        if let Some(Ok(matches)) = part.map(|part| part.try_get_matches_from(arguments)) {
            return Ok(matches);
        }
        let command = if is_plain {
            build()
        } else {
            adjust(build(), &|argument| {
                let is_used = variable(&argument).is_none() || is_used(&argument);
                let argument = if is_used { argument } else { argument.env(None::<&'static str>) };
                if !argument.get_action().takes_values() {
                    return argument;
                }
                argument.hide_env(true).hide_possible_values(is_short)
            })
        };
        command.try_get_matches_from(arguments)
    };
    let parsed = parse(&is_set).or_else(|error| match &conflicting(&error)[..] {
        [] => Err(error),
        // An option of the command line overrides the variable of one that it excludes.
        both => parse(&|argument| {
            is_set(argument) && !both.iter().any(|option| is_named(argument, option))
        }),
    });
    // A wrong value on the command line is not that of the variable.
    let is_given = |argument: &Arg| {
        arguments.iter().any(|word| {
            let word = word.to_string_lossy();
            is_named(argument, word.split('=').next().unwrap_or_default())
        })
    };
    let is_wrong = |argument: &Arg| is_set(argument) && !is_given(argument);
    parsed.map_err(|error| name_variable(error, &build(), &is_wrong))
}

/// The variables that the options of a run come from.
pub fn used(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let comes_from_variable = |argument: &&Arg| {
        let id = argument.get_id().as_str();
        matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::EnvVariable)
    };
    let own = command.get_arguments().filter(comes_from_variable);
    let mut names: Vec<String> = own.filter_map(variable).map(ToOwned::to_owned).collect();
    if let Some((name, below)) = matches.subcommand()
        && let Some(command) = command.find_subcommand(name)
    {
        names.extend(used(command, below));
    }
    names
}

/// Whether an option, such as `--color <WHEN>`, is this argument.
fn is_named(argument: &Arg, option: &str) -> bool {
    let name = option.split(' ').next().and_then(|word| word.strip_prefix("--"));
    name.is_some() && name == argument.get_long()
}

fn variable(argument: &Arg) -> Option<&str> {
    argument.get_env()?.to_str()
}

/// The command with changed arguments, also of its subcommands.
fn adjust(command: Command, change: &dyn Fn(Arg) -> Arg) -> Command {
    command.mut_args(change).mut_subcommands(|command| adjust(command, change))
}

/// The arguments that cannot be used together, if the error says so.
fn conflicting(error: &clap::Error) -> Vec<String> {
    if error.kind() != ErrorKind::ArgumentConflict {
        return Vec::new();
    }
    let texts = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    [texts(ContextKind::InvalidArg), texts(ContextKind::PriorArg)].concat()
}

/// Names the variable in an error about its value.
fn name_variable(
    mut error: clap::Error,
    command: &Command,
    is_set: &dyn Fn(&Arg) -> bool,
) -> clap::Error {
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return error;
    }
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg).cloned() else {
        return error;
    };
    if let Some(name) = find_variable(command, &option, is_set) {
        let text = format!("{name} ({option})");
        error.insert(ContextKind::InvalidArg, ContextValue::String(text));
    }
    error
}

fn find_variable(command: &Command, option: &str, is_set: &dyn Fn(&Arg) -> bool) -> Option<String> {
    let mut own = command.get_arguments();
    let found = own.find(|argument| is_named(argument, option) && is_set(argument));
    let below = || command.get_subcommands().find_map(|c| find_variable(c, option, is_set));
    found.and_then(variable).map(ToOwned::to_owned).or_else(below)
}
