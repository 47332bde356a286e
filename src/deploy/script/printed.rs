//! Texts that a script prints into a file: `printf '…' > file`, `echo … | base64 -d | tee file`.
//!
//! Each becomes a here-document, which is the same in another form.

use crate::deploy::encoded::decode_base64;
use crate::deploy::here_document::HereDocument;
use crate::span::{FileId, Piece, Span};

/// A word of a command.
#[derive(Default)]
struct Word {
    text: String,
    /// Whether a shell replaces variables in it.
    is_expanded: bool,
    is_quoted: bool,
}

impl Word {
    /// Whether it separates commands or redirects what they print.
    fn is_operator(&self) -> bool {
        !self.is_quoted && [">", ">>", "|"].contains(&self.text.as_str())
    }
}

/// All texts that commands print into files.
pub fn printed(file: FileId, script: &str) -> Vec<HereDocument> {
    let mut found = Vec::new();
    let mut from = 0;
    for (start, program) in all_commands(script) {
        if start < from {
            continue;
        }
        let Some((words, end)) = words(script, start + program.len()) else { continue };
        if let Some(document) = document(program, &words, Span::new(file, start, end)) {
            from = end;
            found.push(document);
        }
    }
    found
}

/// All commands that print, and their places.
fn all_commands(script: &str) -> Vec<(usize, &'static str)> {
    const BEFORE: [&str; 10] = ["\n", ";", "&&", "||", "|", "{", "(", "then", "do", "sudo"];
    let is_command = |(at, program): &(usize, &str)| {
        let before = script[..*at].trim_end_matches([' ', '\t']);
        let is_start = before.is_empty() || BEFORE.iter().any(|end| before.ends_with(end));
        is_start && script[at + program.len()..].starts_with([' ', '\t'])
    };
    let of =
        |program: &'static str| script.match_indices(program).map(move |(at, _)| (at, program));
    let mut all: Vec<_> = of("printf").chain(of("echo")).filter(is_command).collect();
    all.sort_unstable();
    all
}

/// The words up to the end of a command, which may have quoted line ends, and where that is.
fn words(script: &str, from: usize) -> Option<(Vec<Word>, usize)> {
    let mut words = Vec::new();
    let (mut word, mut quote): (Option<Word>, Option<char>) = (None, None);
    let mut rest = script.get(from..)?.char_indices();
    while let Some((at, c)) = rest.next() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default().is_quoted = true;
            }
            (None | Some('"'), '\\') => {
                let next = rest.next()?.1;
                let word = word.get_or_insert_default();
                if quote.is_some() && !"\"\\$`\n".contains(next) {
                    word.text.push('\\');
                }
                word.text.extend(Some(next).filter(|next| *next != '\n'));
            }
            (None, '\n' | ';') => {
                words.extend(word);
                return Some((words, from + at));
            }
            // Not that of `2>&1`.
            (None, '&') if !script[..from + at].ends_with('>') => {
                words.extend(word);
                return Some((words, from + at));
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, '>' | '|') => {
                words.extend(word.take());
                let before = words.last_mut().filter(|it: &&mut Word| c == '>' && it.text == ">");
                if let Some(before) = before.filter(|_| script[..from + at].ends_with('>')) {
                    before.text.push(c);
                    continue;
                }
                words.push(Word { text: c.to_string(), ..Word::default() });
            }
            (_, c) => {
                let word = word.get_or_insert_default();
                word.is_expanded |= "$`".contains(c) && quote != Some('\'');
                word.text.push(c);
            }
        }
    }
    words.extend(word);
    quote.is_none().then_some((words, script.len()))
}

/// `None` unless a command prints a text into a file.
fn document(program: &str, words: &[Word], place: Span) -> Option<HereDocument> {
    const PIPED: [&str; 3] = ["base64", "tee", "sudo"];
    let end = words.iter().position(Word::is_operator)?;
    let (arguments, rest) = words.split_at(end);
    let rest: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    let after = |name| {
        let pairs = rest.windows(2).filter(move |pair| pair[0] == name);
        pairs.map(|pair| pair[1])
    };
    if !after("|").all(|program| PIPED.contains(&program)) {
        return None;
    }
    let is_decoded = after("base64").any(|flag| ["-d", "-D", "-di", "--decode"].contains(&flag));
    let is_expanded = arguments.iter().any(|word| word.is_expanded);
    let mut text = text_of(program, arguments)?;
    // All of the content comes from elsewhere.
    if is_expanded && text.trim_start().starts_with('$') {
        return None;
    }
    if is_decoded {
        text = String::from_utf8(decode_base64(text.as_bytes())?).ok()?;
    }
    let pieces = vec![Piece::written(0..text.len(), place)];
    let (command, delimiter) = (rest.join(" "), String::new());
    Some(HereDocument { delimiter, is_expanded, text, pieces, command, place })
}

/// What a command prints.
fn text_of(program: &str, arguments: &[Word]) -> Option<String> {
    let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    if program == "echo" {
        let is_flag = |text: &&&str| ["-e", "-n", "-en", "-ne", "-E"].contains(*text);
        let flags = texts.iter().take_while(is_flag).count();
        let (flags, texts) = texts.split_at(flags);
        let text = texts.join(" ") + "\n";
        let is_escaped = flags.iter().any(|flag| flag.contains('e'));
        return Some(if is_escaped { unescaped(&text) } else { text });
    }
    let (format, values) = texts.split_first()?;
    let format = unescaped(format);
    if values.is_empty() {
        return (!format.contains('%')).then_some(format);
    }
    let parts: Vec<&str> = format.split("%s").collect();
    let [before, after] = parts[..] else { return None };
    let parts = values.iter().flat_map(|&value| [before, value, after]);
    Some(parts.collect())
}

fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("%%", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_printed_texts() {
        for (script, expected) in [
            ("echo 'a: 1' > /x\n", "> /x=a: 1\n"),
            ("printf 'a: 1\\nb: 2\\n' >/x\n", "> /x=a: 1\nb: 2\n"),
            ("printf '%s\\n' 'a: 1' \"b: 2\" > /x", "> /x=a: 1\nb: 2\n"),
            (
                "x && echo -e \"a: 1\\nb: 2\" | sudo tee /x >/dev/null\n",
                "| sudo tee /x > /dev/null=a: 1\nb: 2\n",
            ),
            ("echo 'a: 1\nb: 2' > /x\n", "> /x=a: 1\nb: 2\n"),
            ("echo YTogMQo= | base64 -d > /x\n", "| base64 -d > /x=a: 1\n"),
            ("echo \"a: $B\" > /x\n", "> /x=$a: $B\n"),
            ("echo 'a: $B' > /x\n", "> /x=a: $B\n"),
            ("echo a: 1 > /x 2>&1; echo b > /y", "> /x 2 > &1=a: 1\n > /y=b\n"),
            ("echo a >> /x\n", ">> /x=a\n"),
            ("echo \"$B\" > /x\n", ""),
            ("echo hello\necho $(date) | mail x\n", ""),
            ("echo a | sed s/a/b/ > /x\n", ""),
            ("printf '%d' 1 > /x\n", ""),
            ("echo 'open > /x\n", ""),
        ] {
            let found = printed(FileId(0), script);
            let shown = found.iter().map(|one| {
                let sign = if one.is_open() { "$" } else { "" };
                format!("{}={sign}{}", one.command, one.text)
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{script}");
        }
    }
}
