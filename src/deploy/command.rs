//! The words that the engine is started with → its files, and its other arguments.
//!
//! Must not know who wrote them: a pod, a compose file, the values of a chart.

use crate::schema::Kind;
use crate::schema::flags::{FileLocation, Flag, ParsedFlag, read_flags};
use crate::span::Span;
use crate::vfs::path::join;

/// One word of a command line, or a text with a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// None where it hangs on what nobody knows.
    pub text: Option<String>,
    pub span: Option<Span>,
}

impl Word {
    /// The words of a text of which only a part may be known. Of a flag whose value is not known, that
    /// is a word by itself.
    pub fn several(text: &str, span: Option<Span>, is_known: impl Fn(&str) -> bool) -> Vec<Self> {
        let word = |text: Option<&str>| Self { text: text.map(str::to_owned), span };
        match text.split_once('=') {
            _ if is_known(text) => vec![word(Some(text))],
            Some((flag, _)) if flag.starts_with("--") && is_known(flag) => {
                vec![word(Some(flag)), word(None)]
            }
            _ => vec![word(None)],
        }
    }
}

/// Programs that start another one, named behind them.
const STARTERS: [&str; 4] = ["tini", "dumb-init", "env", "exec"];

/// A command line taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Command {
    config: Vec<Word>,
    rules: Vec<Word>,
    /// All that names no files, in order.
    pub arguments: Vec<String>,
    /// Are all words known, and is it certainly the engine that gets them?
    pub is_whole: bool,
    /// May no word that is not known name a file?
    is_certain: bool,
}

impl Command {
    /// Takes apart what a container runs. Without an entrypoint the image's own program runs, which
    /// is the engine in its official image; in others the words behind it may name it.
    pub fn of_container(entrypoint: Option<&[Word]>, words: &[Word]) -> Self {
        let all = [entrypoint.unwrap_or_default(), words].concat();
        let is_engine = |word: &Word| word.text.as_deref().is_some_and(is_program);
        let is_flag = |word: &Word| word.text.as_ref().is_some_and(|text| text.starts_with('-'));
        let is_bare = entrypoint.is_none() && all.first().is_none_or(is_flag);
        // Of flags alone no word is a program, also where a folder of its name is the value of one.
        let program = if is_bare { None } else { all.iter().position(is_engine) };
        match program.map(|at| at + 1).or(is_bare.then_some(0)) {
            Some(arguments) => Self::read(all.get(arguments..).unwrap_or_default()),
            None => Self::default(),
        }
    }

    /// Is Refinery the program of an entrypoint, by itself or behind what starts others?
    pub fn is_program(entrypoint: &[Word]) -> bool {
        let is_engine = |word: &Word| word.text.as_deref().is_some_and(is_program);
        let starts = |word: &Word| {
            let text = word.text.as_deref().unwrap_or_default();
            text == "--" || STARTERS.contains(&text.rsplit('/').next().unwrap_or_default())
        };
        let at = entrypoint.iter().position(is_engine);
        at.is_some_and(|at| at == 0 || entrypoint.get(at - 1).is_some_and(starts))
    }

    /// Takes apart what the engine is given. What it will refuse stays among the arguments.
    pub fn read(words: &[Word]) -> Self {
        let mut line = Self { is_whole: true, is_certain: true, ..Self::default() };
        // What is not known may be the value of a flag, and is taken for none itself.
        let texts: Vec<&str> =
            words.iter().map(|word| word.text.as_deref().unwrap_or_default()).collect();
        let mut at = 0;
        while let Some(rest) = texts.get(at..).filter(|rest| !rest.is_empty()) {
            let (given, count) = if rest.starts_with(&["--"]) {
                (Vec::new(), rest.len())
            } else {
                read_flags(rest, Flag::of_any_release).unwrap_or((Vec::new(), 1))
            };
            line.take(words.get(at..at + count).unwrap_or_default(), given);
            at += count;
        }
        line
    }

    /// Adds words, and the flags that they are.
    fn take(&mut self, words: &[Word], given: Vec<ParsedFlag>) {
        let is_known = words.iter().all(|word| word.text.is_some());
        if !given.iter().any(|flag| flag.kind().is_some()) {
            self.is_whole &= is_known;
            self.is_certain &= is_known || !given.is_empty();
            let texts = words.iter().filter_map(|word| word.text.clone());
            self.arguments.extend(texts.filter(|_| is_known));
            return;
        }
        let span = words.last().and_then(|word| word.span);
        for flag in given {
            match flag.kind() {
                Some(kind) => {
                    let text = flag.value.filter(|_| is_known);
                    self.files_mut(kind).push(Word { text, span });
                }
                // Only switches share a word with another flag.
                None => self.arguments.push(format!("--{}", flag.long)),
            }
        }
    }

    fn files(&self, kind: Kind) -> &[Word] {
        match kind {
            Kind::Config => &self.config,
            Kind::Rules => &self.rules,
        }
    }

    fn files_mut(&mut self, kind: Kind) -> &mut Vec<Word> {
        match kind {
            Kind::Config => &mut self.config,
            Kind::Rules => &mut self.rules,
        }
    }

    /// Do flags name files of a kind?
    pub fn names(&self, kind: Kind) -> bool {
        !self.files(kind).is_empty()
    }

    /// Do flags name any file?
    pub fn names_any(&self) -> bool {
        Kind::ALL.iter().any(|&kind| self.names(kind))
    }

    /// Where the engine looks for its files of a kind: flags count over variables, and these over
    /// its own places. What is written nowhere is said to stand at `place`.
    pub fn locations(
        &self,
        kind: Kind,
        variable: impl Fn(&str) -> Option<Word>,
        place: Option<Span>,
    ) -> Vec<Word> {
        let FileLocation { variable: name, default, .. } = kind.locating();
        if self.names(kind) {
            return self.files(kind).to_vec();
        }
        if !self.is_certain {
            return vec![Word { text: None, span: place }];
        }
        match variable(name) {
            Some(Word { text: Some(text), span }) => {
                let word = |text: &str| Word { text: Some(text.to_owned()), span };
                text.split(',').map(word).collect()
            }
            Some(unknown) => vec![unknown],
            None => vec![Word { text: Some(default.to_owned()), span: place }],
        }
    }
}

/// Where a path leads in a container that works in a folder; none where that is not known.
pub fn lead(folder: Option<&str>, path: &str) -> Option<String> {
    let is_whole = |path: &str| path.starts_with('/');
    let folder = if is_whole(path) { "/" } else { folder.filter(|folder| is_whole(folder))? };
    Some(join(folder, path))
}

/// The engine's program, in whatever folder. A script has blanks.
fn is_program(word: &str) -> bool {
    word.rsplit('/').next() == Some("refinery") && !word.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words from a text; a `?` is one that nobody knows.
    fn words(text: &str) -> Vec<Word> {
        let known = |word: &str| Some(word.to_owned()).filter(|word| word != "?");
        text.split_whitespace().map(|word| Word { text: known(word), span: None }).collect()
    }

    #[test]
    fn command_lines_name_files_in_all_forms() {
        for (entrypoint, command, config, rules, rest) in [
            (None, "-c /a -r /b --debug", "/a", "/b", "--debug"),
            (None, "refinery --config=/a --config /b -r=/c -r/d", "/a /b", "/c /d", ""),
            (Some("/ko-app/refinery"), "-c /a", "/a", "", ""),
            (Some("tini -- refinery -c /a"), "-r /b", "/a", "/b", ""),
            (Some("refinery"), "refinery -d", "", "", "refinery -d"),
            (None, "", "", "", ""),
            (None, "-c /etc/refinery -d", "/etc/refinery", "", "-d"),
            (None, "-c ? x", "?", "", "x"),
            (None, "-c", "", "", "-c"),
            (None, "-c -r /b", "", "/b", "-c"),
            (None, "-d -- -c /a", "", "", "-d -- -c /a"),
            (None, "--configs /a", "", "", "--configs /a"),
            (None, "-dc /a -Vd -dc/b", "/a", "", "--debug -Vd -dc/b"),
            (None, "-c \"/a\" --redis-host -c /b", "/a /b", "", "--redis-host"),
            (None, "--redis-host x --rules_config=/b", "", "/b", "--redis-host x"),
        ] {
            let entrypoint = entrypoint.map(words);
            let line = Command::of_container(entrypoint.as_deref(), &words(command));
            assert!(line.is_whole && line.is_certain, "{command}");
            assert_eq!((line.config, line.rules), (words(config), words(rules)), "{command}");
            assert_eq!(line.arguments.join(" "), rest, "{command}");
        }
    }

    #[test]
    fn what_else_runs_is_not_known() {
        for (entrypoint, command) in
            [(Some("sh"), "-c x"), (None, "sh -c x"), (None, "-c /a ?"), (Some(""), "-c /a")]
        {
            let entrypoint = entrypoint.map(words);
            let line = Command::of_container(entrypoint.as_deref(), &words(command));
            assert!(!line.is_certain, "{command}");
        }
        let script = Word { text: Some("cp x /etc; exec /bin/refinery".to_owned()), span: None };
        assert!(!Command::of_container(Some(&words("sh -c")), &[script]).is_certain);
    }

    #[test]
    fn a_flag_whose_value_is_unknown_is_left_out_as_a_whole() {
        let line = Command::read(&words("-d --redis-host ? --no-validate"));
        assert_eq!(line.arguments, ["-d", "--no-validate"]);
        assert!(!line.is_whole && line.is_certain);
    }

    #[test]
    fn flags_count_over_variables_and_these_over_the_engines_own_places() {
        let told = |command: &str, variable: Option<&str>| {
            let variable = variable.map(|text| words(text).remove(0));
            let of = |name: &str| variable.clone().filter(|_| name == "REFINERY_RULES_CONFIG");
            let found = Command::read(&words(command)).locations(Kind::Rules, of, None);
            let text = |word: Word| word.text.unwrap_or("?".to_owned());
            found.into_iter().map(text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told("-r /a", Some("/b")), "/a");
        assert_eq!(told("-d", Some("/b,/c")), "/b /c");
        assert_eq!(told("-d", Some("?")), "?");
        assert_eq!(told("?", Some("/b")), "?");
        assert_eq!(told("", None), "/etc/refinery/rules.yaml");
    }
}
