//! Refinery's command line → its files, and its other arguments.
//!
//! Must not know the format that it comes from: a pod, a compose file or chart values.

pub use super::argument::Word;
use super::argument::{is_migration_command, is_program};
use super::shell::{ShellCommand, read_shell};
use crate::schema::Kind;
use crate::schema::flags::{FileLocation, Flag, ParsedFlag, read_flags};
use crate::span::Span;
use crate::vfs::path::join;
use std::collections::BTreeMap;

/// Programs that start the program named after them.
pub const STARTERS: [&str; 7] = ["tini", "dumb-init", "env", "exec", "sudo", "nohup", "time"];

/// A parsed command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Command {
    config: Vec<Word>,
    rules: Vec<Word>,
    /// The variables that a shell sets for it.
    pub variables: BTreeMap<String, Word>,
    /// All arguments that do not name files, in order.
    pub arguments: Vec<String>,
    /// Whether all words are known and certainly go to Refinery.
    pub is_whole: bool,
    /// Whether no unknown word can name a file.
    is_certain: bool,
    /// Whether a shell runs it, perhaps with other commands.
    pub is_script: bool,
}

impl Command {
    /// Parses what a container runs. Without an entrypoint the program of the image runs: Refinery
    /// in its official image, while in others the arguments may name it.
    pub fn of_container(entrypoint: Option<&[Word]>, words: &[Word]) -> Self {
        let all = [entrypoint.unwrap_or_default(), words].concat();
        if let Some(ShellCommand { words, variables, folder, is_open, is_alone }) = read_shell(&all)
        {
            let line = Self { variables, ..Self::of_container(Some(&words), &[]) };
            let line = line.within(folder.as_deref());
            // Other commands may create files, or start it in another way.
            return if is_alone {
                line
            } else {
                let is_certain = line.is_certain && !is_open;
                Self { is_whole: false, is_certain, is_script: true, ..line }
            };
        }
        let is_engine = |word: &Word| word.text.as_deref().is_some_and(is_program);
        let is_flag = |word: &Word| word.text.as_ref().is_some_and(|text| text.starts_with('-'));
        let is_bare = entrypoint.is_none() && all.first().is_none_or(is_flag);
        // If the words start with flags, none of them is the program, even if a value ends in
        // `/refinery`.
        let program = if is_bare { None } else { all.iter().position(is_engine) };
        match program.map(|at| at + 1).or(is_bare.then_some(0)) {
            Some(arguments) => Self::read(all.get(arguments..).unwrap_or_default()),
            None => Self::default(),
        }
    }

    /// The same with relative paths resolved in a folder.
    fn within(mut self, folder: Option<&str>) -> Self {
        let set = self.variables.values_mut();
        for word in self.config.iter_mut().chain(&mut self.rules).chain(set) {
            if let (Some(folder), Some(text)) = (folder, &word.text)
                && !(text.starts_with('/') || text.contains("://"))
            {
                word.text = Some(join(folder, text));
            }
        }
        self
    }

    /// The command of a run that only validates files, as that of a process which starts with them.
    pub fn without_validation(mut self) -> Self {
        self.arguments.retain(|word| !matches!(word.as_str(), "--validate" | "-V"));
        self
    }

    /// Whether an entrypoint runs Refinery, directly or through a program such as `tini`.
    pub fn is_program(entrypoint: &[Word]) -> bool {
        let is_engine = |word: &Word| word.text.as_deref().is_some_and(is_program);
        let starts = |word: &Word| {
            let text = word.text.as_deref().unwrap_or_default();
            text == "--" || STARTERS.contains(&text.rsplit('/').next().unwrap_or_default())
        };
        let Some(at) = entrypoint.iter().position(is_engine) else { return false };
        let argument = entrypoint.get(at + 1).and_then(|word| word.text.as_deref());
        !argument.is_some_and(is_migration_command)
            && (at == 0 || entrypoint.get(at - 1).is_some_and(starts))
    }

    /// Whether a program with its arguments, or the script of a shell, runs Refinery.
    pub fn runs_refinery(words: &[Word]) -> bool {
        let is_engine = |word: &Word| word.text.as_deref().is_some_and(is_program);
        match read_shell(words) {
            Some(shell) => shell.words.first().is_some_and(is_engine),
            None => Self::is_program(words),
        }
    }

    /// Parses the arguments of Refinery. Those that it rejects stay among the arguments.
    pub fn read(words: &[Word]) -> Self {
        let mut line = Self { is_whole: true, is_certain: true, ..Self::default() };
        // An unknown word may be the value of a flag, but is never taken for a flag.
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

    /// Adds words and the flags parsed from them.
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
                // Only switches share a word with another flag, as in `-dc`.
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

    /// Whether flags, or variables of a shell, name files of a kind.
    pub fn names(&self, kind: Kind) -> bool {
        !self.files(kind).is_empty() || self.variables.contains_key(kind.locating().variable)
    }

    /// Whether flags name any file.
    pub fn names_any(&self) -> bool {
        Kind::ALL.iter().any(|&kind| self.names(kind))
    }

    /// Where Refinery looks for its files of a kind: flags override variables, and these override
    /// the defaults. `place` is the span of a default.
    pub fn locations(
        &self,
        kind: Kind,
        variable: impl Fn(&str) -> Option<Word>,
        place: Option<Span>,
    ) -> Vec<Word> {
        let FileLocation { variable: name, default, .. } = kind.locating();
        if !self.files(kind).is_empty() {
            return self.files(kind).to_vec();
        }
        if !self.is_certain {
            return vec![Word { text: None, span: place }];
        }
        match self.variables.get(name).cloned().or_else(|| variable(name)) {
            Some(Word { text: Some(text), span }) => {
                let word = |text: &str| Word { text: Some(text.to_owned()), span };
                text.split(',').map(word).collect()
            }
            Some(unknown) => vec![unknown],
            None => vec![Word { text: Some(default.to_owned()), span: place }],
        }
    }
}

/// Resolves a path in a container with this working directory; `None` if that is not known.
pub fn resolve_path(folder: Option<&str>, path: &str) -> Option<String> {
    let is_whole = |path: &str| path.starts_with('/');
    let folder = if is_whole(path) { "/" } else { folder.filter(|folder| is_whole(folder))? };
    Some(join(folder, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words from a text; `?` stands for an unknown one.
    fn words(text: &str) -> Vec<Word> {
        let known = |word: &str| Some(word.to_owned()).filter(|word| word != "?");
        text.split_whitespace().map(|word| Word { text: known(word), span: None }).collect()
    }

    #[test]
    fn parses_files_in_all_forms_of_flags() {
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
    fn other_programs_are_unknown() {
        for (entrypoint, command) in
            [(Some("sh"), "-c x"), (None, "sh -c x"), (None, "-c /a ?"), (Some(""), "-c /a")]
        {
            let entrypoint = entrypoint.map(words);
            let line = Command::of_container(entrypoint.as_deref(), &words(command));
            assert!(!line.is_certain, "{command}");
        }
        let script = Word { text: Some("cp x /etc; exec /bin/refinery".to_owned()), span: None };
        let line = Command::of_container(Some(&words("sh -c")), &[script]);
        assert!(line.is_script && !line.is_whole);
    }

    #[test]
    fn omits_a_flag_with_an_unknown_value() {
        let line = Command::read(&words("-d --redis-host ? --no-validate"));
        assert_eq!(line.arguments, ["-d", "--no-validate"]);
        assert!(!line.is_whole && line.is_certain);
    }

    #[test]
    fn flags_override_variables_and_variables_override_defaults() {
        let shown = |command: &str, variable: Option<&str>| {
            let variable = variable.map(|text| words(text).remove(0));
            let of = |name: &str| variable.clone().filter(|_| name == "REFINERY_RULES_CONFIG");
            let found = Command::read(&words(command)).locations(Kind::Rules, of, None);
            let text = |word: Word| word.text.unwrap_or("?".to_owned());
            found.into_iter().map(text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown("-r /a", Some("/b")), "/a");
        assert_eq!(shown("-d", Some("/b,/c")), "/b /c");
        assert_eq!(shown("-d", Some("?")), "?");
        assert_eq!(shown("?", Some("/b")), "?");
        assert_eq!(shown("", None), "/etc/refinery/rules.yaml");
    }
}
