//! A zero value that Refinery replaces with the default.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::config::effective_value::{Origin, Typed};
use crate::diagnostic::Finding;

check!(
    ZERO_IS_DEFAULT,
    "config/zero-is-default",
    Warning,
    "a zero or empty value means the default",
    "Refinery fills in the default of every key whose value is zero, and cannot distinguish a \
     zero from a missing key. `ConfigReloadInterval: 0s` reloads every 15 s, and \
     `MaxConnectionAge: 0s` closes connections after 3 minutes.",
    "Set the value you want. To disable something, use a very large or very small value instead \
     of 0.",
    before: "\
General:
  ConfigurationVersion: 2
  ConfigReloadInterval: 0s
",
    change: "ConfigReloadInterval: 0s" => "ConfigReloadInterval: 24h",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let replaced = context.config_keys().filter(ConfigKey::is_known).filter(|key| {
        let is_default = key.setting.origin == Origin::Default;
        key.is_written() && is_default && !key.setting.typed.is_zero()
    });
    replaced
        .map(|key| {
            let message =
                format!("{}: {} means the default, {}", key.path(), zero(key), key.display_value());
            let finding = Finding::new(&ZERO_IS_DEFAULT, message).help(help(key));
            key.place(finding, "treated as missing")
        })
        .collect()
}

fn zero(key: ConfigKey<'_>) -> &'static str {
    match key.setting.typed {
        Typed::Text(_) => "an empty string",
        Typed::Bool(_) => "`false`",
        _ => "zero",
    }
}

fn help(key: ConfigKey<'_>) -> &'static str {
    match key.name {
        "ConfigReloadInterval" => {
            "reloading cannot be disabled: use a long interval such as `24h`, or remove the key"
        }
        _ => "set the value you want, or remove the key",
    }
}
