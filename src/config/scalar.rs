//! Decodes scalars of YAML files.

use super::effective_value::Typed;
use crate::schema::Key;
use crate::syntax::{Item, Value};
use crate::value::duration::Duration;
use crate::value::{Grammar, ValueError};

/// Why a scalar does not fit its key.
pub enum DecodeError {
    Type,
    Negative,
    /// An integer zero of TOML for a float.
    TomlZero,
    Parse(ValueError),
}

/// The text of a scalar as written; empty for null.
pub fn text(item: &Item) -> Option<&str> {
    match &item.value {
        Value::Null => Some(""),
        Value::Text(text) => Some(text),
        Value::List(_) | Value::Map(_) | Value::Mixed(_) => None,
        _ => Some(&item.raw),
    }
}

/// Decodes a YAML scalar.
pub fn scalar(key: Key<'_>, go: &str, item: &Item) -> Result<Typed, DecodeError> {
    let written = text(item).ok_or(DecodeError::Type)?;
    match go {
        "string" => Ok(Typed::Text(written.to_owned())),
        "Level" => level(written),
        "Duration" => Duration::parse(written).map(Typed::Duration).map_err(DecodeError::Parse),
        "MemorySize" => Grammar::named(key.text("format").unwrap_or_default())
            .parse(written)
            .map(Typed::MemorySize)
            .map_err(DecodeError::Parse),
        "*DefaultTrue" => crate::value::number::parse_bool(written)
            .map(Typed::DefaultTrue)
            .map_err(DecodeError::Parse),
        "bool" => boolean(item).map(Typed::Bool).ok_or(DecodeError::Type),
        // A pointer in Go, which distinguishes false from missing.
        "*bool" => boolean(item).map(Typed::DefaultTrue).ok_or(DecodeError::Type),
        "uint" | "uint64" => match item.value {
            Value::Int(..0) => Err(DecodeError::Negative),
            _ => unsigned(item).map(Typed::Uint).ok_or(DecodeError::Type),
        },
        "float64" => float(item).map(Typed::Float).ok_or(DecodeError::Type),
        _ => signed(item).map(Typed::Int).ok_or(DecodeError::Type),
    }
}

/// The decoder ignores case; the validator does not.
fn level(written: &str) -> Result<Typed, DecodeError> {
    const LEVELS: [&str; 5] = ["debug", "info", "warn", "error", "panic"];
    let lower = written.trim().to_lowercase();
    match LEVELS.iter().find(|l| **l == lower) {
        Some(level) => Ok(Typed::Text((*level).to_owned())),
        None => Err(DecodeError::Parse(ValueError::new("it is not a log level"))),
    }
}

/// For boolean keys, the decoder accepts the words of YAML 1.1.
fn boolean(item: &Item) -> Option<bool> {
    match &item.value {
        Value::Bool(b) => Some(*b),
        Value::Text(text) => match text.as_str() {
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the decoder truncates fractions as well")]
fn signed(item: &Item) -> Option<i64> {
    match item.value {
        Value::Int(n) | Value::Long(n) => Some(n),
        Value::Float(n) if n <= 9_223_372_036_854_775_807.0 => Some(n as i64),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the decoder truncates fractions as well"
)]
fn unsigned(item: &Item) -> Option<u64> {
    match item.value {
        Value::Int(n) | Value::Long(n) => u64::try_from(n).ok(),
        Value::Unsigned(n) => Some(n),
        Value::Float(n) if n <= 18_446_744_073_709_551_615.0 => Some(n as u64),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "the decoder converts the same way")]
fn float(item: &Item) -> Option<f64> {
    match item.value {
        Value::Int(n) | Value::Long(n) => Some(n as f64),
        Value::Unsigned(n) => Some(n as f64),
        Value::Float(n) => Some(n),
        _ => None,
    }
}
