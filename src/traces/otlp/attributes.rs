//! Turns OTLP attributes into fields.
//!
//! Lists and bytes become JSON text with a newline, mappings become fields with dotted names.

use super::json::{array, each, int, object, text};
use super::{Refusal, under};
use crate::engine::ingest::Event;
use crate::engine::json_text::otlp_json_text;
use crate::engine::{Fields, ReadFields, Value};
use crate::traces::document::{Json, Member};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// Mappings nested deeper than this become text.
const MAX_DOTS: usize = 5;

/// The maximum length of the text of a list or mapping, in bytes.
const LONGEST: usize = 65_535;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Fields in order of precedence: of two with the same name the first is used.
#[derive(Clone, Debug)]
pub struct Attributes<'f> {
    /// The fields to keep.
    read: &'f ReadFields,
    pairs: Event,
    /// Whether a sample rate was found and removed.
    has_rate: bool,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl<'f> Attributes<'f> {
    pub fn new(read: &'f ReadFields) -> Self {
        Self { read, pairs: Event::new(), has_rate: false }
    }

    pub fn push(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(name) = self.read.find(name) {
            self.pairs.push((name, value.into()));
        }
    }

    pub fn push_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.push(name, text);
        }
    }

    /// Adds fields of lower precedence.
    pub fn extend(&mut self, others: &Attributes<'_>) {
        self.pairs.extend_from_slice(&others.pairs);
    }

    /// Reads a list of keys and values and ignores other items.
    pub fn add_all(&mut self, list: Option<Json<'_>>) -> Result<(), Refusal> {
        each(array(list), "attributes", |item| match key_and_value(item) {
            Some((key, value)) => self.add(key, value, 0),
            None => Ok(()),
        })
    }

    fn add(&mut self, key: &str, value: Json<'_>, depth: usize) -> Result<(), Refusal> {
        let Json::Object(members) = value else { return Ok(()) };
        for (kind, value) in members.iter() {
            if let Some(value) = self.field(key, kind, value, depth).map_err(under("value"))?
                && !self.takes_rate(key, kind)
            {
                self.push(key, value);
            }
        }
        Ok(())
    }

    /// A value of that kind; `None` if the kind is unknown or the value was flattened.
    fn field(
        &mut self,
        key: &str,
        kind: &str,
        value: Json<'_>,
        depth: usize,
    ) -> Result<Option<Value>, Refusal> {
        Ok(Some(match kind {
            // Saves a copy.
            "stringValue" if !self.read.has(key) => Value::Null,
            "stringValue" => text(value).into(),
            "boolValue" => (value == Json::Bool(true)).into(),
            "intValue" if value.is_number() => Value::Int(int(value)),
            "intValue" => Value::Int(whole(value)?),
            "doubleValue" => Value::Float(value.as_f64().unwrap_or_default()),
            "bytesValue" => written(&text(value).into()),
            "arrayValue" => written(&list(value)?),
            "kvlistValue" if depth < MAX_DOTS => {
                self.flatten(key, value, depth + 1)?;
                return Ok(None);
            }
            "kvlistValue" => written(&mapping(value)?),
            _ => return Ok(None),
        }))
    }

    /// The first rate is used; one named `sampleRate` always is.
    fn takes_rate(&mut self, key: &str, kind: &str) -> bool {
        let could = matches!(kind, "stringValue" | "intValue" | "doubleValue");
        let takes = could && (key == "sampleRate" || (key == "SampleRate" && !self.has_rate));
        self.has_rate |= takes;
        takes
    }

    fn flatten(&mut self, prefix: &str, value: Json<'_>, depth: usize) -> Result<(), Refusal> {
        each(array(value.get("values")), "values", |item| {
            object(item, "it")?;
            match key_and_value(item) {
                Some((key, value)) => self.add(&format!("{prefix}.{key}"), value, depth),
                None => Ok(()),
            }
        })
    }

    /// Each name once, with its first value.
    pub fn finish(self) -> Event {
        /// Up to this many names are compared with each other.
        const FEW: usize = 16;
        let mut pairs = self.pairs;
        if pairs.len() > FEW {
            let mut seen: HashSet<Arc<str>, RandomState> = HashSet::default();
            pairs.retain(|(name, _)| seen.insert(Arc::clone(name)));
            return pairs;
        }
        let mut place = 0;
        while place < pairs.len() {
            let (before, rest) = pairs.split_at(place);
            if before.iter().any(|(name, _)| *name == rest[0].0) {
                pairs.remove(place);
            } else {
                place += 1;
            }
        }
        pairs
    }
}

/// A non-empty key with its value.
pub fn key_and_value(item: Json<'_>) -> Option<Member<'_>> {
    let key = item.get("key").map(text).filter(|key| !key.is_empty())?;
    Some((key, item.get("value")?))
}

/// An ID in hexadecimal, which is written like that or in Base64.
pub fn id(value: Json<'_>) -> Result<Cow<'_, str>, Refusal> {
    let text = text(value);
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(is_digit) {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = read_hexadecimal(text).or_else(|| unpack(text));
    let bytes = bytes.ok_or_else(|| "an ID must be hexadecimal or Base64".to_owned())?;
    Ok(Cow::Owned(hexadecimal(&bytes)))
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text
}

fn read_hexadecimal(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

fn unpack(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace(['\r', '\n'], "")).ok()
}

fn whole(value: Json<'_>) -> Result<i64, Refusal> {
    text(value).parse().map_err(|_| "an integer must consist of digits".to_owned())
}

/// JSON text with a newline, truncated if it is too long.
fn written(value: &Value) -> Value {
    if !value.is_finite() {
        return "".into();
    }
    let mut text = otlp_json_text(value);
    text.push('\n');
    if text.len() > LONGEST {
        text = String::from_utf8_lossy(&text.as_bytes()[..LONGEST]).into_owned();
    }
    Value::Text(text)
}

/// A list without values is null.
fn list(value: Json<'_>) -> Result<Value, Refusal> {
    let items = array(value.get("values")).iter();
    let values: Vec<Value> =
        items.filter_map(|item| inner(*item).transpose()).collect::<Result<_, _>>()?;
    let is_null = array(value.get("values")).is_empty();
    Ok(if is_null { Value::Null } else { Value::List(values) })
}

fn mapping(value: Json<'_>) -> Result<Value, Refusal> {
    if !value.is_object() {
        return Ok(Value::Null);
    }
    let mut pairs = Vec::new();
    for &item in array(value.get("values")) {
        object(item, "a value")?;
        if let Some((key, value)) = key_and_value(item)
            && let Some(value) = inner(value)?
        {
            pairs.push((key.to_owned(), value));
        }
    }
    Ok(Value::Map(Fields::new(pairs)))
}

/// A value inside a list or mapping, where integers must be strings.
fn inner(value: Json<'_>) -> Result<Option<Value>, Refusal> {
    let mut last = None;
    for (kind, value) in value.as_object().into_iter().flat_map(|members| members.iter()) {
        last = Some(match kind {
            "stringValue" => text(value).into(),
            "boolValue" => (value == Json::Bool(true)).into(),
            "intValue" => Value::Int(whole(value)?),
            "doubleValue" => Value::Float(value.as_f64().unwrap_or_default()),
            "bytesValue" => bytes(value)?,
            "arrayValue" => list(value)?,
            "kvlistValue" => mapping(value)?,
            _ => continue,
        });
    }
    Ok(last)
}

fn bytes(value: Json<'_>) -> Result<Value, Refusal> {
    let bytes = unpack(text(value)).ok_or_else(|| "bytes must be Base64".to_owned())?;
    Ok(Value::Text(BASE64.encode(bytes)))
}
