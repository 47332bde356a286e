//! A scope that the engine does not know.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    UNKNOWN_SCOPE,
    "rules/unknown-scope",
    Error,
    "a rule with an unknown `Scope` takes every trace, whatever its conditions",
    "the validator refuses such a scope, but with `--no-validate` nobody does; the engine then \
     takes the rule for matched before it looks at a condition",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let odd = subject.rules().filter(|rule| !rule.has_known_scope());
    odd.map(|rule| {
        let message = format!("{} takes every trace, whatever its conditions", rule.name());
        Finding::new(&UNKNOWN_SCOPE, message)
            .help("write `trace` or `span`")
            .at_some(rule.value("Scope"), "not a scope")
    })
    .collect()
}
