//! Reads a valid line in one pass.
//!
//! Anything unusual is left to [`super::lines`]: errors, repeated keys, numbers beyond 64 bits and
//! `-0`, whose type the parser does not tell.

use crate::engine::{Fields, ReadFields, Trace, Value};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// None if the line is not a plain trace. Only these fields are kept.
pub fn read(line: &str, fields: &ReadFields) -> Option<Trace> {
    let mut reader = serde_json::Deserializer::from_str(line);
    let trace = reader.deserialize_map(LineVisitor(fields)).ok()?;
    reader.end().ok()?;
    Some(trace)
}

struct LineVisitor<'f>(&'f ReadFields);

impl<'de> Visitor<'de> for LineVisitor<'_> {
    type Value = Trace;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a trace")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Trace, A::Error> {
        let (mut id, mut spans) = (None, None);
        while let Some(name) = members.next_key::<&str>()? {
            match name {
                "id" if id.is_none() => id = Some(members.next_value::<String>()?),
                "spans" if spans.is_none() => spans = Some(members.next_value_seed(Spans(self.0))?),
                "id" | "spans" => return Err(Error::custom("repeated")),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let (id, spans) = id.zip(spans).ok_or_else(|| Error::custom("incomplete"))?;
        let mut trace = Trace::new(id);
        for (is_root, fields) in spans {
            if is_root { trace.push_root(fields) } else { trace.push(fields) }
        }
        Ok(trace)
    }
}

/// A list of spans, each with whether it is the root.
struct Spans<'f>(&'f ReadFields);

impl<'de> DeserializeSeed<'de> for Spans<'_> {
    type Value = Vec<(bool, Fields)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Spans<'_> {
    type Value = Vec<(bool, Fields)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("spans")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut spans = Vec::new();
        while let Some(span) = items.next_element_seed(Span(self.0))? {
            spans.push(span);
        }
        Ok(spans)
    }
}

struct Span<'f>(&'f ReadFields);

impl<'de> DeserializeSeed<'de> for Span<'_> {
    type Value = (bool, Fields);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Span<'_> {
    type Value = (bool, Fields);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut root, mut fields) = (None, None);
        while let Some(name) = members.next_key::<&str>()? {
            match name {
                "root" if root.is_none() => root = Some(members.next_value::<bool>()?),
                "fields" if fields.is_none() => {
                    fields = Some(members.next_value_seed(Members(self.0))?);
                }
                "root" | "fields" => return Err(Error::custom("repeated")),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let fields = fields.ok_or_else(|| Error::custom("incomplete"))?;
        Ok((root.unwrap_or_default(), fields))
    }
}

/// Most rules read fewer fields of a span.
const USUAL: usize = 8;

struct Members<'f>(&'f ReadFields);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Fields;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
        let mut fields: Vec<(Arc<str>, Value)> = Vec::with_capacity(USUAL);
        while let Some(name) = members.next_key_seed(Name(self.0))? {
            match name {
                Some(name) => fields.push((name, members.next_value::<Typed>()?.0)),
                None => {
                    members.next_value::<Checked>()?;
                }
            }
        }
        Ok(Fields::new(fields))
    }
}

/// The name of a field that is read.
struct Name<'f>(&'f ReadFields);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<Arc<str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<Arc<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(name))
    }
}

struct Typed(Value);

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypedVisitor)
    }
}

struct TypedVisitor;

impl<'de> Visitor<'de> for TypedVisitor {
    type Value = Typed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Typed, E> {
        Ok(Typed(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Typed, E> {
        Ok(Typed(Value::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Typed, E> {
        Ok(Typed(Value::Int(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Typed, E> {
        Ok(Typed(i64::try_from(value).map_or(Value::Uint(value), Value::Int)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Typed, E> {
        check_float(value).map(|()| Typed(Value::Float(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Typed, E> {
        Ok(Typed(Value::Text(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Typed, A::Error> {
        let mut list = Vec::new();
        while let Some(Typed(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Typed(Value::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Typed, A::Error> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        while let Some((name, Typed(value))) = members.next_entry()? {
            fields.push((name, value));
        }
        Ok(Typed(Value::Map(Fields::new(fields))))
    }
}

/// An integer that is too large arrives as a float too.
fn check_float<E: Error>(value: f64) -> Result<(), E> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    let may_be_integer = value.abs() >= TWO_TO_63 || value == 0.0 && value.is_sign_negative();
    if may_be_integer { Err(E::custom("of unknown type")) } else { Ok(()) }
}

/// A value that is not kept, which must be valid all the same.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self, E> {
        check_float(value).map(|()| self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while members.next_entry::<IgnoredAny, Self>()?.is_some() {}
        Ok(self)
    }
}
