//! The command in a shell's script, `sh -c "…"`, that runs Refinery.
//!
//! Variables and the current folder are followed. Must not open files.

use super::argument::{Word, is_program};
use super::script::scope::{KEYWORDS, Scope};
use super::script::words::{commands, lines};
use crate::schema::Kind;
use crate::span::Span;

/// Programs that run the commands in a string.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// How a shell runs Refinery.
pub struct ShellCommand {
    /// The program and its arguments. Variables that name files are arguments too.
    pub words: Vec<Word>,
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
                    let exported: Vec<String> = scope.environment(0).filter_map(assigned).collect();
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
    let folder = |folder: &str| (!folder.is_empty()).then(|| format!("/{folder}"));
    match &runs[..] {
        [] => None,
        [(words, exported, inside)] => {
            let (words, is_plain) = arguments(words, exported, span);
            let is_alone = is_alone && is_plain;
            Some(ShellCommand { words, folder: folder(inside), is_open, is_alone })
        }
        // Which of them runs is unknown.
        _ => {
            let program = Word { text: Some("refinery".to_owned()), span };
            let words = vec![program, Word { text: None, span }];
            Some(ShellCommand { words, folder: None, is_open: true, is_alone: false })
        }
    }
}

/// Whether a command runs Refinery, and does not only name its folder.
fn runs_refinery(words: &[String]) -> bool {
    const OTHERS: [&str; 12] = [
        "cp", "mv", "ln", "rm", "mkdir", "chmod", "chown", "sed", "grep", "find", "tar", "install",
    ];
    let is_set = |word: &&String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let first = words.iter().find(|word| !is_set(word)).map(String::as_str).unwrap_or_default();
    words.iter().any(|word| is_program(word))
        && !HARMLESS.contains(&first)
        && !OTHERS.contains(&first)
}

fn assigned((name, value): (&str, Option<&str>)) -> Option<String> {
    Some(format!("{name}={}", value?))
}

/// The words of a command from the program on, and whether nothing unknown is before it.
fn arguments(words: &[String], exported: &[String], span: Option<Span>) -> (Vec<Word>, bool) {
    let at = words.iter().position(|word| is_program(word)).unwrap_or_default();
    let (before, command) = words.split_at(at);
    let is_set = |word: &&String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let (set, starters): (Vec<&String>, Vec<&String>) = before.iter().partition(is_set);
    let is_starter = |word: &&String| ["exec", "env"].contains(&word.as_str());
    let located: Vec<String> =
        set.iter().copied().chain(exported).filter_map(|set| flag_of(set)).collect();
    // Flags override variables.
    let is_given =
        |flag: &str| command.iter().any(|word| word.starts_with(&flag[..flag.len().min(4)]));
    let flags = located.iter().filter(|set| {
        let flag = set.split('=').next().unwrap_or_default();
        let short = flag.get(1..3).unwrap_or_default();
        !is_given(flag) && !command.iter().any(|word| word.starts_with(short))
    });
    let is_known = |text: &str| !text.contains(['$', '`']);
    let all = command.iter().chain(flags).flat_map(|word| Word::several(word, span, is_known));
    let is_plain = starters.iter().all(is_starter) && set.iter().all(|set| flag_of(set).is_some());
    (all.collect(), is_plain)
}

/// The flag that does the same as an assignment, if it names files.
fn flag_of(assignment: &str) -> Option<String> {
    let (name, value) = assignment.split_once('=')?;
    let kind = Kind::ALL.iter().find(|kind| kind.locating().variable == name)?;
    let flag = match kind {
        Kind::Config => "--config",
        Kind::Rules => "--rules_config",
    };
    Some(format!("{flag}={value}"))
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
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
    let is_set = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let is_known = words.first().is_none_or(|first| HARMLESS.contains(&first.as_str()));
    (is_known || words.iter().all(is_set)) && !words.iter().any(|word| word.contains('>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> String {
        let Some(ShellCommand { words, folder, is_alone, .. }) = read_script(script, None) else {
            return "nothing".to_owned();
        };
        let words = words.into_iter().map(|word| word.text.unwrap_or_else(|| "?".to_owned()));
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
            ("export REFINERY_CONFIG=/a.yaml; refinery", "refinery --config=/a.yaml"),
            ("REFINERY_CONFIG=/a.yaml refinery -c /b", "refinery -c /b"),
            ("REFINERY_RULES_CONFIG=/a.yaml exec refinery", "refinery --rules_config=/a.yaml"),
            ("env A=b refinery -c /a", "refinery -c /a…"),
            ("cp /a /b; refinery -c /b", "refinery -c /b…"),
            ("cat > /a <<E\nE\nrefinery -c /a", "refinery -c /a…"),
            ("if [ -f /a ]; then\nrefinery -c /a\nelse\nrefinery -c /b\nfi", "refinery ?…"),
            ("sleep 1; nginx", "nothing"),
        ] {
            assert_eq!(read(script), expected, "{script}");
        }
    }
}
