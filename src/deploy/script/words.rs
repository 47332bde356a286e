//! A script → its simple commands and here-documents, without running anything.

use crate::deploy::here_document::{HereDocument, openings};
use crate::span::{FileId, Span};

/// A line, joined with those that continue it.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes in the file.
    pub start: usize,
    pub end: usize,
    pub text: String,
}

/// Words that end a simple command.
const OPERATORS: [&str; 8] = ["&&", "||", ";", "|", "&", ">", ">>", "2>&1"];

/// All lines without comments. Lines that end with a backslash, and those of an array, are joined.
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
        let is_inside = opens_array(&joined);
        if is_inside && body.trim_start().starts_with('#') {
            continue;
        }
        joined += if is_inside || opens_array(body) { without_comment(body) } else { body };
        if opens_array(&joined) {
            joined.push(' ');
            continue;
        }
        let text = std::mem::take(&mut joined);
        let indent = text.len() - text.trim_start().len();
        if !text.is_empty() && !text.trim_start().starts_with('#') {
            lines.push(Line { start: start + indent, end: end - (line.len() - body.len()), text });
        }
        start = end;
    }
    lines
}

/// A line of an array without the comment at its end.
fn without_comment(line: &str) -> &str {
    let is_outside = |at: &usize| line[..*at].matches(['"', '\'']).count().is_multiple_of(2);
    let comment = line.match_indices(" #").map(|(at, _)| at).find(is_outside);
    comment.map_or(line, |at| &line[..at])
}

/// Whether a line ends inside the elements of an array, `NAME=(`.
fn opens_array(line: &str) -> bool {
    let Some((name, elements)) = line.split_once("=(") else { return false };
    let name = name.trim_end_matches('+').rsplit(' ').next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(is_name) && !elements.contains(')')
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
    let Some(words) = shlex::split(&without_spaces_in_actions(line)) else { return Vec::new() };
    simple_commands(words)
}

/// The words of the simple commands among some words.
pub fn simple_commands(words: Vec<String>) -> Vec<Vec<String>> {
    let separate = words.into_iter().flat_map(|word| match word.strip_suffix(';') {
        Some(before) => vec![before.trim_end_matches(';').to_owned(), ";".to_owned()],
        None => vec![word],
    });
    let separate = separate.filter(|word| !word.is_empty());
    let words: Vec<String> = separate.collect();
    let commands = words.split(|word| OPERATORS.contains(&word.as_str()));
    commands.filter(|words| !words.is_empty()).map(<[String]>::to_vec).collect()
}

/// A line in which `{{ env }}` and `${{ inputs.env }}`, which another program replaces before the shell
/// sees them, are part of a word.
fn without_spaces_in_actions(line: &str) -> String {
    let (mut joined, mut rest) = (String::new(), line);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, after)) = after.split_once("}}") else { break };
        joined.extend([before, "{{"]);
        joined.extend(inside.split_whitespace());
        joined += "}}";
        rest = after;
    }
    joined + rest
}

/// All here-documents of a script. Their places start at `<<`.
pub fn documents(file: FileId, text: &str) -> Vec<HereDocument> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(first) = text.get(at..).and_then(|rest| rest.split_inclusive('\n').next()) {
        let start = at;
        at += first.len();
        if first.trim_start().starts_with('#') {
            continue;
        }
        let opened = openings(first);
        while !opened.is_empty()
            && text[start..at].trim_end().ends_with('\\')
            && let Some(next) = text[at..].split_inclusive('\n').next()
        {
            at += next.len();
        }
        let command = text[start..at].trim_end().replace("\\\n", " ");
        for opening in opened {
            let place = Span::new(file, start + opening.at, start + first.trim_end().len());
            let command = command_at(&command, opening.at);
            let (mut document, end) = opening.read(text, at, place, command);
            document.place = Span::new(file, place.range().start, end);
            found.push(document);
            at = end;
        }
    }
    found
}

/// The command of a line that contains a byte.
pub fn command_at(line: &str, at: usize) -> &str {
    let ends =
        |text: &str, mark: &str| text.match_indices(mark).map(|(at, _)| at).collect::<Vec<_>>();
    let marks = ["&&", "||", ";"].map(|mark| ends(line, mark)).concat();
    let start = marks.iter().copied().filter(|&mark| mark < at).max().unwrap_or_default();
    let end = marks.iter().copied().filter(|&mark| mark > at).min().unwrap_or(line.len());
    line.get(start..end).unwrap_or(line).trim_start_matches(['&', '|', ';', ' '])
}

/// The files that a command writes with a here-document, which may be a script with others.
pub fn written(document: &HereDocument) -> Vec<(String, HereDocument)> {
    if let Some(path) = target(&document.command) {
        return vec![(path, document.clone())];
    }
    let inner = documents(document.place.file, &document.text).into_iter();
    let inner = inner.map(|inner| inner.within(&document.pieces));
    inner.filter_map(|inner| Some((target(&inner.command)?, inner))).collect()
}

/// Whether a command adds to the file that it writes to.
pub fn appends(command: &str) -> bool {
    command.contains(">>") || command.contains("tee -a")
}

/// The file that a command writes to: after `>`, or the argument of `tee`.
pub fn target(command: &str) -> Option<String> {
    let words = shlex::split(&command.replace('>', " > ").replace("| ", " "))?;
    let is_path = |word: &&String| !word.starts_with(['-', '&', '<']) && *word != ">";
    let after = |mark: &str| {
        let at = words.iter().position(|word| word == mark)?;
        words[at + 1..].iter().find(is_path).cloned()
    };
    after(">").filter(|path| path != "/dev/null").or_else(|| after("tee"))
}

/// Whether a word has variables or actions of a template, whose values are unknown.
pub fn is_open(word: &str) -> bool {
    word.contains(['$', '`']) || word.contains("{{")
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
            (
                "refinery -c a/${{ inputs.env }}.yaml -r {{ .R }}",
                "refinery -c a/${{inputs.env}}.yaml -r {{.R}}",
            ),
            ("refinery -c {{ a", "refinery -c {{ a"),
        ] {
            let lines = lines(text).into_iter().flat_map(|line| commands(&line.text));
            let shown: Vec<String> = lines.map(|words| words.join(" ")).collect();
            assert_eq!(shown.join("/"), expected, "{text}");
        }
    }

    #[test]
    fn finds_here_documents() {
        for (text, expected) in [
            ("cat > a.yaml <<EOF\nx: 1\nEOF\n", "a.yaml=x: 1\n"),
            ("cat <<-'EOF' >a.yaml\n\tx: 1\n\tEOF\n", "a.yaml=x: 1\n"),
            ("sudo tee -a /etc/a.yaml <<\"END\"\nx\ny\nEND\n", "/etc/a.yaml=x\ny\n"),
            ("\nrun <<E\nE\n", "?="),
            ("cat <<E\nx\n", "?=x\n"),
            ("cat <<E \\\n  > a\nx\nE\n", "a=x\n"),
            ("cat <<A >a && cat <<B >b\nx\nA\ny\nB\n", "a=x\n b=y\n"),
            ("# cat <<A >a\ncat <<B 2>&1 >b\ny\nB\n", "b=y\n"),
            ("a << 2\n", ""),
            ("cat <<E | tee /a >/dev/null\nx\nE\n", "/a=x\n"),
            ("cat >&2 <<E\nx\nE\n", "?=x\n"),
        ] {
            let documents = documents(FileId(0), text);
            let shown = documents.iter().map(|document| {
                assert!(text[document.place.range()].starts_with("<<"), "{text}");
                let path = target(&document.command).unwrap_or("?".to_owned());
                format!("{path}={}", document.text)
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }

    #[test]
    fn scripts_in_here_documents_write_files() {
        let text = "bash <<'X'\nset -e\ncat > /a <<Y\nb: 1\nY\nX\n";
        let [document] = &documents(FileId(0), text)[..] else { panic!() };
        let [(path, inner)] = &written(document)[..] else { panic!() };
        assert_eq!((&**path, &*inner.text), ("/a", "b: 1\n"));
        assert_eq!(&text[inner.pieces[0].outer.range()], "b: 1\n");
    }
}
