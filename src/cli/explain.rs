//! `explain`: the documentation of a check or a key.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::width;
use crate::diagnostic::{Check, checks};
use crate::policy::ExitStatus;
use crate::report::page::write_page;
use crate::report::write_key_page;
use crate::schema::{Described, Kind, NotFound, describe_all, find_described, nearest};
use clap::Args;

const HELP: &str = epilogue! {
    examples: [
        "explain rules/unreachable" => "Explain a check",
        "explain Traces.SendDelay" => "Explain a key of the config file",
        "explain RulesBasedSampler.Rules.SampleRate" => "Explain a key of the rules file",
        "explain REFINERY_REDIS_HOST" => "Explain the key that a variable overrides",
    ],
    clean: "the explanation was printed",
    page: "settings.md#keys",
};

/// Explain a check or a key of Refinery's files.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Check, key or variable, such as `Traces.SendDelay`.
    #[arg(value_name = "CHECK|KEY", required_unless_present = "all")]
    name: Option<String>,
    /// Explain all checks and keys.
    #[arg(long, conflicts_with = "name")]
    all: bool,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let page = match &arguments.name {
        None => all_pages(),
        Some(name) if name.contains('/') => write_page(find_check(name)?, width()),
        Some(name) => write_key_page(&find_key(name)?, width()),
    };
    console.print(&page)?;
    Ok(ExitStatus::Clean)
}

fn all_pages() -> String {
    let checks = checks().into_iter().map(|check| write_page(check, width()));
    let keys = Kind::ALL.into_iter().flat_map(describe_all);
    let pages: Vec<String> = checks.chain(keys.map(|key| write_key_page(&key, width()))).collect();
    pages.join(&format!("\n{}\n\n", "─".repeat(width().min(40))))
}

fn find_check(id: &str) -> Result<&'static Check, Failure> {
    let checks = checks();
    checks.iter().find(|check| check.id == id).copied().ok_or_else(|| {
        let advice = match nearest(id, checks.iter().map(|check| check.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "run `refinery-preflight checks` to list all checks".to_owned(),
        };
        Failure::unusable(format!("unknown check `{id}`"), advice)
    })
}

fn find_key(name: &str) -> Result<Described, Failure> {
    find_described(name).map_err(|error| match error {
        NotFound::Ambiguous(names) => Failure::unusable(
            format!("ambiguous key `{name}`"),
            format!("pick one of {}", quoted(&names)),
        ),
        NotFound::Unknown(Some(near)) => {
            Failure::unusable(format!("unknown key `{name}`"), format!("did you mean `{near}`?"))
        }
        NotFound::Unknown(None) => Failure::unusable(
            format!("unknown key `{name}`"),
            "write a key such as `Traces.SendDelay`, a group such as `Traces`, or a check such as \
             `rules/unreachable`",
        ),
    })
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
