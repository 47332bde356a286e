//! Rules before and after a change, for tests of the `plan` command.

use crate::program::{Folder, Ran};
use serde_json::Value as Json;
use std::fmt::Write as _;

/// Rules of the target `shop`, each as its name, a condition or nothing, and what follows.
pub fn rules(rules: &[(&str, &str, &str)]) -> String {
    let mut text = "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      \
                    SampleRate: 10\n  shop:\n    RulesBasedSampler:\n      Rules:\n"
        .to_owned();
    for (name, condition, outcome) in rules {
        let _ = writeln!(text, "        - Name: {name}\n          {outcome}");
        if let [field, operator, value] = condition.split(' ').collect::<Vec<_>>()[..] {
            let _ = writeln!(
                text,
                "          Conditions:\n            - Field: {field}\n              Operator: \
                 '{operator}'\n              Value: {value}"
            );
        }
    }
    text
}

pub const ERRORS: (&str, &str, &str) = ("errors", "status >= 500", "SampleRate: 1");
pub const HEALTH: (&str, &str, &str) = ("health", "route = /health", "Drop: true");
pub const REST: (&str, &str, &str) = ("rest", "", "SampleRate: 50");

pub fn old_rules() -> String {
    rules(&[ERRORS, HEALTH, REST])
}

/// A plan from the rules in `old` to those in `new`, with more files in the current folder.
pub fn plan_files(old: &str, new: &str, more: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let files = [("old/rules.yaml", old), ("new/rules.yaml", new)];
    let folder = Folder::new(&[&files, more].concat());
    folder.run(&[&["plan", "new", "--against", "old"], arguments].concat())
}

pub fn plan_json(old: &str, new: &str, more: &[(&str, &str)], arguments: &[&str]) -> Json {
    let ran = plan_files(old, new, more, &[&["--output-format", "json"], arguments].concat());
    valid(&ran)
}

/// The JSON of a plan, which follows the schema.
pub fn valid(ran: &Ran) -> Json {
    let plan: Json = serde_json::from_str(&ran.output).expect(&ran.errors);
    let schema = serde_json::from_str(include_str!("../../schemas/plan.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&plan).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{}", ran.output);
    plan
}

/// The target `shop` of the only deployment.
pub fn shop(plan: &Json) -> &Json {
    let targets = plan["deployments"][0]["targets"].as_array().unwrap();
    targets.iter().find(|target| target["name"] == "shop").unwrap()
}

/// Three traces in half a day.
pub const RECORDED: &str = r#"{"id":"a","time":"2026-03-01T00:00:00Z","spans":[{"root":true,"fields":{"route":"/health","status":500}},{"fields":{}}]}
{"id":"b","time":"2026-03-01T06:00:00Z","spans":[{"root":true,"fields":{"route":"/health"}}]}
{"id":"c","time":"2026-03-01T12:00:00Z","spans":[{"root":true,"fields":{"route":"/cart"}},{"fields":{}},{"fields":{}}]}
"#;
