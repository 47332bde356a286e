//! Compares the effective values with what Refinery itself wrote for thousands of deployments.

use crate::recordings::{Case, base, cases, newest_recorded};
use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::rehearse::{Launch, check_start_up};
use refinery_preflight::internals::report::effective::{Effective, Texts};
use refinery_preflight::internals::schema::secrets::mask;
use refinery_preflight::internals::schema::{Kind, Release, Schema};
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::{DataFormat, Document};
use serde_json::{Map, Value, json};

/// The release of the recordings.
fn newest() -> [Schema; 2] {
    Kind::ALL.map(|kind| Schema::new(kind, newest_recorded()))
}

fn ours(case: &Case, schemas: &[Schema; 2]) -> Map<String, Value> {
    let (config, rules) = case.documents().expect("it starts, so its files are known");
    let environment = case.environment();
    let launch = Launch { arguments: &[], environment: &environment };
    let start = check_start_up((&schemas[0], &schemas[1]), &config, &rules, &[], launch);
    let mut files = Files::default();
    for name in ["config", "rules"] {
        files.add(name, "");
    }
    let effective = Effective {
        texts: Texts::of_all(&files),
        config: Some((&schemas[0], &start.config)),
        rules: Some((&schemas[1], &start.rules)),
    };
    let Value::Object(mut whole) = effective.to_json() else { panic!("no object") };
    let Some(Value::Object(part)) = whole.remove(&case.kind) else { panic!("no {}", case.kind) };
    match case.kind.as_str() {
        "config" => part.into_iter().map(|(key, leaf)| (key, leaf["value"].clone())).collect(),
        _ => part,
    }
}

/// The values of the base with the changes of the case.
fn recorded(case: &Case, changes: &Map<String, Value>, config: &Schema) -> Map<String, Value> {
    let base_name = match (case.base.as_deref(), case.kind.as_str()) {
        (Some(name), _) => Some(name),
        (None, "config") => Some("config-min"),
        (None, _) => None,
    };
    let text = base_name.map_or("{}".to_owned(), |n| base(&format!("base-{n}.effective.json")));
    let mut values: Map<String, Value> = serde_json::from_str(&text).expect("a map");
    values.extend(changes.clone());
    // Absent, except for a target with a null value.
    values.retain(|_, value| !value.is_null());
    for (key, value) in &mut values {
        let secret = key.split_once('.').is_some_and(|(group, name)| {
            let key = config.root().child(group).and_then(|group| group.child(name));
            case.kind == "config" && key.is_some_and(|key| key.is_secret())
        });
        hide(value, secret);
    }
    values
}

/// Redacts what the program never shows.
fn hide(value: &mut Value, secret: bool) {
    match value {
        Value::String(text) if secret && !text.is_empty() => *value = json!("********"),
        Value::String(text) => *value = json!(mask(text)),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secret)),
        Value::Object(map) => map.values_mut().for_each(|item| hide(item, secret)),
        _ => {}
    }
}

/// `2.0` and `2` are the same number.
fn normal(value: &Value) -> Value {
    match value {
        Value::Number(n) => json!(n.as_f64()),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(map) => {
            map.iter().map(|(k, v)| (k.clone(), normal(v))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn disagreement(case: &Case, schemas: &[Schema; 2]) -> Option<String> {
    let Some(Value::Object(changes)) = case.answer("effective") else { return None };
    let (ours, recorded) = (ours(case, schemas), recorded(case, changes, &schemas[0]));
    let names: std::collections::BTreeSet<_> = ours.keys().chain(recorded.keys()).collect();
    let differing = names.into_iter().filter_map(|name| {
        let (ours, recorded) = (ours.get(name), recorded.get(name));
        let differ = ours.map(normal) != recorded.map(normal);
        differ.then(|| format!("{name}: ours {ours:?}, recorded {recorded:?}"))
    });
    let differing: Vec<String> = differing.collect();
    (!differing.is_empty()).then(|| format!("{}: {}", case.id, differing.join("; ")))
}

#[test]
fn effective_values_equal_the_recorded_ones() {
    let (cases, schemas) = (cases(), newest());
    let compared = cases.iter().filter(|case| case.answer("effective").is_some()).count();
    assert!(compared > 3500, "only {compared} cases");
    let disagreements: Vec<String> =
        cases.iter().filter_map(|case| disagreement(case, &schemas)).collect();
    for line in disagreements.iter().take(40) {
        println!("{line}");
    }
    assert!(disagreements.is_empty(), "{} deployments differ", disagreements.len());
}

/// The value of a key in an empty config of a release.
fn value_by_default(release: &str, key: &str) -> Value {
    let release = Release::parse(release).expect("a release");
    let schemas = Kind::ALL.map(|kind| Schema::new(kind, release));
    let mut files = Files::default();
    let id = files.add("config", "General:\n  ConfigurationVersion: 2\n");
    let config = [Document::read(id, DataFormat::Yaml, &files.get(id).text)];
    let environment = Environment::new([].into(), true);
    let launch = Launch { arguments: &[], environment: &environment };
    let start = check_start_up((&schemas[0], &schemas[1]), &config, &[], &[], launch);
    let config = Some((&schemas[0], &start.config));
    Effective { texts: Texts::of_all(&files), config, rules: None }.to_json()["config"][key]["value"].clone()
}

#[test]
fn defaults_are_those_of_the_release() {
    for (key, release, value) in [
        ("General.ConfigReloadInterval", "v2.0.2", json!("5m0s")),
        ("General.ConfigReloadInterval", "v2.1.0", json!("15s")),
        ("Traces.SpanLimit", "v3.0.1", json!(0)),
        ("Traces.SpanLimit", "v3.1.0", json!(32000)),
        ("Traces.MaxExpiredTraces", "v2.9.5", json!(5000)),
        ("Traces.MaxExpiredTraces", "v2.9.6", json!(3000)),
        ("Collection.HealthCheckTimeout", "v2.9.5", json!("3s")),
        ("GRPCServerParameters.MaxRecvMsgSize", "v2.7.1", json!("5M")),
        ("GRPCServerParameters.MaxRecvMsgSize", "v2.8.0", json!("15M")),
        ("Collection.ShutdownDelay", "v2.7.1", Value::Null),
    ] {
        assert_eq!(value_by_default(release, key), value, "{key} in {release}");
    }
}
