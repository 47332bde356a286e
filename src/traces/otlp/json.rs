//! Reads JSON values like Refinery: a value of another type counts as empty, and only some must be
//! objects.

use super::Refusal;
use crate::traces::document::{Json, Members};

/// The members of a value that must be an object.
pub fn object<'j>(value: Json<'j>, what: &str) -> Result<Members<'j>, Refusal> {
    value.as_object().ok_or_else(|| format!("{what} must be an object"))
}

pub fn array(value: Option<Json<'_>>) -> &[Json<'_>] {
    value.and_then(|value| value.as_list()).unwrap_or_default()
}

pub fn text(value: Json<'_>) -> &str {
    value.as_str().unwrap_or_default()
}

/// Zero for a number with a decimal point or an exponent.
pub fn int(value: Json<'_>) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// A time, which must be a string of digits.
pub fn nanoseconds(value: Json<'_>) -> Result<u64, Refusal> {
    let digits = value.as_str().filter(|text| !text.starts_with('+'));
    let parsed = digits.and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| "a time must be a string of digits, in nanoseconds".to_owned())
}

/// Calls `act` for each item; an error names the item.
pub fn each<'j>(
    items: &[Json<'j>],
    place: &str,
    mut act: impl FnMut(Json<'j>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut items = items.iter().enumerate();
    items.try_for_each(|(at, item)| act(*item).map_err(|said| format!("{place}[{at}]: {said}")))
}
