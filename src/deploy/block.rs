//! A text inside a scalar → where each of its lines stands.
//!
//! A literal block (`|`) has its lines one by one in the file, behind an indentation; of any other
//! form only the whole is known.

use super::Outer;
use crate::span::{Piece, Span};

/// The pieces of a scalar's text.
pub fn pieces(outer: Outer<'_>, span: Span, text: &str) -> Vec<Piece> {
    literal_lines(outer, span, text).unwrap_or_else(|| vec![Piece::written(0..text.len(), span)])
}

/// None where the lines of the file are not those of the text.
fn literal_lines(outer: Outer<'_>, span: Span, text: &str) -> Option<Vec<Piece>> {
    let text_around = outer.text_of(span.file);
    let written = text_around.get(span.range())?;
    if !behind_properties(written).starts_with('|') {
        return None;
    }
    let header = written.find('\n')? + 1;
    let mut at = span.range().start + header;
    let mut lines = text_around.get(at..)?.split_inclusive('\n');
    let mut pieces = Vec::new();
    let mut inner = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let outer_line = lines.next()?;
        let shown = outer_line.trim_end_matches(['\n', '\r']);
        let indent = shown.strip_suffix(body)?;
        if !indent.trim_start_matches(' ').is_empty() {
            return None;
        }
        let start = at + indent.len();
        // The line's end is one byte here, whatever it is there.
        let end = (start + line.len()).min(text_around.len());
        let inner_line = inner..inner + line.len();
        let outer = Span::new(span.file, start, end);
        pieces.push(Piece::written(inner_line, outer));
        inner += line.len();
        at += outer_line.len();
    }
    (!pieces.is_empty()).then_some(pieces)
}

/// What follows an anchor and a tag.
fn behind_properties(written: &str) -> &str {
    let mut rest = written;
    while rest.starts_with(['&', '!']) {
        rest = rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{DataFormat, Dialect, parse, read_document_as};

    /// Each line of `a`, and what stands in the file where it is said to be.
    fn lines(file: &str) -> Vec<(String, String)> {
        let tree = parse(FileId(0), DataFormat::Yaml, file).tree.unwrap();
        let (item, _) = read_document_as(Dialect::Helm, &tree);
        let item = item.get("a").unwrap();
        let text = item.text().unwrap();
        let outer = Outer::of("f", FileId(0), file);
        let pieces = pieces(outer, item.span.unwrap(), text);
        let pair = |p: Piece| (text[p.inner].to_owned(), file[p.outer.range()].to_owned());
        pieces.into_iter().map(pair).collect()
    }

    #[test]
    fn literal_lines_stand_behind_their_indentation() {
        for file in [
            "a: |\n  b: 1\n\n    c: 2\nd: 3\n",
            "a: |-\n  b: 1\n  c: 2",
            "# x\na: |2-  # why\n    b: 1\n  c: 2\n\n",
            "a: &x |+\n  b: 1\n  \n\nd: 3\n",
            "a: |\r\n  b: 1\r\n  c: 2\r\n",
        ] {
            let lines = lines(file);
            assert!(lines.len() > 1, "{file:?}");
            for (inner, outer) in lines {
                assert_eq!(inner.trim_end(), outer.trim_end(), "{file:?}");
            }
        }
    }

    #[test]
    fn other_forms_are_known_as_a_whole() {
        for file in ["a: \"b: 1\\nc: 2\"\n", "a: >\n  b: 1\n\n  c: 2\n", "a: 'b'\n"] {
            assert_eq!(lines(file).len(), 1, "{file:?}");
        }
    }
}
