//! Rules and a test file beside them, for tests of the `test` command.

use crate::program::{Folder, Ran};
use serde_json::Value as Json;

pub const RULES: &str = "RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 10
  production:
    RulesBasedSampler:
      Rules:
        - Name: errors
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: '>='
              Value: 500
        - Name: health
          Drop: true
          Scope: span
          Conditions:
            - Field: http.route
              Operator: '='
              Value: /health
            - Field: root.cached
              Operator: not-exists
        - Name: slow
          Conditions:
            - Field: duration_ms
              Operator: '>'
              Value: 1000
          Sampler:
            EMADynamicSampler:
              GoalSampleRate: 7
              FieldList: [http.route]
        - Name: rest
          SampleRate: 50
";

/// Runs a test file of this text, for the target `production`.
pub fn run(tests: &str, more: &[(&str, &str)]) -> Ran {
    let text = format!("target: production\ntests:\n{tests}");
    run_file(&text, more, &[])
}

pub fn run_file(text: &str, more: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let files = [&[("rules.yaml", RULES), ("a.preflight.yaml", text)], more].concat();
    Folder::new(&files).run(&[&["test"], arguments].concat())
}

/// The findings of a run in its JSON report, with the texts of their labels.
pub fn findings(text: &str, more: &[(&str, &str)], arguments: &[&str]) -> Vec<Json> {
    let ran = run_file(text, more, &[&["--output-format", "json"], arguments].concat());
    let report: Json = serde_json::from_str(&ran.output).expect(&ran.errors);
    let deployments = report["deployments"].as_array().expect("deployments");
    let findings = deployments.iter().flat_map(|d| d["findings"].as_array().expect("findings"));
    findings.cloned().collect()
}

pub fn trace(fields: &str, expected: &str) -> String {
    format!("  - name: one\n    trace: [{{{fields}}}]\n    expect: {{{expected}}}\n")
}
