//! Values of Refinery's under a key that its chart does not read.

use super::find::{find, is_ours};
use super::source::ChartSource;
use super::unread::find_misplaced;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::syntax::Item;

/// Reports values of Refinery's in a file with values for its chart, under a key that the chart does not
/// read.
pub fn find_wrapped(source: &ChartSource, item: &Item) -> Vec<Finding> {
    let has_files = Kind::ALL.iter().any(|kind| item.get(kind.word()).is_some());
    let is_certain = source.is_whole() && !source.is_guessed && !source.is_own;
    if has_files || !is_certain {
        return Vec::new();
    }
    let nested = find(item).into_iter().filter(|found| {
        !found.path.is_empty() && is_ours(found.values) && !source.has_values_at(&found.path, item)
    });
    nested.filter_map(|found| find_misplaced(&found.path, &found.around)).collect()
}
