//! Decodes scalars of JSON and TOML files, which are stricter than YAML's, each in its own way.

use super::effective_value::Typed;
use super::scalar::{DecodeError, scalar};
use crate::schema::Key;
use crate::syntax::{DataFormat, Item, Value};
use std::str::FromStr;

/// Decodes a scalar of a JSON or TOML file.
pub fn foreign_scalar(
    format: DataFormat,
    key: Key<'_>,
    go: &str,
    item: &Item,
) -> Result<Typed, DecodeError> {
    let is_text = matches!(item.value, Value::Text(_));
    match go {
        // These parse a string. TOML passes the text of any scalar.
        go if parses_text(go) => {
            if is_text || format == DataFormat::Toml {
                scalar(key, go, item)
            } else {
                Err(DecodeError::Type)
            }
        }
        "string" if !is_text => Err(DecodeError::Type),
        "func" => Err(DecodeError::Type),
        "bool" | "*bool" if !matches!(item.value, Value::Bool(_)) => Err(DecodeError::Type),
        // TOML's reader does not accept digits of another base as a float.
        "float64" if format == DataFormat::Toml && has_base(&item.raw) => Err(DecodeError::Type),
        "string" | "bool" | "*bool" | "float64" => scalar(key, go, item),
        "uint" | "uint64" => whole(format, item).map(Typed::Uint),
        _ => whole(format, item).map(Typed::Int),
    }
}

/// Whether the type parses a text.
pub fn parses_text(go: &str) -> bool {
    matches!(go, "Duration" | "MemorySize" | "Level" | "*DefaultTrue")
}

/// Whether an integer is written with `0x`, `0o` or `0b`.
fn has_base(written: &str) -> bool {
    ["0x", "0o", "0b"].iter().any(|prefix| written.starts_with(prefix))
}

/// Whether the value is `0`, the only integer that older TOML readers cannot convert to a float.
pub fn is_toml_zero(item: &Item) -> bool {
    matches!(item.value, Value::Long(0)) && item.raw.trim_start_matches(['+', '-']) == "0"
}

/// An integer. Without a fraction or exponent, a number of JSON is one too.
fn whole<N: FromStr + TryFrom<i64>>(format: DataFormat, item: &Item) -> Result<N, DecodeError> {
    match item.value {
        Value::Float(_) if format == DataFormat::Json => item.raw.parse().ok(),
        Value::Int(n) | Value::Long(n) => n.try_into().ok(),
        _ => None,
    }
    .ok_or(DecodeError::Type)
}

/// Whether a file of this format may use this name for the key. JSON and TOML use Refinery's field
/// names in any case; JSON has other names for some.
pub fn is_called(format: DataFormat, own: &str, key: Key<'_>, name: &str) -> bool {
    let in_json = key.fact_text("json-field").filter(|_| format == DataFormat::Json);
    let known = in_json.or_else(|| key.fact_text("go-field")).unwrap_or(own);
    known.eq_ignore_ascii_case(name)
}
