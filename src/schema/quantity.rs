//! How Refinery compares a value with a limit: as a number, a duration or a size.

use crate::syntax::{Item, Value};
use crate::value::duration::Duration;
use crate::value::memory_size::MemorySize;

/// The number that Refinery compares: whole milliseconds of a duration, bytes of a size.
///
/// A string is parsed as a duration first: `15m` is 900,000 even if a size is meant.
#[expect(clippy::cast_precision_loss, reason = "Refinery compares as floats too")]
pub fn quantity(item: &Item) -> Option<f64> {
    match &item.value {
        Value::Int(n) | Value::Long(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        Value::Text(text) => Duration::parse(text)
            .map(|d| d.milliseconds() as f64)
            .or_else(|_| MemorySize::parse(text).map(|m| m.0 as f64))
            .ok(),
        _ => None,
    }
}
