//! Which values of a file Refinery's loader decodes: those of the keys that it loads.

use super::foreign::{is_called, parses_text};
use crate::schema::Key;
use crate::syntax::{DataFormat, Shape};

/// What the loader decodes a value into.
#[derive(Clone, Copy)]
pub struct LoadedShape<'s> {
    format: DataFormat,
    /// `None` for values of any type, which are decoded whole.
    key: Option<Key<'s>>,
}

impl<'s> LoadedShape<'s> {
    pub fn new(format: DataFormat, root: Key<'s>) -> Self {
        Self { format, key: Some(root) }
    }

    fn with(self, key: Option<Key<'s>>) -> Self {
        Self { key, ..self }
    }
}

impl Shape for LoadedShape<'_> {
    fn has_text_keys(self) -> bool {
        self.key
            .is_some_and(|key| key.go_type().contains("struct") || key.go_type().contains("map"))
    }

    fn keeps_duplicates(self) -> bool {
        self.format == DataFormat::Json && self.has_text_keys()
    }

    fn is_float(self) -> bool {
        self.key.is_some_and(|key| key.go_type() == "float64")
    }

    fn parses_text(self) -> bool {
        self.format == DataFormat::Toml && self.key.is_some_and(|key| parses_text(key.go_type()))
    }

    fn field(self, name: &str) -> Option<Self> {
        let Some(key) = self.key else { return Some(self) };
        match key.go_type() {
            "struct" | "*struct" => {
                find_loaded(self.format, key, name).map(|(_, key)| self.with(Some(key)))
            }
            _ => Some(self.with(key.child(name))),
        }
    }

    fn element(self) -> Self {
        self.with(self.key.and_then(|key| key.element()))
    }
}

/// The child that the loader fills from this name in a file, and its own name.
pub fn find_loaded<'s, 'n>(
    format: DataFormat,
    key: Key<'s>,
    name: &'n str,
) -> Option<(&'n str, Key<'s>)>
where
    's: 'n,
{
    if format == DataFormat::Yaml {
        return key.loaded_child(name).map(|child| (name, child));
    }
    key.loaded_children(format).find(|(own, child)| is_called(format, own, *child, name))
}
