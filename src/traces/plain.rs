//! Reads valid lines in one pass, straight into the fields that are kept.
//!
//! Anything unusual is left to [`super::lines`]: errors, repeated keys, integers beyond 64 bits.
//! Spans mostly have the fields of the span before them, so those are expected and only compared.

use super::scan::Scan;
use super::time::read_time;
use crate::engine::value::Names;
use crate::engine::{Fields, ReadFields, Trace, Value};
use std::sync::Arc;

/// Reads lines with similar spans.
pub struct PlainReader<'f> {
    fields: &'f ReadFields,
    /// The members of earlier spans, those of the last one first.
    expected: Vec<Expected>,
}

/// Spans of more kinds are read without expecting anything.
const MAX_EXPECTED: usize = 8;

/// The members of a span in their order.
struct Expected {
    members: Vec<Member>,
    /// The sorted names of those that are kept.
    names: Arc<Names>,
    kept: usize,
}

/// A member of a span's fields.
struct Member {
    /// The name in quotes and the colon, as written.
    start: Box<str>,
    /// The place of the value among the sorted names; `None` if the field is not read.
    place: Option<usize>,
}

impl<'f> PlainReader<'f> {
    pub fn new(fields: &'f ReadFields) -> Self {
        Self { fields, expected: Vec::new() }
    }

    /// `None` if the line is not a plain trace. At least these fields are kept.
    pub fn read(&mut self, line: &str) -> Option<Trace> {
        let mut scan = Scan::new(line);
        let (mut id, mut spans, mut time) = (None, None, None);
        scan.object(|scan, name| match &*name {
            "id" if id.is_none() => {
                id = Some(scan.string()?.into_owned());
                Some(())
            }
            "spans" if spans.is_none() => {
                spans = Some(self.read_spans(scan)?);
                Some(())
            }
            "time" if time.is_none() => {
                // Other forms of time are left to the other reader, which reports them.
                time = Some(read_time(&scan.string()?)?);
                Some(())
            }
            "id" | "spans" | "time" => None,
            _ => scan.skip(),
        })?;
        scan.end()?;
        let mut trace = Trace::new(id?);
        trace.time = time;
        for (is_root, fields) in spans? {
            if is_root { trace.push_root(fields) } else { trace.push(fields) }
        }
        Some(trace)
    }

    fn read_spans(&mut self, scan: &mut Scan<'_>) -> Option<Vec<(bool, Fields)>> {
        let mut spans = Vec::new();
        scan.list(|scan| {
            let (mut root, mut fields) = (None, None);
            scan.object(|scan, name| match &*name {
                "root" if root.is_none() => {
                    root = Some(scan.boolean()?);
                    Some(())
                }
                "fields" if fields.is_none() => {
                    fields = Some(self.read_fields(scan)?);
                    Some(())
                }
                "root" | "fields" => None,
                _ => scan.skip(),
            })?;
            spans.push((root.unwrap_or_default(), fields?));
            Some(())
        })?;
        Some(spans)
    }

    fn read_fields(&mut self, scan: &mut Scan<'_>) -> Option<Fields> {
        let start = scan.clone();
        for number in 0..self.expected.len() {
            if let Some(fields) = self.expected.get(number)?.read(scan) {
                self.expected.swap(0, number);
                return Some(fields);
            }
            scan.clone_from(&start);
        }
        if self.expected.len() >= MAX_EXPECTED {
            return self.read_unexpected(scan, &mut |_, _| ());
        }
        let mut members = Vec::new();
        let fields =
            self.read_unexpected(scan, &mut |start, field| members.push((start, field)))?;
        self.expected.extend(Expected::of(members, &fields));
        Some(fields)
    }

    /// Calls `visit` with each member, up to its value, and its name if it is kept.
    fn read_unexpected<'t>(
        &self,
        scan: &mut Scan<'t>,
        visit: &mut dyn FnMut(&'t str, Option<Arc<str>>),
    ) -> Option<Fields> {
        let mut kept: Vec<(Arc<str>, Value)> = Vec::new();
        scan.object(|scan, name| {
            let field = self.fields.find(&name);
            visit(scan.name_as_written(), field.clone());
            match field {
                Some(field) => kept.push((field, read_value(scan)?)),
                None => scan.skip()?,
            }
            Some(())
        })?;
        Some(Fields::new(kept))
    }
}

impl Expected {
    /// `None` if the span has a field twice, or none.
    fn of(members: Vec<(&str, Option<Arc<str>>)>, fields: &Fields) -> Option<Self> {
        let kept = members.iter().filter(|(_, name)| name.is_some()).count();
        if members.is_empty() || fields.iter().count() < kept {
            return None;
        }
        let place = |name: Arc<str>| fields.iter().position(|(known, _)| *known == *name);
        let member = |(start, name): (&str, Option<Arc<str>>)| Member {
            start: start.into(),
            place: name.and_then(place),
        };
        let members = members.into_iter().map(member).collect();
        Some(Self { members, names: fields.names().clone(), kept })
    }

    /// `None` if the span has other members.
    fn read(&self, scan: &mut Scan<'_>) -> Option<Fields> {
        let mut values = vec![Value::Null; self.kept];
        let mut separator = b'{';
        for member in &self.members {
            scan.byte(separator)?;
            scan.text(&member.start)?;
            match member.place {
                Some(place) => *values.get_mut(place)? = read_value(scan)?,
                None => scan.skip()?,
            }
            separator = b',';
        }
        scan.byte(b'}')?;
        Some(Fields::of_names(self.names.clone(), values))
    }
}

fn read_value(scan: &mut Scan<'_>) -> Option<Value> {
    Some(match scan.peek()? {
        b'"' => Value::Text(scan.string()?.into_owned()),
        b'[' => {
            let mut items = Vec::new();
            scan.list(|scan| {
                items.push(read_value(scan)?);
                Some(())
            })?;
            Value::List(items)
        }
        b'{' => {
            let mut pairs: Vec<(String, Value)> = Vec::new();
            scan.object(|scan, name| {
                pairs.push((name.into_owned(), read_value(scan)?));
                Some(())
            })?;
            Value::Map(Fields::new(pairs))
        }
        b't' | b'f' => Value::Bool(scan.boolean()?),
        b'n' => {
            scan.text("null")?;
            Value::Null
        }
        _ => read_number(scan.number()?)?,
    })
}

/// The value of a JSON number. `None` if it is too large.
pub fn read_number(text: &str) -> Option<Value> {
    if text.contains(['.', 'e', 'E']) {
        return text.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Float);
    }
    text.parse().map(Value::Int).ok().or_else(|| text.parse().map(Value::Uint).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each span as `name:value`, and the number of the root.
    fn read(lines: &[&str], fields: &ReadFields) -> Vec<Option<String>> {
        let mut reader = PlainReader::new(fields);
        let show = |trace: Trace| {
            let spans = trace.spans().iter().map(|span| {
                let mark = if trace.root().is_some_and(|root| std::ptr::eq(root, span)) {
                    "^"
                } else {
                    ""
                };
                format!("{mark}{}", Value::Map(span.clone()).text())
            });
            spans.collect::<Vec<_>>().join(" ")
        };
        lines.iter().map(|line| Some(show(reader.read(line)?))).collect()
    }

    fn line(fields: &str) -> String {
        format!(r#"{{"id":"t","spans":[{{"root":true,"fields":{fields}}}]}}"#)
    }

    #[test]
    fn spans_may_differ_from_those_before() {
        for (fields, shown) in [
            (r#"{"b":1,"a":"x"}"#, "^map[a:x b:1]"),
            (r#"{"b":2.5,"a":null}"#, "^map[a:<nil> b:2.5]"),
            (r#"{ "b" : 2 , "a" : true }"#, "^map[a:true b:2]"),
            (r#"{"b":3}"#, "^map[b:3]"),
            (r#"{"b":4,"c":[1,{"d":"e"}]}"#, "^map[b:4 c:[1 map[d:e]]]"),
            (r#"{"b":5,"c":{}}"#, "^map[b:5 c:map[]]"),
            (r#"{"b":6,"b":7}"#, "^map[b:7]"),
            (r#"{"b":8,"b":9}"#, "^map[b:9]"),
            ("{}", "^map[]"),
            ("{}", "^map[]"),
            (r#"{"a\n":"\u00e9"}"#, "^map[a\n:é]"),
            (r#"{"a\n":"\u00e8"}"#, "^map[a\n:è]"),
        ] {
            let all = [line(r#"{"b":1,"a":"x"}"#), line(fields), line(fields)];
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let found = read(&all, &ReadFields::all());
            assert_eq!(found[1..], [Some(shown.to_owned()), Some(shown.to_owned())], "{fields}");
        }
    }

    #[test]
    fn numbers_are_read_by_their_form() {
        for (text, value) in [
            ("-0", Some(Value::Int(0))),
            ("18446744073709551615", Some(Value::Uint(u64::MAX))),
            ("18446744073709551616", None),
            ("1e999", None),
            ("1E2", Some(Value::Float(100.0))),
        ] {
            assert_eq!(read_number(text), value, "{text}");
        }
    }

    #[test]
    fn repeated_keys_are_left_to_the_other_reader() {
        for line in [
            r#"{"id":"t","id":"u","spans":[]}"#,
            r#"{"id":"t","spans":[],"spans":[]}"#,
            r#"{"id":"t","spans":[{"fields":{},"fields":{}}]}"#,
            r#"{"id":"t","spans":[{"root":true,"root":true,"fields":{}}]}"#,
            r#"{"id":"t"}"#,
            r#"{"spans":[]}"#,
            r#"{"id":"t","spans":[{}]}"#,
            r#"{"id":"t","spans":[]} x"#,
            r#"{"id":"t","spans":[],}"#,
        ] {
            assert_eq!(read(&[line], &ReadFields::all()), [None], "{line}");
        }
        let others = r#"{"x":[{"y":[1.5e3,-2,"\"",null,false,{}]}],"id":"t","spans":[]}"#;
        assert_eq!(read(&[others], &ReadFields::all()), [Some(String::new())]);
    }
}
