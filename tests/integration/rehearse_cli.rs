//! The `rehearse` command: stages, where they stop, and what follows.

use crate::program::{BROKEN, CONFIG, Folder, RULES, Ran};
use serde_json::{Value as Json, json};

fn run(config: &str, rules: &str, arguments: &[&str]) -> Ran {
    let folder = Folder::new(&[("config.yaml", config), ("rules.yaml", rules)]);
    let files = ["rehearse", "-c", "config.yaml", "-r", "rules.yaml", "--env-closed"];
    folder.run(&[&files, arguments].concat())
}

fn walk(config: &str, rules: &str) -> (Json, i32) {
    let ran = run(config, rules, &["--output-format", "json"]);
    (serde_json::from_str(&ran.output).unwrap(), ran.status)
}

fn outcome<'j>(walked: &'j Json, stage: &str) -> &'j str {
    let mut stages = walked["stages"].as_array().unwrap().iter();
    stages.find(|s| s["stage"] == stage).map_or("absent", |s| s["outcome"].as_str().unwrap())
}

#[test]
fn an_unusable_override_ends_start_up_at_the_environment() {
    let arguments = ["--output-format", "json", "--env", "REFINERY_AVAILABLE_MEMORY=lots"];
    let ran = run(CONFIG, RULES, &arguments);
    let walked: Json = serde_json::from_str(&ran.output).unwrap();
    assert_eq!((&walked["stops_at"], ran.status), (&json!("environment"), 1), "{walked:#}");
    assert_eq!(outcome(&walked, "loading"), "skipped");
}

#[test]
fn a_valid_deployment_reaches_its_first_traces() {
    let (walked, status) = walk(CONFIG, RULES);
    assert_eq!(status, 0);
    assert_eq!(walked["stops_at"], Json::Null);
    assert_eq!(walked["live_reload"], "accepted");
    assert_eq!(walked["first_trace"]["__default__"], "handled");
    assert_eq!(
        (&walked["config"], &walked["rules"]),
        (&json!(["config.yaml"]), &json!(["rules.yaml"]))
    );
    let stages = walked["stages"].as_array().unwrap();
    assert!(stages.len() >= 12, "{walked:#}");
    assert!(stages.iter().all(|s| s["outcome"] != "fails" && s["findings"] == json!([])));
    assert!(stages.iter().any(|s| s["decided"].as_object().is_some_and(|d| !d.is_empty())));
}

#[test]
fn a_syntax_error_stops_at_reading() {
    let (walked, status) = walk(BROKEN, RULES);
    assert_eq!((&walked["stops_at"], status), (&json!("reading"), 1));
    let words = ["command line", "reading", "validation", "loading"].map(|s| outcome(&walked, s));
    assert_eq!(words, ["passes", "fails", "skipped", "skipped"]);
    assert_eq!(walked["stages"].as_array().unwrap().len(), 6);
    assert_eq!(walked["live_reload"], "rejected");
    let findings = walked["stages"][3]["findings"].as_array().unwrap();
    assert!(findings[0]["place"].as_str().unwrap().starts_with("config.yaml:3:"), "{walked:#}");
}

#[test]
fn an_invalid_value_stops_at_validation() {
    let (walked, status) = walk(&format!("{CONFIG}  MinRefineryVersion: 5\n"), RULES);
    assert_eq!((&walked["stops_at"], status), (&json!("validation"), 1));
}

#[test]
fn colliding_ports_stop_at_the_listeners() {
    let config =
        format!("{CONFIG}Network:\n  ListenAddr: 0.0.0.0:8080\n  PeerListenAddr: 0.0.0.0:8080\n");
    let (walked, status) = walk(&config, RULES);
    assert_eq!(status, 1, "{walked:#}");
    assert_eq!(
        (&walked["stops_at"], &walked["live_reload"]),
        (&json!("listeners"), &json!("accepted"))
    );
}

#[test]
fn reports_the_target_that_crashes() {
    let rules = format!("{RULES}  prod: {{}}\n");
    let (walked, status) = walk(CONFIG, &rules);
    assert_eq!((&walked["stops_at"], status), (&Json::Null, 1));
    assert_eq!(walked["first_trace"]["prod"], "crashes");
    assert_eq!(walked["live_reload"], "accepted");
    assert_eq!(walked["first_trace"]["__default__"], "handled");
}

/// Only an `AuthCode` makes start-up depend on Redis; without it the ports just open later.
#[test]
fn redis_delays_or_prevents_start_up() {
    let redis = format!("{CONFIG}PeerManagement:\n  Type: redis\nRedisPeerManagement:\n");
    let late = "if packets to Redis are dropped";
    for (keys, outcome_is, opens) in [
        ("  Host: redis:6379\n", "passes", "no port opens before 15s"),
        ("  ClusterHosts: [a:1, b:1]\n", "passes", "no port opens before 75s"),
        ("  AuthCode: x\n", "depends", "no port opens before 15s"),
    ] {
        let (walked, status) = walk(&format!("{redis}{keys}"), RULES);
        let stages = walked["stages"].as_array().unwrap();
        let stage = stages.iter().find(|s| s["stage"] == "pub/sub").unwrap();
        assert_eq!((&stage["outcome"], status), (&json!(outcome_is), 0), "{keys}");
        assert_eq!(stage["decided"][late], opens, "{keys}");
        assert!(stage["decided"]["if they are dropped later"].is_string(), "{keys}");
    }
}

#[test]
fn the_human_report_has_a_line_per_stage() {
    let ran = run(CONFIG, RULES, &[]);
    assert!(ran.output.starts_with("config.yaml + rules.yaml · Refinery v"), "{}", ran.output);
    for line in ["  ✔ command line\n", "  ✔ live reload  accepted\n", "  ✔ start-up     ready\n"]
    {
        assert!(ran.output.contains(line), "{line}: {}", ran.output);
    }
    let ran = run(BROKEN, RULES, &[]);
    for line in
        ["  ✘ reading\n", "  – validation  not reached\n", "✘ start-up     stops at reading\n"]
    {
        assert!(ran.output.contains(line), "{line}: {}", ran.output);
    }
}

#[test]
fn output_is_deterministic() {
    let once = run(CONFIG, RULES, &["--output-format", "json"]).output;
    assert_eq!(once, run(CONFIG, RULES, &["--output-format", "json"]).output);
}

#[test]
fn only_one_release_at_a_time() {
    assert_eq!(run(CONFIG, RULES, &["--refinery", "all"]).status, 2);
    assert_eq!(run(CONFIG, RULES, &["--refinery", "3.0"]).status, 0);
}

#[test]
fn an_unchecked_config_or_rules_file_is_not_a_success() {
    let template = "RulesVersion: 2\nSamplers: {{ .x }}\n";
    let files = [("refinery/config.yaml", CONFIG), ("refinery/rules.yaml.tmpl", template)];
    let folder = Folder::new(&files);
    for command in ["rehearse", "effective"] {
        let ran = folder.run(&[command, "refinery"]);
        assert_eq!(ran.status, 2, "{command}: {}", ran.output);
    }
    let ran = folder.run(&["rehearse", "-c", "refinery/config.yaml"]);
    assert_ne!(ran.status, 2, "{}", ran.output);
}
/// Each value, with a value of the variable with which Refinery starts.
const PARTLY_VARIABLE: [(&str, &str); 8] = [
    ("Network: {ListenAddr: \"${X}:8080\"}", "0.0.0.0"),
    ("Network: {ListenAddr: \"0.0.0.0:${X}\"}", "8080"),
    ("Network: {PeerListenAddr: \"${X}:8081\"}", "0.0.0.0"),
    ("GRPCServerParameters: {Enabled: true, ListenAddr: \"${X}:4317\"}", "0.0.0.0"),
    ("Logger: {Type: \"${X}\"}", "stdout"),
    ("PeerManagement: {Type: \"${X}\"}", "file"),
    ("PeerManagement: {Type: file, Peers: [\"http://${X}:8081\"]}", "127.0.0.1"),
    ("OTelMetrics: {Enabled: true, APIHost: \"https://${X}\"}", "api.honeycomb.io"),
];

#[test]
fn parts_of_values_from_unknown_variables_decide() {
    for (more, value) in PARTLY_VARIABLE {
        let config = format!("General: {{ConfigurationVersion: 2}}\n{more}\n");
        let folder = Folder::new(&[("config.yaml", &config)]);
        let start_up_of = |release: &str, arguments: &[&str]| {
            let arguments = [&["check", "-c", "config.yaml", "--refinery", release], arguments];
            let ran = folder.run(&[&arguments.concat()[..], &["--output-format", "json"]].concat());
            let report: Json = serde_json::from_str(&ran.output).unwrap();
            let verdict = &report["deployments"][0]["verdicts"][0];
            (ran.status, verdict["start_up"].as_str().map(str::to_owned), report)
        };
        // The first release that replaces variables looks for itself among its peers.
        for release in ["v2.9.5", "v3.2.2"] {
            let (status, open, report) = start_up_of(release, &[]);
            assert_eq!((status, open.as_deref()), (0, Some("depends")), "{more}: {report:#}");
        }
        let start_up = |arguments: &[&str]| start_up_of("v3.2.2", arguments);
        let (status, closed, report) = start_up(&["--env-closed"]);
        assert_eq!(status, 1, "{more}: {closed:?} {report:#}");
        let (status, set, report) = start_up(&["--env-closed", "--env", &format!("X={value}")]);
        assert_eq!(status, 0, "{more}: {set:?} {report:#}");
    }
}
