//! Writes a trace as a test file has it, to copy into one.

use super::tag::{FLOAT32, FORMATTED, UINT};
use crate::engine::{Fields, Trace, Value};
use crate::rehearse::trace_text::value_json;
use crate::syntax::is_plain_text;

/// `[{root: true, http.status_code: 500}]`.
pub fn write(trace: &Trace) -> String {
    format!("[{}]", spans(trace).join(", "))
}

/// The spans of a trace, each as a mapping such as `{root: true, http.status_code: 500}`.
pub fn spans(trace: &Trace) -> Vec<String> {
    let root = trace.root().map(std::ptr::from_ref);
    let spans = trace.spans().iter().enumerate().map(|(number, span)| {
        let is_root = Some(std::ptr::from_ref(span)) == root;
        // Without a mark the first span would be the root span.
        let mark = match (is_root, root.is_none() && number == 0) {
            (true, _) => Some("root: true".to_owned()),
            (_, true) => Some("root: false".to_owned()),
            _ => None,
        };
        let all: Vec<String> = mark.into_iter().chain(fields(span)).collect();
        format!("{{{}}}", all.join(", "))
    });
    spans.collect()
}

/// A string, in quotes if it would be read as something else without.
pub fn scalar(text: &str) -> String {
    if is_plain_text(text) { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn fields(span: &Fields) -> impl Iterator<Item = String> {
    span.iter().map(|(name, value)| {
        let name = if name == "root" { "\"root\"".to_owned() } else { scalar(name) };
        format!("{name}: {}", written(value))
    })
}

fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => scalar(text),
        Value::Float(n) if n.is_nan() => ".nan".to_owned(),
        Value::Float(n) if n.is_infinite() => if *n > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        // The reader takes numbers without a tag for other types.
        Value::Uint(n) if i64::try_from(*n).is_ok() => format!("!{UINT} {n}"),
        Value::Float32(_) => format!("!{FLOAT32} {}", value.text()),
        Value::Other(text) => format!("!{FORMATTED} {}", serde_json::Value::from(text.as_str())),
        other => value_json(other).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_tests::read::{Subject, read};
    use crate::span::FileId;

    #[test]
    fn a_test_file_reads_what_is_written() {
        let field = |name: &str, value| (name.to_owned(), value);
        let first = || {
            Fields::new([
                field("http.route", Value::Text("/health".to_owned())),
                field("a: b, c", Value::Text("5".to_owned())),
                field("n", Value::Int(5)),
                field("f", Value::Float(5.0)),
                field("most", Value::Float(f64::INFINITY)),
                field("u", Value::Uint(u64::MAX)),
                field("small", Value::Uint(5)),
                field("single", Value::Float32(0.1)),
                field("single most", Value::Float32(f32::INFINITY)),
                field("extension", Value::Other("&{[0] -1}".to_owned())),
                field("list", Value::List(vec![Value::Bool(true), Value::Null])),
            ])
        };
        for has_root in [true, false] {
            let mut trace = Trace::new("test");
            trace.push(Fields::new::<String>([]));
            if has_root {
                trace.push_root(first());
            } else {
                trace.push(first());
            }
            let written = write(&trace);
            let file = format!(
                "target: t\ntests: [{{name: x, expect: {{keep: never}}, trace: {written}}}]\n"
            );
            let reading = read(FileId(0), &file);
            assert!(reading.findings.is_empty(), "{written}: {:?}", reading.findings);
            let test = reading.file.unwrap().tests.remove(0);
            let Subject::Trace(read) = test.subject else { panic!("{written}") };
            assert_eq!(read, trace, "{written}");
        }
    }
}
