//! Parses Refinery's command line, and knows where Refinery looks for its files.
//!
//! The flags are listed in `schemas/`. Must not validate their values.

use super::node::Node;
use super::{Kind, Release, Schema};
use crate::value::go_string;

/// A flag of Refinery.
pub struct Flag {
    pub long: String,
    pub takes_value: bool,
}

/// A flag on a command line, by its long name. A switch has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedFlag {
    pub long: String,
    pub value: Option<String>,
}

impl ParsedFlag {
    /// The kind of file that its value names, if any.
    pub fn kind(&self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.locating().flag == self.long)
    }
}

/// How Refinery finds its files of one kind.
pub struct FileLocation {
    pub flag: &'static str,
    pub variable: &'static str,
    /// The default location, without flag and variable.
    pub default: &'static str,
}

impl FileLocation {
    /// The folder of the default location.
    pub fn folder(&self) -> &'static str {
        self.default.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Kind {
    pub fn locating(self) -> FileLocation {
        let flag = match self {
            Self::Config => "config",
            Self::Rules => "rules_config",
        };
        let switch = switches(Self::Config.document()).find(|(long, _)| *long == flag);
        let fact = |name| switch.and_then(|(_, switch)| switch.get(name)?.as_str());
        let [variable, default] = ["env", "default"].map(|name| fact(name).unwrap_or_default());
        FileLocation { flag, variable, default }
    }
}

impl Flag {
    /// Finds a flag of any release by its long name or its letter.
    pub fn of_any_release(name: &str) -> Option<Self> {
        let document = Kind::Config.document();
        Self::find(name, options(document), switches(document))
    }

    fn find<'s>(
        name: &str,
        mut options: impl Iterator<Item = (&'s str, &'s Node)>,
        mut switches: impl Iterator<Item = (&'s str, &'s Node)>,
    ) -> Option<Self> {
        if options.any(|(_, option)| option.get("flag").and_then(Node::as_str) == Some(name)) {
            return Some(Self { long: name.to_owned(), takes_value: true });
        }
        let is_short = |switch: &Node| switch.get("short").and_then(Node::as_str) == Some(name);
        let (long, switch) = switches.find(|(long, switch)| *long == name || is_short(switch))?;
        Some(Self { long: long.to_owned(), takes_value: switch.get("takes").is_some() })
    }
}

impl Schema {
    /// Finds a flag by its long name or its letter.
    pub fn flag(&self, name: &str) -> Option<Flag> {
        Flag::find(name, self.options().into_iter(), self.switches())
    }

    /// Flags that do not override a key, by their long name.
    pub fn switches(&self) -> impl Iterator<Item = (&str, &Node)> {
        switches(self.document)
    }
}

/// Command-line flags and variables that override keys, by Refinery's internal name.
pub(super) fn options(document: &Node) -> impl Iterator<Item = (&str, &Node)> {
    named(document, "/x-refinery/options")
}

/// Those of them that a release has.
pub(super) fn options_of(document: &Node, release: Release) -> impl Iterator<Item = (&str, &Node)> {
    let is_there = move |option: &Node| {
        let bound = |name| option.get(name).and_then(Node::as_str).and_then(Release::parse);
        bound("since").is_none_or(|since| since <= release)
            && bound("until").is_none_or(|until| until >= release)
    };
    options(document).filter(move |(_, option)| is_there(option))
}

fn switches(document: &Node) -> impl Iterator<Item = (&str, &Node)> {
    named(document, "/x-refinery/switches")
}

fn named<'s>(document: &'s Node, pointer: &str) -> impl Iterator<Item = (&'s str, &'s Node)> {
    let all = document.pointer(pointer).and_then(Node::as_object);
    all.into_iter().flatten().map(|(name, fact)| (*name, fact))
}

/// Parses the first of some words and, if it is a flag with a value, the word after it. Returns the
/// flags, and how many words they take. A word that is not a flag gives no flags.
///
/// # Errors
/// A message that says what Refinery rejects.
pub fn read_flags(
    words: &[&str],
    find: impl Fn(&str) -> Option<Flag>,
) -> Result<(Vec<ParsedFlag>, usize), String> {
    let Some((word, rest)) = words.split_first() else { return Ok((Vec::new(), 0)) };
    let mut reader = Reader { find, rest, given: Vec::new() };
    reader.take(word)?;
    Ok((reader.given, words.len() - reader.rest.len()))
}

struct Reader<'w, F> {
    find: F,
    rest: &'w [&'w str],
    given: Vec<ParsedFlag>,
}

impl<'w, F: Fn(&str) -> Option<Flag>> Reader<'w, F> {
    fn take(&mut self, word: &str) -> Result<(), String> {
        // With a third dash it is a word like any other.
        if word.starts_with("---") {
            return Ok(());
        }
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            // A single letter is not a long name.
            let is_letter = self.find(name)?.long != name;
            return if is_letter { Err(unknown(name)) } else { self.flag(name, value) };
        }
        match word.strip_prefix('-') {
            Some(shorts) if !shorts.is_empty() => self.cluster(shorts),
            _ => Ok(()),
        }
    }

    /// Parses `-n`, `-nvalue`, `-n=value`, and several switches in one word, which a flag with a
    /// value ends.
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
        let value = match (takes_value, inline) {
            (true, inline) => {
                let value = inline.or_else(|| self.next_value());
                let value = value.ok_or_else(|| format!("missing value for `--{long}`"))?;
                Some(
                    unquote(value)
                        .ok_or_else(|| format!("invalid quotes in the value of `--{long}`"))?,
                )
            }
            (false, None) => None,
            (false, Some(_)) => return Err(format!("`--{long}` takes no value")),
        };
        self.given.push(ParsedFlag { long, value });
        Ok(())
    }

    fn find(&self, name: &str) -> Result<Flag, String> {
        (self.find)(name).ok_or_else(|| unknown(name))
    }

    /// A word that looks like a flag is not a value.
    fn next_value(&mut self) -> Option<&'w str> {
        let (value, rest) = self.rest.split_first()?;
        if value.len() > 1 && value.starts_with('-') && !value.starts_with("---") {
            return None;
        }
        self.rest = rest;
        Some(value)
    }
}

fn unknown(name: &str) -> String {
    format!("unknown Refinery flag `{name}`")
}

/// A value that starts with a double quote is a Go string literal.
fn unquote(value: &str) -> Option<String> {
    if value.starts_with('"') { go_string::unquote(value) } else { Some(value.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_parsed_with_their_values() {
        for (words, given, count) in [
            (&["word", "-d"][..], "", 1),
            (&["-d", "x"], "debug", 1),
            (&["-dc", "x", "y"], "debug config=x", 2),
            (&["-r=x", "y"], "rules_config=x", 1),
            (&["--redis-host", "r", "y"], "redis-host=r", 2),
            (&[], "", 0),
        ] {
            let (found, words) = read_flags(words, Flag::of_any_release).unwrap();
            let shown = |flag: &ParsedFlag| match &flag.value {
                Some(value) => format!("{}={value}", flag.long),
                None => flag.long.clone(),
            };
            let shown: Vec<String> = found.iter().map(shown).collect();
            assert_eq!((shown.join(" ").as_str(), words), (given, count));
        }
    }

    #[test]
    fn files_have_flags_variables_and_default_locations() {
        for (kind, short, variable, default) in [
            (Kind::Config, "-cx", "REFINERY_CONFIG", "/etc/refinery/refinery.yaml"),
            (Kind::Rules, "-rx", "REFINERY_RULES_CONFIG", "/etc/refinery/rules.yaml"),
        ] {
            let locating = kind.locating();
            assert_eq!((locating.variable, locating.default), (variable, default));
            let (given, _) = read_flags(&[short], Flag::of_any_release).unwrap();
            assert_eq!(given[0].kind(), Some(kind));
        }
    }
}
