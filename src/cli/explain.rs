//! `explain`: the documentation of a check.

use super::console::{Console, Failure};
use super::width;
use crate::diagnostic::checks;
use crate::policy::ExitStatus;
use crate::report::page::write_page;
use crate::schema::nearest;
use clap::Args;

/// Explain a check: what it finds, why it matters and how to fix it.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Check to explain, as in reports: `group/name`.
    #[arg(value_name = "CHECK")]
    id: String,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let checks = checks();
    let id = arguments.id.as_str();
    let Some(check) = checks.iter().find(|check| check.id == id) else {
        let advice = match nearest(id, checks.iter().map(|check| check.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "run `refinery-preflight checks` to list all checks".to_owned(),
        };
        return Err(Failure::unusable(format!("unknown check `{id}`"), advice));
    };
    console.print(&write_page(check, width()))?;
    Ok(ExitStatus::Clean)
}
