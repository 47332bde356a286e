//! A `${NAME}` that stays as it is written.

use super::unsupported_variable_form::is_foreign;
use crate::check;
use crate::checks::Subject;
use crate::config::expand::{expand, refers};
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    VARIABLE_LEFT,
    "config/variable-left",
    Warning,
    "a `${NAME}` that is not replaced",
    "a variable that is unset or empty leaves the text as it is written, and before v2.9.5 \
     nothing is replaced at all: a key `${KEY}` fits no client, a token `${TOKEN}` can be guessed \
     by everyone",
    "set the variable, to something that is not empty; before v2.9.5 let deployment tooling fill \
     the value in",
    before: "\
General:
  ConfigurationVersion: 2
RedisPeerManagement:
  Password: ${REDIS_PASSWORD}
",
    change: "Password: ${REDIS_PASSWORD}" => "Username: refinery",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let written = subject.texts().into_iter().filter_map(|(held, item)| {
        let text = item.text()?;
        let is_left = held.key.is_expanded() && !is_foreign(text) && stays(subject, text);
        is_left.then_some((held, item))
    });
    written
        .map(|(held, item)| {
            let message = format!("{} keeps the text of a variable", held.title());
            let finding = Finding::new(&VARIABLE_LEFT, message).help(help(subject));
            finding.at_some(item.span, "stays as it is written")
        })
        .collect()
}

fn stays(subject: &Subject<'_>, text: &str) -> bool {
    if !subject.ground.quirks.has(Quirk::ExpandsVariables) {
        return refers(text);
    }
    let expanded = expand(text, subject.ground.environment);
    expanded.unknown.is_empty() && refers(&expanded.text)
}

fn help(subject: &Subject<'_>) -> &'static str {
    if subject.ground.quirks.has(Quirk::ExpandsVariables) {
        "set the variable to something that is not empty"
    } else {
        "this release replaces no variables: fill the value in beforehand, or run v2.9.5 or later"
    }
}
