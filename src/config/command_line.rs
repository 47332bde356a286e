//! The engine's command line: flags that override keys, and switches.
//!
//! Which there are stands in `schemas/`. Must not know this program's own flags (`cli` does).

use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Schema;
use std::collections::BTreeMap;

check!(
    BAD_COMMAND_LINE,
    "start/bad-command-line",
    Error,
    "the engine does not understand its command line",
    "the process prints the fault and exits before it reads a file"
);

check!(
    EXITS_AT_ONCE,
    "start/exits-at-once",
    Error,
    "a flag makes the engine print or write something and exit",
    "the process ends with status 0 before it opens a port, so a node started like this serves nobody"
);

/// What a command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// Long name of a flag → its values, in order; a switch has none.
    given: BTreeMap<String, Vec<String>>,
}

impl CommandLine {
    pub fn has(&self, flag: &str) -> bool {
        self.given.contains_key(flag)
    }

    /// The flag is there, and not with an empty value.
    fn asks_for(&self, flag: &str) -> bool {
        self.given.get(flag).is_some_and(|values| values.last().is_none_or(|v| !v.is_empty()))
    }

    /// All values of a flag, in order.
    pub fn values(&self, flag: &str) -> &[String] {
        self.given.get(flag).map_or(&[], Vec::as_slice)
    }

    /// Reads arguments as the engine does: words that are no flags are passed over.
    pub fn parse(schema: &Schema, arguments: &[String]) -> (Self, Vec<Finding>) {
        let mut reader = Reader { schema, line: Self::default(), rest: arguments.iter() };
        let mut findings = Vec::new();
        while let Some(argument) = reader.rest.next() {
            if argument == "--" {
                break;
            }
            if let Err(message) = reader.take(argument) {
                // The engine reads no further.
                findings.push(Finding::new(&BAD_COMMAND_LINE, message).refuses());
                break;
            }
        }
        let exits = schema.switches().filter(|(_, switch)| switch.get("exits").is_some());
        findings.extend(exits.filter(|(long, _)| reader.line.asks_for(long)).map(|(long, _)| {
            Finding::new(&EXITS_AT_ONCE, format!("with `--{long}` nothing is started"))
                .help(format!("start the process without `--{long}`"))
                .refuses()
        }));
        (reader.line, findings)
    }
}

/// A flag that the engine has.
struct Flag {
    long: String,
    takes_value: bool,
}

struct Reader<'a> {
    schema: &'a Schema,
    line: CommandLine,
    rest: std::slice::Iter<'a, String>,
}

impl Reader<'_> {
    fn take(&mut self, argument: &str) -> Result<(), String> {
        if let Some(long) = argument.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            return self.flag(name, value);
        }
        match argument.strip_prefix('-') {
            Some(shorts) if !shorts.is_empty() => self.cluster(shorts),
            _ => Ok(()),
        }
    }

    /// `-n`, `-nvalue`, `-n=value`, and several switches in one word; a flag with a value ends it.
    fn cluster(&mut self, shorts: &str) -> Result<(), String> {
        let first = shorts.chars().next().map_or(0, char::len_utf8);
        let (name, value) = shorts.split_at(first);
        if let Some(value) = value.strip_prefix('=') {
            return self.flag(name, Some(value));
        }
        if self.find(name)?.takes_value && !value.is_empty() {
            return self.flag(name, Some(value));
        }
        shorts
            .char_indices()
            .try_for_each(|(at, c)| self.flag(&shorts[at..at + c.len_utf8()], None))
    }

    fn flag(&mut self, name: &str, inline: Option<&str>) -> Result<(), String> {
        let Flag { long, takes_value } = self.find(name)?;
        if !takes_value {
            if inline.is_some() {
                return Err(format!("`--{long}` takes no value"));
            }
            self.line.given.entry(long).or_default();
            return Ok(());
        }
        let value = inline.or_else(|| next_value(&mut self.rest));
        let value = value.ok_or_else(|| format!("`--{long}` lacks its value"))?;
        let value = unquote(value).ok_or_else(|| format!("`--{long}` has a stray quote"))?;
        self.line.given.entry(long).or_default().push(value);
        Ok(())
    }

    /// By its long name, or by its letter.
    fn find(&self, name: &str) -> Result<Flag, String> {
        let is_option =
            self.schema.options().iter().any(|(_, o)| o.get("flag").is_some_and(|f| f == name));
        if is_option {
            return Ok(Flag { long: name.to_owned(), takes_value: true });
        }
        let found = self
            .schema
            .switches()
            .find(|(long, switch)| *long == name || switch.get("short").is_some_and(|s| s == name));
        let (long, switch) = found.ok_or_else(|| format!("the engine has no flag `{name}`"))?;
        Ok(Flag { long: long.to_owned(), takes_value: switch.get("takes").is_some() })
    }
}

/// A word that looks like a flag is no value.
fn next_value<'a>(rest: &mut std::slice::Iter<'a, String>) -> Option<&'a str> {
    let value = rest.as_slice().first()?;
    let is_flag = value.len() > 1 && value.starts_with('-') && !value.starts_with("---");
    if is_flag { None } else { rest.next().map(String::as_str) }
}

/// A value that begins with a double quote is a string in Go's spelling.
fn unquote(value: &str) -> Option<String> {
    if value.starts_with('"') { serde_json::from_str(value).ok() } else { Some(value.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Kind, releases};

    fn read(arguments: &str) -> (CommandLine, usize) {
        let newest = *releases().last().unwrap();
        let schema = Schema::new(Kind::Config, newest).unwrap();
        let arguments: Vec<String> = arguments.split('|').map(str::to_owned).collect();
        let (line, findings) = CommandLine::parse(&schema, &arguments);
        (line, findings.len())
    }

    #[test]
    fn reads_values_in_all_their_forms() {
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
        assert_eq!(read("-cFILE|-c=G|-d|-dc|H").0.values("config"), ["FILE", "G", "H"]);
    }

    #[test]
    fn refuses_what_the_engine_refuses() {
        for arguments in [
            "--nope",
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
        assert_eq!(read("-dh").1, 1, "help is printed and nothing starts");
    }
}
