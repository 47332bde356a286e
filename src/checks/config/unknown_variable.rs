//! An unknown `REFINERY_` environment variable.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::schema::{Kind, nearest};

check!(
    UNKNOWN_VARIABLE,
    "config/unknown-variable",
    Warning,
    "unknown environment variable: Refinery does not read it",
    "Refinery ignores environment variables that it does not know. The name that its \
     documentation gives for the key of its own traces is one of them."
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let options = context.schema.options();
    let names = options.iter().filter_map(|(_, option)| option.get("env")?.as_str());
    let files = Kind::ALL.map(|kind| kind.locating().variable);
    let known: Vec<&str> = names.chain(files).collect();
    let unread = context.stage.environment.names().filter(|name| {
        let is_known = known.contains(name) || is_of_kubernetes(name);
        let is_ours = name.starts_with("REFINERY_PREFLIGHT_");
        name.starts_with("REFINERY_") && !is_ours && !is_known && !is_named_in_files(context, name)
    });
    unread
        .map(|name| {
            let finding =
                Finding::new(&UNKNOWN_VARIABLE, format!("Refinery does not read `{name}`"));
            finding.help(match nearest(name, known.iter().copied()) {
                Some(other) => format!("did you mean `{other}`?"),
                None => "set the key in the file instead, or unset the variable".to_owned(),
            })
        })
        .collect()
}

/// Kubernetes sets these in every pod if there is a service named `refinery`.
fn is_of_kubernetes(name: &str) -> bool {
    name.contains("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_PORT")
}

fn is_named_in_files(context: &CheckContext<'_>, name: &str) -> bool {
    let reference = format!("${{{name}}}");
    context
        .texts()
        .iter()
        .any(|(_, item)| item.text().is_some_and(|text| text.contains(&reference)))
}
