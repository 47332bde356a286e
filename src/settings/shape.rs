//! Every key of the settings file, with the form of its value and a description.
//!
//! Error messages, the lists of expected keys and the published JSON Schema come from here. A test
//! compares it with the types that the file is deserialized into.

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub form: &'static Form,
    pub is_required: bool,
    /// One line for editors.
    pub about: &'static str,
}

/// The form of a value.
#[derive(Debug)]
pub enum Form {
    /// Any string.
    Text,
    /// A string that is not blank.
    Reason,
    /// A file in the repository, relative to the folder of the settings.
    Path,
    Glob,
    Date,
    /// One release of Refinery.
    Release,
    Memory,
    Duration,
    Address,
    Boolean,
    /// From 0 to this number.
    Integer(u64),
    /// The id of a check whose severity may be changed.
    CheckId,
    /// An id, a group or `all`.
    CheckName,
    Choice(&'static [&'static str]),
    List(&'static Form),
    /// Any keys of the first form, with values of the second.
    Map(&'static Form, &'static Form),
    /// A table with these keys.
    Table(&'static [&'static [Key]]),
    /// `[[name]]`, any number of times.
    Tables(&'static [&'static [Key]]),
}

const fn optional(name: &'static str, form: &'static Form, about: &'static str) -> Key {
    Key { name, form, is_required: false, about }
}

const fn required(name: &'static str, form: &'static Form, about: &'static str) -> Key {
    Key { name, form, is_required: true, about }
}

/// The top level of the file.
pub static SETTINGS: &[&[Key]] = &[&[
    optional(
        "fail-on",
        &Form::Choice(&["error", "warning", "note", "never"]),
        "The lowest severity that fails a run. Start-up, live reload and first trace errors always do.",
    ),
    optional("select", &Form::List(&Form::CheckName), "Run only these checks or groups, or `all`."),
    optional(
        "ignore",
        &Form::List(&Form::CheckName),
        "Run all checks except these checks or groups.",
    ),
    optional("baseline", &Form::Path, "A baseline written by `--write-baseline`."),
    optional(
        "tests",
        &Form::List(&Form::Path),
        "Test files that are not in the folder of their rules.",
    ),
    optional(
        "severity",
        &Form::Map(&Form::CheckId, &Form::Choice(&["error", "warning", "note"])),
        "The severity of findings, by check.",
    ),
    optional("exception", &Form::Tables(&[EXCEPTION]), "Findings to suppress, with a reason."),
    optional("exclude", &Form::Tables(&[EXCLUDE]), "Files to exclude, with a reason."),
    optional("releases", &Form::Table(&[RELEASES]), "Releases that this program does not know."),
    optional("plan", &Form::Table(&[PLAN]), "Limits for `plan --traffic`."),
    optional(
        "deployment",
        &Form::Tables(&[DEPLOYMENT, MACHINE]),
        "A deployment: its files, and how Refinery runs with them.",
    ),
]];

const UNTIL: Key = optional("until", &Form::Date, "The last day on which it applies.");

const EXCEPTION: &[Key] = &[
    // An unknown check is a finding instead of an error: renaming a check must not break runs.
    required("check", &Form::Text, "The check whose findings are suppressed."),
    optional("files", &Form::List(&Form::Glob), "The files it applies to; by default all."),
    required("reason", &Form::Reason, "The reason, shown in every report."),
    UNTIL,
];

const RELEASES: &[Key] =
    &[optional("learned", &Form::List(&Form::Glob), "The release files that `learn` wrote.")];

const PLAN: &[Key] = &[optional(
    "budget",
    &Form::Table(&[BUDGET]),
    "The maximum number of events that may be kept, such as `{ events = 500_000_000, per = \"month\" }`.",
)];

const BUDGET: &[Key] = &[
    required("events", &Form::Integer(i64::MAX as u64), "The number of events."),
    required("per", &Form::Choice(&["day", "month"]), "The period; a month has 30 days."),
];

const EXCLUDE: &[Key] = &[
    required("files", &Form::List(&Form::Glob), "The files to exclude."),
    required("reason", &Form::Reason, "The reason, shown in every report."),
    UNTIL,
];

const DEPLOYMENT: &[Key] = &[
    optional(
        "config",
        &Form::List(&Form::Path),
        "Config files, in the order of Refinery's `-c` flags.",
    ),
    optional(
        "rules",
        &Form::List(&Form::Path),
        "Rules files, in the order of Refinery's `-r` flags.",
    ),
    optional("values", &Form::List(&Form::Path), "Values files of the Refinery Helm chart."),
    optional("refinery", &Form::Release, "The Refinery release, such as `3.2.2`."),
    optional("arguments", &Form::List(&Form::Text), "Other command-line arguments of Refinery."),
];

/// The keys of [`crate::machine::Machine`].
pub const MACHINE: &[Key] = &[
    optional("cores", &Form::Integer(u32::MAX as u64), "Processors that Refinery may use."),
    optional("memory", &Form::Memory, "Memory that the process may use, such as `4Gi`."),
    optional("grace", &Form::Duration, "The time between SIGTERM and SIGKILL, such as `35s`."),
    optional("hostname", &Form::Text, "The machine's host name."),
    optional(
        "ports-in-use",
        &Form::List(&Form::Integer(u16::MAX as u64)),
        "TCP ports that other processes listen on.",
    ),
    optional(
        "redis",
        &Form::Choice(&["accepts", "refuses", "unreachable"]),
        "How Redis answers Refinery.",
    ),
    optional(
        "interfaces",
        &Form::Map(&Form::Text, &Form::List(&Form::Address)),
        "All network interfaces with their addresses.",
    ),
    optional("variables", &Form::Map(&Form::Text, &Form::Text), "Environment variables."),
    optional("replicas", &Form::Integer(u32::MAX as u64), "Number of nodes in the cluster."),
    optional(
        "spans-per-second",
        &Form::Integer(i64::MAX as u64),
        "Spans per second that all nodes receive together.",
    ),
    optional("span-bytes", &Form::Integer(i64::MAX as u64), "Size of a typical span in bytes."),
    optional("lose", &Form::Integer(u32::MAX as u64), "Number of nodes that may fail at once."),
    optional(
        "restarts",
        &Form::Table(&[&[
            optional("config", &Form::Boolean, "Whether config changes restart the nodes."),
            optional("rules", &Form::Boolean, "Whether rules changes restart the nodes."),
        ]]),
        "Which changes restart the nodes.",
    ),
];

impl Form {
    /// What is expected, such as `a string`, for messages.
    pub fn describe(&self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Reason => "a reason".to_owned(),
            Self::Path => "a path to a file in this repository".to_owned(),
            Self::Glob => "a file pattern such as `staging/**`".to_owned(),
            Self::Date => "a date such as \"2027-01-31\"".to_owned(),
            Self::Release => "a release such as \"3.2.2\"".to_owned(),
            Self::Memory => "a memory size such as \"4Gi\"".to_owned(),
            Self::Duration => "a duration such as \"35s\"".to_owned(),
            Self::Address => "an IP address such as \"10.0.0.5\"".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Integer(most) => format!("an integer from 0 to {most}"),
            Self::CheckId => "a check such as \"rules/implicit-drop\"".to_owned(),
            Self::CheckName => "a check or a group of checks".to_owned(),
            Self::Choice(words) => list_words(words.iter().copied()),
            Self::List(form) => format!("a list with each element {}", form.describe()),
            Self::Map(..) | Self::Table(_) => "a table".to_owned(),
            Self::Tables(_) => "an array of tables (`[[…]]`)".to_owned(),
        }
    }
}

/// `a`, `b` or `c`; of more than ten, the first ten and `…`.
pub fn list_words<'w>(words: impl Iterator<Item = &'w str>) -> String {
    const SHOWN: usize = 10;
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match &words[..] {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] if words.len() <= SHOWN => format!("{} or {last}", some.join(", ")),
        many => format!("{}, …", many[..SHOWN].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;
    use crate::machine::{Machine, RedisAnswer};
    use crate::settings::FailOn;
    use serde::de::DeserializeOwned;
    use std::collections::BTreeSet;

    /// The names that a type's deserializer expects.
    fn expected<T: DeserializeOwned>(text: &str) -> BTreeSet<String> {
        let Err(error) = toml::from_str::<T>(text) else { panic!("{text} is accepted") };
        let message = error.to_string();
        let (_, expected) = message.split_once("expected").expect("expected …");
        expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    fn names(keys: &[Key]) -> BTreeSet<String> {
        keys.iter().map(|key| key.name.to_owned()).collect()
    }

    fn words(keys: &[Key], name: &str) -> BTreeSet<String> {
        let key = keys.iter().find(|key| key.name == name).expect("a key");
        let mut form = key.form;
        if let Form::Map(_, of) = form {
            form = of;
        }
        let Form::Choice(words) = form else { panic!("{name} is not a choice") };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn the_keys_match_the_deserialized_types() {
        #[derive(Debug, serde::Deserialize)]
        struct Of<T> {
            #[allow(dead_code, reason = "only its error matters")]
            x: T,
        }
        assert_eq!(names(MACHINE), expected::<Machine>("nothing-like-it = 1"));
        assert_eq!(words(MACHINE, "redis"), expected::<Of<RedisAnswer>>("x = \"?\""));
        assert_eq!(words(SETTINGS[0], "fail-on"), expected::<Of<FailOn>>("x = \"?\""));
        assert_eq!(words(SETTINGS[0], "severity"), expected::<Of<Severity>>("x = \"?\""));
        let restarts = expected::<Machine>("restarts = {nothing-like-it = 1}");
        assert_eq!(restarts, ["config", "rules"].map(str::to_owned).into());
    }
}
