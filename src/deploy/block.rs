//! A string inside a YAML scalar or a here-document → the source span of each of its lines.
//!
//! The lines of a literal block (`|`) or here-document (`<<`) appear in the file one by one, after their indentation. For
//! every other style only the span of the whole scalar is known. The lines of a rendered template are those of the
//! template.

use super::Outer;
use crate::span::{Piece, Span};

/// Maps the string of a scalar to its places in the file.
pub fn pieces(outer: Outer<'_>, span: Span, text: &str) -> Vec<Piece> {
    literal_lines(outer, span, text).unwrap_or_else(|| vec![Piece::written(0..text.len(), span)])
}

/// `None` unless the lines in the file are the lines of the string.
fn literal_lines(outer: Outer<'_>, span: Span, text: &str) -> Option<Vec<Piece>> {
    let file_text = outer.text_of(span.file);
    let written = file_text.get(span.range())?;
    if span.range() == (0..file_text.len()) && written != text {
        return lines_of_template(file_text, span, text);
    }
    let written = after_properties(written);
    if !(written.starts_with('|') || written.starts_with("<<")) {
        return None;
    }
    let header = written.find('\n')? + 1;
    let mut at = span.range().end - written.len() + header;
    let mut lines = file_text.get(at..)?.split_inclusive('\n');
    let mut pieces = Vec::new();
    let mut inner = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let outer_line = lines.next()?;
        let shown = outer_line.trim_end_matches(['\n', '\r']);
        let indent = shown.strip_suffix(body)?;
        if !indent.trim_start_matches([' ', '\t']).is_empty() {
            return None;
        }
        let start = at + indent.len();
        // A line ends with one byte here, but may end with `\r\n` in the file.
        let end = (start + line.len()).min(file_text.len());
        let inner_line = inner..inner + line.len();
        let outer = Span::new(span.file, start, end);
        pieces.push(Piece::written(inner_line, outer));
        inner += line.len();
        at += outer_line.len();
    }
    (!pieces.is_empty()).then_some(pieces)
}

/// `None` unless the template has as many lines as the string.
fn lines_of_template(template: &str, span: Span, text: &str) -> Option<Vec<Piece>> {
    let (mut pieces, mut inner, mut outer) = (Vec::new(), 0, 0);
    let mut lines = template.split_inclusive('\n');
    for line in text.split_inclusive('\n') {
        let written = lines.next()?;
        let place = Span::new(span.file, outer, outer + written.trim_end().len());
        let place = if written == line {
            Span::new(span.file, outer, outer + written.len())
        } else {
            place
        };
        pieces.push(Piece::written(inner..inner + line.len(), place));
        inner += line.len();
        outer += written.len();
    }
    lines.next().is_none().then_some(pieces)
}

/// The text after an anchor and a tag.
fn after_properties(written: &str) -> &str {
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

    /// Each line of `a`, with the text of the file at its span.
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
    fn maps_lines_of_literal_blocks_after_their_indentation() {
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
    fn maps_other_styles_as_a_whole() {
        for file in ["a: \"b: 1\\nc: 2\"\n", "a: >\n  b: 1\n\n  c: 2\n", "a: 'b'\n"] {
            assert_eq!(lines(file).len(), 1, "{file:?}");
        }
    }
}
