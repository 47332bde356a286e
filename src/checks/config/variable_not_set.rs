//! A `${NAME}` that is not replaced.

use super::unsupported_variable_form::is_foreign;
use crate::check;
use crate::checks::CheckContext;
use crate::config::expand::{expand, refers};
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    VARIABLE_NOT_SET,
    "config/variable-not-set",
    Warning,
    "a variable reference is not replaced",
    "If the variable is unset or empty, Refinery keeps the text as written; before v2.9.5 it \
     never replaces variables. A key `${KEY}` matches no client, and anyone can guess a token \
     `${TOKEN}`.",
    "Set the variable to a non-empty value. Before v2.9.5, let deployment tooling fill in the \
     value.",
    before: "\
General:
  ConfigurationVersion: 2
RedisPeerManagement:
  Password: ${REDIS_PASSWORD}
",
    change: "Password: ${REDIS_PASSWORD}" => "Username: refinery",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let written = context.texts().into_iter().filter_map(|(key, item)| {
        let text = item.text()?;
        let is_left = key.schema.is_expanded() && !is_foreign(text) && stays(context, text);
        is_left.then_some((key, item))
    });
    written
        .map(|(key, item)| {
            let message = format!("{} keeps the variable reference as its value", key.path());
            let finding = Finding::new(&VARIABLE_NOT_SET, message).help(help(context));
            finding.at_some(item.span, "not replaced")
        })
        .collect()
}

fn stays(context: &CheckContext<'_>, text: &str) -> bool {
    if !context.stage.quirks.has(Quirk::ExpandsVariables) {
        return refers(text);
    }
    let expanded = expand(text, context.stage.environment);
    expanded.unknown.is_empty() && refers(&expanded.text)
}

fn help(context: &CheckContext<'_>) -> &'static str {
    if context.stage.quirks.has(Quirk::ExpandsVariables) {
        "set the variable to a non-empty value"
    } else {
        "this release does not replace variables: let deployment tooling fill in the value, or use \
         v2.9.5 or later"
    }
}
