//! Byte spans, and the texts of a run that they point into.
//!
//! Must not count lines or columns (`report` does), nor open files.

use crate::source_name::SourceName;
use std::ops::Range;

/// A file of this run, numbered in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Bytes `start..end` of one file, from its first byte (including a byte order mark).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end) }
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The span, moved by a number of bytes.
    #[must_use]
    pub fn moved(self, by: usize) -> Self {
        Self::new(self.file, self.start as usize + by, self.end as usize + by)
    }

    /// The smallest span that covers both, which must be in the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One text of this run.
#[derive(Clone, Debug)]
pub struct File {
    /// As the user named it, with `/` as the separator.
    pub name: SourceName,
    /// The decoded text.
    pub text: String,
    /// `text` with every secret replaced by asterisks, of the same length in bytes. Reports may
    /// quote only this.
    pub shown: String,
    /// The byte ranges of the secrets.
    hidden: Vec<Range<usize>>,
    /// Where the text comes from, if it was extracted from another file.
    pub window: Option<Window>,
}

/// Bytes of an extracted text, and the bytes of the outer file that they come from. If both have
/// the same length they correspond byte by byte, or else only as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub inner: Range<usize>,
    pub outer: Span,
    /// It is not in the outer file: `outer` is where it would be added.
    pub is_added: bool,
    /// Where the variable that it comes from is set, or would be set.
    pub set_at: Option<Span>,
}

/// Maps spans of an extracted text to the outer file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    outer: FileId,
    /// Sorted by the inner text, and at least one; most refer to the outer file.
    pieces: Vec<Piece>,
}

impl Piece {
    /// A piece that is in the outer file.
    pub fn written(inner: Range<usize>, outer: Span) -> Self {
        Self { inner, outer, is_added: false, set_at: None }
    }

    fn is_verbatim(&self) -> bool {
        !self.is_added && self.inner.len() == self.outer.range().len()
    }

    /// Where a byte of the inner text comes from; outside the piece, its nearest end.
    fn start_of(&self, byte: usize) -> usize {
        if self.is_verbatim() {
            self.outer.range().start + byte.clamp(self.inner.start, self.inner.end)
                - self.inner.start
        } else {
            self.outer.range().start
        }
    }

    fn end_of(&self, byte: usize) -> usize {
        if self.is_verbatim() { self.start_of(byte) } else { self.outer.range().end }
    }
}

impl Window {
    /// A text without pieces is mapped to the start of the file.
    pub fn new(outer: FileId, pieces: Vec<Piece>) -> Self {
        Self { outer, pieces }
    }

    /// Where its first byte comes from.
    pub fn first(&self) -> Option<Span> {
        self.pieces.first().map(|piece| piece.outer)
    }

    /// Whether all that is written comes from the file of its first byte.
    pub fn is_of_one_file(&self) -> bool {
        let mut written = self.pieces.iter().filter(|piece| !piece.is_added);
        let first = self.first().map(|span| span.file);
        written.all(|piece| Some(piece.outer.file) == first)
    }

    /// The span in the outer file, from the origin of the first byte to that of the last.
    pub fn outward(&self, span: Span) -> Span {
        let Range { start, end } = span.range();
        let index = self.pieces.partition_point(|piece| piece.inner.end <= start);
        let first = self.pieces.get(index).or(self.pieces.last());
        let until = self.pieces.partition_point(|piece| piece.inner.start < end.max(start + 1));
        let last = until.checked_sub(1).and_then(|index| self.pieces.get(index)).or(first);
        let (Some(first), Some(last)) = (first, last) else {
            return Span::new(self.outer, 0, 0);
        };
        let (from, to) = (first.start_of(start), last.end_of(end));
        // If the origins are in different files or another order, the first one is used.
        let is_whole = first.outer.file == last.outer.file && from <= to;
        let to = if is_whole { to } else { first.end_of(end) };
        Span::new(first.outer.file, from, to.max(from))
    }

    /// The files that its pieces come from; each may occur several times.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.pieces.iter().map(|piece| piece.outer.file)
    }

    /// The pieces that these bytes are part of.
    fn touched(&self, span: Span) -> impl Iterator<Item = &Piece> {
        let bytes = span.range();
        let is_touched =
            move |piece: &&Piece| piece.inner.start < bytes.end && bytes.start < piece.inner.end;
        self.pieces.iter().filter(is_touched)
    }

    /// Whether none of these bytes is in the outer file.
    fn is_added(&self, span: Span) -> bool {
        let mut touched = self.touched(span);
        touched.next().is_some_and(|first| first.is_added && touched.all(|piece| piece.is_added))
    }

    /// Whether these bytes correspond to the outer file byte by byte.
    fn is_verbatim(&self, span: Span) -> bool {
        let bytes = span.range();
        let has = |piece: &Piece| {
            piece.is_verbatim()
                && piece.set_at.is_none()
                && piece.inner.start <= bytes.start
                && bytes.end <= piece.inner.end
        };
        self.pieces.iter().any(has)
    }
}

/// The texts of a run; a [`FileId`] is an index into it.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<File>);

impl Files {
    /// All files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.0.iter()
    }

    pub fn add(&mut self, name: impl Into<SourceName>, text: impl Into<String>) -> FileId {
        self.put(name.into(), text.into(), None)
    }

    /// Adds a text that was extracted from another one.
    pub fn add_within(
        &mut self,
        name: impl Into<SourceName>,
        text: impl Into<String>,
        window: Window,
    ) -> FileId {
        self.put(name.into(), text.into(), Some(window))
    }

    fn put(&mut self, name: SourceName, text: String, window: Option<Window>) -> FileId {
        self.0.push(File { name, shown: text.clone(), text, hidden: Vec::new(), window });
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// The span in the file that the user edits.
    pub fn outward(&self, span: Span) -> Span {
        match &self.get(span.file).window {
            Some(window) => window.outward(span),
            None => span,
        }
    }

    /// Whether an edit of this span can be made in the file that the user edits.
    pub fn is_verbatim(&self, span: Span) -> bool {
        self.get(span.file).window.as_ref().is_none_or(|window| window.is_verbatim(span))
    }

    /// Whether the span was added during extraction, so the user did not write it.
    pub fn is_added(&self, span: Span) -> bool {
        self.get(span.file).window.as_ref().is_some_and(|window| window.is_added(span))
    }

    /// Where a variable that these bytes come from is set, or would be set.
    pub fn set_at(&self, span: Span) -> Option<Span> {
        self.get(span.file).window.as_ref()?.touched(span).find_map(|piece| piece.set_at)
    }

    /// The file that the user edits.
    pub fn outermost(&self, id: FileId) -> FileId {
        self.get(id).window.as_ref().map_or(id, |window| window.outer)
    }

    /// All texts, including extracted ones.
    pub fn all(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..).map(FileId).take(self.0.len())
    }

    /// The secrets of all texts.
    pub fn hidden(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|file| file.hidden.iter().map(|range| &file.text[range.clone()]))
    }

    /// All files that the user edits, in reading order.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<'_> {
        let ids = (0..).map(FileId).zip(&self.0);
        ids.filter(|(_, file)| file.window.is_none()).map(|(id, _)| id)
    }

    pub fn get(&self, id: FileId) -> &File {
        &self.0[id.0 as usize]
    }

    /// Changes the name of a file.
    pub fn rename(&mut self, id: FileId, name: SourceName) {
        self.0[id.0 as usize].name = name;
    }

    /// Masks a secret wherever the file is quoted.
    pub fn mask(&mut self, span: Span) {
        let File { shown, hidden, .. } = &mut self.0[span.file.0 as usize];
        let range = span.range();
        if let Some(secret) = shown.get(range.clone()) {
            let stars: String = secret
                .bytes()
                .map(|b| if b == b'\n' || b == b'\r' { b as char } else { '*' })
                .collect();
            shown.replace_range(range.clone(), &stars);
            hidden.push(range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outer text that a part of the inner text is mapped to.
    fn seen(inner: &str, outer: &str, pieces: &[(&str, &str)], part: &str) -> String {
        let mut files = Files::default();
        let file = files.add("outer", outer);
        let find = |text: &str, part: &str| {
            let start = text.find(part).unwrap();
            start..start + part.len()
        };
        let piece = |(i, o): &(&str, &str)| {
            let place = find(outer, o);
            let outer = Span::new(file, place.start, place.end);
            Piece::written(find(inner, i), outer)
        };
        let window = Window::new(file, pieces.iter().map(piece).collect());
        let within = files.add_within(SourceName::within("outer", "inner"), inner, window);
        let range = find(inner, part);
        let span = files.outward(Span::new(within, range.start, range.end));
        assert_eq!((span.file, files.outermost(within)), (file, file));
        outer[span.range()].to_owned()
    }

    #[test]
    fn spans_are_mapped_to_the_outer_file() {
        let lines = [("a: 1\n", "a: 1\n"), ("b: 2\n", "b: 2\n")];
        let (inner, outer) = ("a: 1\nb: 2\n", "x: |\n    a: 1\n    b: 2\ny: 3\n");
        for (part, expected) in [
            ("a", "a"),
            ("1", "1"),
            ("b: 2", "b: 2"),
            ("1\nb", "1\n    b"),
            (inner, "a: 1\n    b: 2\n"),
        ] {
            assert_eq!(seen(inner, outer, &lines, part), expected, "{part}");
        }
        let whole = [("key", "key"), ("written", "*alias")];
        assert_eq!(seen("key: written\n", "{key: *alias}", &whole, "itt"), "*alias");
        assert_eq!(seen("key: written\n", "{key: *alias}", &whole, "key: written"), "key: *alias");
        let turned = [("one", "one"), ("two", "two")];
        assert_eq!(seen("one two", "two one", &turned, "one two"), "one");
    }

    #[test]
    fn only_files_that_the_user_edits_are_listed() {
        let mut files = Files::default();
        let outer = files.add("outer", "x");
        let inner = files.add_within("inner", "x", Window::new(outer, Vec::new()));
        assert_eq!(files.ids().collect::<Vec<_>>(), [outer]);
        assert_eq!(files.outward(Span::new(inner, 0, 1)), Span::new(outer, 0, 0));
    }
}
