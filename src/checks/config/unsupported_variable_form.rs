//! A variable in a form that only shells or Kubernetes know.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    UNSUPPORTED_VARIABLE_FORM,
    "config/unsupported-variable-form",
    Warning,
    "a variable in a form that the engine does not know",
    "the engine knows `${NAME}` alone: `$NAME` and `$(NAME)` stay as they are written, and in \
     `${NAME:-default}` everything up to the brace is the name, which no variable has",
    "write `${NAME}`; a default has to be given by deployment tooling",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Identifier: $POD_IP
",
    change: "Identifier: $POD_IP" => "Identifier: 10.0.0.5",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let foreign = subject
        .texts()
        .into_iter()
        .filter(|(held, item)| held.key.is_expanded() && item.text().is_some_and(is_foreign));
    foreign
        .map(|(held, item)| {
            let message = format!("{} holds a variable that is never replaced", held.title());
            Finding::new(&UNSUPPORTED_VARIABLE_FORM, message)
                .help("write `${NAME}`; there are no defaults")
                .at_some(item.span, "no form that the engine knows")
        })
        .collect()
}

/// `$NAME` or `$(NAME)` and nothing else, or `${NAME:-default}` anywhere.
pub fn is_foreign(text: &str) -> bool {
    let inner = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    let whole = inner.or_else(|| text.strip_prefix('$'));
    whole.is_some_and(is_name) || text.split("${").skip(1).any(has_default)
}

/// Upper case alone: a password may begin with a dollar sign too.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn has_default(reference: &str) -> bool {
    let Some((name, _)) = reference.split_once('}') else { return false };
    [":-", ":=", ":?", ":+"].iter().any(|sign| name.contains(sign))
}
