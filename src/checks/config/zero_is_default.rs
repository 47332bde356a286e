//! A written zero that gives way to the default.

use crate::check;
use crate::checks::{Held, Subject};
use crate::config::setting::{Origin, Typed};
use crate::diagnostic::Finding;

check!(
    ZERO_IS_DEFAULT,
    "config/zero-is-default",
    Warning,
    "a written zero or empty text is taken for a key that is not written",
    "the engine fills in defaults where a value is zero, and cannot tell a written zero from \
     none: `ConfigReloadInterval: 0s` reloads every 15 s, `MaxConnectionAge: 0s` closes \
     connections after 3 minutes",
    "write the value that is meant; where zero was to switch something off, a great or very small \
     value has to do",
    before: "\
General:
  ConfigurationVersion: 2
  ConfigReloadInterval: 0s
",
    change: "ConfigReloadInterval: 0s" => "ConfigReloadInterval: 24h",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let replaced = subject.all_held().filter(|held| {
        let is_default = held.setting.origin == Origin::Default;
        held.is_written() && is_default && !held.setting.typed.is_zero()
    });
    replaced
        .map(|held| {
            let message =
                format!("{}: {} means the default, {}", held.title(), zero(held), held.shown());
            let finding = Finding::new(&ZERO_IS_DEFAULT, message).help(help(held));
            held.place(finding, "counts as not written")
        })
        .collect()
}

fn zero(held: Held<'_>) -> &'static str {
    match held.setting.typed {
        Typed::Text(_) => "an empty text",
        Typed::Bool(_) => "`false`",
        _ => "zero",
    }
}

fn help(held: Held<'_>) -> &'static str {
    match held.name {
        "ConfigReloadInterval" => {
            "reloading cannot be switched off: write a long time such as `24h`, or delete the key"
        }
        _ => "write the value that is meant, or delete the key",
    }
}
