//! Ingest: turns an incoming event into a span as a sampler sees it.
//!
//! Refinery extracts IDs, stores metadata separately and removes what it has extracted; the details
//! depend on the route of the event. Decoders of wire formats give the values their types.

use super::key_fields::KeyFields;
use super::read_fields::{META_PREFIX, ReadFields, SIGNAL};
use super::timing::Timing;
use super::value::{Fields, Names, Value};
use std::sync::Arc;

/// The fields that contain IDs: `IDFields` of a config.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdFields {
    pub trace: Vec<String>,
    pub parent: Vec<String>,
}

/// What a config says about arriving events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntakeSettings {
    pub ids: IdFields,
    pub timing: Timing,
}

/// The route on which an event arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// In an OTLP export, at the node that decides its trace.
    Otlp,
    /// In a batch in Honeycomb's format, from a client or a peer.
    Batch,
    /// As a single event in Honeycomb's format.
    Single,
}

/// Fields in the order in which they are written, without duplicates.
pub type Event = Vec<(Arc<str>, Value)>;

/// A span after ingest.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    pub trace_id: String,
    pub is_root: bool,
    pub fields: Fields,
    /// When it ended, in nanoseconds since 1970, if that is known.
    pub time: Option<i64>,
}

/// The ID of the trace, which Refinery sets on every span.
pub const TRACE_ID: &str = "meta.trace_id";
/// Whether it is the root span, which Refinery sets on every span that is not a log.
pub const ROOT: &str = "meta.refinery.root";
const PROBE: &str = "meta.refinery.probe";

/// The type of a metadata field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Flag,
    Count,
}

impl Kind {
    /// The value as Refinery keeps it; `None` if it has another type.
    fn read(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Text, Value::Text(_)) | (Self::Flag, Value::Bool(_)) => Some(value.clone()),
            (Self::Count, Value::Int(n)) => Some(Value::Int(*n)),
            (Self::Count, Value::Uint(n)) => Some(Value::Int(n.cast_signed())),
            _ => None,
        }
    }
}

/// Whether metadata with this value exists: an empty string and a zero do not.
fn is_there(value: &Value) -> bool {
    match value {
        Value::Int(n) => *n != 0,
        Value::Text(text) => !text.is_empty(),
        _ => true,
    }
}

/// Refinery's metadata fields, which hide event fields of the same name.
const METADATA: [(&str, Kind); 17] = [
    (SIGNAL, Kind::Text),
    (TRACE_ID, Kind::Text),
    ("meta.annotation_type", Kind::Text),
    (PROBE, Kind::Flag),
    (ROOT, Kind::Flag),
    ("meta.refinery.incoming_user_agent", Kind::Text),
    ("meta.refinery.local_hostname", Kind::Text),
    ("meta.stressed", Kind::Flag),
    ("meta.refinery.reason", Kind::Text),
    ("meta.refinery.send_reason", Kind::Text),
    ("meta.span_event_count", Kind::Count),
    ("meta.span_link_count", Kind::Count),
    ("meta.span_count", Kind::Count),
    ("meta.event_count", Kind::Count),
    ("meta.refinery.original_sample_rate", Kind::Count),
    ("meta.refinery.final_sample_rate", Kind::Count),
    ("meta.refinery.sample_key", Kind::Text),
];

fn metadata(name: &str) -> Option<(&'static str, Kind)> {
    if !name.starts_with(META_PREFIX) {
        return None;
    }
    METADATA.iter().find(|(known, _)| *known == name).copied()
}

/// Ingests an event, of which only some fields are read later. `None` if it belongs to no trace, or is
/// a probe of another node. Arrivals with the same fields share their names.
pub fn ingest(
    event: Event,
    route: Route,
    ids: &IdFields,
    keys: &KeyFields,
    read: &ReadFields,
    names: &mut Arc<Names>,
) -> Option<Arrival> {
    let mut payload = Payload::read(event, route, ids, keys);
    let is_root = payload.is_set(ROOT);
    if route == Route::Otlp {
        payload.recall(if is_root { &keys.all } else { &keys.non_root });
    }
    payload.is_span().then(|| payload.into_arrival(is_root, read, names))
}

/// A span that was not ingested, with the metadata that a sampler sees: without metadata of the wrong type,
/// and with what Refinery sets itself.
pub fn with_metadata(span: &Fields, trace_id: &str, is_root: bool) -> Fields {
    let kept = span.iter().filter_map(|(name, value)| match metadata(name) {
        Some((_, kind)) => {
            Some((name, kind.read(value).filter(|value| name != ROOT && is_there(value))?))
        }
        None => Some((name, value.clone())),
    });
    let mut fields: Vec<(&str, Value)> = kept.collect();
    let has = |name: &str, wanted: Option<&str>| {
        let mut found = fields.iter().filter(|(known, _)| *known == name);
        found.any(|(_, value)| wanted.is_none_or(|text| *value == Value::Text(text.to_owned())))
    };
    let (is_log, has_id) = (has(SIGNAL, Some("log")), has(TRACE_ID, None));
    if !is_log {
        fields.push((ROOT, Value::Bool(is_root)));
    }
    if !has_id {
        fields.push((TRACE_ID, Value::Text(trace_id.to_owned())));
    }
    Fields::new(fields)
}

/// The event as forwarded to a peer that decides its trace.
pub fn forward(event: Event, route: Route, ids: &IdFields, keys: &KeyFields) -> Option<Event> {
    let payload = Payload::read(event, route, ids, keys);
    payload.is_span().then(|| {
        let (apart, rest) = payload.into_parts();
        apart.map(|(name, value)| (Arc::from(name), value)).chain(rest).collect()
    })
}

/// An event with its metadata parsed.
struct Payload {
    event: Event,
    /// Of which an event has few.
    metadata: Vec<(&'static str, Value)>,
    /// Extracted from the event and no longer found.
    missing: Vec<String>,
}

impl Payload {
    fn read(event: Event, route: Route, ids: &IdFields, keys: &KeyFields) -> Self {
        let metadata = vec![(ROOT, Value::Bool(true))];
        let mut payload = Self { event: Vec::new(), metadata, missing: Vec::new() };
        match route {
            Route::Otlp => payload.read_packed(&event, ids, &[]),
            Route::Batch => payload.read_packed(&event, ids, &keys.all),
            Route::Single => payload.read_loose(&event, ids),
        }
        if payload.text(SIGNAL) == "log" {
            payload.metadata.retain(|(name, _)| *name != ROOT);
        }
        Self { event, ..payload }
    }

    /// Extracts IDs; key fields that are not found then count as missing.
    fn read_packed(&mut self, event: &Event, ids: &IdFields, keys: &[String]) {
        let mut found: Vec<&str> = Vec::new();
        for (name, value) in event {
            if self.read_metadata(name, value) || self.take_id(name, value, ids) {
                continue;
            }
            if found.len() < keys.len() && keys.iter().any(|key| **key == **name) {
                found.push(name);
            }
        }
        if found.len() < keys.len() {
            let is_seen = |key: &str| found.contains(&key) && metadata(key).is_none();
            self.missing = keys.iter().filter(|key| !is_seen(key)).cloned().collect();
        }
    }

    /// Extracts nothing. The position of the IDs does not matter: metadata overrides a field.
    fn read_loose(&mut self, event: &Event, ids: &IdFields) {
        for (name, value) in event {
            let whole = match (metadata(name), value) {
                #[expect(clippy::cast_possible_truncation, reason = "like Refinery")]
                (Some((_, Kind::Count)), Value::Float(n)) => &Value::Int(*n as i64),
                (Some((_, Kind::Count)), Value::Uint(_)) => continue,
                _ => value,
            };
            self.read_metadata(name, whole);
        }
        for (name, value) in event.iter().filter(|(name, _)| metadata(name).is_none()) {
            self.take_id(name, value, ids);
        }
    }

    /// Returns whether it was metadata of the right type.
    fn read_metadata(&mut self, name: &str, value: &Value) -> bool {
        let Some((name, kind)) = metadata(name) else { return false };
        let Some(value) = kind.read(value) else { return false };
        self.set(name, value);
        true
    }

    /// Returns whether it was an ID.
    fn take_id(&mut self, name: &str, value: &Value, ids: &IdFields) -> bool {
        let Value::Text(id) = value else { return false };
        let is_in = |names: &[String]| names.iter().any(|n| n == name);
        if self.text(TRACE_ID).is_empty() && is_in(&ids.trace) {
            self.set(TRACE_ID, value.clone());
        } else if is_in(&ids.parent) {
            if !id.is_empty() {
                self.set(ROOT, Value::Bool(false));
            }
        } else {
            return false;
        }
        true
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.metadata.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn set(&mut self, name: &'static str, value: Value) {
        match self.metadata.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.metadata.push((name, value)),
        }
    }

    fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    fn is_set(&self, name: &str) -> bool {
        self.get(name) == Some(&Value::Bool(true))
    }

    fn is_span(&self) -> bool {
        !self.text(TRACE_ID).is_empty() && !self.is_set(PROBE)
    }

    /// Metadata that is also a key field is read from the event again before a decision, so the
    /// sampler does not see the computed value.
    fn recall(&mut self, keys: &[String]) {
        let event = std::mem::take(&mut self.event);
        for (name, value) in event.iter().filter(|(name, _)| keys.iter().any(|key| **key == **name))
        {
            self.read_metadata(name, value);
        }
        self.event = event;
    }

    fn into_arrival(self, is_root: bool, read: &ReadFields, names: &mut Arc<Names>) -> Arrival {
        let trace_id = self.text(TRACE_ID).to_owned();
        let mut missing = self.missing.clone();
        missing.retain(|name| metadata(name).is_none());
        let (apart, rest) = self.into_parts();
        let apart = apart.filter_map(|(name, value)| Some((read.find(name)?, value)));
        let pairs = apart.chain(rest.filter(|(name, _)| read.has(name)));
        let mut fields = Fields::sharing(pairs, names);
        fields.hide(&missing);
        Arrival { trace_id, is_root, fields, time: None }
    }

    /// The metadata without empty strings and zeros, and all other fields.
    fn into_parts(
        self,
    ) -> (impl Iterator<Item = (&'static str, Value)>, impl Iterator<Item = (Arc<str>, Value)>)
    {
        let apart = self.metadata.into_iter().filter(|(_, value)| is_there(value));
        (apart, self.event.into_iter().filter(|(name, _)| metadata(name).is_none()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::name::Name;

    fn ids() -> IdFields {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        IdFields { trace: names(&["tid", "traceId"]), parent: names(&["pid"]) }
    }

    fn event(fields: &[(&str, Value)]) -> Event {
        fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn arrive(route: Route, fields: &[(&str, Value)]) -> Option<Arrival> {
        let keys = KeyFields::of(["tid", "pid", "traceId", "x"]).unwrap();
        ingest(event(fields), route, &ids(), &keys, &ReadFields::all(), &mut Arc::default())
    }

    fn sees(arrival: &Arrival, name: &str) -> bool {
        arrival.fields.get(&Name::new(name)).is_some()
    }

    #[test]
    fn the_route_decides_whether_ids_are_visible() {
        let fields = [("tid", text("t")), ("pid", text("p")), ("traceId", text("u"))];
        for (route, seen) in [
            (Route::Otlp, [true, true, true]),
            (Route::Batch, [false, false, true]),
            (Route::Single, [true, true, true]),
        ] {
            let arrival = arrive(route, &fields).unwrap();
            assert_eq!((arrival.trace_id.as_str(), arrival.is_root), ("t", false), "{route:?}");
            assert_eq!(["tid", "pid", "traceId"].map(|n| sees(&arrival, n)), seen, "{route:?}");
        }
    }

    #[test]
    fn peers_see_trace_ids_but_no_parent_ids() {
        let fields = event(&[("tid", text("t")), ("pid", text("p"))]);
        let sent = forward(fields, Route::Batch, &ids(), &KeyFields::default()).unwrap();
        let keys = KeyFields::of(["tid", "pid"]).unwrap();
        let arrival =
            ingest(sent, Route::Batch, &ids(), &keys, &ReadFields::all(), &mut Arc::default())
                .unwrap();
        assert_eq!([sees(&arrival, "tid"), sees(&arrival, "pid")], [true, false]);
        assert!(!arrival.is_root);
    }

    #[test]
    fn no_key_is_missing_if_all_are_found() {
        let keys = KeyFields::of(["pid", "x"]).unwrap();
        let fields = event(&[("tid", text("t")), ("pid", Value::Int(1)), ("x", text("y"))]);
        let arrival =
            ingest(fields, Route::Batch, &ids(), &keys, &ReadFields::all(), &mut Arc::default())
                .unwrap();
        assert!(sees(&arrival, "pid") && arrival.is_root);
    }

    #[test]
    fn metadata_of_the_wrong_type_is_hidden() {
        let wrong = [("tid", text("t")), ("meta.span_count", text("4")), ("meta.own", text("x"))];
        let arrival = arrive(Route::Batch, &wrong).unwrap();
        let seen = ["meta.span_count", "meta.own", TRACE_ID].map(|n| sees(&arrival, n));
        assert_eq!(seen, [false, true, true]);
    }

    #[test]
    fn metadata_that_is_a_key_is_visible_as_sent() {
        let fields = [("tid", text("t")), (ROOT, Value::Bool(true)), ("pid", text("p"))];
        for (route, keys, seen) in [
            (Route::Otlp, &[ROOT][..], true),
            (Route::Otlp, &["x"], false),
            (Route::Batch, &[ROOT], false),
        ] {
            let keys = KeyFields::of(keys).unwrap();
            let arrival = ingest(
                event(&fields),
                route,
                &ids(),
                &keys,
                &ReadFields::all(),
                &mut Arc::default(),
            )
            .unwrap();
            assert!(!arrival.is_root);
            assert_eq!(arrival.fields.get(&Name::new(ROOT)), Some(&Value::Bool(seen)), "{route:?}");
        }
    }

    #[test]
    fn spans_have_the_metadata_that_refinery_sets() {
        let span = |fields: &[(&str, Value)]| {
            Fields::new(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())))
        };
        let of = |fields: &[(&str, Value)], is_root| with_metadata(&span(fields), "t", is_root);
        let own = |is_root| [(ROOT, Value::Bool(is_root)), (TRACE_ID, text("t"))];
        assert_eq!(of(&[], true), span(&own(true)));
        // Neither its value nor its type matters if it is sent.
        for sent in [Value::Bool(true), text("x")] {
            assert_eq!(of(&[(ROOT, sent)], false), span(&own(false)));
        }
        let log = [(SIGNAL, text("log")), (TRACE_ID, text("u"))];
        assert_eq!(of(&log, false), span(&log));
        let hidden = [("meta.span_count", Value::Float(4.0)), ("meta.event_count", Value::Int(0))];
        assert_eq!(of(&hidden, false), span(&own(false)));
        let seen = [("meta.span_count", Value::Uint(4)), ("meta.own", Value::Null)];
        let [a, b] = own(false);
        let kept = [("meta.span_count", Value::Int(4)), ("meta.own", Value::Null), a, b];
        assert_eq!(of(&seen, false), span(&kept));
    }

    #[test]
    fn events_without_a_trace_are_not_ingested() {
        assert_eq!(arrive(Route::Batch, &[("x", text("y"))]), None);
        assert_eq!(arrive(Route::Otlp, &[("tid", text(""))]), None);
        assert_eq!(arrive(Route::Batch, &[("tid", text("t")), (PROBE, Value::Bool(true))]), None);
        let log = arrive(Route::Batch, &[("tid", text("t")), (SIGNAL, text("log"))]).unwrap();
        assert!(!log.is_root && !sees(&log, ROOT));
    }
}
