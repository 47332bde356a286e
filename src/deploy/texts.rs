//! Source maps of strings inside other strings.

use crate::span::{Piece, Span};
use std::ops::Range;

/// The source map of a part of a string.
pub fn clip(pieces: Vec<Piece>, part: Range<usize>) -> Vec<Piece> {
    let cut = |piece: Piece| {
        let start = piece.inner.start.max(part.start);
        let end = piece.inner.end.min(part.end);
        let outer = within(&piece, start..end);
        (start < end).then(|| Piece::written(start - part.start..end - part.start, outer))
    };
    pieces.into_iter().filter_map(cut).collect()
}

/// Maps pieces in a string to the file that contains the string.
pub fn through(pieces: Vec<Piece>, text: &[Piece]) -> Vec<Piece> {
    let lead = |piece: Piece| {
        let Range { start, end } = piece.outer.range();
        let at = text.partition_point(|outer| outer.inner.end <= start);
        let outer = text.get(at).or(text.last())?;
        Some(Piece { outer: within(outer, start..end), ..piece })
    };
    pieces.into_iter().filter_map(lead).collect()
}

/// The span of a part of a piece, or of the whole piece if its bytes differ from the file.
fn within(piece: &Piece, part: Range<usize>) -> Span {
    let outer = piece.outer.range();
    if piece.inner.len() != outer.len() {
        return piece.outer;
    }
    let place = |byte: usize| {
        outer.start + byte.clamp(piece.inner.start, piece.inner.end) - piece.inner.start
    };
    Span::new(piece.outer.file, place(part.start), place(part.end))
}

/// Replaces what follows the first `opening` in each piece. What is before it keeps its place.
pub fn replace_in_lines(
    text: &str,
    pieces: Vec<Piece>,
    opening: &str,
    fill: &dyn Fn(&str) -> String,
) -> (String, Vec<Piece>) {
    let (mut filled, mut places) = (String::new(), Vec::new());
    for Piece { inner, outer, is_added, .. } in pieces {
        let line = text.get(inner).unwrap_or_default();
        let is_verbatim = !is_added && outer.range().len() == line.len();
        let kept = line.find(opening).unwrap_or(line.len());
        let (before, rest) = line.split_at(if is_verbatim { kept } else { 0 });
        let middle = outer.range().start + before.len();
        for (part, place) in [
            (before.to_owned(), Span::new(outer.file, outer.range().start, middle)),
            (fill(rest), Span::new(outer.file, middle, outer.range().end)),
        ] {
            let start = filled.len();
            filled.push_str(&part);
            let piece = Piece::written(start..filled.len(), place);
            places.extend((start < filled.len()).then_some(piece));
        }
    }
    (filled, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn piece(inner: Range<usize>, outer: Range<usize>) -> Piece {
        Piece::written(inner, Span::new(FileId(0), outer.start, outer.end))
    }

    #[test]
    fn clips_pieces() {
        let lines = vec![piece(0..6, 10..16), piece(6..9, 20..23)];
        assert_eq!(clip(lines.clone(), 4..9), [piece(0..2, 14..16), piece(2..5, 20..23)]);
        assert_eq!(clip(lines, 6..8), [piece(0..2, 20..22)]);
        assert_eq!(clip(vec![piece(0..6, 10..30)], 2..6), [piece(0..4, 10..30)]);
    }

    #[test]
    fn maps_nested_strings_to_the_file() {
        let text = [piece(0..6, 10..16), piece(6..12, 20..26), piece(12..15, 40..49)];
        let inner = vec![piece(0..2, 8..10), piece(2..4, 13..15)];
        assert_eq!(through(inner, &text), [piece(0..2, 22..24), piece(2..4, 40..49)]);
    }
}
