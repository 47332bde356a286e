//! Environment variables that end a Go process before Refinery starts.
//!
//! Go ignores other values that it cannot parse.

use crate::check;
use crate::config::environment::{Environment, Lookup};
use crate::diagnostic::{Effect, Finding, Subject};
use crate::value::byte_count::is_memory_limit;

check!(
    BAD_RUNTIME_VARIABLE,
    "start/bad-runtime-variable",
    Error,
    kind: Verdict,
    "the Go runtime exits because of an environment variable",
    "Go reads `GOMEMLIMIT` and `GODEBUG` before Refinery starts. It requires units such as `GiB` \
     (not `Gi` or `GB`), and exits on some debugging settings; Refinery itself needs MD5, which \
     `fips140=only` forbids. The process exits with status 2."
);

const MEMORY_LIMIT: &str = "GOMEMLIMIT";
const DEBUG: &str = "GODEBUG";

/// A setting of `GODEBUG`, the line of Go that introduced its limits (`24` for Go 1.24), and which
/// values Go or Refinery cannot go on with.
struct DebugSetting {
    name: &'static str,
    since: u32,
    is_fatal: fn(&str) -> bool,
}

/// Recorded with v3.2.2, built with Go 1.26.
const DEBUG_SETTINGS: [DebugSetting; 3] = [
    DebugSetting { name: "cgocheck", since: 21, is_fatal: |text| number(text) > Some(1) },
    DebugSetting {
        name: "profstackdepth",
        since: 23,
        is_fatal: |text| number(text).is_some_and(|depth| depth <= -5),
    },
    DebugSetting {
        name: "fips140",
        since: 24,
        is_fatal: |text| !matches!(text, "" | "off" | "on" | "debug"),
    },
];

/// What a process that was built with Go 1.`line` exits on.
pub fn check_runtime(environment: &Environment, line: u32) -> Vec<Finding> {
    let set = |name| match environment.look_up(name) {
        Lookup::Set(value) => Some(value),
        Lookup::Unset | Lookup::Unknown => None,
    };
    let limit = set(MEMORY_LIMIT).filter(|value| !is_memory_limit(value)).map(|value| {
        Finding::new(&BAD_RUNTIME_VARIABLE, format!("Go cannot read `{MEMORY_LIMIT}={value}`"))
            .help("use bytes, or a size such as `4GiB`, or unset the variable")
            .about(Subject::Variable(MEMORY_LIMIT.to_owned()))
    });
    let debug = set(DEBUG).into_iter().flat_map(|text| fatal_settings(text, line)).map(|setting| {
        Finding::new(&BAD_RUNTIME_VARIABLE, format!("Go exits on `{setting}` in `{DEBUG}`"))
            .help("remove the setting from the variable")
            .about(Subject::Variable(DEBUG.to_owned()))
    });
    limit.into_iter().chain(debug).map(|finding| finding.with(Effect::RefusesStart)).collect()
}

/// The settings of a list such as `a=1,b=2` that are fatal. The last one of a name counts.
fn fatal_settings(text: &str, line: u32) -> impl Iterator<Item = &str> {
    let value_of = move |name: &str| {
        let all = text.split(',').rev();
        all.filter_map(|setting| Some((setting, setting.split_once('=')?)))
            .find(|(_, (own, _))| *own == name)
            .map(|(setting, (_, value))| (setting, value))
    };
    DEBUG_SETTINGS.iter().filter(move |known| known.since <= line).filter_map(move |known| {
        let (setting, value) = value_of(known.name)?;
        (known.is_fatal)(value).then_some(setting)
    })
}

/// A number that Go reads here: 32 bits, with `-` at most.
fn number(text: &str) -> Option<i32> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fatal(text: &str, line: u32) -> Vec<&str> {
        fatal_settings(text, line).collect()
    }

    /// Recorded with v3.2.2, built with Go 1.26.
    #[test]
    fn go_exits_on_some_settings() {
        for text in ["cgocheck=2", "profstackdepth=-5", "fips140=x", "fips140=only", "fips140=on "]
        {
            assert_eq!(fatal(text, 26), [text]);
            assert_eq!(fatal(&format!("a=b,{text},gctrace=1"), 26), [text]);
        }
        for text in [
            "",
            "fips140",
            "fips140=",
            "fips140=on",
            "fips140=debug",
            " fips140=x",
            "Fips140=x",
            "cgocheck=1",
            "cgocheck=x",
            "cgocheck=+2",
            "cgocheck=99999999999999999999",
            "profstackdepth=-4",
            "gctrace=x",
            "=,=,",
        ] {
            assert_eq!(fatal(text, 26), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_last_setting_counts() {
        assert_eq!(fatal("fips140=x,fips140=on", 26), [""; 0]);
        assert_eq!(fatal("fips140=on,fips140=x", 26), ["fips140=x"]);
    }

    #[test]
    fn older_lines_of_go_know_fewer_settings() {
        let all = "cgocheck=2,profstackdepth=-9,fips140=x";
        assert_eq!(fatal(all, 19), [""; 0]);
        assert_eq!(fatal(all, 22), ["cgocheck=2"]);
        assert_eq!(fatal(all, 23), ["cgocheck=2", "profstackdepth=-9"]);
        assert_eq!(fatal(all, 24).len(), 3);
    }
}
