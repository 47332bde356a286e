//! Reads a valid line in one pass.
//!
//! Anything unusual is left to [`super::lines`]: errors, repeated keys, numbers beyond 64 bits and
//! `-0`, whose type the parser does not tell.

use crate::engine::{Fields, Trace, Value};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

#[derive(Deserialize)]
struct Line {
    id: String,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    #[serde(default)]
    root: bool,
    fields: Members,
}

struct Members(Fields);

struct Typed(Value);

/// None if the line is not a plain trace.
pub fn read(line: &str) -> Option<Trace> {
    let Line { id, spans } = serde_json::from_str(line).ok()?;
    let mut trace = Trace::new(id);
    for Span { root, fields } in spans {
        if root { trace.push_root(fields.0) } else { trace.push(fields.0) }
    }
    Some(trace)
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_map(TypedVisitor)?.0 {
            Value::Map(fields) => Ok(Self(fields)),
            _ => Err(Error::custom("not an object")),
        }
    }
}

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

    /// An integer that is too large arrives as a float too.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Typed, E> {
        const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
        let may_be_integer = value.abs() >= TWO_TO_63 || value == 0.0 && value.is_sign_negative();
        if may_be_integer {
            Err(E::custom("of unknown type"))
        } else {
            Ok(Typed(Value::Float(value)))
        }
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
        let mut fields = Vec::new();
        while let Some((name, Typed(value))) = members.next_entry()? {
            fields.push((name, value));
        }
        Ok(Typed(Value::Map(Fields::new(fields))))
    }
}
