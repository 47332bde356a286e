//! OTLP exports as protobuf messages, as collectors send them and as their file exporter writes them.
//!
//! A message becomes the JSON document with the same content, so that both are read alike.

use super::span::hexadecimal;
use crate::traces::document::{Json, Members};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::{Message, Oneof};
use std::borrow::Cow;

/// The bytes of the size before a message.
pub const SIZE: usize = 4;

/// The first byte of an export: its first field, which is a list of messages.
const FIRST: u8 = 0x0a;

/// Whether some bytes begin with an export, and then whether its size is before it. Any message has
/// bytes that no text has, such as those of times.
pub fn find(bytes: &[u8]) -> Option<bool> {
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    // The last character may be cut.
    let is_utf8 = str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true);
    if is_utf8 && bytes.iter().all(is_text) {
        return None;
    }
    match bytes {
        [FIRST, ..] => Some(false),
        [_, _, _, _, FIRST, ..] if bytes.first() < Some(&FIRST) => Some(true),
        _ => None,
    }
}

/// The size of the message that follows.
pub fn size(bytes: &[u8]) -> Option<usize> {
    let size = bytes.get(..SIZE)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(size)).ok()
}

/// Reads an export.
///
/// # Errors
/// It is not a valid message.
pub fn read(bytes: &[u8]) -> Result<Json<'static>, String> {
    let export = Export::decode(bytes).map_err(|error| error.to_string())?;
    Ok(object([("resourceSpans", list(export.resource_spans, ResourceSpans::json))]))
}

#[derive(Clone, PartialEq, Message)]
struct Export {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<ScopeSpans>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
    #[prost(message, repeated, tag = "3")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    trace_state: String,
    #[prost(bytes = "vec", tag = "4")]
    parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    start: u64,
    #[prost(fixed64, tag = "8")]
    end: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, repeated, tag = "11")]
    events: Vec<Event>,
    #[prost(message, repeated, tag = "13")]
    links: Vec<Link>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(fixed64, tag = "1")]
    time: u64,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "3")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct Link {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(message, repeated, tag = "4")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6, 7")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Kind {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    List(Values),
    #[prost(message, tag = "6")]
    Map(KeyValues),
    #[prost(bytes = "vec", tag = "7")]
    Bytes(Vec<u8>),
}

#[derive(Clone, PartialEq, Message)]
struct Values {
    #[prost(message, repeated, tag = "1")]
    values: Vec<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValues {
    #[prost(message, repeated, tag = "1")]
    values: Vec<KeyValue>,
}

fn object<const N: usize>(members: [(&'static str, Json<'static>); N]) -> Json<'static> {
    Json::Object(Members::of_distinct(members))
}

fn list<T>(items: Vec<T>, json: fn(T) -> Json<'static>) -> Json<'static> {
    Json::List(items.into_iter().map(json).collect())
}

fn text(text: String) -> Json<'static> {
    Json::Text(Cow::Owned(text))
}

fn id(bytes: &[u8]) -> Json<'static> {
    text(hexadecimal(bytes))
}

fn attributes(attributes: Vec<KeyValue>) -> Json<'static> {
    list(attributes, KeyValue::json)
}

impl ResourceSpans {
    fn json(self) -> Json<'static> {
        let resource = self.resource.unwrap_or_default().attributes;
        object([
            ("resource", object([("attributes", attributes(resource))])),
            ("scopeSpans", list(self.scope_spans, ScopeSpans::json)),
            ("schemaUrl", text(self.schema_url)),
        ])
    }
}

impl ScopeSpans {
    fn json(self) -> Json<'static> {
        let Scope { name, version, attributes: own } = self.scope.unwrap_or_default();
        let scope =
            [("name", text(name)), ("version", text(version)), ("attributes", attributes(own))];
        object([
            ("scope", object(scope)),
            ("spans", list(self.spans, Span::json)),
            ("schemaUrl", text(self.schema_url)),
        ])
    }
}

impl Span {
    fn json(self) -> Json<'static> {
        let Status { message, code } = self.status.unwrap_or_default();
        let status = [("message", text(message)), ("code", Json::Int(code.into()))];
        object([
            ("traceId", id(&self.trace_id)),
            ("spanId", id(&self.span_id)),
            ("parentSpanId", id(&self.parent_span_id)),
            ("traceState", text(self.trace_state)),
            ("name", text(self.name)),
            ("kind", Json::Int(self.kind.into())),
            ("startTimeUnixNano", text(self.start.to_string())),
            ("endTimeUnixNano", text(self.end.to_string())),
            ("attributes", attributes(self.attributes)),
            ("events", list(self.events, Event::json)),
            ("links", list(self.links, Link::json)),
            ("status", object(status)),
        ])
    }
}

impl Event {
    fn json(self) -> Json<'static> {
        object([
            ("timeUnixNano", text(self.time.to_string())),
            ("name", text(self.name)),
            ("attributes", attributes(self.attributes)),
        ])
    }
}

impl Link {
    fn json(self) -> Json<'static> {
        object([
            ("traceId", id(&self.trace_id)),
            ("spanId", id(&self.span_id)),
            ("attributes", attributes(self.attributes)),
        ])
    }
}

impl KeyValue {
    fn json(self) -> Json<'static> {
        let value = self.value.map_or_else(|| object([]), AnyValue::json);
        object([("key", text(self.key)), ("value", value)])
    }
}

impl AnyValue {
    fn json(self) -> Json<'static> {
        let Some(kind) = self.kind else { return object([]) };
        let member = match kind {
            Kind::Text(value) => ("stringValue", text(value)),
            Kind::Bool(value) => ("boolValue", Json::Bool(value)),
            Kind::Int(value) => ("intValue", text(value.to_string())),
            Kind::Double(value) => ("doubleValue", Json::Float(value)),
            Kind::List(values) => {
                ("arrayValue", object([("values", list(values.values, Self::json))]))
            }
            Kind::Map(values) => {
                ("kvlistValue", object([("values", list(values.values, KeyValue::json))]))
            }
            Kind::Bytes(bytes) => ("bytesValue", text(STANDARD.encode(bytes))),
        };
        object([member])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ReadFields;
    use crate::traces::otlp::events;

    fn pair(key: &str, kind: Kind) -> KeyValue {
        KeyValue { key: key.to_owned(), value: Some(AnyValue { kind: Some(kind) }) }
    }

    fn span() -> Span {
        let inner = KeyValues { values: vec![pair("x", Kind::Bool(true))] };
        let items = Values { values: vec![AnyValue { kind: Some(Kind::Int(1)) }] };
        Span {
            trace_id: vec![1; 16],
            span_id: vec![2; 8],
            trace_state: "s=1".to_owned(),
            parent_span_id: vec![3; 8],
            name: "op".to_owned(),
            kind: 2,
            start: 1_700_000_000_000_000_000,
            end: 1_700_000_000_100_000_000,
            attributes: vec![
                pair("t", Kind::Text("v".to_owned())),
                pair("i", Kind::Int(-5)),
                pair("d", Kind::Double(0.5)),
                pair("m", Kind::Map(inner)),
                pair("l", Kind::List(items)),
                pair("b", Kind::Bytes(vec![255, 0])),
                KeyValue { key: "none".to_owned(), value: None },
            ],
            events: vec![Event {
                time: 1_700_000_000_050_000_000,
                name: "exception".to_owned(),
                attributes: vec![pair("exception.type", Kind::Text("E".to_owned()))],
            }],
            links: vec![Link { trace_id: vec![4; 16], span_id: vec![5; 8], attributes: vec![] }],
            status: Some(Status { message: "bad".to_owned(), code: 2 }),
        }
    }

    const SAME: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":
        {"stringValue":"cart"}}]},"schemaUrl":"r","scopeSpans":[{"scope":{"name":"lib","version":"1"},
        "schemaUrl":"s","spans":[{"traceId":"01010101010101010101010101010101","spanId":
        "0202020202020202","traceState":"s=1","parentSpanId":"0303030303030303","name":"op","kind":2,
        "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000100000000",
        "attributes":[{"key":"t","value":{"stringValue":"v"}},{"key":"i","value":{"intValue":"-5"}},
        {"key":"d","value":{"doubleValue":0.5}},{"key":"m","value":{"kvlistValue":{"values":
        [{"key":"x","value":{"boolValue":true}}]}}},{"key":"l","value":{"arrayValue":{"values":
        [{"intValue":"1"}]}}},{"key":"b","value":{"bytesValue":"/wA="}},{"key":"none","value":{}}],
        "events":[{"timeUnixNano":"1700000000050000000","name":"exception","attributes":
        [{"key":"exception.type","value":{"stringValue":"E"}}]}],"links":[{"traceId":
        "04040404040404040404040404040404","spanId":"0505050505050505"}],"status":{"message":"bad",
        "code":2}}]}]}]}"#;

    #[test]
    fn a_message_has_the_events_of_its_json() {
        let scope = Scope { name: "lib".into(), version: "1".into(), attributes: Vec::new() };
        let scope_spans =
            ScopeSpans { scope: Some(scope), spans: vec![span()], schema_url: "s".into() };
        let service = pair("service.name", Kind::Text("cart".to_owned()));
        let export = Export {
            resource_spans: vec![ResourceSpans {
                resource: Some(Resource { attributes: vec![service] }),
                scope_spans: vec![scope_spans],
                schema_url: "r".into(),
            }],
        };
        let bytes = export.encode_to_vec();
        let all = ReadFields::all();
        let expected = events(&Json::parse(SAME).unwrap(), &all).unwrap();
        assert_eq!(expected.len(), 3);
        assert_eq!(events(&read(&bytes).unwrap(), &all).unwrap(), expected);
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn text_is_no_message() {
        for (bytes, expected) in [
            (&b"{\"id\":1}"[..], None),
            (b"\n\n{}", None),
            ("{\"a\":\"\u{e9}".as_bytes(), None),
            (b"\n\x10\n\x0e\x00", Some(false)),
            (b"\x00\x00\x01\x10\n\x0e", Some(true)),
            (b"\x00\x01\x02", None),
            (b"", None),
        ] {
            assert_eq!(find(bytes), expected, "{bytes:?}");
        }
        assert_eq!(find(&"{\"a\":\"\u{e9}".as_bytes()[..7]), None);
    }
}
