//! What a plain word in a YAML file means to the engine's reader (go-yaml v3).
//!
//! Holds the resolution of one scalar: YAML 1.2's core words, YAML 1.1's octals, timestamps.
//! Must not know what type a key wants; `config` asks that.

use super::time::is_timestamp;
use super::tree::{TIME, WIDE_INT};
use crate::value::number::{parse_float, parse_int, parse_uint};

/// A scalar as the reader resolves it, before any key asks for a type.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond 2^63 − 1.
    Unsigned(u64),
    Float(f64),
    /// A whole number that carries [`WIDE_INT`].
    Long(i64),
    Time,
    Text,
    /// Text in base 64.
    Binary,
    Merge,
}

impl Scalar {
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Unsigned(_) | Self::Long(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Time => "!!timestamp",
            Self::Text => "!!str",
            Self::Binary => "!!binary",
            Self::Merge => "!!merge",
        }
    }
}

/// An explicit tag that the text cannot honour: the engine stops reading there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMismatch {
    pub reads_as: &'static str,
}

/// Whose rules a text is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Refinery's own reader.
    Engine,
    /// The one of Helm and Kubernetes (sigs.k8s.io/yaml), which knows the booleans of YAML 1.1 and
    /// hands dates on as the text they are.
    Helm,
}

/// Resolves a scalar as that reader does.
///
/// # Errors
/// The tag names another type than the text has.
pub fn resolve_as(
    dialect: Dialect,
    tag: Option<&str>,
    text: &str,
    quoted: bool,
) -> Result<Scalar, TagMismatch> {
    match (dialect, resolve(tag, text, quoted)?) {
        (Dialect::Helm, Scalar::Text) if tag.is_none() && !quoted => Ok(old_boolean(text)),
        (Dialect::Helm, Scalar::Time) => Ok(Scalar::Text),
        (_, scalar) => Ok(scalar),
    }
}

fn old_boolean(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ => Scalar::Text,
    }
}

/// Resolves a scalar with the tag it carries, if any.
///
/// # Errors
/// The tag names another type than the text has.
pub fn resolve(tag: Option<&str>, text: &str, quoted: bool) -> Result<Scalar, TagMismatch> {
    match tag {
        None if quoted => Ok(Scalar::Text),
        None => Ok(plain(text, true)),
        Some("!!str") => Ok(Scalar::Text),
        Some("!!binary") => Ok(Scalar::Binary),
        Some(tag @ ("!!bool" | "!!int" | "!!float" | "!!null" | "!!timestamp")) => {
            tagged(tag, text)
        }
        Some(TIME) => Ok(Scalar::Time),
        Some(WIDE_INT) => Ok(parse_int(text, 0).map_or(Scalar::Text, Scalar::Long)),
        Some(_) => Ok(Scalar::Text),
    }
}

/// Would this text, written without quotes, come back as the same text anywhere?
pub fn is_plain_text(text: &str) -> bool {
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | ' ' | ':');
    text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/'))
        && text.chars().all(is_safe)
        && !text.contains(": ")
        && !text.ends_with([' ', ':'])
        && resolve(None, text, false) == Ok(Scalar::Text)
}

fn tagged(tag: &str, text: &str) -> Result<Scalar, TagMismatch> {
    let scalar = plain(text, tag == "!!timestamp");
    match (&scalar, tag) {
        (Scalar::Int(n), "!!float") => {
            #[expect(clippy::cast_precision_loss, reason = "the reader converts the same way")]
            let float = *n as f64;
            Ok(Scalar::Float(float))
        }
        _ if scalar.tag() == tag || scalar == Scalar::Text && tag == "!!str" => Ok(scalar),
        _ => Err(TagMismatch { reads_as: scalar.tag() }),
    }
}

/// The reader looks at the first character to see what a word might be.
fn plain(text: &str, times: bool) -> Scalar {
    if let Some(word) = word(text) {
        return word;
    }
    match text.bytes().next() {
        Some(b'.') => parse_float(text).map_or(Scalar::Text, Scalar::Float),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            if times && is_timestamp(text) {
                Scalar::Time
            } else {
                number(text)
            }
        }
        _ => Scalar::Text,
    }
}

fn word(text: &str) -> Option<Scalar> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        "<<" => Scalar::Merge,
        _ => return None,
    })
}

/// Underscores may stand anywhere; `0b`, `0o`, `0x` and a bare leading `0` choose the base.
fn number(text: &str) -> Scalar {
    let digits = text.replace('_', "");
    whole(&digits, 0)
        .or_else(|| decimal_float(&digits))
        .or_else(|| digits.strip_prefix("0b").and_then(|d| whole(d, 2)))
        .or_else(|| digits.strip_prefix("-0b").and_then(|d| negative(d, 2)))
        .or_else(|| digits.strip_prefix("0o").and_then(|d| whole(d, 8)))
        .or_else(|| digits.strip_prefix("-0o").and_then(|d| negative(d, 8)))
        .unwrap_or(Scalar::Text)
}

fn whole(digits: &str, base: u32) -> Option<Scalar> {
    parse_int(digits, base)
        .map(Scalar::Int)
        .or_else(|_| parse_uint(digits, base).map(Scalar::Unsigned))
        .ok()
}

fn negative(digits: &str, base: u32) -> Option<Scalar> {
    parse_int(&format!("-{digits}"), base).map(Scalar::Int).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and nothing that Go alone would read.
fn decimal_float(text: &str) -> Option<Scalar> {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let shape = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| {
            let e = e.strip_prefix(['-', '+']).unwrap_or(e);
            !e.is_empty() && digits(e)
        });
    if shape { parse_float(text).ok().map(Scalar::Float) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scalar {
        resolve(None, text, false).unwrap()
    }

    #[test]
    fn words_are_those_of_yaml_1_2() {
        assert_eq!(read("True"), Scalar::Bool(true));
        for text in ["yes", "on", "y", "tRue", "=", "190:20:30", "0x", "1__"] {
            let expected = if text == "1__" { Scalar::Int(1) } else { Scalar::Text };
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("~"), Scalar::Null);
    }

    #[test]
    fn numbers_keep_the_octals_of_yaml_1_1() {
        for (text, n) in [("017", 15), ("0o17", 15), ("-0o17", -15), ("0b11", 3), ("1_000", 1000)] {
            assert_eq!(read(text), Scalar::Int(n), "{text}");
        }
        assert_eq!(read("08"), Scalar::Float(8.0));
        assert_eq!(read("1e3"), Scalar::Float(1000.0));
        assert_eq!(read("18446744073709551615"), Scalar::Unsigned(u64::MAX));
        assert_eq!(read("2024-01-01"), Scalar::Time);
    }

    #[test]
    fn helm_knows_older_booleans_and_no_dates() {
        let read = |text| resolve_as(Dialect::Helm, None, text, false).unwrap();
        assert_eq!((read("yes"), read("Off")), (Scalar::Bool(true), Scalar::Bool(false)));
        assert_eq!((read("yEs"), read("2024-01-01")), (Scalar::Text, Scalar::Text));
        assert_eq!(resolve_as(Dialect::Helm, None, "yes", true), Ok(Scalar::Text));
        assert_eq!(resolve_as(Dialect::Helm, Some("!!str"), "yes", false), Ok(Scalar::Text));
    }

    #[test]
    fn a_tag_must_fit_its_text() {
        assert_eq!(resolve(Some("!!int"), "5", true), Ok(Scalar::Int(5)));
        assert_eq!(resolve(Some("!!float"), "5", false), Ok(Scalar::Float(5.0)));
        assert_eq!(resolve(Some("!!str"), "5", false), Ok(Scalar::Text));
        assert!(resolve(Some("!!int"), "abc", false).is_err());
        assert_eq!(resolve(Some("!env"), "5", false), Ok(Scalar::Text));
    }
}
