//! OTLP exports as protobuf messages, as collectors send them and as their file exporter writes them.
//!
//! A message becomes the JSON document with the same content, so that both are read alike.

use super::attributes::hexadecimal;
use crate::decompress::is_zstd;
use crate::traces::document::{Json, Member, Members};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use prost::{Message, Oneof};

/// The bytes of the size before a message.
pub const SIZE: usize = 4;

/// The first byte of an export: its first field, which is a list of messages.
const FIRST: u8 = 0x0a;

/// The first byte of an export in JSON.
const FIRST_OF_JSON: u8 = b'{';

/// Whether an export is in JSON.
pub fn is_json(bytes: &[u8]) -> bool {
    bytes.first() == Some(&FIRST_OF_JSON)
}

/// Whether some bytes begin with an export, and then whether its size is before it. Any message has
/// bytes that no text has, such as those of times. One after its size may also be JSON, and
/// compressed on its own.
pub fn find(bytes: &[u8]) -> Option<bool> {
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    // The last character may be cut.
    let is_utf8 = str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true);
    if is_utf8 && bytes.iter().all(is_text) {
        return None;
    }
    match bytes {
        [FIRST, ..] => Some(false),
        [first, _, _, _, rest @ ..] if *first < FIRST => {
            (rest.first() == Some(&FIRST) || is_json(rest) || is_zstd(rest)).then_some(true)
        }
        _ => None,
    }
}

/// The size of the message that follows.
pub fn size(bytes: &[u8]) -> Option<usize> {
    let size = bytes.get(..SIZE)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(size)).ok()
}

/// Decodes an export.
///
/// # Errors
/// It is not a valid message.
pub fn decode(bytes: &[u8]) -> Result<Export, String> {
    Export::decode(bytes).map_err(|error| error.to_string())
}

/// An export.
#[derive(Clone, PartialEq, Message)]
pub struct Export {
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

fn object<'j, const N: usize>(arena: &'j Bump, members: [Member<'j>; N]) -> Json<'j> {
    Json::Object(Members::of_distinct(arena.alloc(members)))
}

fn list<'j, T>(arena: &'j Bump, items: &'j [T], json: fn(&'j T, &'j Bump) -> Json<'j>) -> Json<'j> {
    Json::List(arena.alloc_slice_fill_iter(items.iter().map(|item| json(item, arena))))
}

fn text<'j>(arena: &'j Bump, text: &str) -> Json<'j> {
    Json::Text(arena.alloc_str(text))
}

fn id<'j>(arena: &'j Bump, bytes: &[u8]) -> Json<'j> {
    text(arena, &hexadecimal(bytes))
}

fn attributes<'j>(arena: &'j Bump, attributes: &'j [KeyValue]) -> Json<'j> {
    list(arena, attributes, KeyValue::json)
}

impl Export {
    /// The JSON document with the same content.
    pub fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let spans = list(arena, &self.resource_spans, ResourceSpans::json);
        object(arena, [("resourceSpans", spans)])
    }
}

impl ResourceSpans {
    fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let own = self.resource.as_ref().map_or(&[][..], |resource| &resource.attributes);
        let resource = object(arena, [("attributes", attributes(arena, own))]);
        let members = [
            ("resource", resource),
            ("scopeSpans", list(arena, &self.scope_spans, ScopeSpans::json)),
            ("schemaUrl", Json::Text(&self.schema_url)),
        ];
        object(arena, members)
    }
}

impl ScopeSpans {
    fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let scope = self.scope.as_ref().map(|scope| {
            let members = [
                ("name", Json::Text(&scope.name)),
                ("version", Json::Text(&scope.version)),
                ("attributes", attributes(arena, &scope.attributes)),
            ];
            object(arena, members)
        });
        let members = [
            ("scope", scope.unwrap_or(Json::Null)),
            ("spans", list(arena, &self.spans, Span::json)),
            ("schemaUrl", Json::Text(&self.schema_url)),
        ];
        object(arena, members)
    }
}

impl Span {
    fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let status = self.status.as_ref();
        let message = status.map_or("", |status| &status.message);
        let code = status.map_or(0, |status| status.code.into());
        let status = [("message", Json::Text(message)), ("code", Json::Int(code))];
        let members = [
            ("traceId", id(arena, &self.trace_id)),
            ("spanId", id(arena, &self.span_id)),
            ("parentSpanId", id(arena, &self.parent_span_id)),
            ("traceState", Json::Text(&self.trace_state)),
            ("name", Json::Text(&self.name)),
            ("kind", Json::Int(self.kind.into())),
            ("startTimeUnixNano", text(arena, &self.start.to_string())),
            ("endTimeUnixNano", text(arena, &self.end.to_string())),
            ("attributes", attributes(arena, &self.attributes)),
            ("events", list(arena, &self.events, Event::json)),
            ("links", list(arena, &self.links, Link::json)),
            ("status", object(arena, status)),
        ];
        object(arena, members)
    }
}

impl Event {
    fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let members = [
            ("timeUnixNano", text(arena, &self.time.to_string())),
            ("name", Json::Text(&self.name)),
            ("attributes", attributes(arena, &self.attributes)),
        ];
        object(arena, members)
    }
}

impl Link {
    fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let members = [
            ("traceId", id(arena, &self.trace_id)),
            ("spanId", id(arena, &self.span_id)),
            ("attributes", attributes(arena, &self.attributes)),
        ];
        object(arena, members)
    }
}

impl KeyValue {
    fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let value = self.value.as_ref().map_or_else(|| object(arena, []), |v| v.json(arena));
        object(arena, [("key", Json::Text(&self.key)), ("value", value)])
    }
}

impl AnyValue {
    fn json<'j>(&'j self, arena: &'j Bump) -> Json<'j> {
        let Some(kind) = &self.kind else { return object(arena, []) };
        let values = |values| object(arena, [("values", values)]);
        let member = match kind {
            Kind::Text(value) => ("stringValue", Json::Text(value)),
            Kind::Bool(value) => ("boolValue", Json::Bool(*value)),
            Kind::Int(value) => ("intValue", text(arena, &value.to_string())),
            Kind::Double(value) => ("doubleValue", Json::Float(*value)),
            Kind::List(items) => ("arrayValue", values(list(arena, &items.values, Self::json))),
            Kind::Map(pairs) => ("kvlistValue", values(list(arena, &pairs.values, KeyValue::json))),
            Kind::Bytes(bytes) => ("bytesValue", text(arena, &STANDARD.encode(bytes))),
        };
        object(arena, [member])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ReadFields;
    use crate::traces::otlp::timed_events;

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
        let (all, arena) = (ReadFields::all(), Bump::new());
        let expected = timed_events(Json::parse(SAME, &arena).unwrap(), &all).unwrap();
        assert_eq!(expected.len(), 3);
        let message = decode(&bytes).unwrap();
        assert_eq!(timed_events(message.json(&arena), &all).unwrap(), expected);
        assert!(decode(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn text_is_not_a_message() {
        for (bytes, expected) in [
            (&b"{\"id\":1}"[..], None),
            (b"\n\n{}", None),
            ("{\"a\":\"\u{e9}".as_bytes(), None),
            (b"\n\x10\n\x0e\x00", Some(false)),
            (b"\x00\x00\x01\x10\n\x0e", Some(true)),
            (b"\x00\x00\x01\x10{\"r", Some(true)),
            (b"\x00\x00\x01\x10\x28\xb5\x2f\xfd\x00", Some(true)),
            (b"\x28\xb5\x2f\xfd\x00", None),
            (b"\x00\x01\x02", None),
            (b"", None),
        ] {
            assert_eq!(find(bytes), expected, "{bytes:?}");
        }
        assert_eq!(find(&"{\"a\":\"\u{e9}".as_bytes()[..7]), None);
    }
}
