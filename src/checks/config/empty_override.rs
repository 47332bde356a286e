//! An environment variable or flag that overrides with an empty value.

use crate::check;
use crate::checks::CheckContext;
use crate::config::effective_value::Typed;
use crate::diagnostic::Finding;

check!(
    EMPTY_OVERRIDE,
    "config/empty-override",
    Warning,
    "an environment variable that is set but empty overrides the value in the file",
    "For lists and mappings, Refinery reads an empty variable as a list of one empty string. It \
     then connects to a Redis cluster of one host without a name, or replaces the attributes \
     in the file with one without a name."
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let empty =
        context.config_keys().filter(|key| key.is_overridden() && is_empty(&key.setting.typed));
    empty
        .map(|key| {
            let message =
                format!("{} is a single empty string: {} is empty", key.path(), key.setting.origin);
            let replaced = key.setting.key_span;
            Finding::new(&EMPTY_OVERRIDE, message)
                .help("unset the variable instead of setting it to an empty string")
                .at_some(replaced, "this value is lost")
        })
        .collect()
}

fn is_empty(typed: &Typed) -> bool {
    match typed {
        Typed::Texts(texts) => texts.iter().all(String::is_empty),
        Typed::Attributes(map) => map.keys().all(String::is_empty),
        _ => false,
    }
}
