//! Values as JSON text, as Go's encoder writes it.
//!
//! The engine looks for nested fields in this text, and a match may be a piece of it.

use super::fields::Fields;
use super::number_text::json_float;
use super::value::Value;
use std::fmt::Write;

/// One value's text. Names stand in the order of their bytes.
pub fn json_text(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Float(n) => out.push_str(&json_float(*n)),
        Value::Text(text) | Value::Other(text) => write_text(out, text),
        Value::List(items) => write_list(out, items),
        Value::Map(fields) => write_map(out, fields),
        word => out.push_str(&word.text()),
    }
}

fn write_list(out: &mut String, items: &[Value]) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_value(out, item);
    }
    out.push(']');
}

fn write_map(out: &mut String, fields: &Fields) {
    out.push('{');
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(out, name);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

/// Go escapes what could end a script in a web page as well.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_go() {
        let value = Value::Map(Fields::new([
            ("z".to_owned(), Value::List(vec![Value::Int(1), Value::Null, Value::Bool(true)])),
            ("a<".to_owned(), Value::Text("\"é\u{1}\n&\u{2028}".to_owned())),
            ("m".to_owned(), Value::Float(5.0)),
        ]));
        let text = r#"{"a\u003c":"\"é\u0001\n\u0026\u2028","m":5,"z":[1,null,true]}"#;
        assert_eq!(json_text(&value), text);
    }
}
