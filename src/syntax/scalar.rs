//! Resolves plain scalars as Refinery's YAML reader (go-yaml v3) does: the words of YAML 1.2, the
//! octals of YAML 1.1, and timestamps.
//!
//! Must not know which type a key expects: `config` does.

use super::time::is_timestamp;
use super::tree::{FLOAT, TIME, WIDE_INT};
use crate::value::number::{parse_int, parse_uint};
use crate::value::parse_float;

/// A resolved scalar, before conversion to the type of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond 2^63 − 1.
    Unsigned(u64),
    Float(f64),
    /// An integer with the tag [`WIDE_INT`].
    Long(i64),
    Time,
    Text,
    /// A Base64 string.
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

/// An explicit tag that does not fit the text, at which the reader stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMismatch {
    pub reads_as: &'static str,
}

/// The reader whose rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Refinery's reader.
    Engine,
    /// The reader of Helm and Kubernetes (sigs.k8s.io/yaml), which knows the booleans of YAML 1.1 and
    /// reads dates as strings.
    Helm,
    /// The reader of Kustomize, which reads dates as strings, too. It writes the booleans of YAML 1.1 as
    /// strings.
    Kustomize,
}

/// Resolves a scalar with the rules of a dialect.
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
        (Dialect::Helm | Dialect::Kustomize, Scalar::Time) => Ok(Scalar::Text),
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

/// Resolves a scalar and its tag, if it has one.
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
        Some(FLOAT) => parse_float(text).map(Scalar::Float).or_else(|_| tagged("!!float", text)),
        Some(WIDE_INT) => {
            Ok(parse_int(text, 0).map_or_else(|_| beyond_64_bits(text), Scalar::Long))
        }
        Some(_) => Ok(Scalar::Text),
    }
}

/// An integer of TOML that does not fit in 64 bits. Refinery only accepts it for floats.
fn beyond_64_bits(text: &str) -> Scalar {
    Scalar::Float(parse_float(text).unwrap_or(f64::INFINITY))
}

/// Whether the text can be written without quotes and is still read as the same string everywhere.
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

/// Resolves a scalar without quotes. Like go-yaml, selects candidates by the first character.
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

/// Underscores are allowed anywhere; `0b`, `0o`, `0x` and a leading `0` select the base.
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

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, without the other forms that Go accepts.
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
    fn words_follow_yaml_1_2() {
        assert_eq!(read("True"), Scalar::Bool(true));
        for text in ["yes", "on", "y", "tRue", "=", "190:20:30", "0x", "1__"] {
            let expected = if text == "1__" { Scalar::Int(1) } else { Scalar::Text };
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("~"), Scalar::Null);
    }

    #[test]
    fn octals_follow_yaml_1_1() {
        for (text, n) in [("017", 15), ("0o17", 15), ("-0o17", -15), ("0b11", 3), ("1_000", 1000)] {
            assert_eq!(read(text), Scalar::Int(n), "{text}");
        }
        assert_eq!(read("08"), Scalar::Float(8.0));
        assert_eq!(read("1e3"), Scalar::Float(1000.0));
        assert_eq!(read("18446744073709551615"), Scalar::Unsigned(u64::MAX));
        assert_eq!(read("2024-01-01"), Scalar::Time);
    }

    #[test]
    fn helm_reads_yaml_1_1_booleans_but_no_dates() {
        let read = |text| resolve_as(Dialect::Helm, None, text, false).unwrap();
        assert_eq!((read("yes"), read("Off")), (Scalar::Bool(true), Scalar::Bool(false)));
        assert_eq!((read("yEs"), read("2024-01-01")), (Scalar::Text, Scalar::Text));
        assert_eq!(resolve_as(Dialect::Helm, None, "yes", true), Ok(Scalar::Text));
        assert_eq!(resolve_as(Dialect::Helm, Some("!!str"), "yes", false), Ok(Scalar::Text));
    }

    #[test]
    fn a_tag_must_fit_its_value() {
        assert_eq!(resolve(Some("!!int"), "5", true), Ok(Scalar::Int(5)));
        assert_eq!(resolve(Some("!!float"), "5", false), Ok(Scalar::Float(5.0)));
        assert_eq!(resolve(Some("!!str"), "5", false), Ok(Scalar::Text));
        assert!(resolve(Some("!!int"), "abc", false).is_err());
        assert_eq!(resolve(Some("!env"), "5", false), Ok(Scalar::Text));
    }
}
