//! Ingest, against what the engine's own handlers and samplers made of the same bytes.
//!
//! `fixtures/ingest/events.jsonl` holds events in Honeycomb's own format, by every way that they can
//! come; `exports.jsonl` holds OTLP exports. A case's `rules` is the name of the file beside it.

use crate::rules::load;
use refinery_preflight::internals::engine::ingest::{
    Event, IdFields, IntakeSettings, Route, forward, ingest,
};
use refinery_preflight::internals::engine::spec::Target;
use refinery_preflight::internals::engine::{Fields, Keep, KeyFields, ReadFields, Trace, Value};
use refinery_preflight::internals::syntax::DataFormat;
use refinery_preflight::internals::traces::{Arrivals, Grouped, Intake, Run, otlp};
use serde_json::Value as Json;
use std::sync::Arc;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ingest");

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

/// What the fields of a case are named for ids; else the engine's defaults.
fn ids(case: &Json) -> IdFields {
    let names = |kind: &str, default: &[&str]| match case["ids"][kind].as_array() {
        Some(names) => names.iter().map(|n| n.as_str().unwrap().to_owned()).collect(),
        None => default.iter().map(ToString::to_string).collect(),
    };
    IdFields {
        trace: names("trace", &["trace.trace_id", "traceId"]),
        parent: names("parent", &["trace.parent_id", "parentId"]),
    }
}

/// A value, which carries its type.
fn typed(json: &Json) -> Value {
    let Some((kind, value)) = json.as_object().unwrap().iter().next() else { return Value::Null };
    match kind.as_str() {
        "int" => Value::Int(value.as_i64().unwrap()),
        "uint" => Value::Uint(value.as_u64().unwrap()),
        "float" => Value::Float(value.as_f64().unwrap()),
        "str" => Value::Text(value.as_str().unwrap().to_owned()),
        "bool" => Value::Bool(value.as_bool().unwrap()),
        "map" => {
            let fields = value.as_object().unwrap().iter();
            Value::Map(Fields::new(fields.map(|(name, v)| (name.clone(), typed(v)))))
        }
        _ => panic!("unknown type {kind}"),
    }
}

/// What a value becomes on its way: JSON has floats alone, and `MessagePack`'s small numbers no sign.
fn sent(value: Value, route: &str) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "as JSON readers do")]
    match value {
        Value::Int(n) if route.ends_with("json") => Value::Float(n as f64),
        Value::Uint(n) if route.ends_with("json") => Value::Float(n as f64),
        Value::Uint(n) if n < 128 => Value::Int(n.cast_signed()),
        Value::Map(fields) => Value::Map(Fields::new(
            fields.iter().map(|(name, v)| (name.to_owned(), sent(v.clone(), route))),
        )),
        other => other,
    }
}

fn events(case: &Json, route: &str, seen: &ReadFields) -> Vec<Event> {
    let pair = |pair: &Json| (pair[0].as_str().unwrap().into(), sent(typed(&pair[1]), route));
    match case["events"].as_array() {
        Some(events) => events
            .iter()
            .map(|event| event.as_array().unwrap().iter().map(pair).collect())
            .collect(),
        None => exported(&case["export"], seen).unwrap_or_default(),
    }
}

/// The events of an export, or why Refinery rejects it.
fn exported(export: &Json, seen: &ReadFields) -> Result<Vec<Event>, String> {
    let text = export.to_string();
    otlp::events(&text, seen)
}

/// The way of the first hop.
fn route(name: &str) -> Route {
    match name.trim_start_matches("peer-") {
        "otlp" => Route::Otlp,
        "batch-json" | "batch-msgpack" => Route::Batch,
        "event-json" | "event-msgpack" => Route::Single,
        _ => panic!("unknown route {name}"),
    }
}

/// Compares the spans one by one, and gives the traces.
fn arrive(case: &Json, target: &Target) -> Vec<Trace> {
    let all = ReadFields::all();
    let name = case["route"].as_str().unwrap();
    let (ids, keys) = (ids(case), KeyFields::of_target(target).unwrap());
    let mut spans = case["spans"].as_array().unwrap().iter();
    let (mut traces, mut names) = (Grouped::default(), Arc::default());
    for event in events(case, name, &all) {
        let arrival = if name.starts_with("peer-") {
            forward(event, route(name), &ids, &keys)
                .and_then(|event| ingest(event, Route::Batch, &ids, &keys, &all, &mut names))
        } else {
            ingest(event, route(name), &ids, &keys, &all, &mut names)
        };
        let Some(arrival) = arrival else { continue };
        let span = spans.next().unwrap_or_else(|| panic!("one span too many: {case}"));
        assert_eq!(arrival.trace_id, span["trace"].as_str().unwrap(), "{case}");
        assert_eq!(arrival.is_root, span["root"].as_bool().unwrap(), "{case}");
        assert_eq!(found(&arrival.fields), typed_map(&span["seen"]), "{case}");
        traces.add(arrival);
    }
    assert_eq!(spans.next(), None, "{case}");
    traces.into_traces(IntakeSettings::default().timing).collect()
}

/// The traces of a case with the fields that the target reads, if no peer forwards it.
fn arrive_reduced(case: &Json, target: &Target) -> Option<Vec<Trace>> {
    let name = case["route"].as_str().unwrap();
    let keys = KeyFields::of_target(target).unwrap();
    let settings = IntakeSettings { ids: ids(case), ..IntakeSettings::default() };
    let intake = Intake::new(settings, keys, ReadFields::of_target(target));
    let mut arrivals = Arrivals::default();
    for event in events(case, name, &intake.seen) {
        arrivals.add(&intake, event, route(name), None);
    }
    let mut traces = Grouped::default();
    arrivals.spans.into_iter().for_each(|arrival| traces.add(arrival));
    (!name.starts_with("peer-"))
        .then(|| traces.into_traces(IntakeSettings::default().timing).collect())
}

/// The fields that can be looked up, with their values.
fn found(fields: &Fields) -> Vec<(String, Value)> {
    use refinery_preflight::internals::engine::Name;
    let seen = fields.iter().filter_map(|(name, _)| Some((name, fields.get(&Name::new(name))?)));
    seen.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn typed_map(json: &Json) -> Vec<(String, Value)> {
    let mut pairs: Vec<_> = json.as_object().unwrap().iter().collect();
    pairs.sort_by_key(|(name, _)| *name);
    pairs.into_iter().map(|(name, value)| (name.clone(), typed(value))).collect()
}

/// How many decisions a case holds.
fn count_compared(line: &str) -> usize {
    let case: Json = serde_json::from_str(line).unwrap();
    let rules = read(&format!("{}.yaml", case["rules"].as_str().unwrap()));
    let target = load(DataFormat::Yaml, &rules, "prod");
    if case["status"] == 400 {
        for seen in [ReadFields::all(), ReadFields::default()] {
            assert!(exported(&case["export"], &seen).is_err(), "{case}");
        }
        return 0;
    }
    let traces = arrive(&case, &target);
    if let Some(reduced) = arrive_reduced(&case, &target) {
        let decide = |traces: &[Trace]| {
            let mut run = Run::new("prod", &target, 0);
            traces.iter().map(|trace| run.decide(trace)).collect::<Vec<_>>()
        };
        assert_eq!(decide(&reduced), decide(&traces), "{case}");
    }
    let mut run = Run::new("prod", &target, 0);
    let results: Vec<_> = traces.iter().map(|trace| run.decide(trace)).collect();
    let decisions = case["decisions"].as_array().unwrap();
    assert_eq!(results.len(), decisions.len(), "{case}");
    for (result, recorded) in results.iter().zip(decisions) {
        let decided = result.outcome.as_ref().unwrap();
        assert_eq!(result.id, recorded["id"].as_str().unwrap());
        assert_eq!(decided.reason, recorded["reason"].as_str().unwrap(), "{case}");
        assert_eq!(decided.key, recorded["key"].as_str().unwrap(), "{case}");
        assert_eq!(decided.rate, recorded["rate"].as_u64().unwrap(), "{case}");
        if let Some(keep) = recorded["keep"].as_bool() {
            assert_eq!(decided.keep, if keep { Keep::Yes } else { Keep::No }, "{case}");
        }
    }
    decisions.len()
}

#[test]
fn takes_events_as_the_engine_did() {
    let count: usize = read("events.jsonl").lines().map(count_compared).sum();
    assert!(count >= 700, "{count}");
}

#[test]
fn takes_exports_as_the_engine_did() {
    let count: usize = read("exports.jsonl").lines().map(count_compared).sum();
    assert!(count >= 250, "{count}");
}
