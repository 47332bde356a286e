//! The command in a shell's script, `sh -c "…"`, that runs Refinery.
//!
//! Variables and the current folder are followed. Must not open files.

use super::argument::{Word, is_migration_command, is_program};
use super::script::scope::{KEYWORDS, Scope, assignment};
use super::script::words::{commands, lines};
use crate::span::Span;
use std::collections::BTreeMap;

/// Programs that run the commands in a string.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// How a shell runs Refinery.
pub struct ShellCommand {
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// The variables that it sets.
    pub variables: BTreeMap<String, Word>,
    /// The current folder, if the script changes it.
    pub folder: Option<String>,
    /// Whether a command that is not followed may set variables.
    pub is_open: bool,
    /// Whether nothing else in the script can create files or start Refinery in another way.
    pub is_alone: bool,
}

/// Reads the command of a shell with a script that runs Refinery.
pub fn read_shell(words: &[Word]) -> Option<ShellCommand> {
    let text = |word: &Word| word.text.as_deref().unwrap_or_default().to_owned();
    let shell = words.iter().position(|word| {
        let program = text(word);
        SHELLS.contains(&program.rsplit('/').next().unwrap_or_default())
    })?;
    let flags = words.get(shell + 1..)?;
    let script = flags.iter().position(|word| text(word).ends_with('c')).map(|at| at + 1)?;
    let Word { text: Some(script), span } = flags.get(script)? else { return None };
    read_script(script, *span)
}

fn read_script(script: &str, span: Option<Span>) -> Option<ShellCommand> {
    let mut scope = Scope::of("script.sh");
    let (mut runs, mut is_alone, mut is_open) = (Vec::new(), true, false);
    for line in lines(script) {
        for (at, words) in commands(&line.text).into_iter().enumerate() {
            let keywords =
                words.iter().take_while(|word| KEYWORDS.contains(&word.as_str())).count();
            let words = words.get(keywords..).unwrap_or_default();
            if runs_refinery(words) {
                for variant in scope.filled(words) {
                    let exported = scope
                        .environment(0)
                        .map(|(name, value)| (name.to_owned(), value.unwrap_or("$").to_owned()));
                    let exported: Vec<(String, String)> = exported.collect();
                    runs.push((variant, exported, scope.folder.clone()));
                }
            } else {
                is_alone &= is_harmless(words);
                is_open |= words.first().is_some_and(|word| SETTERS.contains(&word.as_str()));
                scope.follow(words, keywords > 0 || at > 0 && line.text.contains("||"));
            }
        }
    }
    runs.dedup();
    let word =
        |text: &str| Word { text: Some(text.to_owned()).filter(|text| is_plain(text)), span };
    match &runs[..] {
        [] if !script.contains("refinery") => None,
        [(words, exported, folder)] => {
            let at = words.iter().position(|word| is_program(word)).unwrap_or_default();
            let (before, words) = words.split_at(at);
            let set = before.iter().filter_map(|word| assignment(word));
            let set: Vec<(&str, &str)> = set.collect();
            let exported = exported.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let all = exported.chain(set.iter().copied());
            let variables = all.map(|(name, value)| (name.to_owned(), word(value)));
            // Other starters may change what it does.
            let is_known = |word: &String| {
                assignment(word).is_some() || ["exec", "env"].contains(&word.as_str())
            };
            Some(ShellCommand {
                variables: variables.collect(),
                words: words.iter().flat_map(|word| Word::several(word, span, is_plain)).collect(),
                folder: (!folder.is_empty()).then(|| format!("/{folder}")),
                is_open,
                is_alone: is_alone && before.iter().all(is_known),
            })
        }
        // How it runs is unknown, or which of several commands does.
        _ => {
            let program = Word { text: Some("refinery".to_owned()), span };
            let words = vec![program, Word { text: None, span }];
            let variables = BTreeMap::new();
            Some(ShellCommand { words, variables, folder: None, is_open: true, is_alone: false })
        }
    }
}

/// Whether a word has no variable or command in it that is not evaluated.
fn is_plain(text: &str) -> bool {
    !text.contains(['$', '`'])
}

/// Whether a command runs Refinery, and does not only name its folder.
fn runs_refinery(words: &[String]) -> bool {
    const OTHERS: [&str; 12] = [
        "cp", "mv", "ln", "rm", "mkdir", "chmod", "chown", "sed", "grep", "find", "tar", "install",
    ];
    let first = words.iter().find(|word| assignment(word).is_none());
    let first = first.map(String::as_str).unwrap_or_default();
    let program = words.iter().position(|word| is_program(word));
    let argument = program.and_then(|at| words.get(at + 1));
    program.is_some()
        && !argument.is_some_and(|it| is_migration_command(it))
        && !HARMLESS.contains(&first)
        && !OTHERS.contains(&first)
}

/// Commands that may set variables of the shell.
const SETTERS: [&str; 4] = [".", "source", "eval", "read"];

/// Commands that create no file, unless their output goes to one.
const HARMLESS: [&str; 18] = [
    "set", "echo", "printf", "ulimit", "umask", "sleep", "true", ":", "trap", "cd", "pushd",
    "export", "test", "[", "fi", "done", "ls", "cat",
];

/// Whether a command creates no file.
fn is_harmless(words: &[String]) -> bool {
    let is_known = words.first().is_none_or(|first| HARMLESS.contains(&first.as_str()));
    (is_known || words.iter().all(|word| assignment(word).is_some()))
        && !words.iter().any(|word| word.contains('>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> String {
        let Some(ShellCommand { words, variables, folder, is_alone, .. }) =
            read_script(script, None)
        else {
            return "nothing".to_owned();
        };
        let shown = |word: Word| word.text.unwrap_or_else(|| "?".to_owned());
        let set = variables.into_iter().map(|(name, word)| format!("{name}={}", shown(word)));
        let words = set.chain(words.into_iter().map(shown));
        let sign = if is_alone { "" } else { "…" };
        let folder = folder.map(|folder| format!("{folder}: ")).unwrap_or_default();
        format!("{folder}{}{sign}", words.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn reads_the_command_of_a_script() {
        for (script, expected) in [
            ("exec refinery -c /a -r /b", "refinery -c /a -r /b"),
            ("set -e\nexec /usr/bin/refinery -c /a", "/usr/bin/refinery -c /a"),
            ("F=/a.yaml\nexec refinery -c \"$F\"", "refinery -c /a.yaml"),
            ("refinery -c ${F:-/a.yaml}", "refinery -c /a.yaml"),
            ("refinery -c $F", "refinery -c ?"),
            ("cd /etc/refinery && refinery -c a.yaml", "/etc/refinery: refinery -c a.yaml"),
            ("export REFINERY_CONFIG=/a.yaml; refinery", "REFINERY_CONFIG=/a.yaml refinery"),
            ("REFINERY_CONFIG=/a.yaml refinery -c /b", "REFINERY_CONFIG=/a.yaml refinery -c /b"),
            ("REFINERY_RULES_CONFIG=$A exec refinery", "REFINERY_RULES_CONFIG=? refinery"),
            ("env A=b refinery -c /a", "A=b refinery -c /a"),
            ("chamber exec x -- refinery -c /a", "refinery -c /a…"),
            ("sh -c 'refinery -c /a'", "refinery ?…"),
            ("cp /a /b; refinery -c /b", "refinery -c /b…"),
            ("cat > /a <<E\nE\nrefinery -c /a", "refinery -c /a…"),
            ("if [ -f /a ]; then\nrefinery -c /a\nelse\nrefinery -c /b\nfi", "refinery ?…"),
            ("sleep 1; nginx", "nothing"),
        ] {
            assert_eq!(read(script), expected, "{script}");
        }
    }
}
