//! Reports about what several Kustomizations of Flux make of one folder.

use crate::program::Folder;

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refinery}\ndata:\n  config.yaml: |\n    \
                   General:\n      ConfigurationVersion: 2\n  rules.yaml: |\n    RulesVersion: 2\n    Samplers:\n      \
                   __default__:\n        DeterministicSampler:\n          SampleRate: ${rate}\n";

fn kustomization(name: &str, variables: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}}}\nspec:\n  path: \
         ./apps\n  postBuild:\n    substitute: {{{variables}}}\n"
    )
}

/// The report on one folder that clusters apply with these variables.
fn report(clusters: &[(&str, &str)]) -> String {
    let files: Vec<(String, String)> = clusters
        .iter()
        .map(|(name, variables)| (format!("clusters/{name}.yaml"), kustomization(name, variables)))
        .collect();
    let mut all: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    all.push(("apps/map.yaml", MAP));
    Folder::new(&all).run(&["check", "--color", "never"]).output.replace("\n  ", " ")
}

#[test]
fn a_finding_shows_where_its_variable_is_set() {
    let said = report(&[("eu", "rate: '10'"), ("us", "rate: ten")]);
    for expected in ["[apps/map.yaml:13:23]", "[clusters/us.yaml:7:24]", "variables are set here"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("clusters/eu.yaml:"), "{said}");
    assert_eq!(said.matches("error[").count(), 1, "{said}");
}

#[test]
fn a_variable_that_is_not_set_shows_the_kustomization() {
    let said = report(&[("eu", "rate: '10'"), ("us", "other: x")]);
    assert!(said.contains("[clusters/us.yaml:7:5]"), "{said}");
}

#[test]
fn each_kustomization_is_a_deployment_of_its_own() {
    let said = report(&[("eu", "rate: '10'"), ("us", "rate: '20'")]);
    for expected in [
        "rules.yaml (Kustomization eu in clusters/eu.yaml)",
        "rules.yaml (Kustomization us in clusters/us.yaml)",
        "checked 2 deployments",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    // Equal results are one.
    let said = report(&[("eu", "rate: '10'"), ("us", "rate: '10', other: x")]);
    assert!(said.contains("checked 1 deployment "), "{said}");
}
