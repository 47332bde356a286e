//! Reads batches of events in Honeycomb's JSON format: `[{"data":{…}},…]`.
//!
//! Refinery decodes every number of such a batch as a float.

use super::document::{Json, Members};
use super::intake::{Arrivals, Intake};
use super::time::read_time;
use crate::engine::ingest::{Event, Route};
use crate::engine::{Fields, ReadFields, Value};

/// Whether a value is a list of events.
pub fn is_batch(value: Json<'_>) -> bool {
    let events = value.as_list().unwrap_or_default();
    !events.is_empty()
        && events.iter().all(|event| event.get("data").is_some_and(|data| data.is_object()))
}

/// Adds the spans of a batch. Events without a trace ID are ignored.
///
/// # Errors
/// It is not a list of events with `data`.
pub fn add(batch: Json<'_>, intake: &Intake, arrivals: &mut Arrivals) -> Result<(), String> {
    for event in batch.as_list().unwrap_or_default() {
        let data = event.get("data").and_then(|data| data.as_object());
        let data = data.ok_or("an event must have `data` as an object")?;
        let time = event.get("time").and_then(|time| time.as_str()).and_then(read_time);
        arrivals.add(intake, members(data, &intake.seen), Route::Batch, time);
    }
    Ok(())
}

fn members(data: Members<'_>, seen: &ReadFields) -> Event {
    data.iter().filter_map(|(name, value)| Some((seen.find(name)?, read(value)))).collect()
}

fn read(value: Json<'_>) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(b),
        Json::Int(_) | Json::Uint(_) | Json::Float(_) => {
            value.as_f64().map_or(Value::Null, Value::Float)
        }
        Json::Text(text) => Value::Text(text.to_owned()),
        Json::List(items) => Value::List(items.iter().map(|item| read(*item)).collect()),
        Json::Object(inner) => {
            Value::Map(Fields::new(inner.iter().map(|(name, value)| (name, read(value)))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::KeyFields;
    use crate::engine::ingest::{IdFields, IntakeSettings};
    use crate::engine::name::Name;
    use crate::engine::timing::Timing;
    use crate::traces::Grouped;
    use bumpalo::Bump;

    #[test]
    fn numbers_are_floats_and_spans_are_grouped() {
        let ids = IdFields {
            trace: vec!["trace.trace_id".to_owned()],
            parent: vec!["trace.parent_id".to_owned()],
        };
        let arena = Bump::new();
        let json = |text| Json::parse(text, &arena).unwrap();
        let batch = json(
            r#"[{"time": 1, "data": {"trace.trace_id": "a", "status": 500}},
                {"data": {"trace.trace_id": "b", "trace.parent_id": "x"}},
                {"data": {"trace.trace_id": "a", "trace.parent_id": "y"}},
                {"data": {"status": 1}}]"#,
        );
        assert!(is_batch(batch) && !is_batch(json("[]")) && !is_batch(json(r#"[{"x": 1}]"#)));
        let settings = IntakeSettings { ids, timing: Timing::default() };
        let intake = Intake::new(settings, KeyFields::default(), ReadFields::all());
        let (mut arrivals, mut traces) = (Arrivals::default(), Grouped::default());
        add(batch, &intake, &mut arrivals).unwrap();
        for arrival in arrivals.spans {
            traces.add(arrival);
        }
        let traces: Vec<_> = traces.into_traces(intake.timing()).collect();
        let shape: Vec<_> =
            traces.iter().map(|t| (&*t.id, t.spans().len(), t.root().is_some())).collect();
        assert_eq!(shape, [("a", 2, true), ("b", 1, false)]);
        let status = traces[0].spans()[0].get(&Name::new("status"));
        assert_eq!(status, Some(&Value::Float(500.0)));
    }

    #[test]
    fn an_event_needs_data() {
        let arena = Bump::new();
        let bad = Json::parse(r#"[{"data": {}}, {"samplerate": 1}]"#, &arena).unwrap();
        let done = add(bad, &Intake::default(), &mut Arrivals::default());
        assert_eq!(done, Err("an event must have `data` as an object".to_owned()));
    }
}
