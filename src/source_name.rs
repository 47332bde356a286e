//! The name of a text in reports: its file, and its place in that file if it was extracted.

use serde::{Serialize, Serializer};
use std::fmt::{self, Display, Formatter};

/// `rules.yaml`, or `values.yaml#config` for a text inside `values.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName {
    whole: String,
    /// The length of the file's name in bytes. File names may contain `#` too.
    file: usize,
    /// The length without the variant.
    plain: usize,
}

impl SourceName {
    /// A text that is a file of its own.
    pub fn of_file(file: impl Into<String>) -> Self {
        let whole = file.into();
        Self { file: whole.len(), plain: whole.len(), whole }
    }

    /// A text at a place in this file; without a place, the file itself.
    pub fn within(file: &str, place: impl Display) -> Self {
        let place = place.to_string();
        let whole = if place.is_empty() { file.to_owned() } else { format!("{file}#{place}") };
        Self { file: file.len(), plain: whole.len(), whole }
    }

    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// The file that the user edits.
    pub fn file(&self) -> &str {
        &self.whole[..self.file]
    }

    /// The place in the file; empty for the whole file.
    pub fn place(&self) -> &str {
        self.whole[self.file..].trim_start_matches('#')
    }

    /// The same place under another name of the file.
    #[must_use]
    pub fn in_file(&self, file: &str) -> Self {
        let plain = file.len() + self.plain - self.file;
        Self { whole: format!("{file}{}", &self.whole[self.file..]), file: file.len(), plain }
    }

    /// One of several texts that are made of this one.
    #[must_use]
    pub fn variant(&self, which: impl Display) -> Self {
        Self { whole: format!("{self} ({which})"), ..self.clone() }
    }

    /// The name of the text that this one is made of.
    pub fn without_variant(&self) -> &str {
        &self.whole[..self.plain]
    }
}

impl From<String> for SourceName {
    fn from(file: String) -> Self {
        Self::of_file(file)
    }
}

impl From<&str> for SourceName {
    fn from(file: &str) -> Self {
        Self::of_file(file)
    }
}

impl From<&String> for SourceName {
    fn from(file: &String) -> Self {
        Self::of_file(file)
    }
}

impl Display for SourceName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}

impl Serialize for SourceName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_know_what_they_are_made_of() {
        let name = SourceName::within("b", "c");
        let variant = name.variant("d");
        assert_eq!((variant.without_variant(), name.without_variant()), ("b#c", "b#c"));
        assert_eq!(variant.in_file("long/e").as_str(), "long/e#c (d)");
        assert_eq!(variant.in_file("long/e").without_variant(), "long/e#c");
    }

    #[test]
    fn separates_the_file_from_the_place() {
        for (name, whole, file, place) in [
            (SourceName::of_file("a.yaml"), "a.yaml", "a.yaml", ""),
            (SourceName::of_file("a#1/b.yaml"), "a#1/b.yaml", "a#1/b.yaml", ""),
            (
                SourceName::within("a#1/b.yaml", "config"),
                "a#1/b.yaml#config",
                "a#1/b.yaml",
                "config",
            ),
            (SourceName::within("b.yaml", ""), "b.yaml", "b.yaml", ""),
            (SourceName::within("b", "c").variant("d"), "b#c (d)", "b", "c (d)"),
            (SourceName::of_file("b").variant("d"), "b (d)", "b", " (d)"),
        ] {
            assert_eq!((name.as_str(), name.file(), name.place()), (whole, file, place));
            assert_eq!(name.in_file("c").file(), "c");
            assert_eq!(name.in_file("c").place(), place);
        }
    }
}
