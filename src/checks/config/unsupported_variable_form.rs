//! A variable reference that only shells or Kubernetes support.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    UNSUPPORTED_VARIABLE_FORM,
    "config/unsupported-variable-form",
    Warning,
    "unsupported form of a variable reference",
    "Refinery only supports `${NAME}`. `$NAME` and `$(NAME)` are not replaced, and in \
     `${NAME:-default}` everything up to the brace is the name, which no variable has.",
    "Use `${NAME}`. Let deployment tooling fill in a default.",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Identifier: $POD_IP
",
    change: "Identifier: $POD_IP" => "Identifier: 10.0.0.5",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let foreign = context
        .texts()
        .into_iter()
        .filter(|(key, item)| key.schema.is_expanded() && item.text().is_some_and(is_foreign));
    foreign
        .map(|(key, item)| {
            let message =
                format!("{} contains a variable reference that is never replaced", key.path());
            Finding::new(&UNSUPPORTED_VARIABLE_FORM, message)
                .help("use `${NAME}`; defaults are not supported")
                .at_some(item.span, "not replaced by Refinery")
        })
        .collect()
}

/// `$NAME` or `$(NAME)` and nothing else, or `${NAME:-default}` anywhere.
pub fn is_foreign(text: &str) -> bool {
    let inner = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    let whole = inner.or_else(|| text.strip_prefix('$'));
    whole.is_some_and(is_name) || text.split("${").skip(1).any(has_default)
}

/// Only upper case: a password may start with a dollar sign too.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn has_default(reference: &str) -> bool {
    let Some((name, _)) = reference.split_once('}') else { return false };
    [":-", ":=", ":?", ":+"].iter().any(|sign| name.contains(sign))
}
