//! Turns loaded rules into the specs of the targets' samplers.
//!
//! Picks among several samplers as Refinery does. A zero stays a zero and a null stays a null.

use crate::config::effective_value::{EffectiveValue, Record, Typed};
use crate::engine::Fields;
use crate::engine::ingest::{IdFields, IntakeSettings};
use crate::engine::spec::{
    ConditionSpec, DynamicSpec, EmaDynamicSpec, EmaSpec, EmaThroughputSpec, KeySpec,
    RuleSamplerSpec, RuleSpec, RulesSpec, SamplerSpec, Target, ThroughputSpec, TotalThroughputSpec,
    WindowedThroughputSpec,
};
use crate::engine::timing::Timing;
use crate::engine::value::Value as EngineValue;
use crate::syntax::{Item, Value};
use crate::value::Duration;

/// Reads a sampler of one type from its settings.
type Reader = fn(&Record) -> SamplerSpec;

/// The sampler types that a target or rule can have, besides rules.
const SINGLES: [(&str, Reader); 6] = [
    ("DeterministicSampler", deterministic),
    ("DynamicSampler", |r| SamplerSpec::Dynamic(dynamic(r))),
    ("EMADynamicSampler", |r| SamplerSpec::EmaDynamic(ema_dynamic(r))),
    ("EMAThroughputSampler", |r| SamplerSpec::EmaThroughput(ema_throughput(r))),
    ("WindowedThroughputSampler", |r| SamplerSpec::WindowedThroughput(windowed(r))),
    ("TotalThroughputSampler", |r| SamplerSpec::TotalThroughput(total(r))),
];

/// The order in which Refinery picks one of several samplers in a rule. The sampler whose fields
/// are extracted at ingest is picked in the order of `SINGLES`.
const IN_A_RULE: [&str; 6] = [
    "DynamicSampler",
    "EMADynamicSampler",
    "TotalThroughputSampler",
    "EMAThroughputSampler",
    "WindowedThroughputSampler",
    "DeterministicSampler",
];

/// All targets by name, in file order.
pub fn targets(rules: &Record) -> Vec<(&str, Target)> {
    let samplers = record(rules, "Samplers").into_iter().flat_map(Record::iter);
    samplers.map(|(name, setting)| (name, target(setting))).collect()
}

/// The target of all traces that no other target is for.
pub const DEFAULT: &str = "__default__";

/// The target for traces of `name`: the one with that name, or `__default__`. Refinery treats empty
/// rules as null.
pub fn find_target<'r>(rules: &'r Record, name: &'r str) -> (&'r str, Target) {
    let named = targets(rules);
    let find = |wanted: &str| named.iter().find(|(known, _)| *known == wanted).cloned();
    let missing = if rules.is_empty() { Target::Null } else { Target::Empty };
    find(name).or_else(|| find(DEFAULT)).unwrap_or((DEFAULT, missing))
}

/// What a config says about arriving spans.
pub fn intake_settings(config: &Record) -> IntakeSettings {
    let names = |name| record(config, "IDFields").map_or_else(Vec::new, |ids| texts(ids, name));
    let ids = IdFields { trace: names("TraceNames"), parent: names("ParentNames") };
    let timing = record(config, "Traces").map(|traces| Timing {
        send_delay: duration(traces, "SendDelay"),
        trace_timeout: duration(traces, "TraceTimeout"),
        span_limit: int(traces, "SpanLimit"),
    });
    IntakeSettings { ids, timing: timing.unwrap_or_default() }
}

/// One target. The deterministic sampler takes precedence, then rules, then the order of `SINGLES`.
pub fn target(setting: &EffectiveValue) -> Target {
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
        Some(Typed::Any(item)) => engine_value(item),
        _ => EngineValue::Null,
    };
    ConditionSpec {
        field: text(settings, "Field"),
        fields: texts(settings, "Fields"),
        operator: text(settings, "Operator"),
        value,
        datatype: text(settings, "Datatype"),
    }
}

/// A written value in the type that the loader gives it.
pub fn engine_value(item: &Item) -> EngineValue {
    let named = |name: &str, item| (name.to_owned(), engine_value(item));
    match &item.value {
        Value::Null => EngineValue::Null,
        Value::Bool(b) => EngineValue::Bool(*b),
        Value::Int(n) => EngineValue::Int(*n),
        Value::Long(n) => EngineValue::Long(*n),
        Value::Unsigned(n) => EngineValue::Uint(*n),
        Value::Float(n) => EngineValue::Float(*n),
        Value::Text(text) => EngineValue::Text(text.clone()),
        Value::Time => EngineValue::Other(item.raw.clone()),
        Value::List(items) => EngineValue::List(items.iter().map(engine_value).collect()),
        Value::Map(entries) => {
            EngineValue::Map(Fields::new(entries.iter().map(|e| named(&e.key, &e.item))))
        }
        Value::Mixed(pairs) => EngineValue::Map(Fields::new(
            pairs.iter().map(|(k, v)| named(&engine_value(k).text(), v)),
        )),
    }
}

fn typed<'r>(settings: &'r Record, name: &str) -> Option<&'r Typed> {
    settings.get(name).map(|setting| &setting.typed)
}

fn record<'r>(settings: &'r Record, name: &str) -> Option<&'r Record> {
    settings.get(name)?.record()
}

fn list<'r>(settings: &'r Record, name: &str) -> Option<&'r [EffectiveValue]> {
    match typed(settings, name)? {
        Typed::Records(items) => Some(items),
        _ => None,
    }
}

fn int(settings: &Record, name: &str) -> i64 {
    match typed(settings, name) {
        // A learned release may have a type that is not known.
        Some(Typed::Int(n) | Typed::Any(Item { value: Value::Int(n), .. })) => *n,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::decode::Decoder;
    use crate::schema::{Kind, Schema, releases};
    use crate::span::FileId;
    use crate::syntax::{DataFormat, parse, read_document};

    fn read(format: DataFormat, rules: &str) -> Record {
        let schema = Schema::new(Kind::Rules, *releases().last().unwrap());
        let (document, _) = read_document(&parse(FileId(0), format, rules).tree.unwrap());
        let (mut decoder, mut record) = (Decoder::default(), Record::default());
        decoder.file(schema.root(), &document, &mut record);
        record
    }

    /// The target `t`, in YAML flow style.
    fn target_of(written: &str) -> Target {
        let record = read(DataFormat::Yaml, &format!("Samplers: {{t: {written}}}"));
        targets(&record).remove(0).1
    }

    fn rules_of(written: &str) -> RulesSpec {
        match target_of(&format!("{{RulesBasedSampler: {written}}}")) {
            Target::Rules(rules) => rules,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keeps_null_and_empty_targets() {
        for (written, target) in [
            ("", Target::Null),
            ("null", Target::Null),
            ("{}", Target::Empty),
            ("{RulesBasedSampler: }", Target::Empty),
            ("{Rules: [{Name: a}]}", Target::Empty),
            ("{RulesBasedSampler: {}}", Target::Rules(RulesSpec::default())),
            ("{DynamicSampler: {}}", Target::Single(SamplerSpec::Dynamic(DynamicSpec::default()))),
        ] {
            assert_eq!(target_of(written), target, "{written}");
        }
    }

    #[test]
    fn unknown_targets_use_the_default() {
        let sampler = "{DeterministicSampler: {SampleRate: 2}}";
        let written = format!("Samplers: {{a: {{}}, __default__: {sampler}}}");
        let rules = read(DataFormat::Yaml, &written);
        assert_eq!(find_target(&rules, "a"), ("a", Target::Empty));
        let default = Target::Single(SamplerSpec::Deterministic { sample_rate: 2 });
        assert_eq!(find_target(&rules, "b"), ("__default__", default));
        let none = read(DataFormat::Yaml, "Samplers: {a: {}}");
        assert_eq!(find_target(&none, "b"), ("__default__", Target::Empty));
        assert_eq!(find_target(&Record::default(), "b"), ("__default__", Target::Null));
    }

    #[test]
    fn keeps_nulls_in_rules() {
        let rules =
            rules_of("{Rules: [null, {Conditions: [null]}, {Conditions: []}, {Sampler: {}}]}");
        assert_eq!(rules.rules[0], None);
        let rule = |n: usize| rules.rules[n].as_ref().unwrap();
        assert_eq!(rule(1).conditions, Some(vec![None]));
        assert_eq!(rule(2).conditions, Some(vec![]));
        assert_eq!(rule(3).conditions, None);
        assert_eq!(rule(3).sampler, Some(RuleSamplerSpec::default()));
    }

    #[test]
    fn picks_among_samplers_in_refinerys_order() {
        const DYNAMIC: &str = "DynamicSampler: {SampleRate: 2}";
        const RULES: &str = "RulesBasedSampler: {}";
        let of = |parts: &[&str]| target_of(&format!("{{{}}}", parts.join(", ")));
        let deterministic = SamplerSpec::Deterministic { sample_rate: 7 };
        let first = of(&[DYNAMIC, RULES, "DeterministicSampler: {SampleRate: 7}"]);
        assert_eq!(first, Target::Single(deterministic));
        assert_eq!(of(&[DYNAMIC, RULES]), Target::Rules(RulesSpec::default()));
        let total = "TotalThroughputSampler: {GoalThroughputPerSec: 1}";
        let windowed = "WindowedThroughputSampler: {GoalThroughputPerSec: 2}";
        assert!(matches!(
            of(&[total, windowed]),
            Target::Single(SamplerSpec::WindowedThroughput(_))
        ));
    }

    #[test]
    fn picks_rule_samplers_and_their_fields_in_different_orders() {
        let rules = rules_of(
            "{Rules: [{Sampler: {EMAThroughputSampler: {FieldList: [a]}, \
             TotalThroughputSampler: {FieldList: [b]}}}]}",
        );
        let sampler = rules.rules[0].as_ref().and_then(|rule| rule.sampler.clone()).unwrap();
        assert!(matches!(sampler.sampler, Some(SamplerSpec::TotalThroughput(_))));
        assert_eq!(sampler.sampling_fields, ["a"]);
    }

    #[test]
    fn keeps_the_type_of_values() {
        let condition = |written: &str| {
            let rules = rules_of(&format!("{{Rules: [{{Conditions: [{{{written}}}]}}]}}"));
            let conditions = rules.rules[0].as_ref().and_then(|rule| rule.conditions.clone());
            conditions.unwrap().remove(0).unwrap().value
        };
        for (written, value) in [
            ("Field: a", EngineValue::Null),
            ("Value: ", EngineValue::Null),
            ("Value: 5", EngineValue::Int(5)),
            ("Value: 5.0", EngineValue::Float(5.0)),
            ("Value: '5'", EngineValue::Text("5".to_owned())),
            ("Value: true", EngineValue::Bool(true)),
            ("Value: 18446744073709551615", EngineValue::Uint(u64::MAX)),
            (
                "Value: [1, a]",
                EngineValue::List(vec![EngineValue::Int(1), EngineValue::Text("a".to_owned())]),
            ),
            ("Value: 2024-01-01", EngineValue::Other("2024-01-01".to_owned())),
        ] {
            assert_eq!(condition(written), value, "{written}");
        }
    }

    #[test]
    fn toml_integers_are_64_bit() {
        let toml = "[[Samplers.t.RulesBasedSampler.Rules]]\nName = 'r'\n\
                    [[Samplers.t.RulesBasedSampler.Rules.Conditions]]\nValue = 5\n";
        let Target::Rules(rules) = targets(&read(DataFormat::Toml, toml)).remove(0).1 else {
            unreachable!()
        };
        let conditions = rules.rules[0].as_ref().and_then(|rule| rule.conditions.clone());
        assert_eq!(conditions.unwrap()[0].as_ref().map(|c| &c.value), Some(&EngineValue::Long(5)));
    }

    #[test]
    fn reads_every_setting() {
        let written = "{EMAThroughputSampler: {GoalThroughputPerSec: 1, UseClusterSize: true, \
                       InitialSampleRate: 2, AdjustmentInterval: 3s, Weight: 0.4, AgeOutValue: 0.5, \
                       BurstMultiple: 6, BurstDetectionDelay: 7, FieldList: [a], MaxKeys: 8, \
                       UseTraceLength: true}}";
        let spec = EmaThroughputSpec {
            throughput: ThroughputSpec { goal_per_second: 1, use_cluster_size: true },
            initial_sample_rate: 2,
            ema: EmaSpec {
                adjustment_interval: Duration(3_000_000_000),
                weight: 0.4,
                age_out_value: 0.5,
                burst_multiple: 6.0,
                burst_detection_delay: 7,
            },
            key: KeySpec { field_list: vec!["a".to_owned()], max_keys: 8, use_trace_length: true },
        };
        assert_eq!(target_of(written), Target::Single(SamplerSpec::EmaThroughput(spec)));
    }
}
