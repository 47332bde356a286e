//! Tags of values in tests for types that only msgpack has: `!float32 5.5`, `!uint 5`,
//! `!formatted "&{[0] -1}"`.

use crate::engine::Value;
use crate::syntax::Item;

pub const FLOAT32: &str = "float32";
pub const UINT: &str = "uint";
/// Another value that Refinery only formats, as it is formatted.
pub const FORMATTED: &str = "formatted";

/// The value of an item with such a tag; `None` if it has none, or does not fit it.
pub fn value(item: &Item, file: &str) -> Option<Value> {
    let text = item.text()?;
    match tag(item, file)? {
        FLOAT32 => text.parse().ok().map(Value::Float32),
        UINT => text.parse().ok().map(Value::Uint),
        FORMATTED => Some(Value::Other(text.to_owned())),
        _ => None,
    }
}

/// The tag of an item, with which it begins.
fn tag<'f>(item: &Item, file: &'f str) -> Option<&'f str> {
    let written = file.get(item.span?.range())?.strip_prefix('!')?;
    written.split_whitespace().next()
}
