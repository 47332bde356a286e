//! Replaces variables in a string of a compose file and keeps its source map.

use super::variables::Variables;
use crate::span::{Piece, Span};
use std::ops::Range;

/// Replaces variables piece by piece. Unknown ones stay if Refinery will expand them itself.
///
/// # Errors
/// Why the string is unknown.
pub fn fill(
    variables: &mut Variables,
    text: &str,
    pieces: Vec<Piece>,
    is_expanded: bool,
) -> Result<(String, Vec<Piece>), String> {
    let mut filled = String::new();
    let mut places = Vec::new();
    for Piece { inner, outer, .. } in pieces {
        let line = text.get(inner).unwrap_or_default();
        let start = filled.len();
        match variables.filled(line) {
            None => filled.push_str(line),
            Some(Ok(line)) => filled.push_str(&line),
            Some(Err(unknown)) if is_expanded && is_left(line, &unknown) => {
                filled.push_str(line);
            }
            Some(Err(unknown)) => {
                return Err(format!("it depends on `{}`", unknown.join("`, `")));
            }
        }
        places.extend(parted(Piece::written(start..filled.len(), outer), line));
    }
    Ok((filled, places))
}

/// Splits a verbatim line before its first variable, so that the first part keeps exact spans.
fn parted(piece: Piece, line: &str) -> Vec<Piece> {
    let Range { start, end } = piece.outer.range();
    let before = line.find('$').unwrap_or_default();
    if before == 0 || end - start != line.len() {
        return vec![piece];
    }
    let Piece { inner, outer, .. } = piece;
    let middle = inner.start + before;
    let place = |from, to| Span::new(outer.file, from, to);
    vec![
        Piece::written(inner.start..middle, place(start, start + before)),
        Piece::written(middle..inner.end, place(start + before, end)),
    ]
}

/// Whether all unknown variables of a line have the form that Refinery expands, `${NAME}`.
fn is_left(line: &str, unknown: &[String]) -> bool {
    let rest = unknown
        .iter()
        .fold(line.to_owned(), |line, name| line.replace(&format!("${{{name}}}"), ""));
    !rest.contains('$')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    /// The result for a line at byte 4, and the spans of its pieces.
    fn filled(line: &str, is_expanded: bool) -> Result<(String, Vec<Range<usize>>), String> {
        let mut variables = Variables::new([("A".to_owned(), "long".to_owned())].into());
        let outer = Span::new(FileId(0), 4, 4 + line.len());
        let piece = Piece::written(0..line.len(), outer);
        let (text, pieces) = fill(&mut variables, line, vec![piece], is_expanded)?;
        Ok((text, pieces.into_iter().map(|piece| piece.outer.range()).collect()))
    }

    #[test]
    fn keeps_exact_spans_up_to_the_first_variable() {
        for (line, text, places) in [
            ("a: b", "a: b", "[4..8]"),
            ("a: $A", "a: long", "[4..7, 7..9]"),
            ("$$A", "$A", "[4..7]"),
        ] {
            let (filled, found) = filled(line, false).unwrap();
            assert_eq!((&*filled, &*format!("{found:?}")), (text, places), "{line}");
        }
    }

    #[test]
    fn keeps_unknown_variables_only_in_refinerys_form() {
        let is_kept = |line| filled(line, true).is_ok_and(|(text, _)| text == line);
        assert!(is_kept("a: ${X}/${Y}"));
        for line in ["a: $X", "a: ${X:?why}", "a: ${X} $A", "a: ${X} $$"] {
            assert!(filled(line, true).is_err(), "{line}");
        }
        assert!(filled("a: ${X}", false).is_err());
    }
}
