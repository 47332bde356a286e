//! What a text is to us: a file of Refinery's, or one in which such files may be kept.

use super::containers::may_contain;
use super::recognise::{Recognised, guess, recognise};
use crate::syntax::DataFormat;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileClass {
    Refinery(Recognised),
    /// It is worth opening, no more.
    Container,
}

/// Sorts a text that nobody has named; none where it is something else.
pub fn sort(format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    let own = recognise(format, text).map(FileClass::Refinery);
    own.or_else(|| contains(format, text))
}

/// Sorts a text of which somebody says that it is or holds Refinery's.
pub fn guess_class(format: Option<DataFormat>, text: &str, name: &str) -> Option<FileClass> {
    sort(format, text).or_else(|| guess(format, text, name).map(FileClass::Refinery))
}

/// A stream of Kubernetes objects tells by its head nothing of what comes later.
pub fn may_go_on(head: &[u8]) -> bool {
    let has = |mark: &[u8]| head.windows(mark.len()).any(|window| window == mark);
    has(b"\nkind: ") && has(b"\n---")
}

fn contains(format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    (format == Some(DataFormat::Yaml) && may_contain(text)).then_some(FileClass::Container)
}
