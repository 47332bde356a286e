//! Places of texts that are parts of other texts.

use crate::span::{Piece, Span};
use std::ops::Range;

/// The places of a part of a text.
pub fn clip(pieces: Vec<Piece>, part: Range<usize>) -> Vec<Piece> {
    let cut = |piece: Piece| {
        let start = piece.inner.start.max(part.start);
        let end = piece.inner.end.min(part.end);
        let outer = within(&piece, start..end);
        (start < end).then(|| Piece::written(start - part.start..end - part.start, outer))
    };
    pieces.into_iter().filter_map(cut).collect()
}

/// Places in a text → places in the file in which that text stands.
pub fn through(pieces: Vec<Piece>, text: &[Piece]) -> Vec<Piece> {
    let lead = |piece: Piece| {
        let Range { start, end } = piece.outer.range();
        let behind = text.partition_point(|around| around.inner.end <= start);
        let around = text.get(behind).or(text.last())?;
        Some(Piece { outer: within(around, start..end), ..piece })
    };
    pieces.into_iter().filter_map(lead).collect()
}

/// Where a part of a piece stands; the whole of it where its bytes are not those of the file.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn piece(inner: Range<usize>, outer: Range<usize>) -> Piece {
        Piece::written(inner, Span::new(FileId(0), outer.start, outer.end))
    }

    #[test]
    fn parts_keep_their_places() {
        let lines = vec![piece(0..6, 10..16), piece(6..9, 20..23)];
        assert_eq!(clip(lines.clone(), 4..9), [piece(0..2, 14..16), piece(2..5, 20..23)]);
        assert_eq!(clip(lines, 6..8), [piece(0..2, 20..22)]);
        assert_eq!(clip(vec![piece(0..6, 10..30)], 2..6), [piece(0..4, 10..30)]);
    }

    #[test]
    fn texts_in_texts_lead_to_the_file() {
        let text = [piece(0..6, 10..16), piece(6..12, 20..26), piece(12..15, 40..49)];
        let inner = vec![piece(0..2, 8..10), piece(2..4, 13..15)];
        assert_eq!(through(inner, &text), [piece(0..2, 22..24), piece(2..4, 40..49)]);
    }
}
