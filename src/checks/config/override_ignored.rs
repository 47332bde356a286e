//! A flag or environment variable of zero, which overrides nothing.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::schema::Node;
use crate::value::MemorySize;

check!(
    OVERRIDE_IGNORED,
    "config/override-ignored",
    Warning,
    "a flag or environment variable of zero does not override the file",
    "Refinery ignores an override that is zero and uses the value in the file."
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let line = context.command_line();
    let options = context.schema.options();
    let sizes = options
        .into_iter()
        .filter(|(_, option)| option.get("go").and_then(Node::as_str) == Some("MemorySize"));
    sizes
        .filter_map(|(_, option)| {
            let name = |kind: &str| option.get(kind).and_then(Node::as_str).unwrap_or_default();
            let flag = line.values(name("flag")).last();
            let value = flag
                .map(String::as_str)
                .or_else(|| context.stage.environment.value(name("env")))?;
            let given =
                if flag.is_some() { format!("--{}", name("flag")) } else { name("env").to_owned() };
            (MemorySize::parse(value).ok()?.0 == 0).then(|| {
                Finding::new(&OVERRIDE_IGNORED, format!("`{given}` is zero, so it is ignored"))
                    .help("change the value in the file instead: a zero there is used")
            })
        })
        .collect()
}
