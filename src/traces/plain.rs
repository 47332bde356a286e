//! Reads valid lines in one pass, straight into the fields that are kept.
//!
//! Anything unusual is left to [`super::lines`]: errors, repeated keys, integers beyond 64 bits.
//! Spans mostly have the fields of the span before them, so those are expected and only compared.

use super::scan::{Scan, ShortNumber};
use super::time::read_time;
use crate::engine::value::Names;
use crate::engine::{Fields, ReadFields, Trace, Value};
use std::sync::Arc;

/// Reads lines with similar spans. Each trace is read into the memory of the one before it.
pub struct PlainReader<'f> {
    fields: &'f ReadFields,
    trace: Trace,
    /// The forms of earlier spans, that of the last one first.
    forms: Vec<Form>,
}

/// Spans of more forms are read without expecting anything.
const MAX_FORMS: usize = 8;

/// A span as written, but for its values.
struct Form {
    members: Vec<Member>,
    /// What follows the last value.
    end: Box<str>,
    is_root: bool,
    /// The sorted names of the fields that are kept.
    names: Arc<Names>,
    kept: usize,
    /// Fields of these names that no trace has any more.
    unused: Vec<Fields>,
}

/// A value of a span, and what is before it.
struct Member {
    /// From the value before it.
    start: Box<str>,
    /// The place of the value among the sorted names; `None` if it is not read.
    place: Option<usize>,
}

impl<'f> PlainReader<'f> {
    pub fn new(fields: &'f ReadFields) -> Self {
        Self { fields, trace: Trace::default(), forms: Vec::new() }
    }

    /// The last trace.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Replaces it by one that was read in another way.
    pub fn replace(&mut self, trace: Trace) {
        self.trace = trace;
    }

    /// Reads the next trace. `None` if the line is not a plain trace. At least these fields are kept.
    pub fn read(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        let mut next = self.take_trace();
        let (mut has_id, mut has_spans) = (false, false);
        let read = scan.object(|scan, name| match &*name {
            "id" if !has_id => {
                has_id = true;
                next.id.push_str(&scan.string()?);
                Some(())
            }
            "spans" if !has_spans => {
                has_spans = true;
                scan.list(|scan| {
                    let (is_root, fields) = self.read_span(scan)?;
                    if is_root {
                        next.push_root(fields);
                    } else {
                        next.push(fields);
                    }
                    Some(())
                })
            }
            "time" if next.time.is_none() => {
                // Other forms of time are left to the other reader, which reports them.
                next.time = Some(read_time(&scan.string()?)?);
                Some(())
            }
            "id" | "spans" | "time" => None,
            _ => scan.skip(),
        });
        self.trace = next;
        read?;
        scan.end()?;
        (has_id && has_spans).then_some(())
    }

    /// Takes the last trace, without its data.
    fn take_trace(&mut self) -> Trace {
        let mut last = std::mem::take(&mut self.trace);
        for fields in last.clear() {
            let names = fields.names();
            if let Some(form) = self.forms.iter_mut().find(|form| Arc::ptr_eq(&form.names, names)) {
                form.unused.push(fields);
            }
        }
        last
    }

    /// Whether it is a root, and its fields.
    fn read_span(&mut self, scan: &mut Scan<'_>) -> Option<(bool, Fields)> {
        let start = scan.clone();
        for number in 0..self.forms.len() {
            let form = self.forms.get_mut(number)?;
            if let Some(fields) = form.read(scan) {
                let is_root = form.is_root;
                self.forms.swap(0, number);
                return Some((is_root, fields));
            }
            scan.clone_from(&start);
        }
        self.read_unexpected(scan)
    }

    fn read_unexpected(&mut self, scan: &mut Scan<'_>) -> Option<(bool, Fields)> {
        let (mut root, mut fields) = (None, None);
        let mut end = scan.clone();
        let mut members = Vec::new();
        scan.object(|scan, name| match &*name {
            "root" if root.is_none() => {
                root = Some(scan.boolean()?);
                Some(())
            }
            "fields" if fields.is_none() => {
                let mut kept: Vec<(Arc<str>, Value)> = Vec::new();
                scan.object(|scan, name| {
                    let field = self.fields.find(&name);
                    scan.peek()?;
                    members.push((scan.since(&end), field.clone()));
                    match field {
                        Some(field) => kept.push((field, read_value(scan)?)),
                        None => scan.skip()?,
                    }
                    end.clone_from(scan);
                    Some(())
                })?;
                fields = Some(Fields::new(kept));
                Some(())
            }
            "root" | "fields" => None,
            _ => {
                scan.peek()?;
                members.push((scan.since(&end), None));
                scan.skip()?;
                end.clone_from(scan);
                Some(())
            }
        })?;
        let (is_root, fields) = (root.unwrap_or_default(), fields?);
        if self.forms.len() < MAX_FORMS {
            self.forms.push(Form::new(members, scan.since(&end), is_root, &fields));
        }
        Some((is_root, fields))
    }
}

impl Form {
    /// `members` are what is before each value, and its name if it is kept. Of two values with one name
    /// the last is used.
    fn new(
        members: Vec<(&str, Option<Arc<str>>)>,
        end: &str,
        is_root: bool,
        fields: &Fields,
    ) -> Self {
        let place = |name: Arc<str>| fields.iter().position(|(known, _)| *known == *name);
        let member = |(start, name): (&str, Option<Arc<str>>)| Member {
            start: start.into(),
            place: name.and_then(place),
        };
        let members = members.into_iter().map(member).collect();
        let (names, kept) = (fields.names().clone(), fields.iter().count());
        Self { members, end: end.into(), is_root, names, kept, unused: Vec::new() }
    }

    /// `None` if the span has another form.
    fn read(&mut self, scan: &mut Scan<'_>) -> Option<Fields> {
        let new = || Fields::of_names(self.names.clone(), vec![Value::Null; self.kept]);
        let mut fields = self.unused.pop().unwrap_or_else(new);
        if self.read_into(scan, fields.values_mut()).is_none() {
            self.unused.push(fields);
            return None;
        }
        Some(fields)
    }

    fn read_into(&self, scan: &mut Scan<'_>, values: &mut [Value]) -> Option<()> {
        for member in &self.members {
            scan.exactly(&member.start)?;
            match member.place {
                Some(place) => overwrite(values.get_mut(place)?, scan)?,
                None => scan.skip()?,
            }
        }
        scan.exactly(&self.end)
    }
}

/// Reads a value in place of another one, whose memory it uses if both are strings.
fn overwrite(value: &mut Value, scan: &mut Scan<'_>) -> Option<()> {
    match (scan.peek()?, &mut *value) {
        (b'"', Value::Text(text)) => {
            let new = scan.string()?;
            text.clear();
            text.push_str(&new);
        }
        (b'-' | b'0'..=b'9', _) => {
            *value = match scan.short_number() {
                Some(number) => number.into(),
                None => read_number(scan.number()?)?,
            };
        }
        _ => *value = read_value(scan)?,
    }
    Some(())
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

impl From<ShortNumber> for Value {
    fn from(number: ShortNumber) -> Self {
        match number {
            ShortNumber::Int(n) => Self::Int(n),
            ShortNumber::Float(n) => Self::Float(n),
        }
    }
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
        let show = |trace: &Trace| {
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
        let mut read = |line: &str| reader.read(line).map(|()| show(reader.trace()));
        lines.iter().map(|line| read(line)).collect()
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
            (r#"{"b":1,"a":"x","c":2}"#, "^map[a:x b:1 c:2]"),
            (r#"{"b":1,"a":"x"},"fields2":{}"#, "^map[a:x b:1]"),
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
    fn a_trace_has_nothing_of_the_one_before_it() {
        let lines = [
            r#"{"id":"one","time":"2026-03-01T10:00:00Z","spans":[{"root":true,"fields":{"a":"long"}},{"fields":{"a":"b"}}]}"#,
            r#"{"id":"t","spans":[{"fields":{"a":"c"}}]}"#,
            r#"{"id":"u","spans":[]}"#,
        ];
        let fields = ReadFields::all();
        let mut reader = PlainReader::new(&fields);
        for line in lines {
            reader.read(line).unwrap();
            let mut fresh = PlainReader::new(&fields);
            fresh.read(line).unwrap();
            assert_eq!(reader.trace(), fresh.trace());
        }
        assert_eq!(reader.trace(), &Trace::new("u"));
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
