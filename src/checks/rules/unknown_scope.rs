//! An unknown `Scope`.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    UNKNOWN_SCOPE,
    "rules/unknown-scope",
    Error,
    "a rule with an unknown `Scope` matches every trace, whatever its conditions",
    "Refinery's validator rejects such a scope, but `--no-validate` skips it. Refinery then \
     treats the rule as matched before it evaluates any condition.",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let odd = context.rules().filter(|rule| !rule.has_known_scope());
    odd.map(|rule| {
        let message = format!("{} matches every trace, whatever its conditions", rule.name());
        Finding::new(&UNKNOWN_SCOPE, message)
            .help("use `trace` or `span`")
            .at_some(rule.value("Scope"), "expected `trace` or `span`")
    })
    .collect()
}
