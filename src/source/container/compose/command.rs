//! The words that the engine is started with → its files, and its other arguments.

use super::words::Word;

/// A command line taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Command {
    pub config: Vec<Word>,
    pub rules: Vec<Word>,
    /// All that names no files, in order.
    pub arguments: Vec<String>,
    /// Are all words known, and is it certainly the engine that gets them?
    pub is_certain: bool,
}

/// Takes apart what a service runs. Without an `entrypoint` the image's own program runs, which is
/// the engine in its official image; in others `command` may name it.
pub fn read_command(entrypoint: Option<&[Word]>, command: &[Word]) -> Command {
    let words: Vec<&Word> = entrypoint.unwrap_or_default().iter().chain(command).collect();
    let is_engine = |word: &&Word| word.text.as_deref().is_some_and(is_program);
    let program = words.iter().position(is_engine);
    let is_bare = entrypoint.is_none() && words.first().is_none_or(|word| is_flag(word));
    let Some(arguments) = program.map(|at| at + 1).or(is_bare.then_some(0)) else {
        return Command::default();
    };
    take_apart(words.get(arguments..).unwrap_or_default())
}

/// The engine's program, in whatever folder.
fn is_program(word: &str) -> bool {
    word.rsplit('/').next() == Some("refinery")
}

fn is_flag(word: &Word) -> bool {
    word.text.as_ref().is_some_and(|text| text.starts_with('-'))
}

fn take_apart(words: &[&Word]) -> Command {
    let mut line = Command { is_certain: true, ..Command::default() };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let Some(text) = &word.text else {
            line.is_certain = false;
            continue;
        };
        if text == "--" {
            line.arguments.push(text.clone());
            line.arguments.extend(rest.by_ref().filter_map(|word| word.text.clone()));
            break;
        }
        let Some((is_config, inline)) = file_flag(text) else {
            line.arguments.push(text.clone());
            continue;
        };
        let files = if is_config { &mut line.config } else { &mut line.rules };
        match (inline, rest.as_slice().first()) {
            (Some(value), _) => {
                files.push(Word { text: Some(value.to_owned()), span: word.span });
            }
            (None, Some(value)) if !is_flag(value) => {
                files.push((*value).clone());
                rest.next();
            }
            // What lacks its value is for the engine to refuse.
            (None, _) => line.arguments.push(text.clone()),
        }
    }
    line
}

/// Whether a word names a config, or else rules, and the name if it stands in the same word.
fn file_flag(word: &str) -> Option<(bool, Option<&str>)> {
    const FLAGS: [(&str, &str, bool); 2] =
        [("--config", "-c", true), ("--rules_config", "-r", false)];
    FLAGS.iter().find_map(|&(long, short, is_config)| {
        let inline = if let Some(rest) = word.strip_prefix(long) {
            if rest.is_empty() { None } else { Some(rest.strip_prefix('=')?) }
        } else {
            let rest = word.strip_prefix(short)?;
            Some(rest.strip_prefix('=').unwrap_or(rest)).filter(|_| !rest.is_empty())
        };
        Some((is_config, inline))
    })
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
            (None, "-c ? x", "?", "", "x"),
            (None, "-c", "", "", "-c"),
            (None, "-c -r /b", "", "/b", "-c"),
            (None, "-d -- -c /a", "", "", "-d -- -c /a"),
            (None, "--configs /a", "", "", "--configs /a"),
        ] {
            let entrypoint = entrypoint.map(words);
            let line = read_command(entrypoint.as_deref(), &words(command));
            assert!(line.is_certain, "{command}");
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
            let line = read_command(entrypoint.as_deref(), &words(command));
            assert!(!line.is_certain, "{command}");
        }
    }
}
