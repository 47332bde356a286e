//! What a document is read into, which decides which of its values are read at all.

/// The target of a value.
pub trait Shape: Copy {
    /// Whether a mapping's keys are read as strings, whatever they look like.
    fn has_text_keys(self) -> bool;

    /// Whether a mapping keeps each definition of a key, for a reader that uses them in order.
    fn keeps_duplicates(self) -> bool;

    /// Whether a number is converted to a float, whatever its size.
    fn is_float(self) -> bool;

    /// Whether the text of a scalar is parsed as it is written, whatever its type.
    fn parses_text(self) -> bool;

    /// The target of a key's value; `None` if the value is skipped, with all faults in it.
    fn field(self, name: &str) -> Option<Self>;

    /// The target of the values in a list.
    fn element(self) -> Self;
}

/// A generic value, of which everything is read.
#[derive(Clone, Copy, Debug)]
pub struct Everything;

impl Shape for Everything {
    fn has_text_keys(self) -> bool {
        false
    }

    fn keeps_duplicates(self) -> bool {
        false
    }

    fn is_float(self) -> bool {
        false
    }

    fn parses_text(self) -> bool {
        false
    }

    fn field(self, _: &str) -> Option<Self> {
        Some(self)
    }

    fn element(self) -> Self {
        self
    }
}
