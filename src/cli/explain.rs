//! `explain`: the page of a check.

use super::console::{Console, Failure};
use super::width;
use crate::diagnostic::checks;
use crate::policy::ExitStatus;
use crate::report::page::write_page;
use crate::schema::nearest;
use clap::Args;

/// Prints what a check finds, why it matters and how to mend it.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The check, as it stands in a report: `group/name`.
    #[arg(value_name = "CHECK")]
    id: String,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let checks = checks();
    let id = arguments.id.as_str();
    let Some(check) = checks.iter().find(|check| check.id == id) else {
        let advice = match nearest(id, checks.iter().map(|check| check.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`refinery-preflight checks` lists them all".to_owned(),
        };
        return Err(Failure::unusable(format!("there is no check `{id}`"), advice));
    };
    console.print(&write_page(check, width()))?;
    Ok(ExitStatus::Clean)
}
