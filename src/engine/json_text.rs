//! Formats values as JSON text like Go's encoder.
//!
//! Refinery looks up nested fields in this text, and a match may be a part of it.

use super::number_text::{json_float, wide_json_float};
use super::value::Fields;
use super::value::Value;
use crate::value::float_text::with_digits_of;
use std::fmt::Write;

/// The text of a value, with names sorted by their bytes.
pub fn json_text(value: &Value) -> String {
    write(value, Dialect::Standard)
}

/// The same, as Refinery's OTLP reader writes it.
pub fn otlp_json_text(value: &Value) -> String {
    write(value, Dialect::Otlp)
}

/// Refinery uses two JSON encoders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Go's own, which also escapes HTML.
    Standard,
    /// With minimal escapes, most of them numeric.
    Otlp,
}

fn write(value: &Value, dialect: Dialect) -> String {
    let mut writer = Writer { out: String::new(), dialect };
    writer.value(value);
    writer.out
}

struct Writer {
    out: String,
    dialect: Dialect,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Float(n) if self.dialect == Dialect::Otlp => {
                self.out.push_str(&wide_json_float(*n));
            }
            Value::Float(n) => self.out.push_str(&json_float(*n)),
            Value::Float32(n) => self.out.push_str(&json_float(with_digits_of(*n))),
            Value::Text(text) | Value::Other(text) => self.text(text),
            Value::List(items) => self.list(items),
            Value::Map(fields) => self.map(fields),
            word => self.out.push_str(&word.text()),
        }
    }

    fn escapes(&self, c: char) -> bool {
        self.dialect == Dialect::Standard && matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
    }

    fn list(&mut self, items: &[Value]) {
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.value(item);
        }
        self.out.push(']');
    }

    fn map(&mut self, fields: &Fields) {
        self.out.push('{');
        for (index, (name, value)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.text(name);
            self.out.push(':');
            self.value(value);
        }
        self.out.push('}');
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.out.extend(['\\', c]),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' if self.dialect == Dialect::Standard => self.out.push_str("\\b"),
                '\u{c}' if self.dialect == Dialect::Standard => self.out.push_str("\\f"),
                c if c < ' ' || self.escapes(c) => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                }
                _ => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_like_go() {
        let value = Value::Map(Fields::new([
            ("z".to_owned(), Value::List(vec![Value::Int(1), Value::Null, Value::Bool(true)])),
            ("a<".to_owned(), Value::Text("\"é\u{1}\n&\u{2028}".to_owned())),
            ("m".to_owned(), Value::Float(5.0)),
        ]));
        let text = r#"{"a\u003c":"\"é\u0001\n\u0026\u2028","m":5,"z":[1,null,true]}"#;
        assert_eq!(json_text(&value), text);
        let text = "{\"a<\":\"\\\"é\\u0001\\n&\u{2028}\",\"m\":5,\"z\":[1,null,true]}";
        assert_eq!(otlp_json_text(&value), text);
    }
}
