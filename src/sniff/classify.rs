//! What a text is to Refinery: one of its files, or one in which such files may be kept.

use super::containers::{may_contain, may_contain_in_json};
use super::recognise::{Recognised, recognise};
use crate::syntax::DataFormat;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileClass {
    Refinery(Recognised),
    /// It is worth opening, no more.
    Container,
}

/// Classifies a text by what is in it; none where it is something else.
pub fn classify(format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    let own = recognise(format, text).map(FileClass::Refinery);
    own.or_else(|| contains(format, text))
}

fn contains(format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    let is_container = match format {
        Some(DataFormat::Yaml) => may_contain(text),
        Some(DataFormat::Json) => may_contain_in_json(text),
        Some(DataFormat::Toml) | None => false,
    };
    is_container.then_some(FileClass::Container)
}
