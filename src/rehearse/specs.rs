//! A rules file as the engine loaded it → the specs of its targets' samplers.
//!
//! Picks among several samplers as the engine does. Must not judge what is written: a zero stays a
//! zero, and a null stays a null.

use crate::config::setting::{Record, Setting, Typed};
use crate::engine::Fields;
use crate::engine::spec::{
    ConditionSpec, DynamicSpec, EmaDynamicSpec, EmaSpec, EmaThroughputSpec, KeySpec,
    RuleSamplerSpec, RuleSpec, RulesSpec, SamplerSpec, Target, ThroughputSpec, TotalThroughputSpec,
    WindowedThroughputSpec,
};
use crate::engine::value::Value as Held;
use crate::syntax::{Item, Value};
use crate::value::Duration;

/// Reads a sampler of one type from its settings.
type Reader = fn(&Record) -> SamplerSpec;

/// The types of sampler that stand alone or in a rule.
const SINGLES: [(&str, Reader); 6] = [
    ("DeterministicSampler", deterministic),
    ("DynamicSampler", |r| SamplerSpec::Dynamic(dynamic(r))),
    ("EMADynamicSampler", |r| SamplerSpec::EmaDynamic(ema_dynamic(r))),
    ("EMAThroughputSampler", |r| SamplerSpec::EmaThroughput(ema_throughput(r))),
    ("WindowedThroughputSampler", |r| SamplerSpec::WindowedThroughput(windowed(r))),
    ("TotalThroughputSampler", |r| SamplerSpec::TotalThroughput(total(r))),
];

/// Which of several samplers decides in a rule; which of them names the fields that ingest takes
/// out is another matter, settled in the order of [`SINGLES`].
const IN_A_RULE: [&str; 6] = [
    "DynamicSampler",
    "EMADynamicSampler",
    "TotalThroughputSampler",
    "EMAThroughputSampler",
    "WindowedThroughputSampler",
    "DeterministicSampler",
];

/// All targets of a loaded rules file by name, in its order.
pub fn targets(rules: &Record) -> Vec<(&str, Target)> {
    let samplers = record(rules, "Samplers").map(|r| r.0.as_slice()).unwrap_or_default();
    samplers.iter().map(|field| (field.name.as_str(), target(&field.setting))).collect()
}

/// One target. Of several samplers the deterministic one wins, then the rules, then the order of
/// [`SINGLES`].
pub fn target(setting: &Setting) -> Target {
    let Some(choice) = setting.record() else { return Target::Null };
    if record(choice, "DeterministicSampler").is_none()
        && let Some(settings) = record(choice, "RulesBasedSampler")
    {
        return Target::Rules(rules(settings));
    }
    first_single(choice, SINGLES.map(|(name, _)| name)).map_or(Target::Empty, Target::Single)
}

fn first_single<'n>(
    choice: &Record,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<SamplerSpec> {
    names.into_iter().find_map(|name| {
        let (_, read) = SINGLES.iter().find(|(n, _)| *n == name)?;
        record(choice, name).map(read)
    })
}

fn deterministic(settings: &Record) -> SamplerSpec {
    SamplerSpec::Deterministic { sample_rate: int(settings, "SampleRate") }
}

fn dynamic(settings: &Record) -> DynamicSpec {
    DynamicSpec {
        sample_rate: int(settings, "SampleRate"),
        clear_frequency: duration(settings, "ClearFrequency"),
        key: key(settings),
    }
}

fn ema_dynamic(settings: &Record) -> EmaDynamicSpec {
    EmaDynamicSpec {
        goal_sample_rate: int(settings, "GoalSampleRate"),
        ema: ema(settings),
        key: key(settings),
    }
}

fn ema_throughput(settings: &Record) -> EmaThroughputSpec {
    EmaThroughputSpec {
        throughput: throughput(settings),
        initial_sample_rate: int(settings, "InitialSampleRate"),
        ema: ema(settings),
        key: key(settings),
    }
}

fn windowed(settings: &Record) -> WindowedThroughputSpec {
    WindowedThroughputSpec {
        throughput: throughput(settings),
        update_frequency: duration(settings, "UpdateFrequency"),
        lookback_frequency: duration(settings, "LookbackFrequency"),
        key: key(settings),
    }
}

fn total(settings: &Record) -> TotalThroughputSpec {
    TotalThroughputSpec {
        throughput: throughput(settings),
        clear_frequency: duration(settings, "ClearFrequency"),
        key: key(settings),
    }
}

fn key(settings: &Record) -> KeySpec {
    KeySpec {
        field_list: texts(settings, "FieldList"),
        max_keys: int(settings, "MaxKeys"),
        use_trace_length: flag(settings, "UseTraceLength"),
    }
}

fn ema(settings: &Record) -> EmaSpec {
    EmaSpec {
        adjustment_interval: duration(settings, "AdjustmentInterval"),
        weight: float(settings, "Weight"),
        age_out_value: float(settings, "AgeOutValue"),
        burst_multiple: float(settings, "BurstMultiple"),
        burst_detection_delay: int(settings, "BurstDetectionDelay").cast_unsigned(),
    }
}

fn throughput(settings: &Record) -> ThroughputSpec {
    ThroughputSpec {
        goal_per_second: int(settings, "GoalThroughputPerSec"),
        use_cluster_size: flag(settings, "UseClusterSize"),
    }
}

fn rules(settings: &Record) -> RulesSpec {
    let written = list(settings, "Rules").unwrap_or_default();
    RulesSpec {
        rules: written.iter().map(|s| s.record().map(rule)).collect(),
        check_nested_fields: flag(settings, "CheckNestedFields"),
    }
}

fn rule(settings: &Record) -> RuleSpec {
    let conditions = list(settings, "Conditions");
    RuleSpec {
        name: text(settings, "Name"),
        sample_rate: int(settings, "SampleRate"),
        drop: flag(settings, "Drop"),
        scope: text(settings, "Scope"),
        conditions: conditions.map(|c| c.iter().map(|s| s.record().map(condition)).collect()),
        sampler: record(settings, "Sampler").map(rule_sampler),
    }
}

fn rule_sampler(choice: &Record) -> RuleSamplerSpec {
    let by_ingest = first_single(choice, SINGLES.map(|(name, _)| name));
    RuleSamplerSpec {
        sampler: first_single(choice, IN_A_RULE),
        sampling_fields: by_ingest.map_or_else(Vec::new, |s| s.sampling_fields().to_vec()),
    }
}

fn condition(settings: &Record) -> ConditionSpec {
    let value = match typed(settings, "Value") {
        Some(Typed::Any(item)) => held(item),
        _ => Held::Null,
    };
    ConditionSpec {
        field: text(settings, "Field"),
        fields: texts(settings, "Fields"),
        operator: text(settings, "Operator"),
        value,
        datatype: text(settings, "Datatype"),
    }
}

/// A condition's value in the type that the loader gave it.
fn held(item: &Item) -> Held {
    let named = |name: &str, item| (name.to_owned(), held(item));
    match &item.value {
        Value::Null => Held::Null,
        Value::Bool(b) => Held::Bool(*b),
        Value::Int(n) => Held::Int(*n),
        Value::Long(n) => Held::Long(*n),
        Value::Unsigned(n) => Held::Uint(*n),
        Value::Float(n) => Held::Float(*n),
        Value::Text(text) => Held::Text(text.clone()),
        Value::Time => Held::Other(item.raw.clone()),
        Value::List(items) => Held::List(items.iter().map(held).collect()),
        Value::Map(entries) => {
            Held::Map(Fields::new(entries.iter().map(|e| named(&e.key, &e.item))))
        }
        Value::Mixed(pairs) => {
            Held::Map(Fields::new(pairs.iter().map(|(k, v)| named(&held(k).text(), v))))
        }
    }
}

fn typed<'r>(settings: &'r Record, name: &str) -> Option<&'r Typed> {
    settings.get(name).map(|setting| &setting.typed)
}

fn record<'r>(settings: &'r Record, name: &str) -> Option<&'r Record> {
    settings.get(name)?.record()
}

fn list<'r>(settings: &'r Record, name: &str) -> Option<&'r [Setting]> {
    match typed(settings, name)? {
        Typed::Records(items) => Some(items),
        _ => None,
    }
}

fn int(settings: &Record, name: &str) -> i64 {
    match typed(settings, name) {
        Some(Typed::Int(n)) => *n,
        Some(Typed::Uint(n)) => n.cast_signed(),
        _ => 0,
    }
}

fn float(settings: &Record, name: &str) -> f64 {
    match typed(settings, name) {
        Some(Typed::Float(n)) => *n,
        _ => 0.0,
    }
}

fn flag(settings: &Record, name: &str) -> bool {
    matches!(typed(settings, name), Some(Typed::Bool(true)))
}

fn duration(settings: &Record, name: &str) -> Duration {
    match typed(settings, name) {
        Some(Typed::Duration(d)) => *d,
        _ => Duration(0),
    }
}

fn text(settings: &Record, name: &str) -> String {
    match typed(settings, name) {
        Some(Typed::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn texts(settings: &Record, name: &str) -> Vec<String> {
    match typed(settings, name) {
        Some(Typed::Texts(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
