//! Whether an action writes the value of a key at an indentation at which YAML reads it as one string.

use crate::deploy::read_item;
use crate::span::FileId;

/// Functions after which a value is one word, or has the form of a string.
pub const ONE_WORD: [&str; 6] = ["quote", "squote", "b64enc", "toJson", "mustToJson", "toString"];

/// Whether YAML does not read a text as one string, as an action writes it. `before` is what is
/// between the start of its key, at some column, and the action.
pub fn is_misplaced(key: &str, before: (usize, &str), action: &str, text: &str) -> bool {
    let (column, before) = before;
    let is_header = before.contains(['|', '>']);
    let is_word = ONE_WORD.iter().any(|name| words(action).any(|word| word == *name));
    if text.trim().is_empty() || is_word || !(is_header || text.contains('\n')) {
        return false;
    }
    let before = if action.starts_with("{{-") { before.trim_end() } else { before };
    let rendered = format!("{}{before}{}\n", " ".repeat(column), indented(action, text.trim_end()));
    let read = read_item(FileId(0), &rendered).ok();
    let read = read.as_ref().and_then(|item| item.get(key)?.text());
    let is_folded = before.contains('>');
    read.is_none_or(|read| !is_folded && plain(read) != plain(text))
}

/// A text as YAML reads it: with plain line ends, and without the indentation that all lines share.
fn plain(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let shared = lines.map(|line| line.len() - line.trim_start_matches(' ').len()).min();
    let lines = text.lines().map(|line| line.get(shared.unwrap_or_default()..).unwrap_or_default());
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A text as the last function of an action indents it.
fn indented(action: &str, text: &str) -> String {
    let mut words = words(action).skip_while(|word| !word.ends_with("indent"));
    let (function, width) = (words.next(), words.next().and_then(|width| width.parse().ok()));
    let Some((function, width)) = function.zip(width) else { return text.to_owned() };
    let lines: Vec<String> = text.split('\n').map(|line| " ".repeat(width) + line).collect();
    let start = if function == "nindent" { "\n" } else { "" };
    format!("{start}{}", lines.join("\n"))
}

fn words(action: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| c.is_whitespace() || "{}|()".contains(c);
    action.split(is_between).filter(|word| !word.is_empty() && *word != "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_texts_that_are_not_one_string() {
        let text = "a: 1\nb:\n  c: d\n";
        for (before, action, expected) in [
            ("k: |\n", "{{ toYaml x | indent 4 }}", false),
            ("k: |\n    ", "{{- toYaml x | nindent 4 }}", false),
            ("k: |", "{{ toYaml x | nindent 4 }}", false),
            ("k: |-\n    ", "{{ toYaml x | nindent 6 }}", false),
            ("k: |\n    ", "{{- toYaml x | nindent 2 }}", true),
            ("k: |\n", "{{ toYaml x | indent 2 }}", true),
            ("k: |\n    ", "{{ toYaml x | indent 4 }}", true),
            ("k: |\n    ", "{{ toYaml x }}", true),
            ("k: |\n", "{{- toYaml x | indent 4 }}", true),
            ("k:\n", "{{ toYaml x | indent 4 }}", true),
            ("k: ", "{{ toYaml x | quote }}", false),
            ("k: ", "{{ toYaml x | b64enc }}", false),
        ] {
            assert_eq!(is_misplaced("k", (2, before), action, text), expected, "{before}{action}");
        }
        for text in ["a: 1\r\nb:\r\n  c: d\r\n", "  a: 1\n  b:\n    c: d\n"] {
            assert!(!is_misplaced("k", (2, "k: |\n"), "{{ x | indent 4 }}", text), "{text:?}");
        }
        assert!(!is_misplaced("k", (2, "k: "), "{{ x }}", "one word"));
        assert!(!is_misplaced("k", (2, "k: |\n    "), "{{ x }}", ""));
    }
}
