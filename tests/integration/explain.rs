//! `explain` and `checks`; the descriptions of keys in the schemas for editors.

use crate::program::Folder;
use refinery_preflight::internals::diagnostic::checks;
use serde_json::Value as Json;

fn explain(name: &str) -> crate::program::Ran {
    Folder::new(&[]).run(&["explain", name])
}

#[test]
fn pages_of_keys_match_the_snapshots() {
    for name in [
        "Traces.SendDelay",
        "SampleCache.DroppedSize",
        "Collection.CacheCapacity",
        "Collection.AvailableMemory",
        "RedisPeerManagement",
        "Rules.SampleRate",
        "Conditions.Operator",
    ] {
        let ran = explain(name);
        assert_eq!((ran.status, ran.errors.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(format!("explain-{name}"), ran.output);
    }
}

#[test]
fn a_key_is_found_by_its_place_in_a_file() {
    let page = explain("Rules.SampleRate").output;
    for name in [
        "RulesBasedSampler.Rules.SampleRate",
        "Samplers.__default__.RulesBasedSampler.Rules[0].SampleRate",
    ] {
        assert_eq!(explain(name).output, page, "{name}");
    }
}

#[test]
fn near_misses_get_a_suggestion() {
    for (name, said) in [
        (
            "Traces.SendDealy",
            "unknown key `Traces.SendDealy`\n  help: did you mean `Traces.SendDelay`?",
        ),
        ("rules/unreachabel", "unknown check `rules/unreachabel`\n  help: did you mean `rules/"),
        ("SampleRate", "ambiguous key `SampleRate`\n  help: pick one of `OTelTracing"),
        (
            "REFINERY_HONEYCOMB_API_KEY",
            "pick one of `HoneycombLogger.APIKey`, `OTelMetrics.APIKey`",
        ),
        ("Zebra", "unknown key `Zebra`\n  help: write a key such as `Traces.SendDelay`"),
    ] {
        let ran = explain(name);
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{name}");
        assert!(ran.errors.contains(said), "{name}: {}", ran.errors);
    }
}

#[test]
fn all_pages_can_be_printed() {
    let folder = Folder::new(&[]);
    let all = folder.run(&["explain", "--all"]).output;
    for check in checks() {
        assert!(all.contains(&format!("[{}]\n", check.id)), "{}", check.id);
    }
    for key in ["General.ConfigurationVersion (config)", "Conditions.Datatype (rules)"] {
        assert!(all.contains(&format!("\n{key}\n")), "{key}");
    }
    assert_eq!(folder.run(&["explain"]).status, 2);
    assert_eq!(folder.run(&["explain", "--all", "Traces"]).status, 2);
}

#[test]
fn checks_are_listed_as_json() {
    let ran = Folder::new(&[]).run(&["checks", "--output-format", "json"]);
    let json: Json = serde_json::from_str(&ran.output).unwrap();
    let listed = json.as_array().unwrap();
    assert_eq!(listed.len(), checks().len());
    for (listed, check) in listed.iter().zip(checks()) {
        assert_eq!(listed["check"], check.id);
        assert_eq!(listed["summary"], check.summary);
        assert_eq!(listed["verdict"], check.is_verdict());
        assert_eq!(listed["example"]["before"].as_str(), check.page.as_ref().map(|p| p.before));
    }
}

/// The schemas describe every key that a release has, where an editor looks for it.
#[test]
fn editors_show_descriptions() {
    let folder = Folder::new(&[]);
    let schema = |kind: &str, release: &str| -> Json {
        let ran = folder.run(&["schema", kind, "--refinery", release]);
        serde_json::from_str(&ran.output).unwrap()
    };
    let described = |node: &Json| node["description"].as_str().is_some_and(|text| text.len() > 20);
    for release in ["2.0.0", "2.9.7", "3.2.2", "latest"] {
        let config = schema("config", release);
        for (group, node) in config["properties"].as_object().unwrap() {
            assert!(described(node), "{group} in {release}");
            for (key, node) in node["properties"].as_object().unwrap() {
                assert!(described(node), "{group}.{key} in {release}");
            }
        }
        let rules = schema("rules", release);
        let parts = ["DeterministicSampler", "EMADynamicSampler", "rule", "condition"];
        for part in parts.map(|part| &rules["$defs"][part]) {
            assert!(described(part), "{part}");
            for (key, node) in part["properties"].as_object().unwrap() {
                assert!(described(node), "{key} in {release}");
            }
        }
    }
    let delay = &schema("config", "latest")["properties"]["Traces"]["properties"]["SendDelay"];
    let text = delay["description"].as_str().unwrap();
    assert!(text.contains("\n\nA change takes effect at a live reload.\n\n• "), "{text}");
    let capacity =
        &schema("config", "3.0.0")["properties"]["Collection"]["properties"]["CacheCapacity"];
    let text = capacity["description"].as_str().unwrap();
    assert!(text.contains("\n\nRemoved: delete the key"), "{text}");
}
