//! A word of a command line.

use crate::span::Span;

/// A word of a command line, or any string with a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// `None` if it depends on something unknown.
    pub text: Option<String>,
    pub span: Option<Span>,
}

impl Word {
    /// Splits a word of which only a part may be known. The unknown value of a flag becomes a word
    /// of its own.
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

/// Whether a word is a subcommand of the database migration tool that is also called `refinery`.
pub fn is_migration_command(word: &str) -> bool {
    ["migrate", "setup"].contains(&word)
}

/// Whether a word is Refinery's binary, in any folder, under its own name or that of a download such as
/// `refinery-linux-amd64`. A word with spaces is a script.
pub fn is_program(word: &str) -> bool {
    const DOWNLOADS: [&str; 2] = ["refinery-linux-", "refinery-darwin-"];
    let name = word.rsplit('/').next().unwrap_or_default();
    let is_download = DOWNLOADS.iter().any(|start| name.starts_with(start));
    (name == "refinery" || is_download) && !word.contains(char::is_whitespace)
}
