//! Turns one OTLP span into its event, and one event for each of its span events and links.
//!
//! An attribute overrides a field of the span with the same name.

use super::attributes::{Attributes, id, key_and_value};
use super::json::{array, each, int, nanoseconds, object, text};
use super::{Refusal, Timed};
use crate::engine::ingest::Event;
use crate::engine::{ReadFields, Value};
use crate::traces::document::{Json, Members};
use std::borrow::Cow;

/// The scope and resource of a span.
pub struct Enclosing<'a> {
    /// The fields to keep.
    pub read: &'a ReadFields,
    pub scope: &'a Attributes<'a>,
    pub resource: &'a Attributes<'a>,
}

/// The parsed parts of a span.
struct Span<'j> {
    trace_id: Cow<'j, str>,
    id: Cow<'j, str>,
    parent_id: Cow<'j, str>,
    name: &'j str,
    kind: Option<Json<'j>>,
    state: &'j str,
    start: u64,
    end: u64,
    status_code: i64,
    status_message: &'j str,
    attributes: Attributes<'j>,
}

/// The status code of an error.
const ERROR: i64 = 2;

const NANOS_PER_MILLISECOND: f64 = 1e6;

/// Reads a span and adds its events: first span events, then links, then the span itself.
pub fn read(
    json: Json<'_>,
    enclosing: &Enclosing<'_>,
    events: &mut Vec<Timed>,
) -> Result<(), Refusal> {
    let members = object(json, "it")?;
    let mut span = Span::read(members, enclosing.read)?;
    let time = span.time();
    let mut exception: Option<Attributes<'_>> = None;
    each(array(members.get("events")), "events", |event| {
        events.push((span_event(event, &span, enclosing)?, time));
        exception = exception.take().or_else(|| exception_of(event, enclosing.read));
        Ok(())
    })?;
    each(array(members.get("links")), "links", |link| {
        events.push((span_link(link, &span, enclosing)?, time));
        Ok(())
    })?;
    let mut fields = std::mem::replace(&mut span.attributes, Attributes::new(enclosing.read));
    span.describe(&mut fields, members);
    enclosing.finish(&mut fields);
    if let Some(exception) = &exception {
        fields.extend(exception);
    }
    events.push((fields.finish(), time));
    Ok(())
}

impl Enclosing<'_> {
    fn finish(&self, fields: &mut Attributes<'_>) {
        fields.extend(self.scope);
        fields.extend(self.resource);
    }
}

impl<'j> Span<'j> {
    fn read(members: Members<'j>, read: &'j ReadFields) -> Result<Self, Refusal> {
        let mut span = Self {
            trace_id: Cow::Borrowed(""),
            id: Cow::Borrowed(""),
            parent_id: Cow::Borrowed(""),
            name: "",
            kind: None,
            state: "",
            start: 0,
            end: 0,
            status_code: 0,
            status_message: "",
            attributes: Attributes::new(read),
        };
        for (name, value) in members.iter() {
            span.take(name, value).map_err(|said| match name {
                "attributes" => said,
                name => format!("{name}: {said}"),
            })?;
        }
        Ok(span)
    }

    fn take(&mut self, name: &str, value: Json<'j>) -> Result<(), Refusal> {
        match name {
            "traceId" => self.trace_id = id(value)?,
            "spanId" => self.id = id(value)?,
            "parentSpanId" => self.parent_id = id(value)?,
            "traceState" => self.state = text(value),
            "name" => self.name = text(value),
            "kind" => self.kind = Some(value),
            "startTimeUnixNano" => self.start = nanoseconds(value)?,
            "endTimeUnixNano" => self.end = nanoseconds(value)?,
            "attributes" => self.attributes.add_all(Some(value))?,
            "status" => self.take_status(object(value, "it")?)?,
            _ => {}
        }
        Ok(())
    }

    /// When it ended, if that is known.
    fn time(&self) -> Option<i64> {
        i64::try_from(self.end).ok().filter(|end| *end > 0)
    }

    fn take_status(&mut self, status: Members<'j>) -> Result<(), Refusal> {
        self.status_message = status.get("message").map(text).unwrap_or_default();
        self.status_code = match status.get("code") {
            None => 0,
            Some(code) if code.is_number() => int(code),
            Some(Json::Text(word)) => match word {
                "STATUS_CODE_OK" => 1,
                "STATUS_CODE_ERROR" => ERROR,
                _ => 0,
            },
            Some(_) => return Err("`code` must be a number or a string".to_owned()),
        };
        Ok(())
    }

    fn describe(&self, fields: &mut Attributes<'_>, members: Members<'_>) {
        let count =
            |name| Value::Int(i64::try_from(array(members.get(name)).len()).unwrap_or(i64::MAX));
        self.identify(fields, &self.parent_id, "", "");
        fields.push("name", self.name);
        fields.push("trace.span_id", &*self.id);
        fields.push_unless_empty("trace.trace_state", self.state);
        fields.push("status_code", Value::Int(self.status_code));
        fields.push_unless_empty("status_message", self.status_message);
        fields.push("span.num_events", count("events"));
        fields.push("span.num_links", count("links"));
        let kind = self.kind.map_or(UNSPECIFIED, kind);
        fields.push("span.kind", kind);
        fields.push("type", kind);
        let (duration, is_valid) = milliseconds(self.start, self.end);
        fields.push("duration_ms", Value::Float(duration));
        if !is_valid {
            fields.push("meta.invalid_duration", true);
        }
    }

    /// Fields of all three kinds of events.
    fn identify(&self, fields: &mut Attributes<'_>, parent: &str, parent_name: &str, kind: &str) {
        fields.push("trace.trace_id", trace_id(&self.trace_id));
        fields.push_unless_empty("trace.parent_id", parent);
        fields.push_unless_empty("parent_name", parent_name);
        fields.push_unless_empty("meta.annotation_type", kind);
        fields.push("meta.signal_type", "trace");
        if self.status_code == ERROR {
            fields.push("error", true);
        }
    }
}

fn span_event(
    json: Json<'_>,
    span: &Span<'_>,
    enclosing: &Enclosing<'_>,
) -> Result<Event, Refusal> {
    let members = object(json, "it")?;
    let time = members.get("timeUnixNano").map_or(Ok(0), nanoseconds);
    let time = time.map_err(|said| format!("timeUnixNano: {said}"))?;
    let mut fields = Attributes::new(enclosing.read);
    fields.add_all(members.get("attributes"))?;
    span.identify(&mut fields, &span.id, span.name, "span_event");
    fields.push("name", members.get("name").map(text).unwrap_or_default());
    let (since, is_valid) = milliseconds(span.start, time);
    fields.push("meta.time_since_span_start_ms", Value::Float(since));
    if !is_valid {
        fields.push("meta.invalid_time_since_span_start", true);
    }
    enclosing.finish(&mut fields);
    Ok(fields.finish())
}

fn span_link(json: Json<'_>, span: &Span<'_>, enclosing: &Enclosing<'_>) -> Result<Event, Refusal> {
    let members = object(json, "it")?;
    let linked = |name: &str| {
        members
            .get(name)
            .map_or(Ok(Cow::Borrowed("")), id)
            .map_err(|said| format!("{name}: {said}"))
    };
    let mut fields = Attributes::new(enclosing.read);
    fields.add_all(members.get("attributes"))?;
    span.identify(&mut fields, &span.id, span.name, "link");
    fields.push_unless_empty("trace.link.trace_id", trace_id(&linked("traceId")?));
    fields.push_unless_empty("trace.link.span_id", &linked("spanId")?);
    enclosing.finish(&mut fields);
    Ok(fields.finish())
}

/// The attributes that a span copies from its first exception that has any.
fn exception_of<'f>(event: Json<'_>, read: &'f ReadFields) -> Option<Attributes<'f>> {
    let attributes = array(event.get("attributes"));
    if event.get("name").map(text) != Some("exception") || attributes.is_empty() {
        return None;
    }
    let mut taken = Attributes::new(read);
    for (key, value) in attributes.iter().copied().filter_map(key_and_value) {
        match key {
            "exception.message" | "exception.type" | "exception.stacktrace" => {
                if let Some(said) = value.get("stringValue") {
                    taken.push(key, text(said));
                }
            }
            "exception.escaped" => {
                if let Some(escaped) = value.get("boolValue") {
                    taken.push(key, escaped == Json::Bool(true));
                }
            }
            _ => {}
        }
    }
    Some(taken)
}

const UNSPECIFIED: &str = "unspecified";

/// By number and by name.
const KINDS: [(&str, &str); 6] = [
    ("SPAN_KIND_UNSPECIFIED", UNSPECIFIED),
    ("SPAN_KIND_INTERNAL", "internal"),
    ("SPAN_KIND_SERVER", "server"),
    ("SPAN_KIND_CLIENT", "client"),
    ("SPAN_KIND_PRODUCER", "producer"),
    ("SPAN_KIND_CONSUMER", "consumer"),
];

fn kind(value: Json<'_>) -> &'static str {
    let found = match value {
        Json::Text(name) => KINDS.iter().find(|(known, _)| *known == name),
        number => usize::try_from(int(number)).ok().and_then(|n| KINDS.get(n)),
    };
    found.map_or(UNSPECIFIED, |(_, kind)| kind)
}

/// Milliseconds between two times, and whether they are in order; zero if one is unknown.
#[expect(clippy::cast_precision_loss, reason = "like Refinery")]
fn milliseconds(from: u64, to: u64) -> (f64, bool) {
    match (from, to) {
        (0, _) | (_, 0) => (0.0, true),
        _ if to < from => (0.0, false),
        _ => ((to - from) as f64 / NANOS_PER_MILLISECOND, true),
    }
}

/// Omits the first half of a 128-bit ID if it is zero.
fn trace_id(id: &str) -> &str {
    match id.split_at_checked(16) {
        Some((high, low)) if low.len() == 16 && high.bytes().all(|digit| digit == b'0') => low,
        _ => id,
    }
}
