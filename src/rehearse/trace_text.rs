//! Writes traces as text: `{"id":"…","spans":[{"root":true,"fields":{…}}]}`.
//!
//! A number with a decimal point or an exponent is a float, any other is an integer.

use crate::engine::{Fields, Trace, Value};
use crate::value::float_text::with_digits_of;
use serde_json::{Map, Value as Json, json};

/// A trace on one line.
pub fn write(trace: &Trace) -> String {
    trace_json(trace).to_string()
}

/// A trace as a JSON value.
pub fn trace_json(trace: &Trace) -> Json {
    let root = trace.root().map(std::ptr::from_ref);
    let spans: Vec<Json> = trace
        .spans()
        .iter()
        .map(|span| {
            if Some(std::ptr::from_ref(span)) == root {
                json!({ "root": true, "fields": fields(span) })
            } else {
                json!({ "fields": fields(span) })
            }
        })
        .collect();
    json!({ "id": trace.id, "spans": spans })
}

fn fields(span: &Fields) -> Json {
    span.iter()
        .map(|(name, value)| (name.to_owned(), value_json(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// A value of a field.
pub fn value_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Int(n) | Value::Long(n) => json!(n),
        Value::Uint(n) => json!(n),
        Value::Float(n) => json!(n),
        Value::Float32(n) => json!(with_digits_of(*n)),
        Value::Text(text) | Value::Other(text) => json!(text),
        Value::List(items) => items.iter().map(value_json).collect(),
        Value::Map(map) => fields(map),
    }
}
