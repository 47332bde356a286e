//! Here-documents of shell scripts and Dockerfiles.
//!
//! Must not know what the commands do with them.

use super::texts::through;
use crate::span::{Piece, Span};

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HereDocument {
    pub delimiter: String,
    /// Whether a shell replaces variables in it, which its text may have.
    pub is_expanded: bool,
    pub text: String,
    /// Where the lines of its text are.
    pub pieces: Vec<Piece>,
    /// The command that reads it, and its place.
    pub command: String,
    pub place: Span,
}

/// The start of a here-document.
#[derive(Debug, PartialEq, Eq)]
pub struct Opening {
    /// The offset of `<<` in the line.
    pub at: usize,
    delimiter: String,
    is_quoted: bool,
    strips_tabs: bool,
}

impl HereDocument {
    /// Whether the shell may change its text.
    pub fn is_open(&self) -> bool {
        self.is_expanded && self.text.contains(['$', '`'])
    }

    /// Adds what a later command appends to the same file.
    pub fn append(&mut self, other: Self) {
        let by = self.text.len();
        let moved =
            |piece: Piece| Piece { inner: piece.inner.start + by..piece.inner.end + by, ..piece };
        self.pieces.extend(other.pieces.into_iter().map(moved));
        self.text.push_str(&other.text);
        self.is_expanded |= other.is_expanded;
    }

    /// The same document in a text that is a part of another one.
    #[must_use]
    pub fn within(mut self, text: &[Piece]) -> Self {
        let place = Piece::written(0..self.place.range().len(), self.place);
        self.place = through(vec![place], text).first().map_or(self.place, |piece| piece.outer);
        self.pieces = through(self.pieces, text);
        self
    }
}

/// The here-documents that a line opens, in order.
pub fn openings(line: &str) -> Vec<Opening> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find("<<")).map(|at| from + at) {
        let rest = &line[at + 2..];
        from = at + 2;
        if let Some(string) = rest.strip_prefix('<') {
            from = line.len() - string.trim_start_matches('<').len();
            continue;
        }
        found.extend(opening(at, rest));
    }
    found
}

/// Reads the delimiter after `<<`.
fn opening(at: usize, rest: &str) -> Option<Opening> {
    let word = rest.trim_start_matches('-');
    let strips_tabs = word.len() < rest.len();
    let word = word.trim_start_matches([' ', '\t']);
    let quote = word.chars().next().filter(|c| matches!(c, '"' | '\'' | '\\'));
    let word = quote.map_or(word, |quote| &word[quote.len_utf8()..]);
    let is_part = |c: char| match quote {
        Some('"' | '\'') => Some(c) != quote && c != '\n',
        _ => c.is_alphanumeric() || "_-.!".contains(c),
    };
    let delimiter: String = word.chars().take_while(|&c| is_part(c)).collect();
    // A number is part of an expression such as `1 << 2`.
    let is_name = !delimiter.is_empty() && !delimiter.starts_with(|c: char| c.is_ascii_digit());
    is_name.then_some(Opening { at, delimiter, is_quoted: quote.is_some(), strips_tabs })
}

impl Opening {
    /// The text up to the line with the delimiter, and the bytes from `start` on that it takes.
    /// Without such a line it takes the rest.
    pub fn read(
        &self,
        text: &str,
        start: usize,
        place: Span,
        command: &str,
    ) -> (HereDocument, usize) {
        let (mut own, mut pieces, mut at) = (String::new(), Vec::new(), start);
        for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
            let body = if self.strips_tabs { line.trim_start_matches('\t') } else { line };
            let first = at + line.len() - body.len();
            at += line.len();
            if body.trim_end_matches(['\n', '\r']) == self.delimiter {
                break;
            }
            let inner = own.len()..own.len() + body.len();
            pieces.push(Piece::written(inner, Span::new(place.file, first, at)));
            own += body;
        }
        let document = HereDocument {
            delimiter: self.delimiter.clone(),
            is_expanded: !self.is_quoted,
            text: own,
            pieces,
            command: command.to_owned(),
            place,
        };
        (document, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn finds_openings() {
        for (line, expected) in [
            ("cat <<EOF", "EOF"),
            ("cat <<-EOF >a", "-EOF"),
            ("cat << 'END x' | b", "'END x"),
            ("COPY <<\"A\" <<B /x", "'A B"),
            ("cat <<\\EOF", "'EOF"),
            ("x=$(cat <<EOF)", "EOF"),
            ("cat <<<EOF <<A", "A"),
            ("echo $((1 << 2)) <<", ""),
        ] {
            let shown = openings(line).into_iter().map(|opening| {
                let quote = if opening.is_quoted { "'" } else { "" };
                let tabs = if opening.strips_tabs { "-" } else { "" };
                format!("{tabs}{quote}{}", opening.delimiter)
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{line}");
        }
    }

    #[test]
    fn reads_up_to_the_delimiter() {
        let read = |line: &str, text: &str| {
            let place = Span::new(FileId(0), 0, 1);
            let (document, end) = openings(line).remove(0).read(text, 0, place, line);
            let outer = document.pieces.iter().map(|piece| &text[piece.outer.range()]);
            assert_eq!(outer.collect::<String>(), document.text, "{text:?}");
            (document.text, text[end..].to_owned())
        };
        for (line, text, body, rest) in [
            ("<<E", "a\n E\nE\nb\n", "a\n E\n", "b\n"),
            ("<<-E", "\ta\n\tE\nb\n", "a\n", "b\n"),
            ("<<E", "\ta\n\tE\n", "\ta\n\tE\n", ""),
            ("<<E", "a\r\nE\r\nb", "a\r\n", "b"),
            ("<<E", "E\n", "", ""),
        ] {
            assert_eq!(read(line, text), (body.to_owned(), rest.to_owned()), "{text:?}");
        }
    }
}
