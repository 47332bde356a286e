//! Places in files: the one currency every room pays in.
//!
//! Holds byte spans and the texts they point into. Must not hold lines or columns (only `report`
//! counts those) nor anything that opens a file.

/// A file of this run, in the order in which it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Bytes `start..end` of one file, counted from the file's first byte (a byte order mark included).
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

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that covers both; they must be of one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One text of this run.
#[derive(Clone, Debug)]
pub struct File {
    /// As the user named it, with `/` between folders.
    pub name: String,
    /// What was read. Bytes that are not UTF-8 never get here.
    pub text: String,
    /// `text` with every secret replaced by asterisks, byte for byte as long: the only form that
    /// a report may quote.
    pub shown: String,
}

/// The texts of a run; a [`FileId`] is an index into it.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<File>);

impl Files {
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        self.0.push(File { name: name.into(), shown: text.clone(), text });
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// All files, in the order in which they were read.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.0.len()).map(|id| FileId(u32::try_from(id).unwrap_or(u32::MAX)))
    }

    pub fn get(&self, id: FileId) -> &File {
        &self.0[id.0 as usize]
    }

    /// Calls a file otherwise.
    pub fn rename(&mut self, id: FileId, name: String) {
        self.0[id.0 as usize].name = name;
    }

    /// Hides a secret from everything that quotes the file.
    pub fn mask(&mut self, span: Span) {
        let shown = &mut self.0[span.file.0 as usize].shown;
        let range = span.range();
        if let Some(secret) = shown.get(range.clone()) {
            let stars: String = secret
                .bytes()
                .map(|b| if b == b'\n' || b == b'\r' { b as char } else { '*' })
                .collect();
            shown.replace_range(range, &stars);
        }
    }
}
