//! Values that a tool fills in: what a check says of a value, it does not say of a placeholder.

use crate::program::Folder;

const HELMFILE: &str = "\
repositories:
- {name: honeycomb, url: https://honeycombio.github.io/helm-charts}
releases:
- {name: refinery, chart: honeycomb/refinery, version: 3.2.3, values: [values.yaml.gotmpl]}
";

const PLACEHOLDER: &str = "{{ .Values.x }}";

/// The checks that report something of these values.
fn reported(values: &str) -> Vec<String> {
    let folder = Folder::new(&[("helmfile.yaml", HELMFILE), ("values.yaml.gotmpl", values)]);
    let ran = folder.run(&["check", "--output-format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.output).unwrap();
    let findings = report["deployments"].as_array().unwrap().iter();
    let findings = findings.flat_map(|one| one["findings"].as_array().unwrap());
    findings.map(|finding| finding["check"].as_str().unwrap().to_owned()).collect()
}

fn assert_only_said_of_values(check: &str, values: impl Fn(&str) -> String, value: &str) {
    let said = reported(&values(value));
    assert!(said.iter().any(|one| one == check), "{check}: {value}: {said:?}");
    let of_placeholder = reported(&values(PLACEHOLDER));
    assert!(of_placeholder.iter().all(|one| one != check), "{check}: {of_placeholder:?}");
}

/// A config with other keys before this one.
fn config(others: &str, group: &str, key: &str, value: &str) -> String {
    let others: String = others.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "config:\n  General:\n    ConfigurationVersion: 2\n{others}  {group}:\n    {key}: {value}\n"
    )
}

#[test]
fn nothing_is_said_of_a_placeholder_in_a_config() {
    const REDIS: &str = "PeerManagement:\n  Type: redis\n";
    for (check, others, group, key, value) in [
        ("schema/out-of-range", "", "Specialized", "EnvironmentCacheTTL", "1s"),
        ("schema/out-of-range", "", "GRPCServerParameters", "MaxConnectionAge", "1s"),
        ("start/cannot-listen", "", "Network", "ListenAddr", "x:99999"),
        ("start/cannot-listen", "", "PrometheusMetrics", "ListenAddr", "x:99999"),
        ("traces/send-delay-capped", "", "Traces", "TraceTimeout", "1s"),
        ("traces/throughput-capped", "", "Traces", "SendTicker", "1h"),
        ("config/zero-is-default", "", "HoneycombLogger", "SamplerThroughput", "0"),
        ("config/health-timeout-raised", "", "Collection", "HealthCheckTimeout", "1s"),
        ("keys/empty-key-list", "", "AccessKeys", "AcceptOnlyListedKeys", "true"),
        ("peers/tls-not-enabled", REDIS, "RedisPeerManagement", "UseTLSInsecure", "true"),
        ("peers/redis-timeout", REDIS, "RedisPeerManagement", "Timeout", "1ms"),
        ("capacity/memory-limit-unknown", "", "Collection", "AvailableMemory", "0"),
        ("capacity/memory-limit-without-unit", "", "Collection", "MaxAlloc", "4"),
        ("capacity/large-grpc-messages", "", "GRPCServerParameters", "MaxRecvMsgSize", "1GB"),
        ("capacity/infrequent-size-check", "", "SampleCache", "SizeCheckInterval", "24h"),
        ("config/duration-below-millisecond", "", "Network", "HTTPIdleTimeout", "500us"),
    ] {
        assert_only_said_of_values(check, |value| config(others, group, key, value), value);
    }
}

#[test]
fn nothing_is_said_of_a_placeholder_in_rules() {
    let sampler = |kind: &str, key: &str, value: &str| {
        format!(
            "rules:\n  RulesVersion: 2\n  Samplers:\n    __default__:\n      {kind}:\n        \
             {key}: {value}\n        FieldList: [a.b]\n"
        )
    };
    for (check, kind, key) in [
        ("rules/goal-rate-of-one", "DynamicSampler", "SampleRate"),
        ("rules/goal-rate-of-one", "EMADynamicSampler", "GoalSampleRate"),
    ] {
        assert_only_said_of_values(check, |value| sampler(kind, key, value), "1");
    }
    let rule = |key: &str, value: &str| {
        format!(
            "rules:\n  RulesVersion: 2\n  Samplers:\n    __default__:\n      RulesBasedSampler:\n        \
             Rules:\n        - Name: first\n          Conditions: [{{Field: a, Operator: exists}}]\n          \
             SampleRate: 5\n          {key}: {value}\n        - Name: rest\n          SampleRate: 10\n"
        )
    };
    assert_only_said_of_values("rules/ignored-rate", |value| rule("Drop", value), "true");
    // The validator accepts no other scope, so only a placeholder could be one.
    assert_eq!(reported(&rule("Scope", PLACEHOLDER)), ["start/depends-on-variable"]);
    let condition = |value: &str| {
        let condition = format!("{{Field: http.status_code, Operator: \"=\", Value: \"{value}\"}}");
        rule("Scope", "trace").replace("{Field: a, Operator: exists}", &condition)
    };
    assert_only_said_of_values("rules/impossible-value", condition, "abc");
}

/// A rule without placeholders is checked beside one with some.
#[test]
fn other_rules_are_checked() {
    let rules = |rate: &str| {
        format!(
            "rules:\n  RulesVersion: 2\n  Samplers:\n    a:\n      DynamicSampler:\n        SampleRate: 1\n        \
             FieldList: [x]\n    __default__:\n      DeterministicSampler:\n        SampleRate: {rate}\n"
        )
    };
    let said = reported(&rules(PLACEHOLDER));
    assert!(said.iter().any(|one| one == "rules/goal-rate-of-one"), "{said:?}");
}

#[test]
fn placeholders_are_effective_values() {
    let values = config("", "Collection", "AvailableMemory", PLACEHOLDER);
    let folder = Folder::new(&[("helmfile.yaml", HELMFILE), ("values.yaml.gotmpl", &values)]);
    let ran = folder.run(&["effective"]);
    assert!(ran.output.contains("AvailableMemory: \"<template=.Values.x>\""), "{}", ran.output);
}
