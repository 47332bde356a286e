//! Refinery's command line: flags that override keys, and switches.
//!
//! The flags are listed in `schemas/`. This program's own flags are in `cli`.

use crate::check;
use crate::diagnostic::{Finding, Subject};
use crate::schema::Schema;
use crate::schema::flags::{ParsedFlag, read_flags};
use std::collections::BTreeMap;

check!(
    BAD_COMMAND_LINE,
    "start/bad-command-line",
    Error,
    kind: Verdict,
    "invalid command line of Refinery",
    "Refinery prints the error and exits before it reads a file."
);

check!(
    EXITS_IMMEDIATELY,
    "start/exits-immediately",
    Error,
    kind: Verdict,
    "a flag makes Refinery print or write something and exit",
    "Refinery exits with status 0 before it opens a port, so a node with this flag receives no \
     traffic."
);

/// A parsed command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// Long name of a flag → its values, in order; a switch has none.
    given: BTreeMap<String, Vec<String>>,
}

impl CommandLine {
    pub fn has(&self, flag: &str) -> bool {
        self.given.contains_key(flag)
    }

    /// Whether the flag is set, and not to an empty value.
    fn asks_for(&self, flag: &str) -> bool {
        self.given.get(flag).is_some_and(|values| values.last().is_none_or(|v| !v.is_empty()))
    }

    /// All values of a flag, in order.
    pub fn values(&self, flag: &str) -> &[String] {
        self.given.get(flag).map_or(&[], Vec::as_slice)
    }

    /// Parses arguments like Refinery, which ignores words that are not flags.
    pub fn parse(schema: &Schema, arguments: &[String]) -> (Self, Vec<Finding>) {
        let mut line = Self::default();
        let mut findings = Vec::new();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut rest = &words[..];
        while rest.first().is_some_and(|word| *word != "--") {
            match read_flags(rest, |name| schema.flag(name)) {
                Ok((given, count)) => {
                    for ParsedFlag { long, value } in given {
                        line.given.entry(long).or_default().extend(value);
                    }
                    rest = rest.get(count..).unwrap_or_default();
                }
                Err(message) => {
                    // Refinery stops here.
                    let finding = Finding::new(&BAD_COMMAND_LINE, message);
                    findings.push(finding.about(Subject::Command).refuses());
                    break;
                }
            }
        }
        let exits = schema.switches().filter(|(_, switch)| switch.get("exits").is_some());
        findings.extend(exits.filter(|(long, _)| line.asks_for(long)).map(|(long, _)| {
            Finding::new(&EXITS_IMMEDIATELY, format!("Refinery does not start with `--{long}`"))
                .help(format!("start Refinery without `--{long}`"))
                .about(Subject::Command)
                .refuses()
        }));
        (line, findings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Kind, releases};

    fn read(arguments: &str) -> (CommandLine, usize) {
        let newest = *releases().last().unwrap();
        let schema = Schema::new(Kind::Config, newest);
        let arguments: Vec<String> = arguments.split('|').map(str::to_owned).collect();
        let (line, findings) = CommandLine::parse(&schema, &arguments);
        (line, findings.len())
    }

    #[test]
    fn parses_all_forms_of_values() {
        for (arguments, expected) in [
            ("--redis-host|r:1", "r:1"),
            ("--redis-host=r:1", "r:1"),
            ("word|--redis-host=-x", "-x"),
            ("--redis-host|---x", "---x"),
            ("--redis-host|-", "-"),
            ("--redis-host|\"q:1\"", "q:1"),
        ] {
            let (line, faults) = read(arguments);
            assert_eq!((line.values("redis-host"), faults), (&[expected.to_owned()][..], 0));
        }
        assert_eq!(read("---|---nope=x|--redis-host=r:1").1, 0);
        assert_eq!(read("-cFILE|-c=G|-d|-dc|H").0.values("config"), ["FILE", "G", "H"]);
    }

    #[test]
    fn rejects_invalid_arguments() {
        for arguments in [
            "--nope",
            "--d",
            "-x",
            "--debug=true",
            "-d=",
            "--redis-host",
            "--redis-host|-x",
            "--redis-host|--",
            "--redis-host|\"a\"b",
            "-dcFILE",
        ] {
            assert_eq!(read(arguments).1, 1, "{arguments}");
        }
        assert_eq!(read("a|--|--nope").1, 0);
        assert_eq!(read("-dh").1, 1, "`-h` prints the help and exits");
    }
}
