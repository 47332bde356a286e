//! A script → its simple commands and here-documents, without running anything.

use crate::deploy::Outer;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};

/// A simple command.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes in the file.
    pub start: usize,
    pub end: usize,
    pub words: Vec<String>,
}

/// Words that end a simple command.
const OPERATORS: [&str; 8] = ["&&", "||", ";", "|", "&", ">", ">>", "2>&1"];

/// The commands that mention Refinery. Lines that end with a backslash are joined.
pub fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut joined = String::new();
    for line in text.split_inclusive('\n') {
        end += line.len();
        let body = line.trim_end();
        if let Some(part) = body.strip_suffix('\\') {
            joined += part;
            joined.push(' ');
            continue;
        }
        joined += body;
        if joined.contains("refinery") && !joined.trim_start().starts_with('#') {
            let indent = text[start..].len() - text[start..].trim_start().len();
            let (start, end) = (start + indent, end - (line.len() - body.len()));
            let commands = commands(&joined).into_iter();
            lines.extend(commands.map(|words| Line { start, end, words }));
        }
        joined.clear();
        start = end;
    }
    lines
}

/// Whether a command follows a name and a colon.
fn is_label(key: &str, line: &str) -> bool {
    line[key.len()..].starts_with(':') && !key.contains([' ', '/', '$'])
}

/// The simple commands of a line.
pub fn commands(line: &str) -> Vec<Vec<String>> {
    // The start of a command in a Procfile, a unit or a recipe.
    let line = line.trim_start().trim_start_matches(['@', '-', '+']);
    let line = match line.split_once([':', '=']) {
        Some((key, command)) if line.starts_with("Exec") || is_label(key, line) => {
            command.trim_start_matches(['@', '-', '+', '!', ':', ' '])
        }
        _ => line,
    };
    let Some(words) = shlex::split(line) else { return Vec::new() };
    let separate = words.into_iter().flat_map(|word| match word.strip_suffix(';') {
        Some(before) => vec![before.to_owned(), ";".to_owned()],
        None => vec![word],
    });
    let words: Vec<String> = separate.collect();
    let commands = words.split(|word| OPERATORS.contains(&word.as_str()));
    commands.filter(|words| !words.is_empty()).map(<[String]>::to_vec).collect()
}

/// The here-documents of a script, by the file that they are written to, or by their line.
pub fn here_documents(outer: Outer<'_>) -> Item {
    let mut entries = Vec::new();
    let mut rest = outer.text.split_inclusive('\n');
    let mut at = 0;
    while let Some(line) = rest.next() {
        let start = at;
        at += line.len();
        let Some((before, marker)) = line.split_once("<<") else { continue };
        let tabs = marker.starts_with('-');
        let word = marker.trim_start_matches('-').trim_start();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let word = word.trim_start_matches(['"', '\'', '\\']);
        let delimiter: String = word.chars().take_while(|&c| is_part(c)).collect();
        if delimiter.is_empty() {
            continue;
        }
        let mut text = String::new();
        for line in rest.by_ref() {
            at += line.len();
            let body = if tabs { line.trim_start_matches('\t') } else { line };
            if body.trim_end() == delimiter {
                break;
            }
            text += body;
        }
        let key = target(before)
            .or_else(|| target(marker))
            .unwrap_or_else(|| format!("line {}", outer.text[..start].matches('\n').count() + 1));
        let span = Span::new(outer.file, start + before.len(), at);
        let item = Item::new(Value::Text(text), Some(span));
        entries.push(Entry { key, key_span: Some(span), item });
    }
    Item::new(Value::Map(entries), None)
}

/// The file that a command writes to: after `>`, or the argument of `tee`.
fn target(command: &str) -> Option<String> {
    let words = shlex::split(&command.replace('>', " > ").replace("| ", " "))?;
    let after = |mark: &str| {
        let at = words.iter().position(|word| word == mark)?;
        words[at + 1..].iter().find(|word| !word.starts_with('-') && *word != ">").cloned()
    };
    after(">").or_else(|| after("tee"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn splits_commands() {
        for (text, expected) in [
            ("web: refinery -c a -r b\n", "refinery -c a -r b"),
            ("ExecStart=/usr/bin/refinery -c a\n", "/usr/bin/refinery -c a"),
            ("\t@refinery -c a && echo x\n", "refinery -c a/echo x"),
            (
                "docker run \\\n  -v ./a:/b \\\n  refinery -c 'x y'\n",
                "docker run -v ./a:/b refinery -c x y",
            ),
            ("exec refinery -c a; exit\n", "exec refinery -c a/exit"),
            ("# refinery -c a\n", ""),
            ("A=1 refinery -c a | tee log\n", "A=1 refinery -c a/tee log"),
            ("refinery -c 'a\n", ""),
        ] {
            let lines = lines(text);
            let shown: Vec<String> = lines.iter().map(|line| line.words.join(" ")).collect();
            assert_eq!(shown.join("/"), expected, "{text}");
        }
    }

    #[test]
    fn finds_here_documents() {
        for (text, key, body) in [
            ("cat > a.yaml <<EOF\nx: 1\nEOF\n", "a.yaml", "x: 1\n"),
            ("cat <<-'EOF' >a.yaml\n\tx: 1\n\tEOF\n", "a.yaml", "x: 1\n"),
            ("sudo tee -a /etc/a.yaml <<\"END\"\nx\ny\nEND\n", "/etc/a.yaml", "x\ny\n"),
            ("\nrun <<E\nE\n", "line 2", ""),
            ("cat <<E\nx\n", "line 1", "x\n"),
        ] {
            let item = here_documents(Outer::of("f", FileId(0), text));
            let [entry] = item.entries() else { panic!("{text}") };
            assert_eq!((&*entry.key, entry.item.text().unwrap()), (key, body), "{text}");
        }
        assert!(here_documents(Outer::of("f", FileId(0), "a << 2\n")).entries().len() < 2);
    }
}
