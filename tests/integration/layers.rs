//! Values files that are merged over others: checked like Helm merges them, with findings in the
//! file and on the line where the value is written.

use crate::program::{Folder, Ran};
use crate::repository::Repository;

const BASE: &str = include_str!("../../fixtures/containers/layers/values.yaml");
const PRODUCTION: &str = include_str!("../../fixtures/containers/layers/values-production.yaml");
const STAGING: &str = include_str!("../../fixtures/containers/layers/values-staging.yaml");
const COLLECTOR: &str = include_str!("../../fixtures/containers/layers/values-collector.yaml");

fn all() -> Folder {
    Folder::new(&[
        ("values.yaml", BASE),
        ("values-production.yaml", PRODUCTION),
        ("values-staging.yaml", STAGING),
        ("values-collector.yaml", COLLECTOR),
    ])
}

/// The findings, one per line.
fn findings(ran: &Ran) -> Vec<&str> {
    let is_finding = |line: &&str| line.contains('[') && !line.starts_with("blocked");
    ran.output.lines().filter(is_finding).collect()
}

#[test]
fn checks_each_overlay_with_its_base() {
    let ran = all().run(&["check", "--color", "never"]);
    let output = ran.output.replace("\n  ", " ");
    for said in [
        "values-production.yaml#refinery.config: Refinery v3.2.2, pinned by",
        "values-staging.yaml#refinery.config: Refinery v3.1.2, pinned by",
        "values.yaml#refinery.config: Refinery v3.1.2, pinned by",
        "values-staging.yaml: merged over values.yaml",
        "values-production.yaml: merged over values.yaml",
        "[values-staging.yaml:5:7]",
    ] {
        assert!(output.contains(said), "{said}: {output}");
    }
    assert!(!output.contains("collector"), "values of another chart: {output}");
    assert_eq!(findings(&all().run(&["check", "--output-format", "short"])).len(), 1);
}

#[test]
fn reports_errors_in_the_file_that_has_them() {
    for (name, old, new, expected) in [
        ("values.yaml", "SendDelay: 5s", "SendDelay: soon", &["values.yaml:7:18"][..]),
        ("values-production.yaml", "tag: 3.2.2", "tag: 3.2.1", &[]),
        ("values-staging.yaml", "TraceTimeot: 30s", "TraceTimeout: 30s", &[]),
        (
            "values-staging.yaml",
            "SampleRate: 10",
            "SampleRate: ten",
            &["values-staging.yaml:10:23"],
        ),
    ] {
        let folder = all();
        let fixed = STAGING.replace("TraceTimeot", "TraceTimeout");
        folder.write("values-staging.yaml", fixed.as_bytes());
        let text = match name {
            "values.yaml" => BASE,
            "values-production.yaml" => PRODUCTION,
            _ => &fixed,
        };
        folder.write(name, text.replace(old, new).as_bytes());
        let ran = folder.run(&["check", "--output-format", "short"]);
        let places: Vec<&str> =
            findings(&ran).into_iter().filter_map(|line| line.split(": ").next()).collect();
        assert!(places.iter().all(|place| expected.contains(place)), "{new}: {}", ran.output);
        assert_eq!(places.is_empty(), expected.is_empty(), "{new}: {}", ran.output);
    }
}

#[test]
fn null_in_an_overlay_removes_a_key() {
    let folder = all();
    let fixed = STAGING.replace("TraceTimeot", "TraceTimeout");
    folder.write("values-staging.yaml", fixed.as_bytes());
    let ran = folder.run(&["effective", "values-staging.yaml"]);
    let delay = ran.output.lines().find(|line| line.trim().starts_with("SendDelay:"));
    assert!(delay.is_some_and(|line| line.contains("2s")), "the default again: {}", ran.output);
}

#[test]
fn block_strings_keep_their_lines() {
    let base = "config: |\n  General:\n    ConfigurationVersion: 2\n  Network:\n    Port: 1\n";
    let rules = "rules:\n  RulesVersion: 2\n  Samplers: {}\n";
    let folder = Folder::new(&[("values.yaml", base), ("values-eu.yaml", rules)]);
    let ran = folder.run(&["check", "--output-format", "short"]);
    assert!(
        findings(&ran).iter().all(|line| line.starts_with("values.yaml:5:5")),
        "{}",
        ran.output
    );
    assert!(!findings(&ran).is_empty(), "{}", ran.output);
}

#[test]
fn reports_an_unreadable_overlay() {
    let folder = all();
    folder.write("values-production.yaml", b"refinery:\n  image: {tag: 3.2.2\n");
    let ran = folder.run(&["check"]);
    let output = ran.output.replace("\n  ", " ");
    assert!(output.contains("values-production.yaml: not checked"), "{output}");
}

#[test]
fn a_staged_overlay_changes_its_deployment() {
    let fixed = STAGING.replace("TraceTimeot", "TraceTimeout");
    let repository = Repository::with(&[
        ("deploy/values.yaml", BASE),
        ("deploy/values-production.yaml", PRODUCTION),
        ("deploy/values-staging.yaml", &fixed),
    ]);
    let broken = PRODUCTION.to_owned() + "  config:\n    Traces: {SendDelai: 1s}\n";
    repository.write("deploy/values-production.yaml", &broken);
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run", "--output-format", "short"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.starts_with("deploy/values-production.yaml:5:14"), "{}", ran.output);
    repository.write("deploy/values-production.yaml", &PRODUCTION.replace("3.2.2", "3.2.1"));
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.output.contains("Refinery v3.2.1"), "{}", ran.output);
    assert!(!ran.output.contains("staging"), "it has not changed: {}", ran.output);
}

#[test]
fn settings_define_overlays() {
    let folder = Folder::new(&[
        (
            ".refinery-preflight.toml",
            "[[deployment]]\nvalues = [\"base.yaml\", \"eu/over.yaml\"]\nreplicas = 2\n",
        ),
        ("base.yaml", BASE),
        ("eu/over.yaml", STAGING),
        ("values.yaml", BASE),
    ]);
    let ran = folder.run(&["check", "--output-format", "short"]);
    assert!(
        ran.output.starts_with("eu/over.yaml:5:7: error[schema/unknown-key]"),
        "{}",
        ran.output
    );
    let ran = folder.run(&["check"]);
    let output = ran.output.replace("\n  ", " ");
    assert!(output.contains("eu/over.yaml: merged over base.yaml"), "{output}");
    assert!(output.contains("Refinery v3.1.2"), "by the tag in the base values: {output}");
    assert!(output.contains("values.yaml#"), "not listed, and checked all the same: {output}");
    for (name, text, said) in [
        ("eu/over.yaml", "a: [", "not a YAML mapping that Helm can read"),
        (
            ".refinery-preflight.toml",
            "[[deployment]]\nvalues = [\"gone.yaml\"]\n",
            "no such file: `gone.yaml`",
        ),
        (
            ".refinery-preflight.toml",
            "[[deployment]]\nvalues = [\"x.yaml\"]\n",
            "expected values for one Refinery chart in x.yaml, found 0",
        ),
    ] {
        folder.write("x.yaml", COLLECTOR.as_bytes());
        folder.write(name, text.as_bytes());
        let ran = folder.run(&["check"]);
        assert_eq!(ran.status, 2, "{}", ran.output);
        assert!(ran.errors.contains(said), "{said}: {}", ran.errors);
    }
}

#[test]
fn a_changed_values_file_of_the_settings_changes_their_deployment() {
    let repository = Repository::with(&[
        (
            ".refinery-preflight.toml",
            "[[deployment]]\nvalues = [\"base.yaml\", \"eu/over.yaml\"]\n",
        ),
        ("base.yaml", BASE),
        ("eu/over.yaml", PRODUCTION),
    ]);
    repository.write("eu/over.yaml", STAGING);
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run", "--output-format", "short"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert_eq!(ran.output.matches("error[").count(), 1, "checked once: {}", ran.output);
}
