//! Values of Refinery's at a place that its chart does not read.

use super::fill::is_empty;
use super::find::{find, is_ours};
use super::source::ChartSource;
use super::unread::{UNREAD, find_misplaced};
use super::unusable::find_no_table;
use super::what;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::syntax::{Entry, Item};

/// Reports values at the top of those of a chart that depends on Refinery's.
fn find_unnested(entry: &Entry, key: &str, source: &ChartSource) -> Finding {
    Finding::new(&UNREAD, format!("the Refinery chart does not read `{}` here", entry.key))
        .at_some(entry.key_span, "ignored")
        .help(format!("move it under `{key}`: the chart is a dependency of `{}`", source.name))
}

/// Reports values of Refinery's in a file with values for its chart, under a key that the chart does not
/// read.
pub fn find_wrapped(source: &ChartSource, item: &Item) -> Vec<Finding> {
    let own = source.only_key.as_ref().filter(|_| !source.is_guessed);
    let table = own.and_then(|key| item.entry(key)).and_then(find_no_table);
    if table.is_some() {
        return table.into_iter().collect();
    }
    let unnested = |key: &String| {
        let nested = item.get(key);
        let is_empty = nested.is_none_or(is_empty) && is_ours(item);
        let keys = Kind::ALL.iter().filter_map(|kind| {
            // It may only hold an anchor.
            let has_own = nested.is_some_and(|nested| nested.get(kind.word()).is_some());
            let entry = item.entry(kind.word())?;
            (is_empty || !has_own && what(&entry.item).is_some()).then_some(entry)
        });
        keys.map(|entry| find_unnested(entry, key, source)).collect::<Vec<_>>()
    };
    let unnested = source.only_key.as_ref().map(unnested).unwrap_or_default();
    if !unnested.is_empty() {
        return unnested;
    }
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
