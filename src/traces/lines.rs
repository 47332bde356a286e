//! Reads one trace per line: `{"id":"…","spans":[{"root":true,"fields":{…}}]}`, with or without
//! a `time`.
//!
//! A number with a decimal point or an exponent is a float, any other is an integer. Other keys are
//! ignored.

use super::BadInput;
use super::document::Json;
use super::plain::{PlainReader, read_number};
use super::time::read_time;
use crate::engine::{Fields, Trace, Value};
use bumpalo::Bump;
use jsonc_parser::ast::{self, Object};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// Why a line is not a trace, and the byte offset of the error.
type Fault = (usize, String);

/// Reads the line with this number.
///
/// # Errors
/// It is not JSON, or not a trace.
pub fn read<'r>(
    number: usize,
    line: &str,
    reader: &'r mut PlainReader<'_>,
) -> Result<&'r Trace, BadInput> {
    if reader.read(line).is_none() {
        // Slower, and knows what is wrong and where.
        parse(number, line, &Bump::new())?;
        let trace = read_trace(line).map_err(|(at, message)| bad(number, line, at, message))?;
        reader.replace(trace);
    }
    Ok(reader.trace())
}

/// Parses any JSON on a line.
pub fn parse<'j>(number: usize, line: &'j str, arena: &'j Bump) -> Result<Json<'j>, BadInput> {
    Json::parse(line, arena).map_err(|error| invalid(number, line, &error))
}

/// The error that a line is not the JSON that it should be.
pub fn invalid(number: usize, line: &str, error: &serde_json::Error) -> BadInput {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    bad(number, line, error.column().saturating_sub(1), message)
}

fn bad(line: usize, text: &str, at: usize, message: impl Into<String>) -> BadInput {
    let before = text.char_indices().take_while(|(index, _)| *index < at).count();
    BadInput::Line { line, column: before + 1, message: message.into() }
}

fn read_trace(line: &str) -> Result<Trace, Fault> {
    let ast = parse_to_ast(line, &CollectOptions::default(), &ParseOptions::default())
        .map_err(|error| (error.range().start, error.kind().to_string()))?;
    let Some(ast::Value::Object(object)) = &ast.value else {
        return Err((0, "expected a trace as an object".to_owned()));
    };
    let mut trace = match member(object, "id")? {
        ast::Value::StringLit(id) => Trace::new(id.value.as_ref()),
        other => return Err(fault(other, "`id` must be a string")),
    };
    let spans = match member(object, "spans")? {
        ast::Value::Array(spans) => &spans.elements,
        other => return Err(fault(other, "`spans` must be a list")),
    };
    spans.iter().try_for_each(|span| push(&mut trace, span))?;
    trace.time = match last(object, "time") {
        None | Some(ast::Value::NullKeyword(_)) => None,
        Some(ast::Value::StringLit(text)) if read_time(&text.value).is_some() => {
            read_time(&text.value)
        }
        Some(other) => {
            return Err(fault(other, "`time` must be a time such as `2026-03-01T10:00:00Z`"));
        }
    };
    Ok(trace)
}

fn push(trace: &mut Trace, span: &ast::Value<'_>) -> Result<(), Fault> {
    let ast::Value::Object(object) = span else {
        return Err(fault(span, "a span must be an object"));
    };
    let fields = match member(object, "fields")? {
        ast::Value::Object(fields) => read_fields(fields)?,
        other => return Err(fault(other, "`fields` must be an object")),
    };
    match last(object, "root") {
        Some(ast::Value::BooleanLit(root)) if root.value => trace.push_root(fields),
        None | Some(ast::Value::BooleanLit(_)) => trace.push(fields),
        Some(other) => return Err(fault(other, "`root` must be a boolean")),
    }
    Ok(())
}

fn member<'o, 't>(object: &'o Object<'t>, name: &str) -> Result<&'o ast::Value<'t>, Fault> {
    last(object, name).ok_or_else(|| (object.range.start, format!("missing `{name}`")))
}

/// The last of two members with the same name is used.
fn last<'o, 't>(object: &'o Object<'t>, name: &str) -> Option<&'o ast::Value<'t>> {
    let mut properties = object.properties.iter().rev();
    properties.find(|p| p.name.as_str() == name).map(|p| &p.value)
}

fn fault(value: &ast::Value<'_>, message: impl Into<String>) -> Fault {
    (value.range().start, message.into())
}

fn read_fields(object: &Object<'_>) -> Result<Fields, Fault> {
    let fields = object.properties.iter();
    let pair = |p: &ast::ObjectProp<'_>| Ok((p.name.as_str().to_owned(), read_value(&p.value)?));
    Ok(Fields::new(fields.map(pair).collect::<Result<Vec<_>, Fault>>()?))
}

fn read_value(value: &ast::Value<'_>) -> Result<Value, Fault> {
    Ok(match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(lit) => Value::Bool(lit.value),
        ast::Value::StringLit(lit) => Value::Text(lit.value.clone().into_owned()),
        ast::Value::NumberLit(lit) => {
            read_number(lit.value).ok_or_else(|| fault(value, "the number is too large"))?
        }
        ast::Value::Array(array) => {
            Value::List(array.elements.iter().map(read_value).collect::<Result<_, _>>()?)
        }
        ast::Value::Object(object) => Value::Map(read_fields(object)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ReadFields;
    use crate::engine::name::Name;

    fn field(written: &str) -> Value {
        let line = format!(r#"{{"id":"t","spans":[{{"fields":{{"a":{written}}}}}]}}"#);
        let fields = ReadFields::all();
        let mut reader = PlainReader::new(&fields);
        let trace = read(1, &line, &mut reader).unwrap();
        trace.spans()[0].get(&Name::new("a")).unwrap().clone()
    }

    #[test]
    fn keeps_the_type_of_numbers() {
        for (written, value) in [
            ("5", Value::Int(5)),
            ("-0", Value::Int(0)),
            ("9223372036854775807", Value::Int(i64::MAX)),
            ("18446744073709551615", Value::Uint(u64::MAX)),
            ("5.0", Value::Float(5.0)),
            ("5e0", Value::Float(5.0)),
            ("null", Value::Null),
            (r#""\u00e9\n""#, Value::Text("é\n".to_owned())),
            ("[1, 1.0]", Value::List(vec![Value::Int(1), Value::Float(1.0)])),
        ] {
            assert_eq!(field(written), value, "{written}");
        }
        assert!(matches!(field(r#"{"b": {}}"#), Value::Map(_)));
    }

    #[test]
    fn finds_the_root_span() {
        let line = r#"{"spans":[{"root":true,"fields":{"a":1}},{"root":false,"fields":{}},{"fields":{}}],"id":""}"#;
        let fields = ReadFields::all();
        let mut reader = PlainReader::new(&fields);
        let trace = read(1, line, &mut reader).unwrap();
        assert_eq!((trace.spans().len(), trace.root()), (3, trace.spans().first()));
    }

    #[test]
    fn reports_the_position_of_errors() {
        for (line, column, message) in [
            ("x", 1, "expected value"),
            (r#"{"id":"é" 5}"#, 11, "expected `,` or `}`"),
            (r#"{"id":"t"}"#, 1, "missing `spans`"),
            ("[]", 1, "expected a trace as an object"),
            (r#"{"id":5,"spans":[]}"#, 7, "`id` must be a string"),
            (r#"{"id":"é","spans":{}}"#, 19, "`spans` must be a list"),
            (r#"{"id":"t","spans":[5]}"#, 20, "a span must be an object"),
            (r#"{"id":"t","spans":[{}]}"#, 20, "missing `fields`"),
            (r#"{"id":"t","spans":[{"fields":{},"root":1}]}"#, 40, "`root` must be a boolean"),
            (r#"{"id":"t","spans":[{"fields":{"a":1e999}}]}"#, 35, "the number is too large"),
            (
                r#"{"id":"t","spans":[{"fields":{"a":99999999999999999999}}]}"#,
                35,
                "the number is too large",
            ),
            (r#"{"id":"t","spans":[]} x"#, 23, "trailing characters"),
            ("{\"id\":\"t\",\"spans\":[],}", 22, "trailing comma"),
        ] {
            match read(7, line, &mut PlainReader::new(&ReadFields::default())) {
                Err(BadInput::Line { line: 7, column: at, message: said }) => {
                    assert_eq!((at, said.as_str()), (column, message), "{line}");
                }
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
